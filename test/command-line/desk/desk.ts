import { Annotations, App } from 'cdktf';
import {
  AlertChannel,
  AppService,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  BindMount,
  Duration,
  ConfigFile,
  Cpu,
  Volume,
  Engine,
  PublishedPort,
  HealthCheck,
  Image,
  InfluxDb,
  Job,
  MonitoringStack,
  Placement,
  PostgresDb,
  RedisCache,
  Secret,
  SecretDelivery,
  Size,
  TradingStack,
  type TradingStackProps,
  UpdatePolicy,
  Warnings,
  Workload,
} from '../../../lib';

const NODE = Image.fromRegistry('node:24-slim');

/** A small system with one of everything that the commands handle. */
export function createDesk(
  options: { readonly outdir?: string } & Pick<TradingStackProps, 'engine' | 'machine'> = {},
): TradingStack {
  const app = new App(options.outdir === undefined ? {} : { outdir: options.outdir });
  const { engine = Engine.docker(), machine } = options;
  const stack = new TradingStack(app, 'desk', { engine, ...(machine && { machine }) });
  const cache = new RedisCache(stack, 'redis', { resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(256) } });
  const migration = new Job(stack, 'migrate', { image: NODE, command: ['node', 'migrate.js'], uses: [cache] });
  const key = Secret.provided(stack, 'broker_key', { description: 'the API key of the paper account' });
  new AppService(stack, 'gateway', {
    image: NODE,
    uses: [migration],
    secrets: { BROKER_KEY: key },
    volumes: [Volume.retained('logs').mountAt('/logs'), Volume.fromName('archive').mountAt('/archive')],
    healthCheck: HealthCheck.http(8000, { via: 'node' }),
    ports: [PublishedPort.loopback(8000, { hostPort: 18_000 }), PublishedPort.allInterfaces(5555, { protocol: 'udp' })],
  });
  return stack;
}

/** A desk without secrets, which can be deployed to an engine on another machine. */
export function createPlainDesk(): TradingStack {
  const stack = new TradingStack(new App(), 'desk', { engine: Engine.docker() });
  const migration = new Job(stack, 'migrate', { image: NODE, command: ['node', 'migrate.js'] });
  new AppService(stack, 'gateway', {
    image: NODE,
    uses: [migration],
    healthCheck: HealthCheck.http(8000, { via: 'node' }),
    ports: [PublishedPort.loopback(8000, { hostPort: 18_000 })],
  });
  return stack;
}

/** A desk whose database is placed on the Swarm node with the label of the data. */
export function createCluster(): TradingStack {
  const stack = new TradingStack(new App(), 'desk', {
    engine: Engine.swarm({ cluster: { dataNode: { data: 'true' } } }),
  });
  new PostgresDb(stack, 'db');
  return stack;
}

/** A desk on a Swarm, with services that may have several replicas and others that may not. */
export function createScalable(): TradingStack {
  const stack = new TradingStack(new App(), 'desk', { engine: Engine.swarm() });
  const healthCheck = HealthCheck.http(8000, { via: 'node' });
  new PostgresDb(stack, 'db');
  new Job(stack, 'migrate', { image: NODE, command: ['node', 'migrate.js'] });
  new AppService(stack, 'api', { image: NODE, healthCheck, replicas: 3 });
  new AppService(stack, 'once', { image: NODE, healthCheck });
  new AppService(stack, 'web', {
    image: NODE,
    healthCheck,
    ports: [PublishedPort.allInterfaces(8000, { hostPort: 8080 })],
  });
  return stack;
}

/** Adds to the desk what a test needs. */
export function addProblem(stack: TradingStack, problem: string): void {
  switch (problem) {
    case 'database':
      new PostgresDb(stack, 'db', { databases: [{ name: 'reports' }] });
      break;
    case 'backup':
    case 'backup with points in time': {
      const database = new PostgresDb(stack, 'db');
      const retention = BackupRetention.of({ daily: 7 });
      const to = BackupTarget.hostFolder('/srv/backups');
      const points = problem === 'backup' ? {} : { recoveryPointEvery: Duration.minutes(1) };
      database.backup({ to, schedule: BackupSchedule.daily('03:00'), retention, ...points });
      new Workload(stack, 'books', { image: NODE, uses: [database] });
      break;
    }
    case 'backups in volumes': {
      const settings = { schedule: BackupSchedule.daily('03:00'), retention: BackupRetention.of({ daily: 7 }) };
      const shared = BackupTarget.volume(Volume.retained('backups'));
      for (const id of ['db', 'orders']) new PostgresDb(stack, id).backup({ ...settings, to: shared });
      new PostgresDb(stack, 'ticks').backup({ ...settings, to: BackupTarget.volume(Volume.fromName('safe')) });
      break;
    }
    case 'backup of InfluxDB': {
      const influx = new InfluxDb(stack, 'influx', { buckets: [{ name: 'reports' }] });
      const retention = BackupRetention.of({ daily: 7 });
      const to = BackupTarget.hostFolder('/srv/backups');
      influx.backup({ to, schedule: BackupSchedule.daily('03:00'), retention });
      new Workload(stack, 'books', { image: NODE, uses: [influx.token('books', { read: true })] });
      break;
    }
    case 'monitoring': {
      const watch = [new PostgresDb(stack, 'db')];
      const webhookUrl = Secret.provided(stack, 'chat', { description: 'the URL of the channel' });
      const alertmanager = { channels: { critical: [AlertChannel.slack({ webhookUrl })] } };
      new MonitoringStack(stack, 'monitoring', { watch, alertmanager });
      break;
    }
    case 'build':
      new Workload(stack, 'bot', { image: Image.fromBuild('bot') });
      break;
    case 'cluster with a file': {
      const files = [ConfigFile.fromText('/etc/rules', 'max: 10\n')];
      new Workload(stack, 'bot', { image: NODE, files, placement: [Placement.nodeLabel('data', 'true')] });
      break;
    }
    case 'password in the plan': {
      const [password] = stack.node.findAll().flatMap((one) => (one instanceof RedisCache ? [one.password] : []));
      if (password === undefined) throw new Error('The desk has no Redis');
      const secrets = { REDIS_PASSWORD: password.deliveredAs(SecretDelivery.ENVIRONMENT) };
      new Workload(stack, 'bot', { image: NODE, secrets });
      break;
    }
    case 'bind mounts': {
      const bindMounts = ['rules', 'models'].map((name) => BindMount.readOnly(`/srv/${name}`, `/app/${name}`));
      new Workload(stack, 'bot', { image: NODE, bindMounts });
      break;
    }
    case 'local bind mounts': {
      const missing = BindMount.readOnly('/srv/models', '/app/models', { ifMissing: 'fail' });
      const created = BindMount.writable('/srv/data', '/data', { ifMissing: 'create' });
      new Workload(stack, 'bot', { image: NODE, bindMounts: [missing, created] });
      break;
    }
    case 'existing database':
      new PostgresDb(stack, 'db', { volume: Volume.fromName('compose_data') });
      break;
    case 'provider 4':
      stack.addOverride('terraform.required_providers.docker.version', '4.5.0');
      break;
    case 'unused secret':
      Secret.provided(stack, 'old_key', { description: 'the key of the last broker' });
      break;
    case 'shared network': {
      const vpn = new Workload(stack, 'vpn', { image: NODE });
      const crawler = new AppService(stack, 'crawler', { image: NODE, networkMode: vpn });
      new AppService(stack, 'helper', { image: NODE, networkMode: crawler.workload });
      break;
    }
    case 'second stack':
      new TradingStack(App.of(stack), 'night', { engine: Engine.docker() });
      break;
    case 'warning':
      Annotations.of(stack).addWarning('this image gets no more fixes');
      break;
    case 'acknowledged': {
      const disks = new Workload(stack, 'disks', { image: NODE, privileged: true });
      Warnings.of(disks).acknowledge('privileged', 'reads the SMART data of all disks');
      break;
    }
    case 'objection':
      Annotations.of(stack).addError('this port is everybody’s');
      break;
    case 'password in another stack': {
      const [password] = stack.node.findAll().flatMap((one) => (one instanceof RedisCache ? [one.password] : []));
      if (password === undefined) throw new Error('The desk has no Redis');
      const night = new TradingStack(App.of(stack), 'night', { engine: Engine.docker() });
      new Workload(night, 'bot', { image: NODE, secrets: { REDIS_PASSWORD: password } });
      new TradingStack(App.of(stack), 'day', { engine: Engine.docker() });
      break;
    }
    case 'shared password': {
      const night = new TradingStack(App.of(stack), 'night', { engine: Engine.docker() });
      new PostgresDb(night, 'db', { password: Secret.generated(stack, 'shared') });
      break;
    }
    case 'validation':
      stack.node.addValidation({ validate: () => ['no risk limits'] });
      break;
    case 'validations of two stacks': {
      const night = new TradingStack(App.of(stack), 'night', { engine: Engine.docker() });
      stack.node.addValidation({ validate: () => ['no risk limits'] });
      night.node.addValidation({ validate: () => ['too late'] });
      Annotations.of(night).addError('too dark');
      break;
    }
    case 'several mistakes': {
      const misspelled = { engine: Engine.docker(), netwrk: {}, lables: {} };
      new TradingStack(App.of(stack), 'night', misspelled);
      new Workload(stack, 'second', { image: NODE, ports: [PublishedPort.loopback(8000, { hostPort: 18_000 })] });
      new Workload(stack, 'third', { image: NODE, replicas: 0 });
      new TradingStack(App.of(stack), 'late', misspelled);
      break;
    }
    case 'overlapping services': {
      const overlapping = { image: NODE, healthCheck: HealthCheck.http(8000, { via: 'node' }) };
      new AppService(stack, 'api', { ...overlapping, updatePolicy: UpdatePolicy.startFirst() });
      new AppService(stack, 'many', { ...overlapping, replicas: 3 });
      break;
    }
    case 'duplicate id':
      new Workload(stack, 'gateway', { image: NODE });
      break;
    case 'misuse':
      new Workload(stack, 'twin', { image: NODE, name: 'desk-gateway' });
      break;
    case 'bug':
      throw new TypeError('undefined is not a function');
  }
}

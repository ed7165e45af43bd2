import { resolve } from 'node:path';
import { App } from 'cdktf';
import {
  AlertChannel,
  AppService,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  type BackupOptions,
  BindMount,
  ConfigFile,
  Cpu,
  Duration,
  Engine,
  EnvFile,
  ExternalEndpoint,
  HealthCheck,
  Image,
  InfluxDb,
  QuestDb,
  Job,
  Logging,
  LogStore,
  MonitoringStack,
  Network,
  OrderExecutor,
  type OrderExecutorProps,
  Placement,
  PostgresDb,
  PublishedPort,
  RabbitMqBroker,
  RedisCache,
  TimescaleDb,
  RedisPurpose,
  RestartPolicy,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  type RiskManagerProps,
  Route,
  ScrapeTarget,
  Secret,
  SecretDelivery,
  Size,
  TradingStack,
  type TradingStackProps,
  UpdatePolicy,
  Volume,
  type WarningCode,
  Warnings,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { describeSingle } from '../../lib/command-line/commands/running/scale';
import { describeTaken } from '../../lib/command-line/images/versions';
import { memoryAdvice } from '../../lib/command-line/rollout/memory-advice';
import { permissionFixesOf } from '../../lib/command-line/rollout/permissions/fixes';
import { WARNING_CODES } from '../../lib/errors';
import { readSecretFile } from '../../lib/internal';
import { warningsUnder } from '../../lib/platform/warnings';
import type { TemporaryProject } from '../workload/temporary-project';

/** What a case may use; everything is new for each one. */
export interface Scope {
  /** On the Docker engine. */
  readonly stack: TradingStack;
  /** On a Swarm of one node. */
  readonly swarm: TradingStack;
  /** On a Swarm of several nodes. */
  readonly cluster: TradingStack;
  /** On an engine on another machine. */
  readonly remote: TradingStack;
  readonly project: TemporaryProject;
}

/** A hint, and what its reader makes of it. */
export interface HintCase {
  /** Raises the error with the hint, or returns the text that the command line prints. */
  readonly problem: (scope: Scope) => unknown;
  /** Code that contains what the hint says to write. */
  readonly pasted: (scope: Scope) => unknown;
}

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const BACKUP: BackupOptions = {
  to: BackupTarget.hostFolder('/srv/backups'),
  schedule: BackupSchedule.daily('04:00'),
  retention: BackupRetention.of({ last: 3 }),
};
const WHEN_UNHEALTHY = RestartPolicy.always({ whenUnhealthy: true });
const PYTHON = Image.fromRegistry('python:3.13-slim');
const key = (stack: TradingStack): Secret => Secret.provided(stack, 'key', { description: 'the key' });
const TTY = { hostPath: '/dev/ttyUSB0', containerPath: '/dev/ttyUSB0', permissions: 'rw' };
const QUESTDB = Image.fromRegistry('questdb/questdb:9.1.0');
const KAFKA = Image.fromRegistry('apache/kafka:4.1.0');
const AIRFLOW = Image.fromRegistry('apache/airflow:3.1.0');
/** A stack on the same engine, with options. */
const logging = (stack: TradingStack, options: TradingStackProps): TradingStack =>
  new TradingStack(App.of(stack), 'logging', { engine: stack.engine, ...options });
/** What the warnings about a construct are about. */
const warningOf = (construct: Workload): string =>
  warningsUnder(construct)
    .map(({ about }) => about)
    .join(' ');
const fixOf = (code: WarningCode): string => WARNING_CODES[code].fix;

/** The options that a failed deploy proposes for a line of a log, as it prints them. */
const fixesFor = (stack: TradingStack, line: string, options: WorkloadOptions): string => {
  new Workload(stack, 'failed', { image, ...options });
  return stack.platform.workloads.flatMap((workload) => permissionFixesOf([line], workload)).join(', or ');
};

/** The hints of errors and warnings. Those for Compose's keys are in `compose-pasted.ts`. */
export const HINT_CASES: readonly HintCase[] = [
  // What a deploy finds
  {
    problem: ({ stack }) => {
      new Workload(stack, 'killed', { image });
      const [workload] = stack.platform.workloads;
      const state = { workload, status: 'running', outOfMemory: true };
      return memoryAdvice([state as unknown as Parameters<typeof memoryAdvice>[0][number]]).join(' ');
    },
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, resources: { memory: Size.mebibytes(1024) } }),
  },
  // Alerts
  {
    problem: () => AlertChannel.webhook({ url: 'https://hooks.slack.com/services/T0/B0/x' }),
    pasted: ({ stack }) =>
      AlertChannel.webhook({
        url: Secret.provided(stack, 'webhook_url', { description: 'the URL of the webhook' }),
      }),
  },
  // Logs
  {
    problem: ({ stack }) => new LogStore(stack, 'logstore'),
    pasted: ({ stack }) => new LogStore(logging(stack, { logging: Logging.logStore() }), 'logstore'),
  },
  {
    problem: ({ stack }) =>
      new LogStore(logging(stack, { logging: Logging.logStore() }), 'logstore', { retention: Duration.hours(36) }),
    pasted: ({ stack }) =>
      new LogStore(logging(stack, { logging: Logging.logStore() }), 'logstore', { retention: Duration.days(14) }),
  },
  {
    problem: ({ stack }) =>
      new LogStore(logging(stack, { logging: Logging.logStore() }), 'logstore', {
        ports: [PublishedPort.loopback(9428, { hostPort: 19428 })],
      }),
    pasted: ({ stack }) =>
      new LogStore(logging(stack, { logging: Logging.logStore({ url: 'http://127.0.0.1:19428' }) }), 'logstore', {
        ports: [PublishedPort.loopback(9428, { hostPort: 19428 })],
      }),
  },
  {
    problem: ({ cluster }) =>
      new LogStore(logging(cluster, { logging: Logging.logStore() }), 'logstore', {
        ports: [PublishedPort.allInterfaces(9428)],
      }),
    pasted: ({ cluster }) =>
      new LogStore(logging(cluster, { logging: Logging.logStore({ url: 'http://10.0.0.5:9428' }) }), 'logstore', {
        ports: [PublishedPort.allInterfaces(9428)],
      }),
  },
  // Backups
  {
    problem: ({ stack }) =>
      new PostgresDb(stack, 'db').backup({ ...BACKUP, to: undefined } as unknown as BackupOptions),
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'pasted').backup({ ...BACKUP, to: BackupTarget.hostFolder('/srv/backups') }),
  },
  {
    problem: ({ stack }) =>
      new PostgresDb(stack, 'db').backup({ ...BACKUP, schedule: undefined } as unknown as BackupOptions),
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'pasted').backup({ ...BACKUP, schedule: BackupSchedule.daily('03:00') }),
  },
  {
    problem: ({ stack }) =>
      new PostgresDb(stack, 'db').backup({ ...BACKUP, retention: undefined } as unknown as BackupOptions),
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'pasted').backup({ ...BACKUP, retention: BackupRetention.of({ daily: 7, weekly: 4 }) }),
  },
  {
    problem: () => BackupSchedule.every(Duration.seconds(1)),
    pasted: () => BackupSchedule.every(Duration.hours(6)),
  },
  {
    problem: ({ stack }) => new PostgresDb(stack, 'db').backup({ ...BACKUP, recoveryPointEvery: Duration.seconds(1) }),
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'pasted').backup({ ...BACKUP, recoveryPointEvery: Duration.minutes(1) }),
  },
  {
    problem: ({ stack }) => {
      const built = Image.fromBuild(resolve(__dirname, '../../lib/backup/container'), {
        baseImage: 'postgres:17-alpine',
      });
      return new PostgresDb(stack, 'db', { image: built }).backup(BACKUP);
    },
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'pasted', {
        image: Image.fromRegistry('registry.desk.example/postgres:17', { baseImage: 'postgres:17-alpine' }),
      }).backup(BACKUP),
  },
  // What the log of a failed service shows
  {
    problem: ({ stack }) =>
      fixesFor(stack, 'setresuid failed: Operation not permitted', { hardened: true, runAs: '0' }),
    pasted: ({ stack }) => {
      new Workload(stack, 'bot', { image, hardened: false });
      return new Workload(stack, 'other', { image, capabilities: ['SETGID', 'SETUID'] });
    },
  },
  {
    problem: ({ stack }) => fixesFor(stack, 'The "no new privileges" flag is set', {}),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, noNewPrivileges: false }),
  },
  {
    problem: ({ stack }) =>
      fixesFor(stack, 'error: failed switching to "redis": operation not permitted', { capabilities: [] }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, capabilities: ['SETGID', 'SETUID'], runAs: 'redis' }),
  },
  {
    problem: ({ stack }) => fixesFor(stack, '/tmp/a.so: failed to map segment from shared object', { hardened: true }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, tmpfs: [{ path: '/tmp', exec: true }] }),
  },
  {
    problem: ({ stack }) => fixesFor(stack, "EROFS: read-only file system, mkdir '/.cache'", { hardened: true }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, environment: { HOME: '/tmp' }, hardened: false }),
  },
  {
    problem: ({ stack }) =>
      fixesFor(stack, "mkdir '/app/data': Read-only file system", { readOnlyRootFilesystem: true }),
    pasted: ({ stack }) => {
      new Workload(stack, 'memory', { image, tmpfs: [{ path: '/app/data' }] });
      new Workload(stack, 'volume', { image, volumes: [Volume.retained('failed_data').mountAt('/app/data')] });
      return new Workload(stack, 'bot', { image, readOnlyRootFilesystem: false });
    },
  },
  // Restarts of unhealthy containers
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, healthCheck: HealthCheck.none(), restartPolicy: WHEN_UNHEALTHY }),
    pasted: ({ stack }) =>
      new Workload(stack, 'pasted', { image, healthCheck: HealthCheck.http(8000), restartPolicy: WHEN_UNHEALTHY }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        healthCheck: HealthCheck.http(8000),
        init: false,
        restartPolicy: WHEN_UNHEALTHY,
      }),
    pasted: ({ stack }) =>
      new Workload(stack, 'pasted', {
        image,
        healthCheck: HealthCheck.http(8000),
        init: true,
        restartPolicy: WHEN_UNHEALTHY,
      }),
  },
  // Networks
  {
    problem: ({ stack }) => new Network(stack, 'market', { driver_opts: {} } as object),
    pasted: ({ stack }) =>
      new Network(stack, 'pasted', {
        driverOptions: { 'com.docker.network.bridge.name': 'desk0' },
        mtu: 1420,
      }),
  },
  {
    problem: ({ stack }) =>
      new Network(stack, 'market', { driverOptions: { 'com.docker.network.driver.mtu': '1400' } }),
    pasted: ({ stack }) => new Network(stack, 'pasted', { mtu: 1420 }),
  },
  {
    problem: ({ stack }) => new RiskManager(stack, 'risk', { image } as RiskManagerProps),
    pasted: ({ stack }) =>
      new RiskManager(stack, 'risk', {
        image,
        limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }),
      }),
  },
  {
    problem: ({ stack }) => new OrderExecutor(stack, 'orders', { image } as OrderExecutorProps),
    pasted: ({ stack }) =>
      new OrderExecutor(stack, 'orders', {
        image,
        riskManager: new RiskManager(stack, 'risk_manager', {
          image,
          limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }),
        }),
      }),
  },
  {
    problem: ({ stack }) =>
      new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE, maxMemory: '512mb' as unknown as Size }),
    pasted: ({ stack }) =>
      new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE, maxMemory: Size.mebibytes(512) }),
  },
  {
    problem: () => HealthCheck.shell('true', { timeout: 30 as unknown as Duration }),
    pasted: () => HealthCheck.shell('true', { timeout: Duration.seconds(30) }),
  },
  // Warnings
  {
    problem: () => fixOf('data-port-public'),
    pasted: ({ stack }) =>
      [PublishedPort.loopback(5432), PublishedPort.on('10.8.0.1', 5432)].map(
        (port, index) => new PostgresDb(stack, `db-${index}`, { ports: [port] }),
      ),
  },
  {
    problem: () => fixOf('host-root-writable'),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('/', '/rootfs')] }),
  },
  {
    problem: () => fixOf('folder-not-writable'),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', { image, runAs: '1000', volumes: [Volume.retained('data').mountAt('/data')] }),
  },
  {
    problem: () => fixOf('cache-evicts'),
    pasted: ({ stack }) => [
      new RedisCache(stack, 'queue', { purpose: RedisPurpose.QUEUE }),
      new RedisCache(stack, 'cache', { purpose: RedisPurpose.CACHE }),
    ],
  },
  {
    problem: () => fixOf('signal-not-delivered'),
    pasted: ({ stack }) => [
      new Workload(stack, 'bot', { image, command: ['sh', '-c', 'cd /app && exec python bot.py'] }),
      new Workload(stack, 'feed', { image, command: ['node', 'bot.js'] }),
    ],
  },
  {
    problem: () => fixOf('plain-secret'),
    pasted: ({ stack }) => {
      const secret = Secret.provided(stack, 'api_key', { description: 'the key' });
      return new Workload(stack, 'bot', { image, secrets: { API_KEY: secret } });
    },
  },
  {
    problem: () => fixOf('runs-as-root'),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, runAs: '1000:1000' }),
  },
  {
    problem: ({ stack }) => {
      const configuration = { rule_files: '/rules/*.yml' as never };
      return new MonitoringStack(stack, 'monitoring', { watch: [], prometheus: { configuration } });
    },
    pasted: ({ stack }) => {
      const configuration = { rule_files: ['/rules/*.yml'] };
      return new MonitoringStack(stack, 'monitoring', { watch: [], prometheus: { configuration } });
    },
  },
  {
    problem: ({ stack }) => {
      const configuration = { global: null as never };
      return new MonitoringStack(stack, 'monitoring', { watch: [], prometheus: { configuration } });
    },
    pasted: ({ stack }) =>
      new MonitoringStack(stack, 'monitoring', {
        watch: [],
        prometheus: { configuration: { global: { evaluation_interval: '30s' } } },
      }),
  },
  {
    problem: ({ stack, project }) => {
      project.write('all.env', 'RABBITMQ_MNESIA_DIR=/data');
      return new RabbitMqBroker(stack, 'rabbitmq', { uses: [new EnvFile(stack, 'all', { path: 'all.env' })] });
    },
    pasted: ({ stack, project }) => {
      project.write('all.env', 'RABBITMQ_MNESIA_DIR=/data');
      const settings = new EnvFile(stack, 'rabbitmq_settings', { path: 'all.env', omit: ['RABBITMQ_MNESIA_DIR'] });
      return new RabbitMqBroker(stack, 'rabbitmq', { uses: [settings] });
    },
  },
  {
    problem: () => fixOf('secret-delivery-unknown'),
    pasted: ({ stack }) => {
      const secret = Secret.provided(stack, 'api_key', { description: 'the key' });
      new Workload(stack, 'reads-files', { image, secrets: { API_KEY: secret.deliveredAs(SecretDelivery.FILE) } });
      const secrets = { API_KEY: secret.deliveredAs(SecretDelivery.EXPORTED) };
      return new Workload(stack, 'reads-variables', { image, entrypoint: ['bot'], secrets });
    },
  },
  {
    problem: ({ stack }) => warningOf(new Workload(stack, 'ticks', { image: QUESTDB })),
    pasted: ({ stack }) =>
      new Workload(stack, 'ticks', {
        image: QUESTDB,
        volumes: [Volume.retained('ticks').mountAt('/var/lib/questdb')],
      }),
  },
  {
    problem: ({ stack }) =>
      warningOf(new Workload(stack, 'kafka', { image: KAFKA, resources: { memory: Size.gibibytes(2) } })),
    pasted: ({ stack }) =>
      new Workload(stack, 'kafka', {
        image: KAFKA,
        resources: { memory: Size.gibibytes(2) },
        environment: { KAFKA_LOG_DIRS: '/var/lib/kafka/data' },
        volumes: [Volume.retained('kafka').mountAt('/var/lib/kafka/data')],
      }),
  },
  {
    problem: ({ stack }) =>
      warningOf(new Workload(stack, 'gateway', { image: Image.fromRegistry('ghcr.io/gnzsnz/ib-gateway:10.37.1l') })),
    pasted: ({ stack }) =>
      new Workload(stack, 'gateway', {
        image: Image.fromRegistry('ghcr.io/gnzsnz/ib-gateway:10.37.1l'),
        resources: { memory: Size.gibibytes(1) },
      }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'ticks', { image: QUESTDB, secrets: { QDB_PG_PASSWORD: Secret.generated(stack, 'secret') } }),
    pasted: ({ stack }) => {
      const secret = Secret.generated(stack, 'secret');
      return new Workload(stack, 'ticks', {
        image: QUESTDB,
        secrets: { QDB_PG_PASSWORD: secret.deliveredAs(SecretDelivery.EXPORTED) },
      });
    },
  },
  {
    problem: ({ stack }) => {
      const secrets = { GF_SECURITY_ADMIN_PASSWORD: Secret.generated(stack, 'secret') };
      return new Workload(stack, 'board', { image: Image.fromRegistry('grafana/grafana:12.4.0'), secrets });
    },
    pasted: ({ stack }) => {
      const secret = Secret.generated(stack, 'secret');
      return new Workload(stack, 'board', {
        image: Image.fromRegistry('grafana/grafana:12.4.0'),
        secrets: { GF_SECURITY_ADMIN_PASSWORD__FILE: secret },
      });
    },
  },
  {
    problem: ({ stack }) => {
      const secrets = { REDIS_PASSWORD: Secret.generated(stack, 'redis_password') };
      return new Workload(stack, 'cache', { image: Image.fromRegistry('redis:7.4-alpine'), secrets });
    },
    pasted: ({ stack }) => new RedisCache(stack, 'cache'),
  },
  {
    problem: ({ stack }) => {
      const database = new PostgresDb(stack, 'db');
      const url = database.endpoint.url({ variable: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN' });
      return new Workload(stack, 'airflow', { image: AIRFLOW, uses: [url] });
    },
    pasted: ({ stack }) => {
      const database = new PostgresDb(stack, 'db');
      const url = database.endpoint.url({
        ...{ variable: 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN', delivery: SecretDelivery.EXPORTED },
      });
      return new Workload(stack, 'airflow', { image: AIRFLOW, command: ['scheduler'], uses: [url] });
    },
  },
  {
    problem: () => fixOf('secret-in-environment'),
    pasted: ({ stack }) => {
      const secrets = { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) };
      return new Workload(stack, 'bot', { image, entrypoint: ['bot'], secrets });
    },
  },
  {
    problem: () => fixOf('websocket-blocked'),
    pasted: ({ stack }) => {
      const routes = [Route.webSocket('/', new AppService(stack, 'feed', { image }))];
      return new ReverseProxy(stack, 'proxy', { routes });
    },
  },
  {
    problem: () => "version 4.1.0, not providerVersion: '3.9.0' or providerVersion: '4.5.0'",
    pasted: ({ stack }) => [
      new TradingStack(App.of(stack), 'old', { engine: Engine.docker({ providerVersion: '3.9.0' }) }),
      new TradingStack(App.of(stack), 'new', { engine: Engine.docker({ providerVersion: '4.5.0' }) }),
    ],
  },
  {
    problem: ({ stack }) => {
      Warnings.of(stack).acknowledge('privileged', '');
    },
    pasted: ({ stack: construct }) => {
      Warnings.of(construct).acknowledge('privileged', 'only reachable through the VPN');
    },
  },
  // What the command line prints
  {
    problem: () =>
      '2 nodes match the placement of desk-db (node.labels.data == true): desk-1, desk-2. Its data is on one node ' +
      'only, so the service has to stay there: use Placement.node.',
    pasted: ({ swarm }) => new PostgresDb(swarm, 'db', { placement: [Placement.node('desk-1')] }),
  },
  {
    problem: () =>
      'The CPU limit of desk-backtest is 16, and no node of the Swarm has more than 8 CPUs, so none would start it. ' +
      'Lower it: resources: { cpus: Cpu.cores(8) }',
    pasted: ({ swarm }) => new Workload(swarm, 'backtest', { image, resources: { cpus: Cpu.cores(8) } }),
  },
  {
    problem: () =>
      'The Swarm has 3 nodes, and the stack is configured for one: a task that moves to another node would find an ' +
      "empty volume. Set the node with the data: Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } }).",
    pasted: ({ stack }) =>
      new TradingStack(App.of(stack), 'cluster', {
        engine: Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } }),
      }),
  },
  {
    problem: () =>
      'The engine at ssh://desk@trading-1 cannot mount /srv/models for desk-bot: bind source path does not exist. ' +
      'Create it on that machine, or send a file along with ConfigFile.fromFile instead of BindMount.',
    pasted: ({ remote, project }) => {
      project.write('config/app.yaml', 'level: info');
      const files = [ConfigFile.fromFile('/app/app.yaml', 'config/app.yaml')];
      return new Workload(remote, 'bot', { image, files });
    },
  },
  {
    problem: () =>
      'The host port 10.8.0.1:8000/tcp of desk-api binds to an address that this machine does not have. Use an address ' +
      'that `ip address` lists, or PublishedPort.loopback.',
    pasted: ({ stack }) => new Workload(stack, 'api', { image, ports: [PublishedPort.loopback(8000)] }),
  },
  {
    problem: () => "Update it, or set the version that it has: Engine.docker({ engineVersion: '20.10' })",
    pasted: ({ stack }) =>
      new TradingStack(App.of(stack), 'old', { engine: Engine.docker({ engineVersion: '20.10' }) }),
  },
  {
    problem: () =>
      'The volume archive of Volume.fromName does not exist. Correct the name, or create an empty volume: docker volume ' +
      'create archive',
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', { image, volumes: [Volume.fromName('archive').mountAt('/archive')] }),
  },
  // Engines
  {
    problem: ({ stack }) => {
      const engine = Engine.docker({ engineVersion: '20.10' });
      const old = new TradingStack(App.of(stack), 'old', { engine });
      const healthCheck = HealthCheck.http(8000, { startInterval: Duration.seconds(1) });
      return new Workload(old, 'bot', { image, healthCheck });
    },
    pasted: ({ stack }) => {
      const engine = Engine.docker({ engineVersion: '25.0' });
      const newer = new TradingStack(App.of(stack), 'old', { engine });
      const healthCheck = HealthCheck.http(8000, { startInterval: Duration.seconds(1) });
      return new Workload(newer, 'bot', { image, healthCheck });
    },
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, placement: [Placement.node('desk-1')] }),
    pasted: ({ stack }) => {
      const swarm = new TradingStack(App.of(stack), 'swarm', { engine: Engine.swarm() });
      return new Workload(swarm, 'bot', { image, placement: [Placement.node('desk-1')] });
    },
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, resources: { cpuReservation: Cpu.cores(1) } }),
    pasted: ({ stack }) => {
      const swarm = new TradingStack(App.of(stack), 'swarm', { engine: Engine.swarm() });
      return new Workload(swarm, 'bot', { image, resources: { cpuReservation: Cpu.cores(1) } });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'report', { image, startTimeout: Duration.minutes(10) }, { kind: 'job' }),
    pasted: ({ stack }) => new Job(stack, 'report', { image, command: ['timeout', '600', 'python', '-m', 'report'] }),
  },
  {
    problem: ({ cluster, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      return new Workload(cluster, 'bot', { image: Image.fromBuild('bot') });
    },
    pasted: ({ stack, cluster, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      const engine = Engine.swarm({ cluster: { dataNode: {}, registry: 'registry.desk.example:5000' } });
      const pushing = new TradingStack(App.of(stack), 'pushing', { engine });
      return [
        new Workload(pushing, 'bot', { image: Image.fromBuild('bot') }),
        new Workload(cluster, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') }),
      ];
    },
  },
  {
    problem: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      return new Workload(stack, 'bot', { image: Image.fromBuild('bot', { push: true }) });
    },
    pasted: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      const engine = Engine.docker({ registries: ['registry.example.com'] });
      const pushing = new TradingStack(App.of(stack), 'pushing', { engine });
      return new Workload(pushing, 'bot', {
        image: Image.fromBuild('bot', { name: 'registry.example.com/desk/feature-api:v1.2.0', push: true }),
      });
    },
  },
  {
    problem: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      const name = 'registry.example.com/desk/bot:v1.2.0';
      return new Workload(stack, 'bot', { image: Image.fromBuild('bot', { name, push: true }) });
    },
    pasted: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim');
      const engine = Engine.docker({ registries: ['registry.example.com'] });
      const pushing = new TradingStack(App.of(stack), 'pushing', { engine });
      const name = 'registry.example.com/desk/bot:v1.2.0';
      return new Workload(pushing, 'bot', { image: Image.fromBuild('bot', { name, push: true }) });
    },
  },
  {
    problem: () => describeSingle('api', 'desk'),
    pasted: ({ stack }) => {
      const healthCheck = HealthCheck.http(8000, { via: 'node' });
      return new AppService(stack, 'api', { image, healthCheck, updatePolicy: UpdatePolicy.startFirst() });
    },
  },
  {
    problem: () => describeTaken('ghcr.io/desk/bot:2.4', 'desk'),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') }),
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, privileged: true }),
    pasted: ({ stack }) => {
      const docker = new TradingStack(App.of(stack), 'docker', { engine: Engine.docker() });
      return new Workload(docker, 'bot', { image, privileged: true });
    },
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, securityOptions: ['apparmor=unconfined'] }),
    pasted: ({ stack }) => {
      const docker = new TradingStack(App.of(stack), 'docker', { engine: Engine.docker() });
      return new Workload(docker, 'bot', { image, securityOptions: ['apparmor=unconfined'] });
    },
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, devices: [TTY] }),
    pasted: ({ stack }) => {
      const docker = new TradingStack(App.of(stack), 'docker', { engine: Engine.docker() });
      return new Workload(docker, 'bot', { image, devices: [TTY] });
    },
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, gpus: 'all' }),
    pasted: ({ stack }) => {
      const docker = new TradingStack(App.of(stack), 'docker', { engine: Engine.docker() });
      return new Workload(docker, 'bot', { image, gpus: 'all' });
    },
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, ports: [PublishedPort.loopback(8000)] }),
    pasted: ({ swarm }) =>
      new Workload(swarm, 'bot', {
        image,
        ports: [PublishedPort.allInterfaces(8000), PublishedPort.loopback(8001, { optional: true })],
      }),
  },
  {
    problem: ({ stack }) => {
      const engine = Engine.swarm({ cluster: { dataNode: {} } });
      return new PostgresDb(new TradingStack(App.of(stack), 'cluster', { engine }), 'db');
    },
    pasted: ({ stack }) => {
      const engine = Engine.swarm({ cluster: { dataNode: { data: 'true' } } });
      return new PostgresDb(new TradingStack(App.of(stack), 'cluster', { engine }), 'db');
    },
  },
  {
    problem: ({ cluster }) => new Workload(cluster, 'bot', { image, ports: [PublishedPort.allInterfaces(8000)] }),
    pasted: ({ cluster }) =>
      [[Placement.node('desk-1')], [Placement.nodeLabel('edge', 'true')]].map(
        (placement, index) =>
          new Workload(cluster, `bot-${index}`, {
            image,
            placement,
            ports: [PublishedPort.allInterfaces(8000 + index)],
          }),
      ),
  },
  // Services
  {
    problem: ({ stack }) => new AppService(stack, 'feed', { image }).socket('ticks'),
    pasted: ({ stack }) =>
      new AppService(stack, 'feed', {
        image,
        sockets: [{ name: 'ticks', port: 5555 }],
      }).socket('ticks'),
  },
  {
    problem: ({ stack }) => new InfluxDb(stack, 'influx', { image: Image.fromRegistry('influxdb:1.8') }),
    pasted: ({ stack }) => [
      new InfluxDb(stack, 'influx', { image: Image.fromRegistry('influxdb:2.9-alpine') }),
      new Workload(stack, 'old', { image: Image.fromRegistry('influxdb:1.8') }),
    ],
  },
  {
    problem: ({ stack }) => new RedisCache(stack, 'redis', { image: Image.fromRegistry('bitnami/redis:7.4') }),
    pasted: ({ stack, project }) => {
      project.write('redis/Dockerfile', 'FROM ghcr.io/desk/redis:4');
      const images = [
        Image.fromRegistry('ghcr.io/desk/redis:4', { baseImage: 'redis:7.4-alpine' }),
        Image.fromBuild('redis', { baseImage: 'redis:7.4-alpine' }),
      ];
      return images.map((one, index) => new RedisCache(stack, `redis-${index}`, { image: one }));
    },
  },
  {
    problem: ({ stack }) => new PostgresDb(stack, 'db', { image: Image.fromRegistry('supabase/postgres:17.4.1') }),
    pasted: ({ stack, project }) => {
      project.write('db/Dockerfile', 'FROM ghcr.io/desk/postgres:4');
      return [
        new PostgresDb(stack, 'db', {
          image: Image.fromRegistry('ghcr.io/desk/postgres:4', { baseImage: 'postgres:17-alpine' }),
        }),
        new PostgresDb(stack, 'built', { image: Image.fromBuild('db', { baseImage: 'postgres:17-alpine' }) }),
        new PostgresDb(stack, 'other', {
          image: Image.fromRegistry('supabase/postgres:17.4.1'),
          dataDirectory: '/var/lib/postgresql/data',
          runAs: 'postgres',
        }),
      ];
    },
  },
  {
    problem: ({ stack }) => new TimescaleDb(stack, 'ticks', { image: Image.fromRegistry('postgres:17-alpine') }),
    pasted: ({ stack }) =>
      new TimescaleDb(stack, 'ticks', { image: Image.fromRegistry('timescale/timescaledb:2.30.2-pg17') }),
  },
  {
    problem: ({ stack }) => new QuestDb(stack, 'questdb', { image: Image.fromRegistry('questdb/questdb:8.2.1') }),
    pasted: ({ stack }) => [
      new QuestDb(stack, 'questdb', { image: Image.fromRegistry('questdb/questdb:10.0.1') }),
      new Workload(stack, 'old', { image: Image.fromRegistry('questdb/questdb:8.2.1') }),
    ],
  },
  {
    problem: ({ stack }) => new QuestDb(stack, 'questdb', { settings: { 'pg.readonly.user.enabled': true } }),
    pasted: ({ stack }) =>
      new QuestDb(stack, 'questdb', {
        settings: { 'pg.readonly.user.enabled': true },
        secrets: { QDB_PG_READONLY_PASSWORD: Secret.generated(stack, 'questdb_reader') },
      }),
  },
  {
    problem: ({ cluster }) => new InfluxDb(cluster, 'influx').token('bot', { read: true }),
    pasted: ({ cluster }) => {
      const influx = new InfluxDb(cluster, 'influx');
      const token = Secret.provided(cluster, 'influx_token', { description: 'a token for the bot' });
      return new Workload(cluster, 'bot', { image, uses: [influx.connectWith(token)] });
    },
  },
  {
    problem: ({ stack }) => new ReverseProxy(stack, 'proxy', { routes: [] }),
    pasted: ({ stack }) => {
      const backend = new AppService(stack, 'backend', { image });
      return new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', backend)] });
    },
  },
  {
    problem: ({ stack }) =>
      new PostgresDb(stack, 'db', { database: 'desk' }).endpointFor({ database: 'desk', role: 'bot' }),
    pasted: ({ stack }) =>
      new PostgresDb(stack, 'db', { database: 'desk', roles: [{ name: 'bot' }] }).endpointFor({
        database: 'desk',
        role: 'bot',
      }),
  },
  {
    problem: ({ stack }) => new RedisCache(stack, 'redis', { purpose: 'lru' as never }),
    pasted: ({ stack }) => [
      new RedisCache(stack, 'cache', { purpose: RedisPurpose.CACHE }),
      new RedisCache(stack, 'queue', { purpose: RedisPurpose.QUEUE }),
    ],
  },
  {
    problem: ({ stack }) => new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(18_400)] }),
    pasted: ({ stack }) => new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432, { hostPort: 18400 })] }),
  },
  // Workloads
  {
    problem: ({ stack }) => {
      const healthCheck = HealthCheck.command(['curl', '-f', 'http://localhost:8000']);
      return new Workload(stack, 'bot', { image: Image.fromRegistry('python:3.13-slim'), healthCheck });
    },
    pasted: ({ stack }) =>
      [
        HealthCheck.http(8000),
        HealthCheck.command(['curl', '-f', 'http://localhost:8000'], { requires: [] }),
        HealthCheck.shell('curl -f http://localhost:8000', { requires: [] }),
      ].map(
        (healthCheck, index) =>
          new Workload(stack, `bot-${index}`, { image: Image.fromRegistry('python:3.13-slim'), healthCheck }),
      ),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, startTimeout: Duration.seconds(0) }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        healthCheck: HealthCheck.http(8000),
        startTimeout: Duration.minutes(2),
      }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, uses: [{}] as never }),
    pasted: ({ stack }) => {
      const database = new PostgresDb(stack, 'db');
      const cache = new RedisCache(stack, 'cache');
      return new Workload(stack, 'bot', { image, uses: [database, cache.endpoint.hostAndPort()] });
    },
  },
  {
    problem: ({ stack, swarm }) => new Workload(stack, 'bot', { image, uses: [new RedisCache(swarm, 'cache')] }),
    pasted: ({ stack, swarm }) => {
      const other = new AppService(swarm, 'api', { image, ports: [PublishedPort.allInterfaces(8000)] });
      const docker = new TradingStack(App.of(stack), 'docker', { engine: Engine.docker() });
      new AppService(docker, 'api', { image, ports: [PublishedPort.on('172.17.0.1', 8000)] });
      const api = new ExternalEndpoint(stack, 'api', { scheme: 'http', host: '172.17.0.1', port: 8000 });
      return [other, new Workload(stack, 'bot', { image, uses: [api] })];
    },
  },
  {
    problem: () => HealthCheck.command('nc -z localhost 8000' as never),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', { image, healthCheck: HealthCheck.command(['nc', '-z', 'localhost', '8000']) }),
  },
  {
    problem: () => HealthCheck.command([]),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', { image, healthCheck: HealthCheck.command(['pg_isready', '-q']) }),
  },
  {
    problem: () => HealthCheck.command(['CMD-SHELL', 'pg_isready -q']),
    pasted: ({ stack }) => [
      new Workload(stack, 'bot', { image, healthCheck: HealthCheck.shell('pg_isready -q') }),
      new Workload(stack, 'other', { image, healthCheck: HealthCheck.none() }),
    ],
  },
  {
    problem: ({ stack }) => new Workload(stack, 'redis', { image: Image.fromRegistry('Redis') }),
    pasted: ({ stack }) => new Workload(stack, 'redis', { image: Image.fromRegistry('redis:7.4-alpine') }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, replicas: 2, name: 'bot' }),
    pasted: ({ stack }) => {
      const swarm = new TradingStack(App.of(stack), 'swarm', { engine: Engine.swarm() });
      return [
        new Workload(swarm, 'bot', { image, replicas: 2, name: 'bot' }),
        new Workload(stack, 'bot', { image, replicas: 2 }),
      ];
    },
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, updatePolicy: UpdatePolicy.startFirst() }),
    pasted: ({ stack }) => [
      new Workload(stack, 'bot', {
        image,
        healthCheck: HealthCheck.http(8000),
        updatePolicy: UpdatePolicy.startFirst(),
      }),
      new Workload(stack, 'other', { image, updatePolicy: UpdatePolicy.stopFirst() }),
    ],
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        ports: [PublishedPort.loopback(8000)],
        updatePolicy: UpdatePolicy.startFirst(),
      }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        ports: [PublishedPort.loopback(8000)],
        updatePolicy: UpdatePolicy.stopFirst(),
      }),
  },
  {
    problem: ({ stack }) => {
      const secrets = { API_KEY: { secret: key(stack), delivery: 'stdin' as never } };
      return new Workload(stack, 'bot', { image, secrets });
    },
    pasted: ({ stack }) => {
      const secret = key(stack);
      const deliveries = [SecretDelivery.FILE, SecretDelivery.EXPORTED, SecretDelivery.ENVIRONMENT];
      const secrets = Object.fromEntries(
        deliveries.map((delivery, index) => [`KEY_${index}`, secret.deliveredAs(delivery)]),
      );
      return new Workload(stack, 'bot', { image, entrypoint: ['bot'], secrets });
    },
  },
  {
    problem: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM ghcr.io/desk/bot:2.4\nCMD ["trade"]\n');
      const secrets = { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) };
      return new Workload(stack, 'bot', { image: Image.fromBuild('bot'), secrets });
    },
    pasted: ({ stack, project }) => {
      project.write('bot/Dockerfile', 'FROM ghcr.io/desk/bot:2.4\nCMD ["trade"]\n');
      const secrets = { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) };
      const built = Image.fromBuild('bot');
      return [
        new Workload(stack, 'bot', { image: built, secrets, command: ['trade'], entrypoint: ['/entrypoint.sh'] }),
        new Workload(stack, 'other', { image: built, secrets, entrypoint: ['trade'] }),
      ];
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, healthCheck: HealthCheck.withTimings({ interval: Duration.seconds(30) }) }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        healthCheck: HealthCheck.http(8000, { interval: Duration.seconds(30) }),
      }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image: PYTHON, healthCheck: HealthCheck.ofImage() }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image: PYTHON, healthCheck: HealthCheck.http(8000) }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, secrets: { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) } }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        entrypoint: ['python3', '-m', 'bot'],
        secrets: { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) },
      }),
  },
  {
    problem: ({ swarm }) => new Workload(swarm, 'bot', { image, tmpfs: [{ path: '/tmp', exec: true }] }),
    pasted: ({ swarm }) =>
      new Workload(swarm, 'bot', { image, volumes: [Volume.ephemeral('unpacked').mountAt('/tmp')] }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', {
        image: PYTHON,
        secrets: { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) },
      }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image: PYTHON,
        command: ['python3', '-m', 'bot'],
        secrets: { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) },
      }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        command: ['trade', '--config', 'config.json'],
        secrets: { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) },
      }),
    pasted: ({ stack }) => {
      const secrets = { API_KEY: key(stack).deliveredAs(SecretDelivery.EXPORTED) };
      new Workload(stack, 'bot', {
        image,
        entrypoint: ['/entrypoint.sh'],
        command: ['trade', '--config', 'config.json'],
        secrets,
      });
      return new Workload(stack, 'whole', { image, entrypoint: ['trade', '--config', 'config.json'], secrets });
    },
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, secrets: { API_KEY: 'hunter2' as never } }),
    pasted: ({ stack }) =>
      new Workload(stack, 'bot', {
        image,
        secrets: {
          API_KEY: Secret.provided(stack, 'api_key', { description: 'the key of the paper account' }),
        },
      }),
  },
  // Files and mounts
  {
    problem: ({ remote }) =>
      new Workload(remote, 'bot', { image, bindMounts: [BindMount.readOnly('config/app.yaml', '/app/app.yaml')] }),
    pasted: ({ remote, project }) => {
      project.write('config/app.yaml', 'level: info');
      return new Workload(remote, 'bot', {
        image,
        files: [ConfigFile.fromFile('/app/app.yaml', 'config/app.yaml')],
      });
    },
  },
  {
    problem: () =>
      "/srv/config/key of the mount '/srv/config' cannot be read (EACCES), so changes to it would go unnoticed. Make it " +
      'readable for the user that runs the app, or mount it with ' +
      "BindMount.readOnly('config', '/app/config', { restartOnChange: false })",
    pasted: ({ stack, project }) => {
      project.write('config/key', 'x');
      const bindMounts = [BindMount.readOnly('config', '/app/config', { restartOnChange: false })];
      return new Workload(stack, 'bot', { image, bindMounts });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('/app/config', 'config')] }),
    pasted: ({ stack, project }) => {
      project.write('config/app.yaml', 'level: info');
      return new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('config', '/app/config')] });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, bindMounts: [BindMount.writable('config', 'app/config')] }),
    pasted: ({ stack, project }) => {
      project.write('config/app.yaml', 'level: info');
      return new Workload(stack, 'bot', { image, bindMounts: [BindMount.writable('config', '/app/config')] });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, bindMounts: [BindMount.writable('./data', '/app/data')] }),
    pasted: ({ stack }) => [
      new Workload(stack, 'bot', { image, volumes: [Volume.retained('data').mountAt('/app/data')] }),
      new Workload(stack, 'other', {
        image,
        bindMounts: [BindMount.writable('/srv/desk/data', '/app/data', { ifMissing: 'create' })],
      }),
    ],
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, files: [ConfigFile.fromFile('config/app.yaml', '/app/app.yaml')] }),
    pasted: ({ stack, project }) => {
      project.write('config/app.yaml', 'level: info');
      return new Workload(stack, 'bot', { image, files: [ConfigFile.fromFile('/app/app.yaml', 'config/app.yaml')] });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, files: [ConfigFile.fromFile('app/app.yaml', 'config/app.yaml')] }),
    pasted: ({ stack, project }) => {
      project.write('config/app.yaml', 'level: info');
      return new Workload(stack, 'bot', { image, files: [ConfigFile.fromFile('/app/app.yaml', 'config/app.yaml')] });
    },
  },
  {
    problem: ({ stack, project }) => {
      project.write('model.bin', Uint8Array.of(0xff, 0xfe, 0xfd));
      return new Workload(stack, 'bot', { image, files: [ConfigFile.fromFile('/app/model.bin', 'model.bin')] });
    },
    pasted: ({ stack, project }) => {
      project.write('model.bin', Uint8Array.of(0xff, 0xfe, 0xfd));
      return new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('model.bin', '/app/model.bin')] });
    },
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, files: [ConfigFile.fromText('/app/a', 'Zu\u0308rich')] }),
    pasted: ({ stack, project }) => {
      const text = 'Zu\u0308rich';
      project.write('a', text);
      return [
        new Workload(stack, 'bot', { image, files: [ConfigFile.fromText('/app/a', text.normalize('NFC'))] }),
        new Workload(stack, 'other', { image, bindMounts: [BindMount.readOnly('a', '/app/a')] }),
      ];
    },
  },
  {
    problem: ({ stack, project }) => {
      const secret = key(stack);
      const secrets = { API_KEY: secret.deliveredAs(SecretDelivery.ENVIRONMENT) };
      new Workload(stack, 'bot', { image, secrets });
      project.write('.secrets/desk/key', 'Zu\u0308rich');
      return readSecretFile(secret);
    },
    pasted: ({ stack, project }) => {
      const secret = key(stack);
      const secrets = { API_KEY: secret.deliveredAs(SecretDelivery.EXPORTED) };
      new Workload(stack, 'bot', { image, entrypoint: ['bot'], secrets });
      project.write('.secrets/desk/key', 'Zu\u0308rich');
      return readSecretFile(secret);
    },
  },
  {
    problem: ({ stack }) => new TradingStack(App.of(stack), 'server', { engine: 'docker' as never }),
    pasted: ({ stack }) =>
      new TradingStack(App.of(stack), 'server', {
        engine: Engine.docker({ host: 'ssh://desk@trading-1' }),
      }),
  },
  // Networks, monitoring and GPUs
  {
    problem: ({ stack }) => new MonitoringStack(stack, 'monitoring', { watch: [{} as never] }),
    pasted: ({ stack }) => {
      const workload = new Workload(stack, 'agent', { image });
      return new MonitoringStack(stack, 'monitoring', { watch: [ScrapeTarget.of(workload, { port: 9100 })] });
    },
  },
  {
    problem: () => ScrapeTarget.of({} as never, { port: 9100 }),
    pasted: ({ stack }) =>
      new MonitoringStack(stack, 'monitoring', {
        watch: [ScrapeTarget.external('host', { host: '10.0.0.7', port: 9100 })],
      }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, networks: [{} as never] }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, networks: [stack.network, Network.fromName('market')] }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, networks: [] }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, networkMode: 'none' }),
  },
  {
    problem: ({ stack, remote }) => new Workload(stack, 'bot', { image, networks: [remote.network] }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, networks: [Network.fromName('remote')] }),
  },
  {
    problem: ({ stack }) =>
      new Workload(stack, 'bot', { image, networkMode: 'host', uses: [new RedisCache(stack, 'cache')] }),
    pasted: ({ stack }) => {
      new RedisCache(stack, 'cache', { ports: [PublishedPort.loopback(6379)] });
      const cache = new ExternalEndpoint(stack, 'local', { scheme: 'redis', host: '127.0.0.1', port: 6379 });
      return new Workload(stack, 'bot', { image, networkMode: 'host', uses: [cache] });
    },
  },
  {
    problem: ({ stack }) => {
      const vpn = new Workload(stack, 'vpn', { image });
      const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
      return new Workload(stack, 'bot', { image, networkMode: vpn, uses: [gateway] });
    },
    pasted: ({ stack }) => {
      const vpn = new Workload(stack, 'vpn', {
        image,
        extraHosts: [{ name: 'host.docker.internal', address: 'host-gateway' }],
      });
      const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
      return new Workload(stack, 'bot', { image, networkMode: vpn, uses: [gateway] });
    },
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, gpus: {} as never }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, gpus: 'all' }),
  },
  {
    problem: ({ stack }) => new Workload(stack, 'bot', { image, gpus: 0 }),
    pasted: ({ stack }) => new Workload(stack, 'bot', { image, gpus: ['0', '1'] }),
  },
];

import {
  AppService,
  BackgroundWorker,
  BindMount,
  ConfigFile,
  Cpu,
  Volume,
  Duration,
  PublishedPort,
  ExternalEndpoint,
  FeatureApi,
  HealthCheck,
  Image,
  InfluxDb,
  Job,
  Logging,
  Network,
  Placement,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  RestartPolicy,
  Engine,
  Secret,
  type ServerJobOptions,
  Size,
  StrategyRunner,
  TimescaleDb,
  type TradingStack,
  WebFrontend,
  UpdatePolicy,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { containerNamed, serviceNamed, synthesizeStack, type TerraformBlock } from '../setup/synthesize';
import { BOT, environmentOf } from './fixtures';

type Build = (stack: TradingStack, options: WorkloadOptions) => unknown;

const CONSTRUCTS: readonly [string, Build][] = [
  ['Workload', (stack, options) => new Workload(stack, 'it', { ...options, image: BOT })],
  ['AppService', (stack, options) => new AppService(stack, 'it', { ...options, image: BOT })],
  ['FeatureApi', (stack, options) => new FeatureApi(stack, 'it', { ...options, image: BOT })],
  ['BackgroundWorker', (stack, options) => new BackgroundWorker(stack, 'it', { ...options, image: BOT })],
  ['StrategyRunner', (stack, options) => new StrategyRunner(stack, 'it', { ...options, image: BOT })],
  ['PostgresDb', (stack, options) => new PostgresDb(stack, 'it', options)],
  ['TimescaleDb', (stack, options) => new TimescaleDb(stack, 'it', options)],
  ['RedisCache', (stack, options) => new RedisCache(stack, 'it', options)],
  [
    'WebFrontend',
    (stack, options) => new WebFrontend(stack, 'it', { ...options, image: Image.fromRegistry('desk/frontend:1.4') }),
  ],
  // Its data folder is named after the host, so the construct sets the host name.
  ['RabbitMqBroker', (stack, { hostname: _hostname, ...options }) => new RabbitMqBroker(stack, 'it', options)],
  ['InfluxDb', (stack, options) => new InfluxDb(stack, 'it', options)],
  ['QuestDb', (stack, options) => new QuestDb(stack, 'it', options)],
];

/** A job ends by itself: it has no health check and no ports. */
const JOB: readonly [string, Build] = [
  'Job',
  (
    stack,
    { restartPolicy: _restart, startTimeout: _startTimeout, ports: _publish, healthCheck: _healthCheck, ...options },
  ) => new Job(stack, 'it', { ...options, image: BOT }),
];

/** Not supported by the Docker engine, or carried out by the command line there. */
type RefusedByDocker = 'placement' | 'updatePolicy';

/** Not supported by Swarm. */
type RefusedBySwarm =
  | 'devices'
  | 'gpus'
  | 'init'
  | 'ipc'
  | 'noNewPrivileges'
  | 'pid'
  | 'privileged'
  | 'runtime'
  | 'securityOptions'
  | 'stdinOpen'
  | 'tty'
  | 'ulimits';

/** Not possible together with `ports`. */
type WithoutPorts = 'networkMode';

/** Options that both engines support. A new one does not compile until it is listed here. */
function common(stack: TradingStack): Required<Omit<WorkloadOptions, RefusedBySwarm | RefusedByDocker | WithoutPorts>> {
  const gateway = new ExternalEndpoint(stack, 'gateway', { host: 'mt5.desk.example', port: 5555 });
  const key = Secret.provided(stack, 'api_key', { description: 'the key of the paper account' });
  return {
    uses: [gateway],
    name: 'given-name',
    aliases: ['given', 'alias'],
    environment: { LEVEL: 'debug', RETRIES: 3, DRY_RUN: true },
    secrets: { API_KEY: key },
    command: ['--config', '/app/config.yaml'],
    entrypoint: ['/app/start'],
    files: [ConfigFile.fromText('/app/config.yaml', 'a: 1')],
    bindMounts: [BindMount.readOnly('package.json', '/app/package.json', { restartOnChange: false })],
    volumes: [Volume.retained('models').mountAt('/app/models', { readOnly: true })],
    tmpfs: [{ path: '/scratch' }],
    ports: [PublishedPort.allInterfaces(8000, { hostPort: 18_000 })],
    healthCheck: HealthCheck.shell('true', { interval: Duration.seconds(7) }),
    startTimeout: Duration.minutes(5),
    resources: {
      cpus: Cpu.cores(2),
      memory: Size.gibibytes(2),
      memoryReservation: Size.gibibytes(1),
    },
    logging: Logging.driver('journald', { tag: 'bot' }),
    restartPolicy: RestartPolicy.onFailure(5),
    stopGracePeriod: Duration.seconds(45),
    stopSignal: 'SIGINT',
    hardened: false,
    runAs: '4000:4000',
    groups: ['5000'],
    workingDirectory: '/app',
    hostname: 'given-host',
    labels: { team: 'desk' },
    readOnlyRootFilesystem: false,
    capabilities: ['NET_BIND_SERVICE'],
    extraHosts: [{ name: 'broker', address: '10.0.0.7' }],
    dns: ['10.0.0.2'],
    dnsSearch: ['desk.example'],
    dnsOptions: ['ndots:1'],
    networks: [stack.network, Network.fromName('market').withAliases('trader')],
    sysctls: { 'net.core.somaxconn': '1024' },
  };
}

/** Options that only the Docker engine supports. */
const DOCKER_ONLY: Required<Pick<WorkloadOptions, RefusedBySwarm>> = {
  devices: [{ hostPath: '/dev/hsm', containerPath: '/dev/hsm', permissions: 'rw' }],
  gpus: ['0', '1'],
  pid: 'host',
  ipc: 'shareable',
  runtime: 'nvidia',
  tty: true,
  stdinOpen: true,
  init: false,
  noNewPrivileges: false,
  privileged: true,
  securityOptions: ['apparmor=unconfined'],
  ulimits: [{ name: 'nofile', soft: 4096, hard: 8192 }],
};

/** Options that only a Swarm gets. */
const SWARM_ONLY: Required<Pick<WorkloadOptions, RefusedByDocker>> = {
  placement: [Placement.nodeLabel('rack', 'a'), Placement.replicasPerNode(2)],
  updatePolicy: UpdatePolicy.stopFirst({ parallelism: 2, delay: Duration.seconds(9), onFailure: 'pause' }),
};

function hostnameOf(kind: string): string {
  return kind === 'RabbitMqBroker' ? 'rabbitmq' : 'given-host';
}

const HEALTH = { test: ['CMD-SHELL', 'true'], interval: '7s', timeout: '5s', retries: 5, start_period: '30s' };

describe.each([...CONSTRUCTS, JOB])('container of %s', (kind, build) => {
  let container: TerraformBlock;

  beforeAll(() => {
    const terraform = synthesizeStack((stack) => {
      const { resources, ...options } = common(stack);
      const all = { ...resources, shmSize: Size.mebibytes(128), cpuset: '0-1' };
      build(stack, { ...options, ...DOCKER_ONLY, resources: all });
    });
    container = containerNamed(terraform, 'given-name');
  });

  test(`command, environment, files and user of ${kind} reach the container`, () => {
    expect(environmentOf(container)).toMatchObject({
      GATEWAY_URL: 'tcp://mt5.desk.example:5555',
      LEVEL: 'debug',
      RETRIES: '3',
      DRY_RUN: 'true',
      API_KEY_FILE: '/run/secrets/api_key',
    });
    expect(container).toMatchObject({
      command: ['--config', '/app/config.yaml'],
      entrypoint: ['/app/start'],
      upload: expect.arrayContaining([{ file: '/app/config.yaml', content: 'a: 1', permissions: '0444' }]) as unknown,
      user: '4000:4000',
      group_add: ['5000'],
      working_dir: '/app',
    });
  });

  test(`mounts and devices of ${kind} reach the container`, () => {
    expect(container.volumes).toEqual(
      expect.arrayContaining([
        { volume_name: 'desk_models', container_path: '/app/models', read_only: true },
        expect.objectContaining({ container_path: '/app/package.json', read_only: true }),
      ]),
    );
    expect(container.mounts).toContainEqual(
      expect.objectContaining({ target: '/run/secrets/api_key', read_only: true }),
    );
    expect(container).toMatchObject({ tmpfs: { '/scratch': '' }, read_only: false });
    expect(container.devices).toEqual([{ host_path: '/dev/hsm', container_path: '/dev/hsm', permissions: 'rw' }]);
  });

  test(`names and addresses of ${kind} reach the container`, () => {
    expect(container).toMatchObject({
      networks_advanced: [{ aliases: ['given', 'alias'] }, { aliases: ['given', 'alias', 'trader'] }],
      hostname: hostnameOf(kind),
      host: [{ host: 'broker', ip: '10.0.0.7' }],
      dns: ['10.0.0.2'],
      dns_search: ['desk.example'],
      dns_opts: ['ndots:1'],
    });
  });

  test(`limits and privileges of ${kind} reach the container`, () => {
    expect(container).toMatchObject({
      cpu_quota: 200_000,
      cpu_set: '0-1',
      memory: 2048,
      memory_reservation: 1024,
      shm_size: 128,
      gpus: '"device=0,1"',
      pid_mode: 'host',
      ipc_mode: 'shareable',
      runtime: 'nvidia',
      tty: true,
      stdin_open: true,
      ulimit: [{ name: 'nofile', soft: 4096, hard: 8192 }],
      sysctls: { 'net.core.somaxconn': '1024' },
      privileged: true,
      security_opts: expect.arrayContaining(['apparmor=unconfined']) as unknown,
      capabilities: { add: ['CAP_NET_BIND_SERVICE'] },
      init: false,
    });
  });

  test(`stop, logging and labels of ${kind} reach the container`, () => {
    expect(container).toMatchObject({
      stop_timeout: 45,
      destroy_grace_seconds: 45,
      stop_signal: 'SIGINT',
      log_driver: 'journald',
      log_opts: { tag: 'bot' },
      labels: expect.arrayContaining([{ label: 'team', value: 'desk' }]) as unknown,
    });
  });
});

type BuildWithJobs = (stack: TradingStack, jobs: ServerJobOptions) => unknown;

const WITH_JOBS: readonly [string, BuildWithJobs][] = [
  ['PostgresDb', (stack, jobs) => new PostgresDb(stack, 'it', { jobs, databases: [{ name: 'reports' }] })],
  ['TimescaleDb', (stack, jobs) => new TimescaleDb(stack, 'it', { jobs })],
  ['InfluxDb', (stack, jobs) => new InfluxDb(stack, 'it', { jobs, buckets: [{ name: 'ticks' }] })],
  ['RabbitMqBroker', (stack, jobs) => new RabbitMqBroker(stack, 'it', { jobs, queues: [{ name: 'orders' }] })],
];

describe.each(WITH_JOBS)('job of %s', (kind, build) => {
  test(`options in jobs of ${kind} reach the container, which keeps its own command`, () => {
    const terraform = synthesizeStack((stack) => {
      const { command: _command, entrypoint: _entrypoint, ...options } = common(stack);
      const {
        restartPolicy: _restart,
        startTimeout: _startTimeout,
        ports: _publish,
        healthCheck: _check,
        ...jobs
      } = options;
      build(stack, { ...jobs, ...DOCKER_ONLY });
    });
    const container = containerNamed(terraform, 'given-name');

    expect(environmentOf(container)).toMatchObject({ LEVEL: 'debug', API_KEY_FILE: '/run/secrets/api_key' });
    expect(container).toMatchObject({
      command: [expect.stringMatching(/sh$/), expect.stringMatching(/\.sh$/)] as unknown[],
      user: '4000:4000',
      host: [{ host: 'broker', ip: '10.0.0.7' }],
      dns: ['10.0.0.2'],
      dns_search: ['desk.example'],
      dns_opts: ['ndots:1'],
      cpu_quota: 200_000,
      memory: 2048,
      log_driver: 'journald',
      labels: expect.arrayContaining([{ label: 'team', value: 'desk' }]) as unknown,
      ulimit: [{ name: 'nofile', soft: 4096, hard: 8192 }],
      restart: 'no',
    });
  });
});

describe.each(CONSTRUCTS)('container of %s', (kind, build) => {
  test(`ports, health check, wait and restart policy of ${kind} reach the container`, () => {
    const terraform = synthesizeStack((stack) => {
      build(stack, common(stack));
    });

    expect(containerNamed(terraform, 'given-name')).toMatchObject({
      ports: [{ internal: 8000, external: 18_000, ip: '0.0.0.0', protocol: 'tcp' }],
      healthcheck: HEALTH,
      wait: true,
      wait_timeout: 300,
      restart: 'on-failure',
      max_retry_count: 5,
    });
  });
});

describe.each(CONSTRUCTS)('service of %s', (kind, build) => {
  test(`options of ${kind} reach the Swarm service`, () => {
    const terraform = synthesizeStack(
      (stack) => {
        const { resources, ...options } = common(stack);
        const all = { ...resources, cpuReservation: Cpu.cores(0.5) };
        build(stack, { ...options, ...SWARM_ONLY, resources: all });
      },
      { engine: Engine.swarm() },
    );
    const service = serviceNamed(terraform, 'given-name');

    expect(service).toMatchObject(SERVICE);
    const { container_spec: task } = service.task_spec as { container_spec: TerraformBlock };
    expect(task.hostname).toBe(hostnameOf(kind));
    expect(task.mounts).toEqual(expect.arrayContaining(MOUNTS));
    expect(task.secrets).toEqual(
      expect.arrayContaining([expect.objectContaining({ file_name: '/run/secrets/api_key', file_mode: 0o444 })]),
    );
  });
});

const MOUNTS = [
  { type: 'volume', source: 'desk_models', target: '/app/models', read_only: true },
  expect.objectContaining({ type: 'bind', target: '/app/package.json', read_only: true }) as unknown,
  { type: 'tmpfs', target: '/scratch' },
];

const SERVICE = {
  labels: expect.arrayContaining([{ label: 'team', value: 'desk' }]) as unknown,
  endpoint_spec: { ports: [{ target_port: 8000, published_port: 18_000, protocol: 'tcp', publish_mode: 'host' }] },
  // Stop grace period and start timeout.
  converge_config: { timeout: '5m45s' },
  update_config: { order: 'stop-first', parallelism: 2, delay: '9s', failure_action: 'pause', monitor: '1m50s' },
  task_spec: {
    container_spec: {
      command: ['/app/start'],
      args: ['--config', '/app/config.yaml'],
      env: { GATEWAY_URL: 'tcp://mt5.desk.example:5555', LEVEL: 'debug', API_KEY_FILE: '/run/secrets/api_key' },
      user: '4000:4000',
      groups: ['5000'],
      dir: '/app',
      stop_signal: 'SIGINT',
      stop_grace_period: '45s',
      read_only: false,
      cap_add: ['NET_BIND_SERVICE'],
      cap_drop: ['ALL'],
      configs: expect.arrayContaining([
        expect.objectContaining({ file_name: '/app/config.yaml', file_mode: 0o444 }),
      ]) as unknown,
      hosts: [{ host: 'broker', ip: '10.0.0.7' }],
      dns_config: { nameservers: ['10.0.0.2'], search: ['desk.example'], options: ['ndots:1'] },
      // Raised to the start timeout.
      healthcheck: { ...HEALTH, start_period: '5m' },
      sysctl: { 'net.core.somaxconn': '1024' },
    },
    resources: {
      limits: { nano_cpus: 2_000_000_000, memory_bytes: 2 * 1024 ** 3 },
      reservation: { nano_cpus: 500_000_000, memory_bytes: 1024 ** 3 },
    },
    restart_policy: { condition: 'on-failure', max_attempts: 5 },
    placement: { constraints: ['node.labels.rack == a'], max_replicas: 2 },
    networks_advanced: [{ aliases: ['given', 'alias'] }, { aliases: ['given', 'alias', 'trader'] }],
    log_driver: { name: 'journald', options: { tag: 'bot' } },
  },
};

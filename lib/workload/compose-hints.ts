import type { Hint, Hints } from '../options/options';

/** An option with a value, as it is pasted. */
type OptionCode = `${string}: ${string}`;

/**
 * Options to set.
 * @param rest what follows in the sentence
 */
const use = (code: OptionCode, rest = ''): Hint => ({ text: `Use \`${code}\`${rest}`, code: [code] });

/** A timing of a health check. */
const timing = (option: OptionCode): Hint => {
  const own = `healthCheck: HealthCheck.withTimings({ ${option} })`;
  const http = `healthCheck: HealthCheck.http(8000, { ${option} })`;
  return { text: `Use \`${http}\`, or \`${own}\` on a construct that has a check of its own`, code: [http, own] };
};

/** For what the Terraform provider can set and this library does not support: the escape hatch. */
const override = (attribute: string, value: string, engine = 'the Docker engine'): Hint => {
  const call = `workload.resource.addOverride('${attribute}', ${value})`;
  return { text: `It is not supported yet: on ${engine} use \`${call}\``, code: [call] };
};

const UNSUPPORTED = 'Leave it out: the Terraform provider for Docker has no such setting';
const WINDOWS = 'Leave it out: it only exists for Windows containers';
const PUBLISHED = "image: Image.fromRegistry('ghcr.io/desk/bot:2.4')";
const BUILD_SETTING: Hint = {
  text: `As a key of \`build\` it is not supported yet: build and push the image in CI, and use \`${PUBLISHED}\``,
  code: [PUBLISHED],
};

const NETWORKS = "networks: [stack.network, Network.fromName('market')]";
const HOST_NETWORK = "networkMode: 'host'";
const IMAGE = use("image: Image.fromBuild('services/bot')");
const CPUS = use('resources: { cpus: Cpu.cores(1) }');
const LIMITS = use('resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) }');
const RESERVATIONS = use('resources: { memoryReservation: Size.mebibytes(256) }');
const HEALTH_CHECK = use('healthCheck: HealthCheck.http(8000)');
const ON_FAILURE = use('restartPolicy: RestartPolicy.onFailure(3)');
const UPDATE = use('updatePolicy: UpdatePolicy.stopFirst({ parallelism: 2 })');
const PULLED_ONCE = 'Leave it out: an image has a fixed version and is pulled once';

/** The keys of a service: https://github.com/compose-spec/compose-spec/blob/main/05-services.md */
const SERVICE: Readonly<Record<string, Hint | string>> = {
  annotations: UNSUPPORTED,
  attach: 'Leave it out: `npm run logs -- <stack> --follow` follows the output of all services',
  blkio_config: UNSUPPORTED,
  build: IMAGE,
  cap_add: use(
    "capabilities: ['NET_ADMIN']",
    ', with all others that the program needs: those that are not listed are dropped',
  ),
  cap_drop: use('capabilities: []', ' with those that the program keeps: all others are dropped'),
  cgroup: override('cgroupns_mode', "'host'"),
  cgroup_parent: override('cgroup_parent', "'desk.slice'"),
  configs: use("files: [ConfigFile.fromText('/app/config.yaml', 'level: info')]"),
  container_name: use("name: 'bot'"),
  cpu_count: CPUS,
  cpu_percent: CPUS,
  cpu_period: CPUS,
  cpu_quota: CPUS,
  cpu_rt_period: UNSUPPORTED,
  cpu_rt_runtime: UNSUPPORTED,
  cpu_shares: override('cpu_shares', '512'),
  cpus: CPUS,
  cpuset: use("resources: { cpuset: '0-1' }"),
  credential_spec: WINDOWS,
  depends_on: use('uses: [database]'),
  deploy: 'Use `resources`, `replicas`, `placement`, `restartPolicy` and `updatePolicy`',
  develop: 'Leave it out: there is no watch mode, the next deploy builds what has changed',
  device_cgroup_rules: UNSUPPORTED,
  dns_opt: use("dnsOptions: ['ndots:1']"),
  dns_search: use("dnsSearch: ['desk.example']"),
  domainname: override('domainname', "'desk.example'"),
  env_file: use("uses: [new EnvFile(stack, 'bots', { path: 'bots.env' })]"),
  expose: 'Leave it out: workloads of a stack reach each other on every port',
  extends: 'Leave it out: keep the common options in a constant, and spread it into both',
  external_links: 'Create an `ExternalEndpoint` for what runs outside of the stack, and pass it in `uses`',
  extra_hosts: use("extraHosts: [{ name: 'broker', address: '10.0.0.7' }]"),
  group_add: use("groups: ['5000']"),
  healthcheck: HEALTH_CHECK,
  isolation: WINDOWS,
  label_file: use("labels: { team: 'desk' }"),
  links: use('uses: [database]'),
  mac_address: UNSUPPORTED,
  mem_limit: use('resources: { memory: Size.mebibytes(512) }'),
  mem_reservation: RESERVATIONS,
  mem_swappiness: UNSUPPORTED,
  memswap_limit: use('resources: { memory: Size.mebibytes(512), swap: Size.mebibytes(512) }', ', where swap is on top'),
  models: 'Leave it out: run the model as a service of its own, and pass that in `uses`',
  network_mode: use(HOST_NETWORK, ', or pass the workload whose network it shares'),
  oom_kill_disable: UNSUPPORTED,
  oom_score_adj: UNSUPPORTED,
  pids_limit: UNSUPPORTED,
  platform: use("image: Image.fromBuild('services/bot', { platform: 'linux/arm64' })"),
  post_start: 'It is not supported yet: run the command in a script that is the `entrypoint`',
  pre_stop: 'It is not supported yet: have the program handle its `stopSignal`',
  profiles: 'Leave it out: create the construct inside an `if`',
  provider: 'Create an `ExternalEndpoint` for what runs outside of the stack, and pass it in `uses`',
  pull_policy: PULLED_ONCE,
  pull_refresh_after: PULLED_ONCE,
  read_only: use('readOnlyRootFilesystem: true'),
  restart: use('restartPolicy: RestartPolicy.always()'),
  scale: use('replicas: 2'),
  security_opt: use("securityOptions: ['apparmor=unconfined']"),
  shm_size: use('resources: { shmSize: Size.mebibytes(128) }'),
  stdin_open: use('stdinOpen: true'),
  stop_grace_period: use('stopGracePeriod: Duration.seconds(30)'),
  stop_signal: use("stopSignal: 'SIGINT'"),
  storage_opt: override('storage_opts', "{ size: '10G' }"),
  use_api_socket: use("bindMounts: [BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')]"),
  user: use("runAs: '1000:1000'"),
  userns_mode: override('userns_mode', "'host'"),
  uts: UNSUPPORTED,
  volumes_from: use("volumes: [Volume.retained('data').mountAt('/data')]", ' in both workloads'),
  working_dir: use("workingDirectory: '/app'"),
};

/** The keys under `deploy`: https://github.com/compose-spec/compose-spec/blob/main/deploy.md */
const DEPLOY: Readonly<Record<string, Hint | string>> = {
  endpoint_mode: override('endpoint_spec.mode', "'dnsrr'", 'a Swarm'),
  limits: LIMITS,
  mode: use('replicas: 2'),
  reservations: RESERVATIONS,
  'resources.limits': LIMITS,
  'resources.reservations': RESERVATIONS,
  restart_policy: ON_FAILURE,
  rollback_config: UPDATE,
  update_config: UPDATE,
};

/** The keys under `healthcheck`. */
const HEALTH: Readonly<Record<string, Hint | string>> = {
  disable: use('healthCheck: HealthCheck.none()'),
  interval: timing('interval: Duration.seconds(10)'),
  retries: timing('retries: 3'),
  start_interval: timing('startInterval: Duration.seconds(1)'),
  start_period: timing('startPeriod: Duration.minutes(1)'),
  test: use("healthCheck: HealthCheck.command(['pg_isready', '-q'])"),
  timeout: timing('timeout: Duration.seconds(3)'),
};

/** The keys under `build`: https://github.com/compose-spec/compose-spec/blob/main/build.md */
const BUILD: Readonly<Record<string, Hint | string>> = {
  additional_contexts: BUILD_SETTING,
  args: use("image: Image.fromBuild('services/bot', { buildArgs: { VERSION: '2.4' } })"),
  cache_from: BUILD_SETTING,
  cache_to: BUILD_SETTING,
  context: IMAGE,
  dockerfile: use("image: Image.fromBuild('services/bot', { dockerfile: 'Dockerfile' })"),
  dockerfile_inline: use("image: Image.fromBuild('services/bot', { dockerfile: 'Dockerfile' })"),
  entitlements: BUILD_SETTING,
  no_cache: 'Leave it out: `npm run deploy -- <stack> --no-cache` builds without the cache',
  platforms: use("image: Image.fromBuild('services/bot', { platform: 'linux/arm64' })"),
  provenance: BUILD_SETTING,
  pull: 'Leave it out: `npm run deploy -- <stack> --pull` pulls the base images again',
  sbom: BUILD_SETTING,
  ssh: BUILD_SETTING,
  tags: use("image: Image.fromBuild('services/bot', { name: 'desk/bot' })"),
  target: use("image: Image.fromBuild('services/bot', { target: 'runtime' })"),
};

/** Frequent slips that are not keys of a service in Compose. */
const SLIPS: Readonly<Record<string, Hint | string>> = {
  entry_point: use("entrypoint: ['/app/start', '--paper']"),
  env: use("environment: { LOG_LEVEL: 'info' }"),
  memory: use('resources: { memory: Size.mebibytes(512) }'),
  // As a key of `build` it is rare.
  network: {
    text: `Use \`${NETWORKS}\`, or \`${HOST_NETWORK}\` for the network of the host`,
    code: [NETWORKS, HOST_NETWORK],
  },
};

const VOLUMES = "volumes: [Volume.retained('data').mountAt('/data')]";
const FOLDER = "bindMounts: [BindMount.readOnly('config', '/app/config')]";

/** Options with a value in Compose's syntax. */
const VALUES: Readonly<Record<string, Hint | string>> = {
  bindMounts: use("bindMounts: [BindMount.readOnly('config', '/app/config')]"),
  command: use("command: ['python', '-m', 'bot']", ', one item for each argument'),
  devices: use("devices: [{ hostPath: '/dev/ttyUSB0', containerPath: '/dev/ttyUSB0', permissions: 'rw' }]"),
  dns: use("dns: ['10.0.0.2']"),
  entrypoint: use("entrypoint: ['/app/start', '--paper']", ', one item for each argument'),
  dnsOptions: use("dnsOptions: ['ndots:1']"),
  dnsSearch: use("dnsSearch: ['desk.example']"),
  environment: use("environment: { LOG_LEVEL: 'info' }"),
  extraHosts: use("extraHosts: [{ name: 'broker', address: '10.0.0.7' }]"),
  files: use("files: [ConfigFile.fromText('/app/config.yaml', 'level: info')]"),
  gpus: use("gpus: 'all'"),
  healthCheck: HEALTH_CHECK,
  hostname: use("hostname: 'bot'"),
  image: use("image: Image.fromRegistry('ghcr.io/desk/bot:2.4')"),
  init: use('init: true'),
  ipc: use("ipc: 'host'"),
  labels: use("labels: { team: 'desk' }"),
  logging: use('logging: Logging.jsonFile()'),
  networks: use(NETWORKS),
  pid: use("pid: 'host'"),
  placement: use("placement: [Placement.nodeLabel('gpu', 'true')]"),
  ports: use('ports: [PublishedPort.loopback(8000, { hostPort: 18000 })]'),
  privileged: use('privileged: true'),
  replicas: use('replicas: 2'),
  resources: LIMITS,
  restartPolicy: use('restartPolicy: RestartPolicy.always()'),
  runtime: use("runtime: 'runsc'"),
  secrets: use("secrets: { API_KEY: Secret.provided(stack, 'api_key', { description: 'the key of the account' }) }"),
  stopGracePeriod: use('stopGracePeriod: Duration.seconds(30)'),
  sysctls: use("sysctls: { 'net.core.somaxconn': '1024' }"),
  tmpfs: use("tmpfs: [{ path: '/run', size: Size.mebibytes(64) }]"),
  tty: use('tty: true'),
  ulimits: use("ulimits: [{ name: 'nofile', soft: 65536, hard: 65536 }]"),
  updatePolicy: UPDATE,
  uses: 'Create the construct that it uses first, and pass that',
  volumes: {
    text: `Use \`${VOLUMES}\`, or \`${FOLDER}\` for a folder of the host`,
    code: [VOLUMES, FOLDER],
  },
};

/** A hint for each key of a service in a compose file. */
export const COMPOSE_HINTS: Hints = {
  unknown: new Map(Object.entries({ ...BUILD, ...HEALTH, ...DEPLOY, ...SLIPS, ...SERVICE }).map(withCode)),
  wrongType: new Map(Object.entries(VALUES).map(withCode)),
};

function withCode([key, hint]: [string, Hint | string]): [string, Hint] {
  return [key, typeof hint === 'string' ? { text: hint, code: [] } : hint];
}

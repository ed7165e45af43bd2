import type { ServiceFile } from '../../lib/engines/swarm/objects';
import type { HealthCheckSpec, ResourcesSpec, SecuritySpec, WorkloadSpec } from '../../lib/platform/spec';
import type { SecretHandle } from '../../lib/platform/secrets/secret-store';

export const HEALTH_CHECK: HealthCheckSpec = {
  probe: { kind: 'http', host: 'bot', port: 8000, path: '/health' },
  test: ['CMD-SHELL', 'curl -fsS http://127.0.0.1:8000/health'],
  intervalMilliseconds: 60_000,
  timeoutMilliseconds: 5_000,
  retries: 4,
  startPeriodMilliseconds: 90_000,
  startIntervalMilliseconds: 2_000,
};

export const RESOURCES: ResourcesSpec = {
  cpuMillis: 1500,
  cpuReservationMillis: null,
  memoryBytes: 512 * 1024 ** 2,
  swapBytes: 128 * 1024 ** 2,
  memoryReservationBytes: 256 * 1024 ** 2,
  shmSizeBytes: 128 * 1024 ** 2,
  cpuset: '0-1',
};

export const NO_LIMITS: ResourcesSpec = {
  cpuMillis: null,
  cpuReservationMillis: null,
  memoryBytes: null,
  swapBytes: 0,
  memoryReservationBytes: null,
  shmSizeBytes: null,
  cpuset: null,
};

export const SECURITY: SecuritySpec = {
  addCapabilities: ['NET_BIND_SERVICE'],
  dropCapabilities: ['ALL'],
  noNewPrivileges: true,
  privileged: false,
  options: ['seccomp=unconfined'],
};

export function secretHandle(name: string): SecretHandle {
  return {
    name,
    stack: 'desk',
    file: `.secrets/desk/${name}`,
    versionsFile: '.secrets/desk/.versions.json',
    hostPath: `\${abspath("\${path.root}/../../../.secrets/desk/${name}")}`,
    version: `\${try(jsondecode(file(abspath("\${path.root}/../../../.secrets/desk/.versions.json")))["${name}"].version, "")}`,
    versionKind: 'version',
    isCurrent: `\${filesha256(abspath("\${path.root}/../../../.secrets/desk/${name}")) == ""}`,
    remedy: `Write the key into the file .secrets/desk/${name}`,
    object: { id: `\${docker_secret.${name}.id}`, name: `\${docker_secret.${name}.name}` },
  };
}

/** A workload with a value in every field that a container has, so that a dropped field is noticed. */
export function fullSpec(changes: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    path: 'desk/bot',
    name: 'desk-bot',
    kind: 'service',
    replicas: 1,
    aliases: ['bot', 'trader'],
    image: { name: 'ghcr.io/desk/bot:2.4', expression: '${docker_image.bot.image_id}' },
    entrypoint: ['/entry.sh'],
    command: ['python3', '-m', 'bot'],
    environment: { SYMBOL: 'EURUSD', LEVERAGE: '10' },
    secretEnvironment: { PLAIN_KEY: secretHandle('plain_key') },
    labels: { team: 'quant', app: 'bot', 'cdktf-trading-stack.service': 'bot' },
    user: '1000:1000',
    imageUser: null,
    hardening: [],
    keepsFilesInVolumes: false,
    groups: ['video'],
    workingDirectory: '/app',
    hostname: 'bot-1',
    restart: { condition: 'on-failure', maximumRetries: 5, whenUnhealthy: 'never' },
    stopSignal: 'SIGINT',
    stopGracePeriodSeconds: 45,
    init: true,
    readOnlyRootFilesystem: true,
    tmpfs: [{ path: '/tmp', sizeBytes: 64 * 1024 ** 2, exec: true }],
    volumes: [{ volume: 'desk_logs', path: '/data/logs', readOnly: false, lifetime: 'retained', exclusive: false }],
    bindMounts: [
      {
        source: '${abspath("${path.root}/../../../config")}',
        path: '/app/config',
        readOnly: true,
        contentHash: 'aaaaaaaaaaaaaaaa',
        ifMissing: 'checked',
      },
    ],
    secrets: [{ secret: secretHandle('api_key'), path: '/run/secrets/api_key' }],
    files: [],
    networks: [{ id: '${docker_network.net.id}', name: 'desk', aliases: ['trading'] }],
    namespaces: { network: null, pid: 'host', ipc: { container: '${docker_container.feed.id}', name: 'desk-feed' } },
    hostPorts: [],
    ports: [{ container: 8000, host: 18_000, scope: 'loopback', protocol: 'tcp', optional: false }],
    extraHosts: [{ name: 'gateway', address: '10.0.0.7' }],
    dns: ['9.9.9.9'],
    dnsSearch: ['desk.example'],
    dnsOptions: ['ndots:1'],
    healthCheck: HEALTH_CHECK,
    startTimeoutSeconds: 120,
    resources: RESOURCES,
    security: SECURITY,
    devices: [{ hostPath: '/dev/ttyUSB0', containerPath: '/dev/ttyUSB0', permissions: 'rw' }],
    gpus: 'all',
    runtime: 'runsc',
    tty: true,
    stdinOpen: true,
    ulimits: [{ name: 'nofile', soft: 1024, hard: 2048 }],
    sysctls: { 'net.core.somaxconn': '1024' },
    logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' }, storeUrl: null },
    placement: { constraints: [], replicasPerNode: null },
    updates: null,
    dependsOn: ['docker_container.db'],
    connections: [{ host: 'db', port: 5432, protocol: 'postgresql' }],
    ...changes,
  };
}

/** The same with the fields of a Swarm service, and without those that it cannot have. */
export function swarmSpec(changes: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return fullSpec({
    init: false,
    tmpfs: [{ path: '/tmp', sizeBytes: null, exec: false }],
    files: [{ path: '/app/strategies.yaml', content: 'strategies: []\n', mode: '0440' }],
    ports: [{ container: 8000, host: 18_000, scope: 'all', protocol: 'tcp', optional: false }],
    healthCheck: { ...HEALTH_CHECK, startIntervalMilliseconds: null },
    resources: { ...RESOURCES, cpuReservationMillis: 500, cpuset: null, swapBytes: 0 },
    security: { ...SECURITY, noNewPrivileges: false, options: [] },
    devices: [],
    gpus: null,
    runtime: null,
    tty: false,
    stdinOpen: false,
    namespaces: { network: null, pid: null, ipc: null },
    ulimits: [],
    ...changes,
  });
}

/** The file of {@link swarmSpec} as the engine creates it. */
export const STRATEGIES_FILE: ServiceFile = {
  id: '${docker_config.strategies.id}',
  name: '${docker_config.strategies.name}',
  path: '/app/strategies.yaml',
  mode: '0440',
};

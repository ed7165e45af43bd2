import {
  AppService,
  BindMount,
  Volume,
  HealthCheck,
  Image,
  Logging,
  PostgresDb,
  RestartPolicy,
  TradingStackError,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const DEVICE = { hostPath: '/dev/hsm', containerPath: '/dev/hsm', permissions: 'rw' };

/** Options as plain JavaScript gives them, which no type stands in the way of. */
function creating(options: object): () => unknown {
  return () => createStack((stack) => new Workload(stack, 'bot', { image, ...options }));
}

test.each<[keyof WorkloadOptions, unknown, string]>([
  [
    'ports',
    ['8080:80'],
    "ports[0] cannot be '8080:80'. Write ports: [PublishedPort.loopback(80, { hostPort: 8080 })].",
  ],
  ['ports', ['80'], "ports[0] cannot be '80'. Write ports: [PublishedPort.loopback(80)]."],
  ['ports', [8000], 'ports[0] cannot be 8000. Write ports: [PublishedPort.loopback(8000)].'],
  ['ports', ['10.0.0.7:53:53/udp'], "Write ports: [PublishedPort.on('10.0.0.7', 53, { protocol: 'udp' })]."],
  ['ports', '8080:80', 'Write ports: [PublishedPort.loopback(80, { hostPort: 8080 })].'],
  ['volumes', ['data:/data'], "Write volumes: [Volume.retained('data').mountAt('/data')]."],
  ['volumes', ['data:/data:ro'], "Write volumes: [Volume.retained('data').mountAt('/data', { readOnly: true })]."],
  ['volumes', ['./data:/data'], "Write bindMounts: [BindMount.writable('./data', '/data')]."],
  [
    'volumes',
    [Volume.retained('data')],
    "volumes[0] cannot be [Volume]. Write volumes: [Volume.retained('data').mountAt",
  ],
  ['volumes', [BindMount.readOnly('a', '/a')], 'volumes[0] cannot be [BindMount]. Write volumes: ['],
  ['volumes', [Volume.retained('data').mountAt(undefined as never)], 'the path of volumes[0] cannot be undefined.'],
  ['bindMounts', ['./config:/app/config:ro'], "Write bindMounts: [BindMount.readOnly('./config', '/app/config')]."],
  ['bindMounts', ['data:/data'], "Write volumes: [Volume.retained('data').mountAt('/data')]."],
  ['files', ['/app/config.yaml'], "Write files: [ConfigFile.fromFile('config/app.yaml', '/app/config.yaml')]."],
  ['tmpfs', ['/run:size=64m'], "Write tmpfs: [{ path: '/run' }]."],
  ['tmpfs', [{ path: '/run', size: '64m' }], "the size of tmpfs[0] cannot be '64m'. Give a Size"],
  ['capabilities', [12], 'capabilities[0] cannot be 12. Give a text'],
  ['placement', ['node.role == manager'], "Write placement: [Placement.nodeLabel('gpu', 'true')]."],
  ['healthCheck', 'curl -f localhost', 'Write healthCheck: HealthCheck.shell("curl -f localhost").'],
  ['healthCheck', { test: ['CMD', 'true'] }, 'Write healthCheck: HealthCheck.command(["true"]).'],
  ['healthCheck', { test: ['CMD-SHELL', 'pgrep bot'] }, 'Write healthCheck: HealthCheck.shell("pgrep bot").'],
  ['healthCheck', { test: ['NONE'] }, 'Write healthCheck: HealthCheck.none().'],
  ['healthCheck', { test: 'pgrep bot' }, 'Write healthCheck: HealthCheck.shell("pgrep bot").'],
  ['healthCheck', { disable: true }, 'Write healthCheck: HealthCheck.http(8000).'],
  ['healthCheck', RestartPolicy.always(), 'healthCheck cannot be [RestartPolicy].'],
  ['restartPolicy', 'always', "restartPolicy cannot be 'always'. Write restartPolicy: RestartPolicy.always()."],
  ['restartPolicy', 'on-failure', 'Write restartPolicy: RestartPolicy.onFailure().'],
  ['restartPolicy', Logging.jsonFile(), 'restartPolicy cannot be [Logging].'],
  ['logging', { driver: 'journald' }, "Write logging: Logging.driver('journald')."],
  ['logging', 'json-file', 'Write logging: Logging.jsonFile().'],
  ['updatePolicy', 'start-first', 'Write updatePolicy: UpdatePolicy.startFirst().'],
  ['stopGracePeriod', 30, 'stopGracePeriod cannot be 30. Give a Duration, for example Duration.seconds(30).'],
  ['startTimeout', '2m', "startTimeout cannot be '2m'. Give a Duration"],
  ['resources', '2g', 'Write resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) }.'],
  ['resources', { limits: {} }, "resources has no 'limits'. Name one of cpus, memory,"],
  ['resources', { cpuset: 'abc' }, "resources.cpuset cannot be 'abc'. Give numbers of processors: '0-1', '0,2'."],
  ['labels', { a: undefined }, 'labels.a cannot be undefined. Give a text.'],
  ['labels', ['a=b'], 'labels cannot be [Array]. Give names with a text each'],
  ['sysctls', { 'net.core.somaxconn': 1024 }, "sysctls.net.core.somaxconn cannot be 1024. Give a text: '1024'."],
  ['environment', ['LEVEL=debug'], 'environment is a list. Write environment: { NAME: value }.'],
  ['command', ['sleep', 5], "command[1] cannot be 5. Give a text: '5'."],
  ['name', 5, 'name cannot be 5. Give a text'],
  ['aliases', [undefined], 'aliases[0] cannot be undefined.'],
  ['dns', ['foo'], "dns[0] cannot be 'foo'. Give the IP address of a name server"],
  ['extraHosts', [{ name: 'x y', address: '10.0.0.7' }], "extraHosts[0].name cannot be 'x y'."],
  [
    'extraHosts',
    [{ name: 'x', address: 'nonsense' }],
    "extraHosts[0].address cannot be 'nonsense'. Give an IP address, or",
  ],
  ['extraHosts', ['broker:10.0.0.9'], "Write extraHosts: [{ name: 'broker', address: '10.0.0.9' }]."],
  ['runAs', 'a b', "runAs cannot be 'a b'. Give a user, and a group after a colon"],
  ['runAs', 1000, "runAs cannot be 1000. Give a user, and a group after a colon: '1000'."],
  ['groups', [5000], "groups[0] cannot be 5000. Give the name or the number of a group: '5000'."],
  ['hostname', 'a b!', "hostname cannot be 'a b!'. Give a host name"],
  ['workingDirectory', 'app', "workingDirectory cannot be 'app'. Give an absolute path"],
  ['stopSignal', 'FOO', "stopSignal cannot be 'FOO'. Give the name of a signal"],
  [
    'devices',
    ['/dev/a:/dev/b'],
    "Write devices: [{ hostPath: '/dev/a', containerPath: '/dev/b', permissions: 'rwm' }].",
  ],
  ['devices', [{ ...DEVICE, permissions: 'x' }], "devices[0].permissions cannot be 'x'."],
  ['devices', [{ ...DEVICE, hostPath: 'hsm' }], "devices[0].hostPath cannot be 'hsm'. Give an absolute path."],
  ['ulimits', [{ name: 'nofile', soft: 2, hard: 1 }], 'ulimits[0].soft cannot be 2. Give at most the hard limit of 1.'],
  ['ulimits', [{ name: 'nofile', soft: -1, hard: 1 }], 'ulimits[0].soft cannot be -1.'],
  ['ulimits', [{ name: 'files', soft: 1, hard: 1 }], "ulimits[0].name cannot be 'files'. Give one of core, cpu,"],
  ['ulimits', { nofile: 1024 }, "Write ulimits: [{ name: 'nofile', soft: 65536, hard: 65536 }]."],
  ['gpus', '1', "gpus cannot be '1'. Give 'all'."],
  ['privileged', 'false', "privileged cannot be 'false'. Give true or false, without quotes."],
  ['init', 'no', "init cannot be 'no'."],
  ['noNewPrivileges', 0, 'noNewPrivileges cannot be 0.'],
  ['readOnlyRootFilesystem', 'true', "readOnlyRootFilesystem cannot be 'true'."],
])('an option %s of %j is answered with how it is written', (option, value, message) => {
  expect(creating({ [option]: value })).toThrow(TradingStackError);
  expect(creating({ [option]: value })).toThrow(message);
  expect(creating({ [option]: value })).toThrow(/^desk\/bot: /);
});

test.each<Partial<WorkloadOptions>>([
  { runAs: 'node' },
  { runAs: '1000:1000' },
  { runAs: 'systemd-network:video' },
  { groups: ['video', '5000'] },
  { stopSignal: 'SIGINT' },
  { stopSignal: 'sigterm' },
  { stopSignal: '15' },
  { stopSignal: 'SIGRTMIN+3' },
  { dns: ['10.0.0.2', 'fd00::2'] },
  { extraHosts: [{ name: 'broker.desk.example', address: '10.0.0.7' }] },
  { extraHosts: [{ name: 'host_of_mine', address: 'host-gateway' }] },
  { hostname: 'trader-1.desk.example' },
  { ulimits: [{ name: 'memlock', soft: -1, hard: -1 }] },
  { ulimits: [{ name: 'core', soft: 0, hard: -1 }] },
  { devices: [{ ...DEVICE, permissions: 'rwm' }] },
  { resources: { cpuset: '0-3,6' } },
  { labels: { empty: '' } },
])('the options %j are as good as they look', (options) => {
  expect(creating(options)).not.toThrow();
});

test('nothing that is put in the place of any option makes an error of JavaScript’s own', () => {
  const options = Object.keys(EVERY_OPTION);
  const values = [
    5,
    '',
    'x y',
    true,
    {},
    { a: undefined },
    [undefined],
    [null],
    [5],
    ['x y'],
    [{}],
    [[]],
    Logging.jsonFile(),
  ];
  const errors = options.flatMap((option) =>
    values.flatMap((value) =>
      [Workload, AppService, PostgresDb].flatMap((Service) => {
        try {
          createStack((stack) => new Service(stack, 'bot', { image, majorVersion: 17, [option]: value }));
          return [];
        } catch (error) {
          return error instanceof TradingStackError ? [] : [`${Service.name}.${option}: ${String(error)}`];
        }
      }),
    ),
  );
  expect(errors).toEqual([]);
});

/** A new one does not compile before it is here. */
const EVERY_OPTION: Readonly<Record<keyof WorkloadOptions, true>> = {
  uses: true,
  name: true,
  aliases: true,
  environment: true,
  secrets: true,
  command: true,
  entrypoint: true,
  files: true,
  bindMounts: true,
  volumes: true,
  tmpfs: true,
  ports: true,
  healthCheck: true,
  startTimeout: true,
  resources: true,
  logging: true,
  restartPolicy: true,
  stopGracePeriod: true,
  stopSignal: true,
  runAs: true,
  groups: true,
  workingDirectory: true,
  hostname: true,
  labels: true,
  readOnlyRootFilesystem: true,
  capabilities: true,
  noNewPrivileges: true,
  privileged: true,
  securityOptions: true,
  init: true,
  extraHosts: true,
  dns: true,
  devices: true,
  gpus: true,
  placement: true,
  updatePolicy: true,
  ulimits: true,
  sysctls: true,
};

test.each<[string, unknown, string]>([
  [
    'mem_limit',
    '512m',
    "there is no option mem_limit, which is Compose's. Write resources: { memory: Size.mebibytes(512) }.",
  ],
  ['ports', ['8000:8000'], 'Write ports: [PublishedPort.loopback(8000)].'],
  ['depends_on', ['db'], 'Write uses: [database].'],
  ['container_name', 'bot', 'Write name.'],
])('%s is answered with what it is here', (option, value, message) => {
  expect(creating({ [option]: value })).toThrow(message);
});

test('values of another copy of the library are as good as its own', () => {
  jest.isolateModules(() => {
    const other = jest.requireActual<typeof import('../../lib')>('../../lib');
    expect(other.HealthCheck).not.toBe(HealthCheck);
    expect(
      creating({
        ports: [other.PublishedPort.loopback(8000)],
        volumes: [other.Volume.retained('data').mountAt('/data')],
        files: [other.ConfigFile.fromText('/a', 'a')],
        healthCheck: other.HealthCheck.tcp(8000),
        restart: other.RestartPolicy.never(),
        logging: other.Logging.jsonFile(),
        stopGracePeriod: other.Duration.seconds(5),
      }),
    ).not.toThrow();
  });
});

import {
  BindMount,
  Engine,
  Image,
  InfluxDb,
  QuestDb,
  PostgresDb,
  Prometheus,
  PublishedPort,
  RabbitMqBroker,
  RedisCache,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const REMOTE = Engine.docker({ host: 'ssh://desk@trading-1' });

function warnings(options: WorkloadOptions): string[] {
  return warningsOf(createStack((stack) => new Workload(stack, 'bot', { image, ...options }), { engine: REMOTE }));
}

test.each<[string, WorkloadOptions]>([
  ['`privileged` [privileged]', { privileged: true }],
  ['the capability ALL [privileged]', { capabilities: ['CAP_ALL'] }],
  ['seccomp=unconfined [security-profile-off]', { securityOptions: ['seccomp=unconfined'] }],
  ['apparmor:unconfined [security-profile-off]', { securityOptions: ['apparmor:unconfined'] }],
  ['runs as 0 [runs-as-root]', { runAs: '0' }],
  ['runs as root:root [runs-as-root]', { runAs: 'root:root' }],
  ['/ [host-root-writable]', { bindMounts: [BindMount.writable('/', '/rootfs')] }],
  [
    '/var/run/docker.sock [docker-socket-mounted]',
    { bindMounts: [BindMount.writable('/var/run/docker.sock', '/var/run/docker.sock')] },
  ],
  [
    '/run/user/1000/docker.sock [docker-socket-mounted]',
    { bindMounts: [BindMount.readOnly('/run/user/1000/docker.sock', '/var/run/docker.sock')] },
  ],
  [
    '/var/run/docker.sock, which 1000:1000 cannot open: set `groups` to the number that ' +
      '`stat -c %g /var/run/docker.sock` prints on the host [docker-socket-mounted]',
    { runAs: '1000:1000', bindMounts: [BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')] },
  ],
  [
    '/run, which node cannot open: set `groups` to the number that `stat -c %g /run/docker.sock` prints on the host ' +
      '[docker-socket-mounted]',
    { runAs: 'node', bindMounts: [BindMount.readOnly('/run', '/host/run')] },
  ],
  [
    '/var/run/docker.sock [docker-socket-mounted]',
    {
      runAs: '1000:1000',
      groups: ['998'],
      bindMounts: [BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')],
    },
  ],
  [
    '/srv/desk/data for 1000:1000: `install -d -o 1000 -g 1000 /srv/desk/data` [folder-not-writable]',
    { runAs: '1000:1000', bindMounts: [BindMount.writable('/srv/desk/data', '/data', { ifMissing: 'create' })] },
  ],
  [
    "/srv/my desk for airflow:0: `install -d -o UID -g 0 '/srv/my desk'` [folder-not-writable]",
    { runAs: 'airflow:0', bindMounts: [BindMount.writable('/srv/my desk', '/data', { ifMissing: 'create' })] },
  ],
])('gets the warning %s', (warning, options) => {
  expect(warnings(options)).toEqual([warning]);
});

test.each<[string, WorkloadOptions]>([
  ['a user', { runAs: '1000:0' }],
  ['a profile of its own', { securityOptions: ['seccomp=/etc/docker/desk.json'] }],
  ['the host for reading', { bindMounts: [BindMount.readOnly('/', '/rootfs')] }],
  [
    'a folder that Docker creates for a program with the user of its image',
    { bindMounts: [BindMount.writable('/srv/desk/data', '/data', { ifMissing: 'create' })] },
  ],
  [
    'a folder that has to exist',
    { runAs: '1000', bindMounts: [BindMount.writable('/srv/desk/data', '/data', { ifMissing: 'fail' })] },
  ],
  ['a port of a program on every address', { ports: [PublishedPort.allInterfaces(8000)] }],
])('%s gets no warning', (_what, options) => {
  expect(warnings(options)).toEqual([]);
});

type Build = (stack: TradingStack, options: WorkloadOptions) => unknown;

test.each<[number, Build]>([
  [5432, (stack, options) => new PostgresDb(stack, 'db', options)],
  [6379, (stack, options) => new RedisCache(stack, 'db', options)],
  [5672, (stack, options) => new RabbitMqBroker(stack, 'db', options)],
  [8086, (stack, options) => new InfluxDb(stack, 'db', { ...options, organization: 'desk', bucket: 'ticks' })],
  [9000, (stack, options) => new QuestDb(stack, 'db', options)],
  [9090, (stack, options) => new Prometheus(stack, 'db', { ...options, services: [] })],
])('a server of data whose port %i is published on every address gets a warning', (port, build) => {
  const publishedAs = (...ports: readonly PublishedPort[]): string[] =>
    warningsOf(createStack((stack) => void build(stack, { ports })));
  expect(publishedAs(PublishedPort.allInterfaces(port))).toEqual([`0.0.0.0:${port} [data-port-public]`]);
  expect(publishedAs(PublishedPort.on('::', port))).toEqual([`:::${port} [data-port-public]`]);
  expect(publishedAs(PublishedPort.loopback(port))).toEqual([]);
  expect(publishedAs(PublishedPort.on('10.8.0.1', port))).toEqual([]);
});

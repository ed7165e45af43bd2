import {
  AppService,
  BackgroundWorker,
  BindMount,
  Volume,
  Engine,
  PublishedPort,
  HealthCheck,
  Image,
  Logging,
  TradingStack,
  UpdatePolicy,
} from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

const service = (props: object) => () => new AppService(createStack(), 'bot', untyped({ image, ...props }));

test.each<[string, () => unknown, string]>([
  [
    'a protocol in capitals',
    () => PublishedPort.loopback(80, { protocol: untyped('TCP') }),
    "the protocol cannot be 'TCP'. Give one of tcp, udp, sctp",
  ],
  [
    'a program that no check knows',
    () => HealthCheck.http(80, { via: untyped('wgett') }),
    "via cannot be 'wgett'. Give one of curl, wget, python3, node",
  ],
  [
    'a program that objects have anyway',
    () => HealthCheck.tcp(80, { via: untyped('toString') }),
    "via cannot be 'toString'",
  ],
  [
    'an interval without a unit',
    () => HealthCheck.http(80, { interval: untyped(5) }),
    'interval cannot be 5. Give a Duration, for example Duration.seconds(5)',
  ],
  [
    'an age without a unit',
    () => HealthCheck.heartbeatFile('/tmp/beat', { maximumAge: untyped('1m') }),
    "maximumAge cannot be '1m'. Give a Duration",
  ],
  [
    'a line for a command',
    () => HealthCheck.command(untyped('pg_isready -q')),
    "the command cannot be 'pg_isready -q'. Give a list: ['pg_isready', '-q']",
  ],
  ['no line', () => HealthCheck.shell(untyped(undefined)), 'HealthCheck.shell: the line cannot be undefined'],
  [
    'one program that is required',
    () => HealthCheck.shell('true', { requires: untyped('curl') }),
    "requires cannot be 'curl'. Give a list: ['curl']",
  ],
  [
    'an answer to failures that is none',
    () => UpdatePolicy.stopFirst({ onFailure: untyped('rolback') }),
    "onFailure cannot be 'rolback'. Give one of rollback, pause, continue",
  ],
  ['a log of 10m', () => Logging.jsonFile({ maximumSize: untyped('10m') }), "maximumSize cannot be '10m'. Give a Size"],
  [
    'a quoted no',
    () => Logging.jsonFile({ compress: untyped('false') }),
    "compress cannot be 'false'. Give true or false",
  ],
  [
    'a number among the options of a driver',
    () => Logging.driver('loki', { 'loki-batch-size': untyped(400) }),
    "options.loki-batch-size cannot be 400. Give a text: '400'",
  ],
  [
    'a volume without a name',
    () => Volume.retained(untyped(undefined)),
    'Volume.retained: the volume cannot be undefined',
  ],
  [
    'a mount of nothing',
    () => BindMount.readOnly(untyped(undefined), '/a'),
    'BindMount: the source cannot be undefined',
  ],
  ['a build of nothing', () => Image.fromBuild(untyped(undefined)), 'Image.fromBuild: the folder cannot be undefined'],
  [
    'a build argument that is not set',
    () => Image.fromBuild('a', { buildArgs: { URL: untyped(undefined) } }),
    'Image.fromBuild: arguments.URL cannot be undefined. Give a text',
  ],
  [
    'an image without a name',
    () => Image.fromRegistry(untyped(undefined)),
    'Image.fromRegistry: the name cannot be undefined',
  ],
  [
    'an empty registry',
    () => Engine.docker({ registries: [''] }),
    "Engine.docker: registries[0] cannot be ''. Give the host of a registry",
  ],
  [
    'one registry for a list',
    () => Engine.swarm({ registries: untyped('ghcr.io') }),
    "Engine.swarm: registries cannot be 'ghcr.io'. Give a list: ['ghcr.io']",
  ],
  [
    "Compose's CMD",
    () => HealthCheck.command(['CMD', 'pg_isready', '-q']),
    `HealthCheck.command: the first word cannot be 'CMD'. Write HealthCheck.command(["pg_isready","-q"]).`,
  ],
  [
    "Compose's CMD-SHELL",
    () => HealthCheck.command(['CMD-SHELL', 'curl -f http://localhost']),
    'Write HealthCheck.shell("curl -f http://localhost").',
  ],
  [
    'a label for the labels of a node',
    () => Engine.swarm({ cluster: { dataNode: untyped('desk-1') } }),
    "Engine.swarm: cluster.dataNode cannot be 'desk-1'. Give names with a text each",
  ],
  [
    'a switch for a label',
    () => Engine.swarm({ cluster: { dataNode: { data: untyped(true) } } }),
    'Engine.swarm: cluster.dataNode.data cannot be true. Give a text.',
  ],
  [
    'a switch for a cluster',
    () => Engine.swarm({ cluster: untyped(true) }),
    'Engine.swarm: cluster is of the type boolean',
  ],
  [
    'the name of a machine',
    () => Engine.docker({ host: 'trading-1' }),
    "Engine.docker: host cannot be 'trading-1'. Give the address of an engine as DOCKER_HOST has it",
  ],
  [
    'a number for a manager',
    () => Engine.swarm({ host: untyped(5) }),
    'Engine.swarm: host cannot be 5. Give the address',
  ],
  [
    'a heartbeat without a unit',
    () => new BackgroundWorker(createStack(), 'bot', { image, heartbeatWithin: untyped(60) }),
    'desk/bot: heartbeatWithin cannot be 60. Give a Duration, for example Duration.seconds(60)',
  ],
  [
    'a socket without a variable',
    service({ sockets: [{ name: 'a', port: 5555 }] }),
    'desk/bot: sockets[0].variable cannot be undefined',
  ],
  [
    'a socket without a name',
    service({ sockets: [{ port: 5555, variable: 'A' }] }),
    'desk/bot: sockets[0].name cannot be undefined',
  ],
  [
    'a port for a socket',
    service({ sockets: [5555] }),
    "Write sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }]",
  ],
  ['a relative path of metrics', service({ metricsPath: 'metrics' }), "metricsPath cannot be 'metrics'. Give a path"],
  ['a query for a panel', service({ panels: ['up'] }), "panels[0] cannot be 'up'. Write panels: ["],
])('%s is told how it is written', (_what, create, message) => {
  expect(create).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['logging', { driver: 'syslog' }, "Write logging: Logging.driver('syslog')."],
  ['stopGracePeriod', 30, 'stopGracePeriod cannot be 30. Give a Duration, for example Duration.seconds(30).'],
  ['labels', { team: undefined }, 'labels.team cannot be undefined. Give a text.'],
  ['name', 5, 'the name of the stack cannot be 5.'],
  ['network', '10.0.0.0/24', "network cannot be '10.0.0.0/24'. Give options: { subnet: '172.16.28.0/24' }."],
  ['network', { subnet: 5 }, 'network.subnet cannot be 5. Give an IPv4 subnet'],
  ['network', { internal: 'false' }, "network.internal cannot be 'false'. Give true or false, without quotes."],
  ['projectDirectory', 5, 'projectDirectory cannot be 5.'],
])('a stack with the %s %j is told how it is written', (option, value, message) => {
  const props = untyped({ engine: Engine.docker(), [option]: value });
  const create = () => new TradingStack(createApp(), 'desk', props);
  expect(create).toThrow(/^desk: /);
  expect(create).toThrow(message);
});

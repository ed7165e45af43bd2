import { AppService, BackgroundWorker, Engine, Image, TradingStack } from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

const service = (props: object) => () => new AppService(createStack(), 'bot', untyped({ image, ...props }));

test.each<[string, () => unknown, string]>([
  [
    'an empty registry',
    () => Engine.docker({ registries: [''] }),
    "Engine.docker: registries[0] cannot be ''. Use the host of a registry",
  ],
  [
    'one registry for a list',
    () => Engine.swarm({ registries: untyped('ghcr.io') }),
    "Engine.swarm: registries cannot be 'ghcr.io'. Use a list: ['ghcr.io']",
  ],
  [
    'a label for the labels of a node',
    () => Engine.swarm({ cluster: { dataNode: untyped('desk-1') } }),
    "Engine.swarm: cluster.dataNode cannot be 'desk-1'. Use names with a text each",
  ],
  [
    'a switch for a label',
    () => Engine.swarm({ cluster: { dataNode: { data: untyped(true) } } }),
    'Engine.swarm: cluster.dataNode.data cannot be true. Use a text.',
  ],
  [
    'a switch for a cluster',
    () => Engine.swarm({ cluster: untyped(true) }),
    'Engine.swarm: cluster is of the type boolean',
  ],
  [
    'the name of a machine',
    () => Engine.docker({ host: 'trading-1' }),
    "Engine.docker: host cannot be 'trading-1'. Use the address of an engine as DOCKER_HOST has it",
  ],
  [
    'a number for a manager',
    () => Engine.swarm({ host: untyped(5) }),
    'Engine.swarm: host cannot be 5. Use the address',
  ],
  [
    'a heartbeat without a unit',
    () => new BackgroundWorker(createStack(), 'bot', { image, heartbeatWithin: untyped(60) }),
    'desk/bot: heartbeatWithin cannot be 60. Use a Duration, for example Duration.seconds(60)',
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
  ['a relative path of metrics', service({ metricsPath: 'metrics' }), "metricsPath cannot be 'metrics'. Use a path"],
  ['a query for a panel', service({ panels: ['up'] }), "panels[0] cannot be 'up'. Write panels: ["],
  [
    'an index that is a number',
    () => new AppService(createStack(), 'bot', { image }).endpoint.url({ path: untyped(1) }),
    "the path cannot be 1. Use a text: '1'",
  ],
])('%s is told how it is written', (_what, create, message) => {
  expect(create).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['restartPolicy', 'always', 'Write restartPolicy: RestartPolicy.always().'],
  ['stopGracePeriod', 30, 'stopGracePeriod cannot be 30. Use a Duration, for example Duration.seconds(30).'],
  ['labels', { team: undefined }, 'labels.team cannot be undefined. Use a text.'],
  ['name', 5, 'the name of the stack cannot be 5.'],
  ['network', '10.0.0.0/24', "network cannot be '10.0.0.0/24'. Use options: { subnet: '172.16.28.0/24' }."],
  ['network', { subnet: 5 }, 'network.subnet cannot be 5. Use an IPv4 subnet'],
  ['network', { internal: 'false' }, "network.internal cannot be 'false'. Use true or false, without quotes."],
  ['projectDirectory', 5, 'projectDirectory cannot be 5.'],
])('a stack with the %s %j is told how it is written', (option, value, message) => {
  const props = untyped({ engine: Engine.docker(), [option]: value });
  const create = () => new TradingStack(createApp(), 'desk', props);
  expect(create).toThrow(/^desk: /);
  expect(create).toThrow(message);
});

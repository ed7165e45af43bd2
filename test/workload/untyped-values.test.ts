import {
  AppService,
  Engine,
  HealthCheck,
  Image,
  Placement,
  PostgresDb,
  ReverseProxy,
  Route,
  Secret,
  TradingStack,
  Volume,
  Workload,
} from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A value that the types would reject, as plain JavaScript may pass it. */
function untyped(value: unknown): never {
  return value as never;
}

test.each([undefined, null, NaN, { a: 1 }, ['a']])('rejects %p as the value of an environment variable', (value) => {
  const environment = { LEVEL: 'info', RATE: untyped(value) };
  expect(() => new Workload(createStack(), 'bot', { image, environment })).toThrowCode(
    'invalid-value',
    'desk/bot',
    'RATE',
  );
});

test.each([undefined, null, {}])('rejects %j as a secret', (value) => {
  const secrets = { KEY: untyped(value) };
  expect(() => new Workload(createStack(), 'bot', { image, secrets })).toThrowCode('wrong-type', 'desk/bot', 'KEY');
});

test('rejects a password that is passed as a string, and does not show it', () => {
  const props = { image, secrets: { KEY: untyped('hunter2') } };
  expect(() => new Workload(createStack(), 'bot', props)).toThrowCode('wrong-type', 'desk/bot', /^(?!.*hunter2)/);
});

test.each(['shel', undefined, null, 'FILE'])('rejects %j as a delivery: the secret would not arrive', (delivery) => {
  const stack = createStack();
  const secrets = { API_KEY: Secret.generated(stack, 'key').deliveredAs(untyped(delivery)) };
  expect(() => new Workload(stack, 'bot', { image, command: ['bot'], secrets })).toThrowCode(
    'invalid-value',
    'desk/bot',
    'API_KEY',
  );
});

test('rejects an unknown delivery of a URL', () => {
  const stack = createStack();
  const database = new PostgresDb(stack, 'db', { majorVersion: 17 });
  const create = (): unknown =>
    new Workload(stack, 'bot', { image, uses: [database.endpoint.url({ delivery: untyped('shel') })] });
  expect(create).toThrowCode('invalid-value', "'shel'", 'SecretDelivery.FILE');
});

test.each([
  ['stopGracePeriod', 30],
  ['labels', []],
  ['labels', { team: 5 }],
  ['name', 5],
  ['network', '10.0.0.0/24'],
  ['network', { internal: 'false' }],
  ['engine', 'docker'],
])('rejects the option %s of a stack with the value %j', (option, value) => {
  const props = { engine: Engine.docker(), [option]: value };
  expect(() => new TradingStack(createApp(), 'desk', untyped(props))).toThrowCode('wrong-type', /^desk: /, option);
});

test.each([
  [{ metricsPath: 'metrics' }, 'invalid-path', 'metricsPath'],
  [{ sockets: [5555] }, 'wrong-type', 'sockets[0]'],
  [{ sockets: [{ name: 'a', portVariable: 'A' }] }, 'missing-option', 'sockets[0].port'],
] as const)('rejects an AppService with %j', (props, code, fact) => {
  expect(() => new AppService(createStack(), 'bot', untyped({ image, ...props }))).toThrowCode(code, 'desk/bot', fact);
});

// A variable of the shell that is not set, in a script that runs without type checking.
test('rejects a label of the data node without a value', () => {
  const dataNode = { rack: untyped(undefined) };
  expect(() => Engine.swarm({ cluster: { dataNode } })).toThrowCode('wrong-type', 'cluster.dataNode.rack');
});

test('rejects a header of a proxy without a value', () => {
  const stack = createStack();
  const routes = [Route.http('/', new AppService(stack, 'backend', { image }))];
  const headers = { Server: untyped(undefined) };
  expect(() => new ReverseProxy(stack, 'proxy', { routes, headers })).toThrowCode('wrong-type', 'headers.Server');
});

test.each([undefined, 5])('rejects %j as the name of a node or a volume', (name) => {
  expect(() => Placement.node(untyped(name))).toThrowCode('invalid-value', 'Placement', String(name));
  expect(() => Volume.retained(untyped(name))).toThrowCode('invalid-name', 'Volume.retained', String(name));
});

test('rejects a number in the command of a health check', () => {
  const command = ['nc', '-z', 'localhost', untyped(8000)];
  expect(() => HealthCheck.command(command)).toThrowCode('invalid-value', 'HealthCheck.command', '8000');
});

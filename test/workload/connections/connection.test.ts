import { readFileSync } from 'node:fs';
import {
  Volume,
  Engine,
  ExternalEndpoint,
  type IConnectable,
  Image,
  Job,
  Dependency,
  PostgresDb,
  Secret,
  TradingStack,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import { containerNamed, createApp, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe('what a workload uses', () => {
  test('starts before it', () => {
    const terraform = synthesizeStack((stack) => {
      const feed = new Workload(stack, 'feed', { image });
      new Workload(stack, 'bot', { image, uses: [feed] });
    });
    expect(containerNamed(terraform, 'desk-bot').depends_on).toEqual(['docker_container.desk-feed']);
  });

  test('is waited for once, however often it is named', () => {
    const stack = createStack((desk) => {
      const feed = new Workload(desk, 'feed', { image });
      new Workload(desk, 'bot', { image, uses: [feed, feed] });
    });
    expect(stack.platform.workloads.map(({ spec }) => spec.dependsOn)).toEqual([[], ['docker_container.desk-feed']]);
  });

  test('and can do without, gives its variables and no wait', () => {
    const stack = createStack();
    const gateway = new ExternalEndpoint(stack, 'gateway', { host: 'gw', port: 5555 });
    const used = { connection: () => ({ ...gateway.connection(), startAfter: ['docker_container.desk-feed'] }) };
    const { spec } = new Workload(stack, 'bot', { image, uses: [Dependency.optional(used)] });
    expect(spec.environment).toEqual({ GATEWAY_URL: 'tcp://gw:5555' });
    expect(spec.dependsOn).toEqual([]);
  });

  test('can bring a volume, which is mounted once', () => {
    const stack = createStack();
    const gateway = new ExternalEndpoint(stack, 'gateway', { host: 'gw', port: 5555 });
    const volumes = [Volume.retained('token').mountAt('/run/token', { readOnly: true })];
    const used = { connection: () => ({ ...gateway.connection(), volumes }) };
    const { spec } = new Workload(stack, 'bot', { image, uses: [used, Dependency.optional(used)] });
    expect(spec.volumes).toMatchObject([{ volume: 'desk_token', path: '/run/token', readOnly: true }]);
  });
});

describe('an endpoint outside of the stack', () => {
  test('is on the host of the containers unless it is said where, and its name is made to lead there', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'mt5-gateway', { port: 5555 });
      new Workload(stack, 'bot', { image, uses: [gateway] });
    });
    expect(containerNamed(terraform, 'desk-bot')).toMatchObject({
      env: ['MT5_GATEWAY_URL=tcp://host.docker.internal:5555'],
      host: [{ host: 'host.docker.internal', ip: 'host-gateway' }],
    });
  });

  test('elsewhere needs no help to be found', () => {
    const terraform = synthesizeStack((stack) => {
      const host = 'paper-api.example.com';
      const api = new ExternalEndpoint(stack, 'broker', {
        host,
        port: 443,
        scheme: 'https',
        path: '/v2',
        envPrefix: 'ALPACA',
      });
      new Workload(stack, 'bot', { image, uses: [api] });
    });
    const container = containerNamed(terraform, 'desk-bot');
    expect(container.env).toEqual(['ALPACA_URL=https://paper-api.example.com/v2']);
    expect(container).not.toHaveProperty('host');
  });

  test('on the host of the containers is refused on a Swarm, which has many', () => {
    const stack = new TradingStack(createApp(), 'desk', { engine: Engine.swarm() });
    const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
    expect(() => new Workload(stack, 'bot', { image, uses: [gateway] })).toThrow(
      "desk/bot: the swarm engine cannot do this: the host-gateway address. Give the host's own address.",
    );
  });

  test.each([
    ['mt5.gateway', 'MT5_GATEWAY_URL'],
    ['paper api (eu)', 'PAPER_API__EU__URL'],
  ])('called %s is told in the variable %s', (id, variable) => {
    const stack = createStack();
    const gateway = new ExternalEndpoint(stack, id, { host: 'gw', port: 5555 });
    expect(new Workload(stack, 'bot', { image, uses: [gateway] }).spec.environment).toEqual({
      [variable]: 'tcp://gw:5555',
    });
  });

  test('that wants a user gets its name in the URL', () => {
    const stack = createStack();
    const db = new ExternalEndpoint(stack, 'db', { host: 'db.example.com', port: 5432, user: 'desk@eu' });
    expect(new Workload(stack, 'bot', { image, uses: [db] }).spec.environment).toEqual({
      DB_URL: 'tcp://desk%40eu@db.example.com:5432',
    });
  });

  test('that wants a password makes its URL a secret of the stack, and shows the password to nobody', () => {
    project.write('.secrets/desk/managed_password', 's3:cret\n');
    const stack = createStack();
    const password = Secret.provided(stack, 'managed_password', {
      description: 'the password of the managed database',
    });
    const props = { host: 'db.example.com', port: 5432, scheme: 'postgresql', path: 'quotes' };
    const db = new ExternalEndpoint(stack, 'managed', { ...props, user: 'desk', password });
    const { spec } = new Workload(stack, 'bot', { image, uses: [db] });
    writeSecretFiles(stack);
    expect(spec.environment).toEqual({ MANAGED_URL_FILE: '/run/secrets/managed_url' });
    expect(readFileSync(project.locate('.secrets/desk/managed_url'), 'utf8')).toBe(
      'postgresql://desk:s3%3Acret@db.example.com:5432/quotes',
    );
  });

  test('needs a port', () => {
    expect(() => new ExternalEndpoint(createStack(), 'gateway', { port: 0 })).toThrow(
      'desk/gateway: the port cannot be 0. Give a whole number from 1 to 65535.',
    );
  });
});

describe.each(ENGINES)('what another stack on $engineName runs', ({ createEngine }) => {
  const consumers: readonly (readonly [string, (stack: TradingStack) => IConnectable])[] = [
    ['a workload', (stack) => new Workload(stack, 'db', { image })],
    ['a job', (stack) => new Job(stack, 'db', { image })],
    ['a database', (stack) => new PostgresDb(stack, 'db')],
    ['a part of an address', (stack) => new PostgresDb(stack, 'db').endpoint.hostAndPort()],
    ['something that it can do without', (stack) => Dependency.optional(new PostgresDb(stack, 'db'))],
  ];

  test.each(consumers)('is refused: %s is on another network and starts on its own', (_what, create) => {
    const app = createApp();
    const [data, bots] = ['data', 'bots'].map((id) => new TradingStack(app, id, { engine: createEngine() }));
    if (!data || !bots) throw new Error('no stacks');
    const used = create(data);
    expect(() => new Workload(bots, 'bot', { image, uses: [used] })).toThrow(
      'bots/bot: it uses data/db of another stack, which is on another network and starts on its own. ' +
        'Publish that one where containers reach it, such as PublishedPort.on of the address of docker0, and use an ' +
        'ExternalEndpoint.',
    );
  });

  test('can be reached over an ExternalEndpoint, wherever that one was made', () => {
    const app = createApp();
    const [data, bots] = ['data', 'bots'].map((id) => new TradingStack(app, id, { engine: createEngine() }));
    if (!data || !bots) throw new Error('no stacks');
    const feed = new ExternalEndpoint(data, 'feed', { host: '10.0.0.7', port: 8000 });
    expect(new Workload(bots, 'bot', { image, uses: [feed] }).spec.environment).toEqual({
      FEED_URL: 'tcp://10.0.0.7:8000',
    });
  });
});

test('a connection says in which stack it can be reached, and null where that is anywhere', () => {
  const stack = createStack();
  expect(new Workload(stack, 'feed', { image }).connection().within).toBe('desk');
  expect(new PostgresDb(stack, 'db').connection().within).toBe('desk');
  expect(new ExternalEndpoint(stack, 'gateway', { host: 'gw', port: 5555 }).connection().within).toBeNull();
});

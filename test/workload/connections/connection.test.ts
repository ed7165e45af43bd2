import {
  type Connection,
  ExternalEndpoint,
  type IConnectable,
  Image,
  Job,
  Dependency,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  Secret,
  TradingStack,
  Volume,
  Workload,
} from '../../../lib';
import { containerNamed, createApp, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function connectable(changes: Partial<Connection>): IConnectable {
  const nothing = { from: 'desk/feed', within: null, environment: {}, secrets: {}, startAfter: [], extraHosts: [] };
  return { connection: () => ({ ...nothing, ...changes }) };
}

function pathsOf(stack: TradingStack): string[] {
  return stack.node.findAll().map(({ node }) => node.path);
}

describe('a connection', () => {
  const providers: readonly (readonly [string, (stack: TradingStack) => IConnectable])[] = [
    ['a workload', (stack) => new Workload(stack, 'feed', { image })],
    ['a database', (stack) => new PostgresDb(stack, 'db')],
    ['a URL with a driver', (stack) => new PostgresDb(stack, 'db').endpoint.url({ driver: 'asyncpg' })],
    ['the parts of an address', (stack) => new RedisCache(stack, 'redis').endpoint.parts()],
    ['a broker', (stack) => new RabbitMqBroker(stack, 'rabbitmq')],
    ['an optional dependency', (stack) => Dependency.optional(new PostgresDb(stack, 'db'))],
    [
      'an external endpoint with a password',
      (stack) => {
        const password = Secret.generated(stack, 'key');
        return new ExternalEndpoint(stack, 'managed', { host: 'db.example.com', port: 5432, password });
      },
    ],
  ];

  test.each(providers)('creates no construct when it is read, however often: %s', (_what, create) => {
    const stack = createStack();
    const used = create(stack);
    const before = pathsOf(stack);
    const read = (): unknown => {
      const { from, environment, secrets, startAfter } = used.connection();
      return { from, environment, variables: Object.keys(secrets), startAfter };
    };
    expect(read()).toEqual(read());
    expect(pathsOf(stack)).toEqual(before);
  });

  test('creates its URL once, when the first workload uses it', () => {
    const stack = createStack();
    const database = new PostgresDb(stack, 'db');
    const before = pathsOf(stack);
    const bots = ['one', 'two'].map((id) => new Workload(stack, id, { image, uses: [database, database.endpoint] }));
    const added = pathsOf(stack).filter((path) => !before.includes(path) && path.startsWith('desk/db'));
    expect(added).toEqual(['desk/db/url']);
    expect(bots.map(({ spec }) => spec.environment)).toEqual([
      { DATABASE_URL_FILE: '/run/secrets/db_url' },
      { DATABASE_URL_FILE: '/run/secrets/db_url' },
    ]);
  });

  test('reports the stack in which it is reachable, and null for anywhere', () => {
    const stack = createStack();
    expect(new Workload(stack, 'feed', { image }).connection().within).toBe('desk');
    expect(new PostgresDb(stack, 'db').connection().within).toBe('desk');
    expect(new ExternalEndpoint(stack, 'gateway', { host: 'gw', port: 5555 }).connection().within).toBeNull();
  });

  test('creates what it provisions for each workload that uses it, and not before', () => {
    const stack = createStack();
    const provision = jest.fn(() => ['docker_container.desk-token']);
    const used = connectable({ startAfter: ['docker_container.desk-db'], provision });
    used.connection();
    expect(provision).not.toHaveBeenCalled();
    const { spec } = new Workload(stack, 'bot', { image, uses: [used] });
    expect(provision).toHaveBeenCalledTimes(1);
    expect(spec.dependsOn).toEqual(['docker_container.desk-db', 'docker_container.desk-token']);
  });

  test('mounts its volume once, even if it is used twice', () => {
    const volumes = [Volume.retained('token').mountAt('/run/token', { readOnly: true })];
    const used = connectable({ volumes });
    const { spec } = new Workload(createStack(), 'bot', { image, uses: [used, Dependency.optional(used)] });
    expect(spec.volumes).toMatchObject([{ volume: 'desk_token', path: '/run/token', readOnly: true }]);
  });
});

describe('start order', () => {
  test('a workload starts after what it uses', () => {
    const terraform = synthesizeStack((stack) => {
      const feed = new Workload(stack, 'feed', { image });
      new Workload(stack, 'bot', { image, uses: [feed] });
    });
    expect(containerNamed(terraform, 'desk-bot').depends_on).toEqual(['docker_container.desk-feed']);
  });

  test('a dependency that is listed twice is waited for once', () => {
    const stack = createStack((desk) => {
      const feed = new Workload(desk, 'feed', { image });
      new Workload(desk, 'bot', { image, uses: [feed, feed] });
    });
    expect(stack.platform.workloads.map(({ spec }) => spec.dependsOn)).toEqual([[], ['docker_container.desk-feed']]);
  });

  test('an optional dependency provides its variables and is not waited for', () => {
    const provision = jest.fn(() => ['docker_container.desk-token']);
    const environment = { FEED_URL: 'tcp://feed:5555' };
    const used = connectable({ environment, startAfter: ['docker_container.desk-feed'], provision });
    const { spec } = new Workload(createStack(), 'bot', { image, uses: [Dependency.optional(used)] });
    expect(spec.environment).toEqual(environment);
    expect(spec.dependsOn).toEqual([]);
    expect(provision).toHaveBeenCalledTimes(1);
  });

  test('rejects an optional dependency that is undefined, such as a variable that is assigned further down', () => {
    const feed = undefined as unknown as IConnectable;
    expect(() => Dependency.optional(feed)).toThrowCode('missing-option', 'Dependency.optional');
  });
});

describe.each(ENGINES)('workloads of another stack on $engineName', ({ createEngine }) => {
  const consumers: readonly (readonly [string, (stack: TradingStack) => IConnectable])[] = [
    ['a workload', (stack) => new Workload(stack, 'db', { image })],
    ['a job', (stack) => new Job(stack, 'db', { image })],
    ['a database', (stack) => new PostgresDb(stack, 'db')],
    ['a part of an address', (stack) => new PostgresDb(stack, 'db').endpoint.hostAndPort()],
    ['an optional dependency', (stack) => Dependency.optional(new PostgresDb(stack, 'db'))],
  ];

  function createTwo(): readonly [TradingStack, TradingStack] {
    const app = createApp();
    const create = (id: string): TradingStack => new TradingStack(app, id, { engine: createEngine() });
    return [create('data'), create('bots')];
  }

  test.each(consumers)('cannot be used, as they are on another network: %s', (_what, create) => {
    const [data, bots] = createTwo();
    const used = create(data);
    const use = (): unknown => new Workload(bots, 'bot', { image, uses: [used] });
    expect(use).toThrowCode('dependency-not-reachable', 'bots/bot', 'data/db', 'ExternalEndpoint');
  });

  test('can be used through an ExternalEndpoint, whichever stack it belongs to', () => {
    const [data, bots] = createTwo();
    const feed = new ExternalEndpoint(data, 'feed', { host: '10.0.0.7', port: 8000 });
    expect(new Workload(bots, 'bot', { image, uses: [feed] }).spec.environment).toEqual({
      FEED_URL: 'tcp://10.0.0.7:8000',
    });
  });
});

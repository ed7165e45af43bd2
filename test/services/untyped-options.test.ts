import { Construct } from 'constructs';
import {
  AlertChannel,
  Alertmanager,
  AlertSystem,
  AnalyticsService,
  ApiGateway,
  AppService,
  ArbitrageService,
  BackgroundWorker,
  DataAccessApi,
  DatabaseMigration,
  Engine,
  EnvFile,
  Exporter,
  ExternalEndpoint,
  FeatureApi,
  Grafana,
  Image,
  InfluxDb,
  Job,
  MarketDataService,
  MonitoringStack,
  MonitoringUi,
  Network,
  OrderExecutor,
  PostgresDb,
  Prometheus,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  Route,
  Secret,
  StrategyRunner,
  TimescaleDb,
  TradingStack,
  TradingStackError,
  WebFrontend,
  WebSocketService,
  Workload,
  Logging,
  LogStore,
} from '../../lib';
import * as library from '../../lib';
import { collectErrors } from '../../lib/errors';
import { createApp, createStack } from '../setup/synthesize';
import { BOT } from './fixtures';

// jest runs these tests without type checks, as ts-node --transpile-only runs a user's stack.

type Create = (stack: TradingStack, options: object) => unknown;

/** Options that the compiler rejects, as plain JavaScript passes them. */
function untyped(options: unknown): never {
  return options as never;
}

const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
const image = Image.fromRegistry('ghcr.io/desk/frontend:1.4.0');

const channels = { critical: [AlertChannel.webhook({ url: 'http://pager:8080/alerts' })] };

function riskManager(stack: TradingStack): RiskManager {
  return new RiskManager(stack, 'risk', { image: BOT, limits });
}

/** The constructs that are workloads or create some, each with valid options to which others are added. */
const WORKLOADS: Readonly<Record<string, Create>> = {
  AlertSystem: (stack, options) => new AlertSystem(stack, 'it', { image: BOT, ...options }),
  Alertmanager: (stack, options) => new Alertmanager(stack, 'it', { channels, ...options }),
  LogStore: (_stack, options) => new LogStore(createStack(undefined, { logging: Logging.logStore() }), 'it', options),
  AnalyticsService: (stack, options) => new AnalyticsService(stack, 'it', { image: BOT, ...options }),
  ApiGateway: (stack, options) => new ApiGateway(stack, 'it', { image: BOT, ...options }),
  AppService: (stack, options) => new AppService(stack, 'it', { image: BOT, ...options }),
  ArbitrageService: (stack, options) => new ArbitrageService(stack, 'it', { image: BOT, ...options }),
  BackgroundWorker: (stack, options) => new BackgroundWorker(stack, 'it', { image: BOT, ...options }),
  DataAccessApi: (stack, options) => new DataAccessApi(stack, 'it', { image: BOT, ...options }),
  DatabaseMigration: (stack, options) => {
    const database = new PostgresDb(stack, 'db');
    return new DatabaseMigration(stack, 'it', { image: BOT, database, ...options });
  },
  Exporter: (stack, options) => {
    const { target } = new PostgresDb(stack, 'db').metrics;
    return new Exporter(stack, 'it', { exporter: untyped(target), ...options });
  },
  FeatureApi: (stack, options) => new FeatureApi(stack, 'it', { image: BOT, ...options }),
  Grafana: (stack, options) => {
    const prometheus = new Prometheus(stack, 'prometheus', { services: [] });
    return new Grafana(stack, 'it', { prometheus, ...options });
  },
  InfluxDb: (stack, options) => new InfluxDb(stack, 'it', options),
  Job: (stack, options) => new Job(stack, 'it', { image: BOT, ...options }),
  MarketDataService: (stack, options) => new MarketDataService(stack, 'it', { image: BOT, ...options }),
  MonitoringUi: (stack, options) => new MonitoringUi(stack, 'it', { image: BOT, ...options }),
  OrderExecutor: (stack, options) =>
    new OrderExecutor(stack, 'it', { image: BOT, riskManager: riskManager(stack), ...options }),
  PostgresDb: (stack, options) => new PostgresDb(stack, 'it', options),
  TimescaleDb: (stack, options) => new TimescaleDb(stack, 'it', options),
  Prometheus: (stack, options) => new Prometheus(stack, 'it', { services: [], ...options }),
  QuestDb: (stack, options) => new QuestDb(stack, 'it', options),
  RabbitMqBroker: (stack, options) => new RabbitMqBroker(stack, 'it', options),
  RedisCache: (stack, options) => new RedisCache(stack, 'it', options),
  ReverseProxy: (stack, options) => {
    const backend = new AppService(stack, 'backend', { image: BOT });
    return new ReverseProxy(stack, 'it', { routes: [Route.http('/', backend)], ...options });
  },
  RiskManager: (stack, options) => new RiskManager(stack, 'it', { image: BOT, limits, ...options }),
  StrategyRunner: (stack, options) => new StrategyRunner(stack, 'it', { image: BOT, ...options }),
  WebFrontend: (stack, options) => new WebFrontend(stack, 'it', { image, ...options }),
  WebSocketService: (stack, options) => new WebSocketService(stack, 'it', { image: BOT, ...options }),
  Workload: (stack, options) => new Workload(stack, 'it', { image: BOT, ...options }),
};

const CONSTRUCTS: Readonly<Record<string, Create>> = {
  ...WORKLOADS,
  EnvFile: (stack, options) => new EnvFile(stack, 'it', { path: '/dev/null', ...options }),
  ExternalEndpoint: (stack, options) => new ExternalEndpoint(stack, 'it', { port: 5555, ...options }),
  MonitoringStack: (stack, options) => new MonitoringStack(stack, 'it', { watch: [], ...options }),
  Network: (stack, options) => new Network(stack, 'it', options),
  Secret: (stack, options) => Secret.generated(stack, 'it', options),
  TradingStack: (_stack, options) => new TradingStack(createApp(), 'it', { engine: Engine.docker(), ...options }),
};

/** Created by other constructs, which check what users pass. */
const INTERNAL = ['Backup', 'InfluxBuckets', 'InfluxToken', 'Platform', 'PostgresRoles'];

function creating(create: Create, options: object): () => unknown {
  return () => create(createStack(), options);
}

test('the table has every construct that the library exports', () => {
  const exported = Object.entries(library).filter(([, value]) => {
    const { prototype } = value as { readonly prototype?: unknown };
    return prototype instanceof Construct;
  });

  expect(exported.map(([name]) => name).sort()).toEqual([...Object.keys(CONSTRUCTS), ...INTERNAL].sort());
});

describe.each(Object.entries(CONSTRUCTS))('options of %s', (name, create) => {
  test(`${name} is created with its own options`, () => {
    expect(creating(create, {})).not.toThrow();
  });

  test.each([
    ['a misspelt option', { nmae: 'bot' }, 'nmae'],
    ['a Compose key', { container_name: 'bot' }, 'container_name'],
  ])(`${name} rejects %s`, (_what, options, option) => {
    expect(creating(create, options)).toThrowCode('unknown-option', `'${option}'`);
  });

  test(`${name} reports a misspelt option once where all errors are collected`, () => {
    const errors: TradingStackError[] = [];
    collectErrors(creating(create, { nmae: 'bot' }), errors);
    expect(errors.map(({ what }) => what)).toEqual(["there is no option 'nmae'"]);
  });
});

test.each(Object.entries(WORKLOADS))('%s rejects a misspelt option in a nested object', (_name, create) => {
  expect(creating(create, { resources: { memroy: '1g' } })).toThrowCode('unknown-option', "'resources.memroy'");
});

const SOCKET = { name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' };

/** Objects inside the options, with where an option of them is reported. */
const NESTED: readonly (readonly [string, Create, string])[] = [
  ['TradingStack', (_stack, network) => CONSTRUCTS.TradingStack?.(_stack, { network }), 'network.nmae'],
  ['MonitoringStack', (stack, grafana) => CONSTRUCTS.MonitoringStack?.(stack, { grafana }), 'grafana.nmae'],
  [
    'AppService',
    (stack, one) => CONSTRUCTS.AppService?.(stack, { sockets: [{ ...SOCKET, ...one }] }),
    'sockets[0].nmae',
  ],
  ['PostgresDb', (stack, one) => new PostgresDb(stack, 'it', untyped({ databases: [one] })), 'databases[0].nmae'],
  ['PostgresDb', (stack, one) => new PostgresDb(stack, 'it', untyped({ roles: [one] })), 'roles[0].nmae'],
  ['PostgresDb', (stack, jobs) => new PostgresDb(stack, 'it', { jobs }), 'jobs.nmae'],
  ['PostgresDb', (stack, options) => new PostgresDb(stack, 'it').endpointFor(untyped(options)), 'nmae'],
  ['RabbitMqBroker', (stack, one) => new RabbitMqBroker(stack, 'it', untyped({ queues: [one] })), 'queues[0].nmae'],
  [
    'RabbitMqBroker',
    (stack, one) => new RabbitMqBroker(stack, 'it', untyped({ exchanges: [one] })),
    'exchanges[0].nmae',
  ],
  ['RabbitMqBroker', (stack, one) => new RabbitMqBroker(stack, 'it', untyped({ policies: [one] })), 'policies[0].nmae'],
  [
    'RabbitMqBroker',
    (stack, one) => new RabbitMqBroker(stack, 'it', untyped({ queues: [{ name: 'orders', bindings: [one] }] })),
    'queues[0].bindings[0].nmae',
  ],
  ['RabbitMqBroker', (stack, options) => new RabbitMqBroker(stack, 'it').user('risk', options), 'nmae'],
  ['QuestDb', (stack, options) => new QuestDb(stack, 'it').clientConfiguration(options), 'nmae'],
  ['InfluxDb', (stack, one) => new InfluxDb(stack, 'it', untyped({ buckets: [one] })), 'buckets[0].nmae'],
  ['InfluxDb', (stack, jobs) => new InfluxDb(stack, 'it', { jobs }), 'jobs.nmae'],
  ['InfluxDb', (stack, options) => new InfluxDb(stack, 'it').token('risk', options), 'nmae'],
  [
    'InfluxDb',
    (stack, options) => new InfluxDb(stack, 'it').connectWith(Secret.generated(stack, 'token'), options),
    'nmae',
  ],
  ['Route', (stack, options) => Route.http('/', new AppService(stack, 'backend', { image: BOT }), options), 'nmae'],
];

test.each(NESTED.map(([name, create, option]) => [name, option, create] as const))(
  '%s rejects the misspelt option %s of a nested object or a method',
  (_name, option, create) => {
    expect(creating(create, { nmae: 'bot' })).toThrowCode('unknown-option', `'${option}'`);
  },
);

test.each<readonly [string, object, string]>([
  ['TradingStack', { labels: { team: 7 } }, 'labels.team'],
  ['Workload', { labels: { team: 7 } }, 'labels.team'],
  ['PostgresDb', { initScripts: { '10-schema.sql': 7 } }, 'initScripts.10-schema.sql'],
  ['ReverseProxy', { headers: { 'X-Desk': 7 } }, 'headers.X-Desk'],
])('%s rejects the number in %j, where all values are strings', (name, options, option) => {
  expect(creating(CONSTRUCTS[name] ?? untyped(undefined), options)).toThrowCode(
    'wrong-type',
    `${option} must be a string`,
  );
});

test('the label of a data node that is not a string is rejected', () => {
  expect(() => Engine.swarm({ cluster: { dataNode: untyped({ data: true }) } })).toThrowCode(
    'wrong-type',
    'cluster.dataNode.data must be a string',
  );
});

test('a migration without options is rejected like every other construct', () => {
  expect(() => new DatabaseMigration(createStack(), 'it', untyped(undefined))).toThrowCode('wrong-type', 'desk/it');
});

test.each(['PostgresDb', 'RedisCache', 'RabbitMqBroker', 'InfluxDb'])(
  '%s rejects a password that is not a Secret, and does not print it',
  (name) => {
    for (const password of ['hunter2', { path: 'hunter2' }]) {
      const create = creating(CONSTRUCTS[name] ?? untyped(undefined), { password });
      expect(create).toThrowCode('wrong-type', /^(?!.*hunter2).*password/);
    }
  },
);

test('a broker rejects the password of a user that is not a Secret, and does not print it', () => {
  const password = untyped('hunter2');
  expect(() => new RabbitMqBroker(createStack(), 'it').user('risk', { password })).toThrowCode(
    'wrong-type',
    /^(?!.*hunter2).*password/,
  );
});

/** The errors that the commands show for one stack. */
function collected(create: (stack: TradingStack) => unknown): TradingStackError[] {
  const errors: TradingStackError[] = [];
  try {
    collectErrors(() => create(createStack()), errors);
  } catch (error) {
    // Others are consequences.
    if (error instanceof TradingStackError) errors.push(error);
  }
  return errors;
}

test.each<readonly [string, string, (stack: TradingStack) => unknown]>([
  [
    'a port of Grafana that is a number',
    'grafana.ports[0]',
    (stack) => new MonitoringStack(stack, 'it', { watch: [], grafana: { ports: untyped([3000]) } }),
  ],
  [
    'an unknown option of Grafana',
    'grafana.port',
    (stack) => new MonitoringStack(stack, 'it', { watch: [], grafana: untyped({ port: 3000 }) }),
  ],
  [
    'an unknown option of Prometheus',
    'prometheus.nmae',
    (stack) => new MonitoringStack(stack, 'it', { watch: [], prometheus: untyped({ nmae: 'bot' }) }),
  ],
  [
    'an unknown option of the exporters',
    'exporters.nmae',
    (stack) => {
      const watch = [new PostgresDb(stack, 'db')];
      return new MonitoringStack(stack, 'it', { watch, exporters: untyped({ nmae: 'bot' }) });
    },
  ],
  [
    'the id of a construct in `uses`',
    'uses[0]',
    (stack) => new FeatureApi(stack, 'it', { image: BOT, uses: untyped(['db']) }),
  ],
  [
    'a required option that is misspelt',
    'descripton',
    (stack) => Secret.provided(stack, 'it', untyped({ descripton: 'the key' })),
  ],
])('%s is reported once', (_what, option, create) => {
  expect(collected(create).map(({ what }) => what)).toEqual([expect.stringContaining(option)]);
});

test.each<readonly [string, (stack: TradingStack) => unknown, string]>([
  [
    'a StrategyRunner',
    (stack) => new StrategyRunner(stack, 'it', untyped({ image: BOT, healthcheck: {} })),
    'HealthCheck.http(9090)',
  ],
  [
    'an OrderExecutor with a port of its own',
    (stack) =>
      new OrderExecutor(stack, 'it', {
        image: BOT,
        riskManager: riskManager(stack),
        port: 7000,
        ports: untyped([7000]),
      }),
    'PublishedPort.loopback(7000, { hostPort: 18000 })',
  ],
  [
    'a PostgresDb',
    (stack) => new PostgresDb(stack, 'it', { ports: untyped([5432]) }),
    'PublishedPort.loopback(5432, { hostPort: 18000 })',
  ],
  [
    'the Grafana of a MonitoringStack',
    (stack) => new MonitoringStack(stack, 'it', { watch: [], grafana: { ports: untyped([3000]) } }),
    'PublishedPort.loopback(3000, { hostPort: 18000 })',
  ],
  [
    'the Prometheus of a MonitoringStack',
    (stack) => new MonitoringStack(stack, 'it', { watch: [], prometheus: untyped({ mem_limit: '1g' }) }),
    'resources: { memory: Size.mebibytes(512) }',
  ],
])('the hint for %s works when pasted, with the port of its program', (_what, create, hint) => {
  expect(() => create(createStack())).toThrowCode(collected(create)[0]?.code ?? 'usage', hint);
});

test('a job in `watch` is reported as one', () => {
  const failing = (): unknown => {
    const stack = createStack();
    const migration = new Job(stack, 'migrate', { image: BOT });
    return new MonitoringStack(stack, 'it', { watch: untyped([migration]) });
  };
  expect(failing).toThrowCode('missing-option', 'watch[0]', 'a job cannot be watched', 'Remove migrate');
});

import {
  AlertSystem,
  AnalyticsService,
  ApiGateway,
  AppService,
  type AppServiceProps,
  ArbitrageService,
  DataAccessApi,
  Dependency,
  FeatureApi,
  MarketDataService,
  MonitoringUi,
  PostgresDb,
  PublishedPort,
  RedisCache,
  StrategyRunner,
  type TradingStack,
  UpdatePolicy,
  WebSocketService,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf, HTTP_PLACES, placesOf, startOf } from '../fixtures';

type Role = new (stack: TradingStack, id: string, props: AppServiceProps) => AppService;

/** Each role with a usual id, its default port, and its panels below those of every HTTP service. */
const ROLES: readonly (readonly [string, Role, number, readonly string[]])[] = [
  ['alert_system', AlertSystem, 8007, ['trading: Alerts', 'errors: Failures']],
  ['analytics_service', AnalyticsService, 8082, []],
  ['api_gateway', ApiGateway, 8080, ['performance: WebSocket clients']],
  ['arbitrage_service', ArbitrageService, 8002, ['trading: Opportunities', 'errors: Failures']],
  ['data_access_api', DataAccessApi, 8005, []],
  ['feature_api', FeatureApi, 8000, ['performance: Features computed']],
  ['market_data_service', MarketDataService, 8000, ['trading: Ticks published', 'errors: Failures']],
  ['monitoring_ui', MonitoringUi, 3000, []],
  [
    'strategy_runner',
    StrategyRunner,
    9090,
    ['trading: Signals', 'trading: Age of market data', 'overview: Age of market data', 'errors: Failures'],
  ],
  ['websocket_service', WebSocketService, 8081, ['performance: WebSocket clients']],
];
/** The roles of which a second instance does no harm. */
const ONLY_ANSWER = [
  'analytics_service',
  'api_gateway',
  'data_access_api',
  'feature_api',
  'monitoring_ui',
  'websocket_service',
];

describe.each(ROLES)('%s', (id, Role, port, panels) => {
  test.each(ENGINES)('a role is an AppService with another port on $engineName', ({ createEngine }) => {
    const create = (Service: Role, props: AppServiceProps) =>
      createdBy(synthesizeStack((stack) => new Service(stack, id, props), { engine: createEngine() }));

    const updatePolicy = UpdatePolicy.stopFirst();
    expect(create(Role, { image: BOT, updatePolicy })).toEqual(create(AppService, { image: BOT, port, updatePolicy }));
  });

  test.each(ENGINES)(
    'the new version starts first on $engineName only if the role just answers',
    ({ createEngine }) => {
      const orderOf = (props: Partial<AppServiceProps>) => {
        const stack = createStack(() => undefined, { engine: createEngine() });
        return new Role(stack, id, { image: BOT, ...props }).workload.spec.updates?.order;
      };
      const usual = ONLY_ANSWER.includes(id) ? 'start-first' : 'stop-first';

      expect(orderOf({})).toBe(usual);
      expect(orderOf({ replicas: 2 })).toBe(id === 'strategy_runner' ? 'stop-first' : 'start-first');
      expect(orderOf({ sockets: [{ name: 'ticks', port: 5555, portVariable: 'TICKS' }] })).toBe('stop-first');
      expect(orderOf({ ports: [PublishedPort.allInterfaces(port)] })).toBe('stop-first');
    },
  );

  test(`a role is probed, scraped and reached on port ${port} by default`, () => {
    createStack((stack) => {
      const service = new Role(stack, id, { image: BOT });

      expect(service.endpoint.port).toBe(port);
      expect(service.metrics.target.port).toBe(port);
      expect(service.workload.spec.healthCheck?.test.join(' ')).toContain(`http://$1:${port}/health`);
    });
  });

  test('a role can have another port', () => {
    createStack((stack) => {
      const service = new Role(stack, id, { image: BOT, port: 9999 });

      expect([service.endpoint.port, service.metrics.target.port]).toEqual([9999, 9999]);
    });
  });

  test('a role keeps its port and panels when an option is undefined', () => {
    createStack((stack) => {
      // Without exactOptionalPropertyTypes this compiles.
      const props = { image: BOT, port: undefined, panels: undefined } as unknown as AppServiceProps;
      const service = new Role(stack, id, props);

      expect(service.endpoint.port).toBe(port);
      expect(service.metrics.panels).toHaveLength(HTTP_PLACES.length + panels.length);
    });
  });

  test('a role has its own panels below those of every HTTP service', () => {
    createStack((stack) => {
      const shown = placesOf(new Role(stack, id, { image: BOT }).metrics.panels);

      expect(shown).toEqual([...HTTP_PLACES, ...panels]);
    });
  });

  test('the `panels` option replaces all panels of a role', () => {
    createStack((stack) => {
      const own = [{ title: 'Fills', query: 'fills_total{job="$job"}', legend: 'all', unit: 'short' }];

      expect(new Role(stack, id, { image: BOT, panels: own }).metrics.panels).toEqual(own);
    });
  });

  test('a role passes its URL to consumers', () => {
    const terraform = synthesizeStack((stack) => {
      const service = new Role(stack, id, { image: BOT });
      new MonitoringUi(stack, 'consumer', { image: BOT, uses: [service] });
    });

    expect(environmentOf(containerNamed(terraform, 'desk-consumer'))).toEqual({
      PORT: '3000',
      [`${id.toUpperCase()}_URL`]: `http://${id.replace(/_/g, '-')}:${port}`,
    });
  });
});

describe('FeatureApi', () => {
  test('connects to what it uses in the given order and starts after all of it', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const cache = new RedisCache(stack, 'redis');
      new FeatureApi(stack, 'feature_api', { image: BOT, uses: [cache, database] });
    });

    expect(startOf(terraform, 'desk-feature-api')).toEqual({
      environment: { PORT: '8000', DATABASE_URL_FILE: '/run/secrets/db_url', REDIS_URL_FILE: '/run/secrets/redis_url' },
      secrets: ['/run/secrets/redis_url', '/run/secrets/db_url'],
      after: ['docker_container.desk-redis', 'docker_container.desk-db'],
    });
  });

  test('connects to optional dependencies without waiting for them', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const cache = new RedisCache(stack, 'redis');
      const uses = [Dependency.optional(cache), Dependency.optional(database)];
      new FeatureApi(stack, 'feature_api', { image: BOT, uses });
    });

    expect(startOf(terraform, 'desk-feature-api')).toEqual({
      environment: { PORT: '8000', DATABASE_URL_FILE: '/run/secrets/db_url', REDIS_URL_FILE: '/run/secrets/redis_url' },
      secrets: ['/run/secrets/redis_url', '/run/secrets/db_url'],
      after: [],
    });
  });
});

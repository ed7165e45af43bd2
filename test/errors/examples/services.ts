import {
  AppService,
  type ErrorCode,
  Image,
  InfluxDb,
  OrderExecutor,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  RedisPurpose,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  Route,
} from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/services`. */
export const SERVICES_ERRORS = {
  'data-outside-volume': ({ stack }) => new PostgresDb(stack, 'db', { dataDirectory: '/srv/pgdata' }),
  'duplicate-name': ({ stack }) => {
    new RabbitMqBroker(stack, 'rabbitmq', { queues: [{ name: 'orders' }, { name: 'orders', type: 'stream' }] });
  },
  'image-layout-unknown': ({ stack }) => {
    new RedisCache(stack, 'redis', { image: Image.fromRegistry('bitnami/redis:7.4') });
  },
  'image-version-unknown': ({ stack }) => {
    new PostgresDb(stack, 'db', { image: Image.fromRegistry('timescale/timescaledb:2.21.1') });
  },
  'image-version-unsupported': ({ stack }) => {
    new InfluxDb(stack, 'influxdb', { image: Image.fromRegistry('influxdb:3-core') });
  },
  'invalid-name': ({ stack }) => new PostgresDb(stack, 'db', { database: 'market-data' }),
  'option-conflict': ({ stack }) => {
    new RedisCache(stack, 'redis', { purpose: RedisPurpose.QUEUE, settings: { 'maxmemory-policy': 'allkeys-lru' } });
  },
  'reserved-setting': ({ stack }) => new PostgresDb(stack, 'db', { settings: { port: 5433 } }),
  'route-not-http': ({ stack }) => {
    const cache = new RedisCache(stack, 'redis');
    new ReverseProxy(stack, 'proxy', { routes: [Route.http('/cache/', cache)] });
  },
  'route-taken': ({ stack }) => {
    const api = new AppService(stack, 'api', { image: Image.fromRegistry('ghcr.io/desk/api:1.4.0') });
    new ReverseProxy(stack, 'proxy', { routes: [Route.http('/api/', api), Route.webSocket('/api/', api)] });
  },
  'unknown-reference': ({ stack }) => {
    const database = new PostgresDb(stack, 'db', { database: 'mt5' });
    database.endpointFor({ database: 'reports' });
  },
  'live-trading': ({ stack }) => {
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
    const riskManager = new RiskManager(stack, 'risk_manager', { image, limits });
    const environment = { TRADING_ENVIRONMENT: 'live' };
    new OrderExecutor(stack, 'order_executor', { image, riskManager, uses: [riskManager], environment });
  },
  'socket-taken': ({ stack }) => {
    new AppService(stack, 'market_data', {
      image: Image.fromRegistry('ghcr.io/desk/bot:1.4.0'),
      port: 5556,
      sockets: [{ name: 'ticks', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }],
    });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;

import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  ApiGateway,
  DatabaseMigration,
  Duration,
  Engine,
  ExternalEndpoint,
  Image,
  PostgresDb,
  PublishedPort,
  RedisCache,
  RedisPurpose,
  RiskLimits,
  Route,
  Secret,
  TradingStack,
  Volume,
  WebFrontend,
} from '../../lib';

/** Options of the Alpaca bot. */
export interface AlpacaOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * What is added to every host port, if another system on the host publishes the same ones.
   * @default 0
   */
  readonly hostPortOffset?: number;
  /**
   * Whether the backend gets the keys of a paper account. You then write them into their secret files.
   * @default false, because the backend generates its prices
   */
  readonly accountKeys?: boolean;
}

/** A single-page application, a backend that plays every trading role, a database and a cache. */
export function createAlpacaStack(app: App, options: AlpacaOptions = {}): TradingStack {
  const { engine = Engine.docker(), hostPortOffset = 0, accountKeys = false } = options;
  // Outside of the ranges that Docker assigns by default, so no other network gets it.
  const network = { name: 'trading-net', subnet: '172.16.2.0/24' };
  const stack = new TradingStack(app, 'alpaca', { engine, network, hostPortOffset });

  // Unpublished on a Swarm, which cannot publish on loopback.
  const published = (port: number, hostPort = port) => [PublishedPort.loopback(port, { hostPort, optional: true })];
  const image = Image.fromBuild(join(__dirname, 'backend'), { name: 'alpaca-backend' });
  const database = new PostgresDb(stack, 'db', {
    image: Image.fromRegistry('postgres:16-alpine'),
    database: process.env.POSTGRES_DB ?? 'trading_bot',
    user: process.env.POSTGRES_USER ?? 'trading_bot_user',
    volume: Volume.retained('postgres_data'),
    ports: published(5432),
  });
  const cache = new RedisCache(stack, 'redis', {
    image: Image.fromRegistry('redis:7-alpine'),
    purpose: RedisPurpose.CACHE,
    ports: published(6379),
  });
  const url = database.endpoint.url({ driver: 'asyncpg' });
  const migration = new DatabaseMigration(stack, 'migration', {
    image,
    command: ['alembic', 'upgrade', 'head'],
    database: url,
  });
  const alpaca = new ExternalEndpoint(stack, 'alpaca', {
    host: 'paper-api.alpaca.markets',
    port: 443,
    scheme: 'https',
    envPrefix: 'ALPACA_BASE',
  });

  const backend = new ApiGateway(stack, 'backend', {
    image,
    port: 8000,
    healthPath: '/api/health',
    environment: {
      ...RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }).environment,
      SYMBOLS: 'AAPL,MSFT,SPY',
      SOCKET_IO_PATH: '/ws/socket.io',
      TRADING_ENVIRONMENT: 'paper',
      ENVIRONMENT: process.env.ENVIRONMENT ?? 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'INFO',
      DEBUG: process.env.DEBUG ?? 'false',
    },
    secrets: accountKeys
      ? {
          ALPACA_API_KEY: Secret.provided(stack, 'alpaca_api_key', { description: 'the key of the paper account' }),
          ALPACA_SECRET_KEY: Secret.provided(stack, 'alpaca_secret_key', {
            description: 'the secret of the paper account',
          }),
        }
      : {},
    uses: [url, migration, cache, alpaca],
    ports: published(8000),
    stopGracePeriod: Duration.seconds(60),
  });

  new WebFrontend(stack, 'frontend', {
    image: Image.fromBuild(join(__dirname, 'frontend'), {
      name: 'alpaca-frontend',
      buildArgs: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' },
    }),
    routes: [Route.http('/api/', backend), Route.socketIo('/ws/', backend)],
    ports: published(8080, 3000),
  });

  return stack;
}

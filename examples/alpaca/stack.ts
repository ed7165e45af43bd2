import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  ApiGateway,
  DatabaseMigration,
  Volume,
  Duration,
  Engine,
  PublishedPort,
  ExternalEndpoint,
  Image,
  PostgresDb,
  RedisCache,
  RedisPurpose,
  RiskLimits,
  Route,
  Secret,
  TradingStack,
  WebFrontend,
} from '../../lib';

/** What may differ between two deployments of the Alpaca bot. */
export interface AlpacaOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * Whether the backend gets the keys of a paper account, which then have to be written into their files.
   * @default false: the reference service makes its prices itself
   */
  readonly accountKeys?: boolean;
}

/** A backend that does everything, its database and cache, and a single-page application in front of it. */
export function createAlpacaStack(app: App, options: AlpacaOptions = {}): TradingStack {
  const { engine = Engine.docker(), accountKeys = false } = options;
  // A range that Docker gives to nobody by itself, so that this network takes none of another system's.
  const network = { name: 'trading-net', subnet: '172.16.2.0/24' };
  const stack = new TradingStack(app, 'alpaca', { engine, network });
  // A Swarm cannot publish on one address of a node, and none of these belongs on every address.
  const publish = (port: number, hostPort: number) =>
    engine.name === 'docker' ? [PublishedPort.loopback(port, { hostPort })] : [];

  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'alpaca-backend' });
  const database = new PostgresDb(stack, 'db', {
    image: Image.fromRegistry('postgres:16-alpine'),
    database: 'trading_bot',
    user: 'trading_bot_user',
    volume: Volume.retained('postgres_data'),
  });
  const cache = new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE });
  const migration = new DatabaseMigration(stack, 'migration', { image, database, environment: { ROLE: 'migration' } });
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
      // Nobody else places orders, so nobody else has to approve or execute them.
      ROLE: 'market-data,strategy-runner,risk-manager,order-executor,api-gateway',
      // The ids of its orders begin with it.
      SERVICE_NAME: 'backend',
      // Less than the grace period, so that it can say what did not stop.
      STOP_TIMEOUT_SECONDS: 50,
      SYMBOLS: 'AAPL,MSFT,SPY',
      SOCKET_IO_PATH: '/ws/socket.io',
      TRADING_ENVIRONMENT: 'paper',
      ENVIRONMENT: 'production',
      LOG_LEVEL: 'INFO',
      DEBUG: false,
    },
    secrets: accountKeys
      ? {
          ALPACA_API_KEY: Secret.provided(stack, 'alpaca_api_key', { description: 'the key of the paper account' }),
          ALPACA_SECRET_KEY: Secret.provided(stack, 'alpaca_secret_key', { description: 'its secret' }),
        }
      : {},
    uses: [database, migration, cache, alpaca],
    ports: publish(8000, 8001),
    stopGracePeriod: Duration.seconds(60),
  });

  new WebFrontend(stack, 'frontend', {
    image: Image.fromBuild(join(__dirname, 'frontend'), {
      name: 'alpaca-frontend',
      buildArgs: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' },
    }),
    routes: [Route.http('/api/', backend), Route.socketIo('/ws/', backend)],
    ports: publish(8080, 3002),
  });

  return stack;
}

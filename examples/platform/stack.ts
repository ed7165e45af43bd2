import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  AnalyticsService,
  ApiGateway,
  BackgroundWorker,
  Cpu,
  DatabaseMigration,
  Duration,
  Engine,
  PublishedPort,
  Image,
  InfluxDb,
  PostgresDb,
  RedisCache,
  RedisPurpose,
  type Resources,
  ReverseProxy,
  RiskLimits,
  Route,
  Secret,
  Size,
  TradingStack,
  WebSocketService,
} from '../../lib';

/** What may differ between two deployments of the trading platform. */
export interface PlatformOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * How many API gateways share the work behind the reverse proxy.
   * @default 3
   */
  readonly apiGateways?: number;
  /**
   * How many WebSocket services share the clients behind the reverse proxy.
   * @default 2
   */
  readonly webSocketServices?: number;
  /**
   * What all services run, for one that was built elsewhere: `Image.fromRegistry('registry.example/platform:v1.0.0')`.
   * @default - the reference service, built here
   */
  readonly image?: Image;
}

/** An API and a WebSocket service behind a proxy, workers for strategies and orders, analytics over InfluxDB. */
export function createPlatformStack(app: App, options: PlatformOptions = {}): TradingStack {
  const { engine = Engine.docker(), apiGateways = 3, webSocketServices = 2 } = options;
  // A range that Docker gives to nobody by itself, so that this network takes none of another system's.
  const stack = new TradingStack(app, 'platform', { engine, network: { subnet: '172.16.4.0/24' } });
  // A Swarm cannot publish on one address of a node, and none of these belongs on every address.
  const publish = (port: number, hostPort = port) =>
    engine.name === 'docker' ? [PublishedPort.loopback(port, { hostPort })] : [];
  const limits = (cores: number, gibibytes: number): Resources => ({
    cpus: Cpu.cores(cores),
    memory: Size.gibibytes(gibibytes),
  });

  const image =
    options.image ??
    Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'platform-reference-service' });
  const environment = { TRANSPORT: 'redis' };

  // With these, all limits together are the 16 GB that the platform is meant for.
  const server = { resources: { memory: Size.mebibytes(768) } };
  const database = new PostgresDb(stack, 'postgres', { ...server, database: 'trading_platform' });
  // Orders wait in it, so nothing may be evicted.
  const queue = new RedisCache(stack, 'redis', { purpose: RedisPurpose.QUEUE });
  const redis = queue.endpoint.parts();
  const prices = new InfluxDb(stack, 'influxdb', {
    ...server,
    organization: 'trading-platform',
    bucket: 'market-data',
    retention: Duration.days(30),
  });
  const schema = new DatabaseMigration(stack, 'schema', { image, database, environment: { ROLE: 'migration' } });
  const tokenKey = Secret.generated(stack, 'jwt_secret_key', { bytes: 48 });

  const orders = new BackgroundWorker(stack, 'order_service', {
    image,
    environment: {
      ...environment,
      ...RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }).environment,
      ROLE: 'risk-manager,order-executor',
      // Less than the grace period, so that it can say what did not stop.
      STOP_TIMEOUT_SECONDS: 50,
      TRADING_ENVIRONMENT: 'paper',
    },
    uses: [database, schema, redis],
    resources: limits(1, 1),
    stopGracePeriod: Duration.seconds(60),
  });

  const strategies = new BackgroundWorker(stack, 'strategy_service', {
    image,
    // The ids of its orders begin with the name.
    environment: { ...environment, ROLE: 'market-data,strategy-runner', SERVICE_NAME: 'strategy_service' },
    // Not after the orders: these follow the prices that come from here, so each of the two is healthy with the other.
    uses: [database, schema, redis, prices.token('strategy_service', { read: true, write: true })],
    resources: limits(2, 2),
  });

  const gateway = new ApiGateway(stack, 'api_gateway', {
    image,
    environment: { ...environment, ROLE: 'api-gateway' },
    secrets: { JWT_SECRET_KEY: tokenKey },
    uses: [database, schema, redis, orders],
    resources: limits(2, 2),
    replicas: apiGateways,
  });

  const webSockets = new WebSocketService(stack, 'websocket_service', {
    image,
    environment: { ...environment, ROLE: 'websocket' },
    uses: [redis, strategies],
    resources: limits(2, 2),
    replicas: webSocketServices,
  });

  const analytics = new AnalyticsService(stack, 'analytics_service', {
    image,
    environment: { ROLE: 'analytics' },
    uses: [database, schema, redis, prices.token('analytics_service', { read: true })],
    resources: limits(1, 1),
  });

  new ReverseProxy(stack, 'proxy', {
    routes: [
      Route.http('/api/', gateway),
      Route.http('/reports/', analytics),
      Route.webSocket('/ws', webSockets),
      Route.socketIo('/socket.io/', webSockets),
    ],
    ports: publish(8080, 8083),
  });

  return stack;
}

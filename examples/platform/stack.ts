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
  Image,
  type ImageBuildOptions,
  InfluxDb,
  PostgresDb,
  PublishedPort,
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

/** Options of the trading platform. */
export interface PlatformOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * What is added to every host port, if another system on the host publishes the same ones.
   * @default 0
   */
  readonly hostPortOffset?: number;
  /**
   * Number of API gateways behind the reverse proxy.
   * @default 3
   */
  readonly apiGateways?: number;
  /**
   * Number of WebSocket services behind the reverse proxy.
   * @default 2
   */
  readonly webSocketServices?: number;
  /**
   * Image of all services, if it was built elsewhere: `Image.fromRegistry('registry.example/platform:v1.0.0')`.
   * @default - the reference service, built during the deploy
   */
  readonly image?: Image;
  /**
   * Registry and version that the images are named with and pushed to: `gcr.io/your-project-id` and `v1.0.0`.
   * @default - none: the images stay on the engine
   */
  readonly release?: { readonly registry: string; readonly version: string };
}

/** An API and a WebSocket service behind a proxy, workers for strategies and orders, and analytics on InfluxDB. */
export function createPlatformStack(app: App, options: PlatformOptions = {}): TradingStack {
  const { release, hostPortOffset = 0, apiGateways = 3, webSocketServices = 2 } = options;
  const registries = release === undefined ? [] : release.registry.split('/').slice(0, 1);
  const engine = options.engine ?? Engine.docker({ registries });
  // Outside of the ranges that Docker assigns by default, so no other network gets it.
  const stack = new TradingStack(app, 'platform', { engine, network: { subnet: '172.16.4.0/24' }, hostPortOffset });
  const limits = (cores: number, gibibytes: number): Resources => ({
    cpus: Cpu.cores(cores),
    memory: Size.gibibytes(gibibytes),
    memoryReservation: Size.mebibytes(gibibytes * 512),
  });

  const nameOf = (name: string): ImageBuildOptions =>
    release === undefined
      ? { name: `trading-platform/${name}` }
      : { name: `${release.registry}/${name}:${release.version}`, push: true };
  const image = (name: string): Image =>
    options.image ?? Image.fromBuild(join(__dirname, '..', 'reference-service'), nameOf(name));
  // Unpublished on a Swarm, which cannot publish on loopback.
  const published = (port: number, hostPort = port) => [PublishedPort.loopback(port, { hostPort, optional: true })];
  const environment = { TRANSPORT: 'redis' };

  // All memory limits then add up to the 16 GiB that the platform is designed for.
  const server = { resources: { memory: Size.mebibytes(768) } };
  const database = new PostgresDb(stack, 'postgres', { ...server, database: 'trading_platform', user: 'postgres' });
  // It queues orders, so it must not evict anything.
  const queue = new RedisCache(stack, 'redis', { purpose: RedisPurpose.QUEUE });
  const redis = queue.endpoint.parts();
  const prices = new InfluxDb(stack, 'influxdb', {
    ...server,
    organization: 'trading-platform',
    bucket: 'market-data',
    retention: Duration.days(30),
  });
  const schema = new DatabaseMigration(stack, 'schema', {
    image: image('api-gateway'),
    database,
    environment: { ROLE: 'migration' },
  });
  const tokenKey = Secret.generated(stack, 'jwt_secret_key', { bytes: 48 });

  const orders = new BackgroundWorker(stack, 'order_service', {
    image: image('order-service'),
    environment: {
      ...environment,
      ...RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }).environment,
      ROLE: 'risk-manager,order-executor',
      // Below the grace period, so that the service can log work that is still running.
      STOP_TIMEOUT_SECONDS: 50,
      TRADING_ENVIRONMENT: 'paper',
    },
    uses: [database, schema, redis],
    resources: limits(1, 1),
    stopGracePeriod: Duration.seconds(60),
  });

  const strategies = new BackgroundWorker(stack, 'strategy_service', {
    image: image('strategy-service'),
    // SERVICE_NAME is the prefix of its order ids.
    environment: { ...environment, ROLE: 'market-data,strategy-runner', SERVICE_NAME: 'strategy_service' },
    // Does not wait for the order service, which in turn is healthy only once it receives prices from here.
    uses: [database, schema, redis, prices.token('strategy_service', { read: true, write: true })],
    resources: limits(2, 2),
  });

  const gateway = new ApiGateway(stack, 'api_gateway', {
    image: image('api-gateway'),
    environment: { ...environment, ROLE: 'api-gateway' },
    secrets: { JWT_SECRET_KEY: tokenKey },
    uses: [database, schema, redis, orders],
    resources: limits(2, 2),
    // The name of the original system, which several containers cannot share.
    ...(apiGateways === 1 && { name: 'trading_api_gateway' }),
    replicas: apiGateways,
  });

  const webSockets = new WebSocketService(stack, 'websocket_service', {
    image: image('websocket-service'),
    environment: { ...environment, ROLE: 'websocket' },
    secrets: { JWT_SECRET_KEY: tokenKey },
    uses: [redis, strategies],
    resources: limits(2, 2),
    replicas: webSocketServices,
  });

  const analytics = new AnalyticsService(stack, 'analytics_service', {
    image: image('analytics-service'),
    environment: { ROLE: 'analytics' },
    uses: [database, schema, redis, prices.token('analytics_service', { read: true })],
    resources: limits(1, 1),
    ports: published(8082),
  });

  new ReverseProxy(stack, 'proxy', {
    routes: [
      Route.http('/api/', gateway),
      Route.http('/health', gateway),
      Route.http('/reports/', analytics),
      Route.webSocket('/ws', webSockets),
      Route.socketIo('/socket.io/', webSockets),
    ],
    ports: published(8080),
  });
  // Replicas cannot share the port that the WebSocket service has in the original system.
  new ReverseProxy(stack, 'websocket_proxy', {
    routes: [
      Route.webSocket('/ws', webSockets),
      Route.socketIo('/socket.io/', webSockets),
      Route.http('/health', webSockets),
    ],
    ports: published(8080, 8081),
  });

  return stack;
}

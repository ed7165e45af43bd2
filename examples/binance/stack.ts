import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  ApiGateway,
  Cpu,
  Duration,
  Engine,
  HealthCheck,
  Image,
  MarketDataService,
  MonitoringStack,
  OrderExecutor,
  PostgresDb,
  PublishedPort,
  type Resources,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  Route,
  Secret,
  Size,
  StrategyRunner,
  TradingStack,
  Volume,
} from '../../lib';

/** Options of the Binance system. */
export interface BinanceOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * What is added to every host port, if another system on the host publishes the same ones.
   * @default 0
   */
  readonly hostPortOffset?: number;
  /**
   * Largest value of a position, in USDT.
   * @default - `MAX_POSITION_SIZE` in the environment of the deploy, otherwise 10000
   */
  readonly maxPositionSize?: number;
  /**
   * Loss of a day, in USDT, at which only orders that reduce a position are accepted.
   * @default - `MAX_DAILY_LOSS` in the environment of the deploy, otherwise 1000
   */
  readonly maxDailyLoss?: number;
  /**
   * Whether the order execution service gets API keys of Binance. You then write them into their secret files.
   * @default false, because the reference service fills orders on paper
   */
  readonly exchangeKeys?: boolean;
  /**
   * Number of API gateways. Several of them share the host port through a reverse proxy.
   * @default 1
   */
  readonly apiGateways?: number;
}

/** Market data, risk management, order execution and a strategy engine over ZeroMQ, behind an API gateway. */
export function createBinanceStack(app: App, options: BinanceOptions = {}): TradingStack {
  const { engine = Engine.docker(), hostPortOffset = 0, exchangeKeys = false, apiGateways = 1 } = options;
  const {
    maxPositionSize = Number(process.env.MAX_POSITION_SIZE ?? 10_000),
    maxDailyLoss = Number(process.env.MAX_DAILY_LOSS ?? 1_000),
  } = options;
  const stack = new TradingStack(app, 'binance', {
    engine,
    hostPortOffset,
    network: { name: 'trading_network', subnet: '172.25.0.0/16' },
  });

  const resources: Resources = {
    cpus: Cpu.cores(1),
    memory: Size.mebibytes(512),
    memoryReservation: Size.mebibytes(256),
    ...(engine.traits.reservesCpu && { cpuReservation: Cpu.cores(0.5) }),
  };
  const image = (name: string) =>
    Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: `trading/${name}` });
  // Named as in the original system.
  const service = (name: string, port: number) => ({
    name: `trading_${name}`,
    image: image(name),
    resources,
    port,
    healthCheck: HealthCheck.http(port, {
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      retries: 3,
      startPeriod: Duration.seconds(30),
    }),
  });
  // Unpublished on a Swarm, which cannot publish on loopback.
  const published = (port: number) => [PublishedPort.loopback(port, { optional: true })];
  const environment = { TRANSPORT: 'zeromq' };

  const database = new PostgresDb(stack, 'db', {
    database: 'trading',
    user: 'trading',
    // All memory limits then add up to the 4 GiB that the system is designed for.
    resources: { memory: Size.mebibytes(384) },
  });

  const marketData = new MarketDataService(stack, 'market_data_service', {
    ...service('market_data', 8000),
    environment: {
      ...environment,
      ROLE: 'market-data',
      SYMBOLS: 'BTCUSDT,ETHUSDT,ETHBTC',
      LOG_FILE: '/data/logs/market_data.log',
    },
    sockets: [{ name: 'ticks', port: 5555, portVariable: 'ZMQ_MARKET_PORT' }],
    volumes: [Volume.retained('market_data_logs').mountAt('/data/logs')],
    ports: published(5555),
  });
  const ticks = marketData.socket('ticks').url({ variable: 'MARKET_DATA_URL' });

  const riskManager = new RiskManager(stack, 'risk_management_service', {
    ...service('risk_management', 8080),
    limits: RiskLimits.absolute({ maxPositionSize, maxDailyLoss }),
    environment: { ...environment, ROLE: 'risk-manager' },
    uses: [database, ticks],
    sockets: [{ name: 'checks', port: 5557, portVariable: 'ZMQ_RISK_PORT' }],
    ports: published(5557),
  });

  const executor = new OrderExecutor(stack, 'order_execution_service', {
    ...service('order_execution', 8081),
    riskManager,
    // Below the grace period, so that the service can log work that is still running.
    environment: { ...environment, ROLE: 'order-executor', STOP_TIMEOUT_SECONDS: 50 },
    secrets: exchangeKeys
      ? {
          BINANCE_API_KEY: Secret.provided(stack, 'binance_api_key', { description: 'the Binance API key' }),
          BINANCE_API_SECRET: Secret.provided(stack, 'binance_api_secret', { description: 'the Binance API secret' }),
        }
      : {},
    uses: [database, riskManager.socket('checks').url({ variable: 'RISK_MANAGER_URL' })],
    sockets: [
      { name: 'orders', port: 5556, portVariable: 'ZMQ_EXEC_PORT' },
      { name: 'fills', port: 5559, portVariable: 'ZMQ_EVENTS_PORT' },
    ],
    ports: published(5556),
    stopGracePeriod: Duration.seconds(60),
  });
  const orders = executor.socket('orders').url({ variable: 'ORDER_EXECUTOR_URL' });

  const strategies = new StrategyRunner(stack, 'strategy_engine', {
    ...service('strategy_engine', 9090),
    // SERVICE_NAME is the prefix of its order ids.
    environment: { ...environment, ROLE: 'strategy-runner', SERVICE_NAME: 'strategy_engine' },
    uses: [database, ticks, orders],
    sockets: [{ name: 'commands', port: 5558, portVariable: 'ZMQ_EXEC_PORT' }],
    ports: published(5558),
  });

  const { name: gatewayName, ...gatewayService } = service('api_gateway', 8080);
  const gateway = new ApiGateway(stack, 'api_gateway', {
    ...gatewayService,
    // Several containers cannot share a name.
    ...(apiGateways === 1 && { name: gatewayName }),
    environment: { ...environment, ROLE: 'api-gateway' },
    uses: [
      database,
      ticks,
      orders,
      executor.socket('fills').url({ variable: 'ORDER_EXECUTOR_EVENTS_URL' }),
      strategies.workload,
    ],
    replicas: apiGateways,
    ports: apiGateways > 1 ? [] : published(8080),
  });
  const proxies =
    apiGateways > 1
      ? [
          new ReverseProxy(stack, 'proxy', {
            routes: [
              Route.http('/api/', gateway),
              Route.webSocket('/ws', gateway),
              Route.socketIo('/socket.io/', gateway),
            ],
            ports: published(8080),
          }),
        ]
      : [];

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, marketData, riskManager, executor, strategies, gateway, ...proxies],
    prometheus: { ports: published(9090) },
    grafana: { ports: published(3000) },
  });

  return stack;
}

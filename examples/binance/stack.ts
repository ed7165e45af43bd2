import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  ApiGateway,
  Cpu,
  Duration,
  Engine,
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
  const stack = new TradingStack(app, 'binance', {
    engine,
    hostPortOffset,
    network: { name: 'trading_network', subnet: '172.25.0.0/16' },
  });

  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'binance-reference-service' });
  const resources: Resources = {
    cpus: Cpu.cores(1),
    memory: Size.mebibytes(512),
    memoryReservation: Size.mebibytes(256),
    ...(engine.traits.reservesCpu && { cpuReservation: Cpu.cores(0.5) }),
  };
  const service = { image, resources };
  const environment = { TRANSPORT: 'zeromq' };

  const database = new PostgresDb(stack, 'db', {
    database: 'trading',
    user: 'trading',
    // All memory limits then add up to the 4 GiB that the system is designed for.
    resources: { memory: Size.mebibytes(384) },
  });

  const marketData = new MarketDataService(stack, 'market_data_service', {
    ...service,
    environment: { ...environment, ROLE: 'market-data', SYMBOLS: 'BTCUSDT,ETHUSDT,ETHBTC' },
    sockets: [{ name: 'ticks', port: 5555, portVariable: 'ZMQ_MARKET_PORT' }],
  });
  const ticks = marketData.socket('ticks').url({ variable: 'MARKET_DATA_URL' });

  const riskManager = new RiskManager(stack, 'risk_management_service', {
    ...service,
    limits: RiskLimits.absolute({ maxPositionSize: 10_000, maxDailyLoss: 1_000 }),
    environment: { ...environment, ROLE: 'risk-manager' },
    uses: [database, ticks],
    sockets: [{ name: 'checks', port: 5557, portVariable: 'ZMQ_RISK_PORT' }],
  });

  const executor = new OrderExecutor(stack, 'order_execution_service', {
    ...service,
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
    stopGracePeriod: Duration.seconds(60),
  });
  const orders = executor.socket('orders').url({ variable: 'ORDER_EXECUTOR_URL' });

  const strategies = new StrategyRunner(stack, 'strategy_engine', {
    ...service,
    // SERVICE_NAME is the prefix of its order ids.
    environment: { ...environment, ROLE: 'strategy-runner', SERVICE_NAME: 'strategy_engine' },
    uses: [database, ticks, orders],
    sockets: [{ name: 'commands', port: 5558, portVariable: 'ZMQ_EXEC_PORT' }],
  });

  const gateway = new ApiGateway(stack, 'api_gateway', {
    ...service,
    environment: { ...environment, ROLE: 'api-gateway' },
    uses: [
      database,
      ticks,
      orders,
      executor.socket('fills').url({ variable: 'ORDER_EXECUTOR_EVENTS_URL' }),
      strategies.workload,
    ],
    replicas: apiGateways,
    // Unpublished on a Swarm, which cannot publish on loopback.
    ports: apiGateways > 1 ? [] : [PublishedPort.loopback(8080, { optional: true })],
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
            ports: [PublishedPort.loopback(8080, { optional: true })],
          }),
        ]
      : [];

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, marketData, riskManager, executor, strategies, gateway, ...proxies],
    prometheus: { ports: [PublishedPort.loopback(9090, { optional: true })] },
    grafana: { ports: [PublishedPort.loopback(3000, { hostPort: 3003, optional: true })] },
  });

  return stack;
}

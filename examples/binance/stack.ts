import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  ApiGateway,
  Cpu,
  Duration,
  Engine,
  PublishedPort,
  Image,
  MarketDataService,
  MonitoringStack,
  OrderExecutor,
  PostgresDb,
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

/** What may differ between two deployments of the Binance system. */
export interface BinanceOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * Whether the service that places orders gets the keys of Binance, which then have to be written into their files.
   * @default false: the reference service fills orders on paper
   */
  readonly exchangeKeys?: boolean;
  /**
   * How many API gateways share the work. More than one are behind a reverse proxy, on the same port.
   * @default 1
   */
  readonly apiGateways?: number;
}

/** Market data, risk management, order execution and a strategy engine over ZeroMQ, with a gateway in front of them. */
export function createBinanceStack(app: App, options: BinanceOptions = {}): TradingStack {
  const { engine = Engine.docker(), exchangeKeys = false, apiGateways = 1 } = options;
  const stack = new TradingStack(app, 'binance', {
    engine,
    network: { name: 'trading_network', subnet: '172.25.0.0/16' },
  });
  // A Swarm cannot publish on one address of a node, and none of these belongs on every address.
  const publish = (port: number, hostPort = port) =>
    engine.name === 'docker' ? [PublishedPort.loopback(port, { hostPort })] : [];

  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'binance-reference-service' });
  const resources: Resources = {
    cpus: Cpu.cores(1),
    memory: Size.mebibytes(512),
    memoryReservation: Size.mebibytes(256),
    // One host has nothing to reserve processors from.
    ...(engine.name === 'swarm' && { cpuReservation: Cpu.cores(0.5) }),
  };
  const service = { image, resources };
  const environment = { TRANSPORT: 'zeromq' };

  const database = new PostgresDb(stack, 'db', {
    database: 'trading',
    user: 'trading',
    // With it, all limits together are the 4 GB that the system is meant for.
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
    // Less than the grace period, so that it can say what did not stop.
    environment: { ...environment, ROLE: 'order-executor', STOP_TIMEOUT_SECONDS: 50 },
    secrets: exchangeKeys
      ? {
          BINANCE_API_KEY: Secret.provided(stack, 'binance_api_key', { description: 'the API key of Binance' }),
          BINANCE_API_SECRET: Secret.provided(stack, 'binance_api_secret', { description: 'its secret' }),
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
    // The ids of its orders begin with the name.
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
    ports: apiGateways > 1 ? [] : publish(8080),
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
            ports: publish(8080),
          }),
        ]
      : [];

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, marketData, riskManager, executor, strategies, gateway, ...proxies],
    prometheus: { ports: publish(9090) },
    grafana: { ports: publish(3000, 3003) },
  });

  return stack;
}

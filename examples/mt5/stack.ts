import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  AppService,
  Cpu,
  Dependency,
  Engine,
  FeatureApi,
  Image,
  MonitoringStack,
  PostgresDb,
  PublishedPort,
  RedisCache,
  RedisPurpose,
  RiskLimits,
  Size,
  StrategyRunner,
  TradingStack,
  Volume,
} from '../../lib';

/** Options of the MT5 system. */
export interface Mt5Options {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * What is added to every host port, if another system on the host publishes the same ones.
   * @default 0
   */
  readonly hostPortOffset?: number;
}

/**
 * A feature API, a strategy runner and its market data, with PostgreSQL, Redis and monitoring. The runner checks its
 * orders itself and fills them on paper.
 */
export function createMt5Stack(app: App, options: Mt5Options = {}): TradingStack {
  const { engine = Engine.docker(), hostPortOffset = 0 } = options;
  const stack = new TradingStack(app, 'mt5', {
    engine,
    hostPortOffset,
    network: { name: 'mt5-net', subnet: '172.28.0.0/16' },
  });

  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'mt5-reference-service' });
  const logs = Volume.retained('logs_volume');

  const database = new PostgresDb(stack, 'db', {
    database: 'mt5',
    user: 'mt5_user',
    volume: Volume.retained('postgres_data'),
  });
  const cache = new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE });

  const marketData = new AppService(stack, 'market_data', {
    image,
    environment: { ROLE: 'market-data' },
    sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }],
    resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(256) },
    // Unpublished on a Swarm, which cannot publish on loopback.
    ports: [PublishedPort.loopback(5556, { optional: true })],
  });

  const features = new FeatureApi(stack, 'feature_api', {
    image,
    uses: [database, cache],
    environment: { ROLE: 'feature-api', LOG_LEVEL: 'INFO' },
    volumes: [logs.mountAt('/data/logs')],
    ports: [PublishedPort.loopback(8000, { optional: true })],
  });

  const runner = new StrategyRunner(stack, 'strategy_runner', {
    image,
    uses: [
      features,
      marketData.socket('market').url({ variable: 'MARKET_DATA_URL' }),
      Dependency.optional(database),
      Dependency.optional(cache),
    ],
    // There is no separate risk manager or executor, so the runner also checks and fills its orders.
    environment: {
      ...RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }).environment,
      ROLE: 'strategy-runner,risk-manager,order-executor',
      // Prefix of its order ids.
      SERVICE_NAME: 'strategy_runner',
      TRADING_ENVIRONMENT: 'paper',
      LOG_LEVEL: 'INFO',
    },
    sockets: [{ name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' }],
    volumes: [logs.mountAt('/data/logs')],
    resources: {
      cpus: Cpu.cores(2),
      memory: Size.gibibytes(2),
      memoryReservation: Size.gibibytes(1),
      ...(engine.traits.reservesCpu && { cpuReservation: Cpu.cores(1) }),
    },
    ports: [PublishedPort.loopback(5555, { optional: true })],
  });

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, cache, marketData, features, runner],
    prometheus: { ports: [PublishedPort.loopback(9090, { hostPort: 9091, optional: true })] },
    grafana: { ports: [PublishedPort.loopback(3000, { optional: true })] },
  });

  return stack;
}

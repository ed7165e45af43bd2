import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  AppService,
  Cpu,
  Volume,
  Engine,
  PublishedPort,
  FeatureApi,
  Image,
  MonitoringStack,
  Dependency,
  PostgresDb,
  RedisCache,
  RedisPurpose,
  RiskLimits,
  Size,
  StrategyRunner,
  TradingStack,
} from '../../lib';

/** What may differ between two deployments of the MT5 system. */
export interface Mt5Options {
  /** @default Engine.docker() */
  readonly engine?: Engine;
}

/**
 * Feature API, strategy runner and a source of market data for it, over PostgreSQL and Redis, all of them watched. The
 * runner checks and fills its orders itself, on paper.
 */
export function createMt5Stack(app: App, options: Mt5Options = {}): TradingStack {
  const { engine = Engine.docker() } = options;
  const stack = new TradingStack(app, 'mt5', {
    engine,
    network: { name: 'mt5-net', subnet: '172.28.0.0/16' },
  });
  // A Swarm cannot publish on one address of a node, and none of these belongs on every address.
  const publish = (port: number, hostPort = port) =>
    engine.name === 'docker' ? [PublishedPort.loopback(port, { hostPort })] : [];

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
    ports: publish(5556),
  });

  const features = new FeatureApi(stack, 'feature_api', {
    image,
    uses: [database, cache],
    environment: { ROLE: 'feature-api', LOG_LEVEL: 'INFO' },
    volumes: [logs.mountAt('/data/logs')],
    ports: publish(8000),
  });

  const runner = new StrategyRunner(stack, 'strategy_runner', {
    image,
    uses: [
      features,
      marketData.socket('market').url({ variable: 'MARKET_DATA_URL' }),
      Dependency.optional(database),
      Dependency.optional(cache),
    ],
    // The system has no executor and no risk manager of its own: whoever decides on an order checks and fills it too.
    environment: {
      ...RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }).environment,
      ROLE: 'strategy-runner,risk-manager,order-executor',
      // The ids of its orders begin with it.
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
      // One host has nothing to reserve processors from.
      ...(engine.name === 'swarm' && { cpuReservation: Cpu.cores(1) }),
    },
    ports: publish(5555),
  });

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, cache, marketData, features, runner],
    prometheus: { ports: publish(9090, 9091) },
    grafana: { ports: publish(3000) },
  });

  return stack;
}

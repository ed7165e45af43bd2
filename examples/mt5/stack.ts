import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  AppService,
  BindMount,
  ConfigFile,
  Cpu,
  Dependency,
  Duration,
  Engine,
  FeatureApi,
  HealthCheck,
  Image,
  MonitoringStack,
  PostgresDb,
  PublishedPort,
  RedisCache,
  RedisPurpose,
  RestartPolicy,
  RiskLimits,
  Secret,
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
  /**
   * Which log lines the runner and the feature API write: `DEBUG`, `INFO`, `WARN` or `ERROR`.
   * @default - `LOG_LEVEL` in the environment of the deploy, otherwise INFO
   */
  readonly logLevel?: string;
}

/**
 * A feature API, a strategy runner and its market data, with PostgreSQL, Redis and monitoring. The runner follows the
 * strategies in `config/strategies.yaml`, checks their orders itself and fills them on paper.
 */
export function createMt5Stack(app: App, options: Mt5Options = {}): TradingStack {
  const { engine = Engine.docker(), hostPortOffset = 0 } = options;
  const { logLevel = process.env.LOG_LEVEL ?? 'INFO' } = options;
  const stack = new TradingStack(app, 'mt5', {
    engine,
    hostPortOffset,
    network: { name: 'mt5-net', subnet: '172.28.0.0/16' },
    restartPolicy: RestartPolicy.unlessStopped({ whenUnhealthy: true }),
  });

  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'mt5-strategy' });
  const logs = Volume.retained('logs_volume');
  // Unpublished on a Swarm, which cannot publish on loopback.
  const published = (port: number, hostPort = port) => [PublishedPort.loopback(port, { hostPort, optional: true })];
  // The timings of the plan, except for the start period: after its 5 s, the next probe would be 30 s later.
  const probe = (port: number) =>
    HealthCheck.http(port, { interval: Duration.seconds(30), timeout: Duration.seconds(10), retries: 3 });
  const storeCheck = HealthCheck.withTimings({
    interval: Duration.seconds(10),
    timeout: Duration.seconds(5),
    retries: 5,
  });

  const database = new PostgresDb(stack, 'db', {
    database: 'mt5',
    user: 'mt5_user',
    volume: Volume.retained('postgres_data'),
    healthCheck: storeCheck,
    ports: published(5432),
  });
  const cache = new RedisCache(stack, 'redis', {
    image: Image.fromRegistry('redis:7-alpine'),
    purpose: RedisPurpose.CACHE,
    password: Secret.generated(stack, 'redis_password'),
    healthCheck: storeCheck,
    ports: published(6379),
  });

  const marketData = new AppService(stack, 'market_data', {
    image,
    environment: { ROLE: 'market-data' },
    sockets: [{ name: 'market', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }],
    resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(256) },
    ports: published(5556),
  });

  const features = new FeatureApi(stack, 'feature_api', {
    image: Image.fromBuild(join(__dirname, 'feature-api'), { name: 'mt5-api', dockerfile: 'Dockerfile.api' }),
    uses: [database, cache],
    environment: { LOG_LEVEL: logLevel, LOG_FILE: '/data/logs/feature_api.log' },
    volumes: [logs.mountAt('/data/logs')],
    healthCheck: probe(8000),
    ports: published(8000),
  });

  // A mounted folder leaves the root file system read-only, but exists only on this machine. A Swarm and a remote engine
  // get a copy: the Swarm leaves the root file system read-only too, the remote engine makes it writable.
  const strategies =
    engine.isRemote || engine.defaults.service.readOnlyRootWithFiles
      ? { files: [ConfigFile.fromFile('/app/config/strategies.yaml', join(__dirname, 'config', 'strategies.yaml'))] }
      : { bindMounts: [BindMount.readOnly(join(__dirname, 'config'), '/app/config')] };

  const runner = new StrategyRunner(stack, 'strategy_runner', {
    image,
    ...strategies,
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
      CONFIG_PATH: '/app/config/strategies.yaml',
      // Prefix of the names of the strategies in their orders.
      SERVICE_NAME: 'strategy_runner',
      TRADING_ENVIRONMENT: 'paper',
      LOG_LEVEL: logLevel,
      LOG_FILE: '/data/logs/strategy_runner.log',
    },
    sockets: [{ name: 'execution', port: 5555, portVariable: 'ZMQ_EXEC_PORT' }],
    volumes: [logs.mountAt('/data/logs')],
    resources: {
      cpus: Cpu.cores(2),
      memory: Size.gibibytes(2),
      memoryReservation: Size.gibibytes(1),
      ...(engine.traits.reservesCpu && { cpuReservation: Cpu.cores(1) }),
    },
    healthCheck: probe(9090),
    ports: [...published(5555), ...published(9090)],
  });

  new MonitoringStack(stack, 'monitoring', {
    watch: [database, cache, marketData, features, runner],
    prometheus: { ports: published(9090, 9091) },
    grafana: { ports: published(3000) },
  });

  return stack;
}

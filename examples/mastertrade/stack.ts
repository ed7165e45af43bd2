import { join } from 'node:path';
import type { App } from 'cdktf';
import {
  type AlertmanagerOptions,
  AlertSystem,
  ApiGateway,
  ArbitrageService,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Cpu,
  DataAccessApi,
  DatabaseMigration,
  Duration,
  Engine,
  HealthCheck,
  Image,
  MarketDataService,
  MonitoringStack,
  MonitoringUi,
  OrderExecutor,
  PostgresDb,
  PublishedPort,
  RabbitMqBroker,
  RedisCache,
  RedisPurpose,
  type Resources,
  RestartPolicy,
  RiskLimits,
  RiskManager,
  Secret,
  Size,
  StrategyRunner,
  TradingStack,
  Volume,
} from '../../lib';
import { brokerRights } from './broker-rights';
import { type AlertChannel, alertKeys, marketDataKeys, tradingKeys } from './provider-keys';

/** Options of MasterTrade. */
export interface MasterTradeOptions {
  /** @default Engine.docker() */
  readonly engine?: Engine;
  /**
   * What is added to every host port, if another system on the host publishes the same ones.
   * @default 0
   */
  readonly hostPortOffset?: number;
  /**
   * Number of strategy services.
   * @default 1
   */
  readonly strategyServices?: number;
  /**
   * Number of market data services.
   * @default 1
   */
  readonly marketDataServices?: number;
  /**
   * Whether half of each limit is reserved. A Swarm then starts only what fits on its nodes; all services together
   * reserve 6.25 cores and 12.5 GiB.
   * @default true
   */
  readonly reservations?: boolean;
  /**
   * Cores of each Swarm node, if fewer than 4: a node does not start a service whose CPU limit exceeds them.
   * @default 4, the CPU limit of the strategy service
   */
  readonly nodeCores?: number;
  /**
   * Whether services get the API keys of their providers. You then write them into their secret files.
   * @default false, because the reference service generates its prices
   */
  readonly providerKeys?: boolean;
  /**
   * Channels whose credentials the alert system gets. You then write them into their secret files.
   * @default - none, because the reference service only records alerts
   */
  readonly alertChannels?: readonly AlertChannel[];
  /**
   * Who is notified of the alerts of Prometheus, and how.
   * @default - nobody: they are shown by Prometheus only
   */
  readonly alertmanager?: AlertmanagerOptions;
  /**
   * Where PostgreSQL is backed up every day at 2:00 UTC.
   * @default - a volume, and nowhere on a Swarm, whose nodes need a registry with the image of the backup
   */
  readonly backupTo?: BackupTarget;
}

/** Market data, strategies, risk, execution and alerts over RabbitMQ, with APIs, a user interface and monitoring. */
export function createMasterTradeStack(app: App, options: MasterTradeOptions = {}): TradingStack {
  const {
    engine = Engine.docker(),
    hostPortOffset = 0,
    strategyServices = 1,
    marketDataServices = 1,
    reservations = true,
  } = options;
  const { nodeCores = 4, providerKeys = false, alertChannels = [], alertmanager } = options;
  const { backupTo = engine.traits.hasRemoteNodes ? undefined : BackupTarget.volume(Volume.retained('backups')) } =
    options;
  const stack = new TradingStack(app, 'mastertrade', {
    engine,
    hostPortOffset,
    network: { name: 'mastertrade_network', subnet: '172.20.0.0/16' },
    restartPolicy: RestartPolicy.always(),
  });
  const limits = (cores: number, gibibytes: number): Resources => ({
    cpus: Cpu.cores(Math.min(cores, nodeCores)),
    memory: Size.gibibytes(gibibytes),
    ...(reservations && { memoryReservation: Size.mebibytes((gibibytes * 1024) / 2) }),
    ...(reservations && engine.traits.reservesCpu && { cpuReservation: Cpu.cores(Math.min(cores, nodeCores) / 2) }),
  });
  // Container names as in the original system. Replicas cannot share one where each is a container of its own.
  const named = (name: string, replicas = 1) =>
    replicas > 1 && !engine.traits.replicasShareName ? {} : { name: `mastertrade_${name}` };
  // Unpublished on a Swarm, which cannot publish on loopback, and replicas cannot share a port.
  const published = (port: number, { hostPort = port, replicas = 1 } = {}) =>
    replicas > 1 ? [] : [PublishedPort.loopback(port, { hostPort, optional: true })];
  const timings = {
    interval: Duration.seconds(30),
    timeout: Duration.seconds(10),
    retries: 3,
    startPeriod: Duration.minutes(1),
  };
  /** Port and health check of a service. */
  const listening = (port: number, path = '/health') => ({
    port,
    healthCheck: HealthCheck.http(port, { ...timings, path }),
  });
  const image = Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'mastertrade-reference-service' });
  const environment = { TRANSPORT: 'rabbitmq' };

  const database = new PostgresDb(stack, 'postgres', {
    ...named('postgres'),
    image: Image.fromRegistry('postgres:15-alpine'),
    database: 'mastertrade',
    user: 'mastertrade',
    dataDirectory: '/var/lib/postgresql/data/pgdata',
    resources: limits(2, 4),
    ports: published(5432),
    healthCheck: HealthCheck.withTimings({
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      retries: 5,
    }),
  });
  const schedule = BackupSchedule.daily('02:00');
  const retention = BackupRetention.of({ daily: 7, weekly: 4 });
  const backups =
    backupTo === undefined ? [] : [database.backup({ ...named('postgres_backup'), to: backupTo, schedule, retention })];
  const broker = new RabbitMqBroker(stack, 'rabbitmq', {
    ...named('rabbitmq'),
    user: 'mastertrade',
    resources: limits(1, 2),
    ports: [...published(5672), ...published(15672)],
    healthCheck: HealthCheck.tcp(5672, { ...timings, retries: 5 }),
  });
  const cache = new RedisCache(stack, 'redis', {
    ...named('redis'),
    image: Image.fromRegistry('redis:7-alpine'),
    purpose: RedisPurpose.CACHE,
    password: Secret.generated(stack, 'redis_password'),
    healthCheck: HealthCheck.withTimings({
      interval: Duration.seconds(10),
      timeout: Duration.seconds(3),
      retries: 5,
    }),
    resources: limits(1, 2),
    ports: published(6379),
  });
  const schema = new DatabaseMigration(stack, 'schema', {
    ...named('schema'),
    image,
    database,
    environment: { ROLE: 'migration' },
  });

  const marketData = new MarketDataService(stack, 'market_data_service', {
    ...named('market_data', marketDataServices),
    image,
    ...listening(8000),
    ports: published(8000, { replicas: marketDataServices }),
    environment: { ...environment, ROLE: 'market-data', SYMBOLS: 'BTCUSDT,ETHUSDT,ETHBTC' },
    secrets: providerKeys ? marketDataKeys(stack) : {},
    uses: [database, schema, broker.user('market_data_service', brokerRights({ publishes: ['ticks'] })), cache],
    resources: limits(2, 4),
    replicas: marketDataServices,
  });

  const strategies = new StrategyRunner(stack, 'strategy_service', {
    ...named('strategy', strategyServices),
    image,
    ...listening(8006),
    ports: published(8006, { replicas: strategyServices }),
    environment: {
      ...environment,
      ROLE: 'strategy-runner',
      // Prefix of its order ids, so replicas that make the same decision place one order.
      SERVICE_NAME: 'strategy_service',
      MAX_ACTIVE_STRATEGIES: 10,
      DAILY_GENERATION_COUNT: 500,
      GENERATION_TIME: '03:00',
    },
    uses: [
      database,
      schema,
      broker.user('strategy_service', brokerRights({ follows: ['ticks'], gives: ['orders'] })),
      cache,
      marketData.workload,
    ],
    resources: limits(4, 8),
    replicas: strategyServices,
  });

  const riskManager = new RiskManager(stack, 'risk_manager', {
    ...named('risk'),
    image,
    ...listening(8080),
    ports: published(8080),
    limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 }),
    environment: {
      ...environment,
      ROLE: 'risk-manager',
      CIRCUIT_BREAKER_ENABLED: true,
      PAPER_TRADING_INITIAL_BALANCE: 10_000,
    },
    uses: [
      database,
      schema,
      broker.user(
        'risk_manager',
        brokerRights({ publishes: ['alerts'], follows: ['ticks'], answers: ['risk-checks'] }),
      ),
      marketData.workload,
    ],
    resources: limits(1, 2),
  });

  const executor = new OrderExecutor(stack, 'order_executor', {
    ...named('executor'),
    image,
    ...listening(8081),
    ports: published(8081),
    riskManager,
    environment: {
      ...environment,
      ROLE: 'order-executor',
      // Below the grace period, so that the service can log work that is still running.
      STOP_TIMEOUT_SECONDS: 50,
      PAPER_TRADING_INITIAL_BALANCE: 10_000,
    },
    secrets: providerKeys ? tradingKeys(stack) : {},
    uses: [
      database,
      schema,
      broker.user(
        'order_executor',
        brokerRights({ publishes: ['fills', 'alerts'], gives: ['risk-checks'], answers: ['orders'] }),
      ),
    ],
    resources: limits(1, 2),
    stopGracePeriod: Duration.seconds(60),
  });

  const alerts = new AlertSystem(stack, 'alert_system', {
    ...named('alerts'),
    image,
    ...listening(8007),
    ports: published(8007),
    environment: {
      ...environment,
      ROLE: 'alert-system',
      ...(alertChannels.includes('email') && { EMAIL_HOST: 'smtp.gmail.com', EMAIL_PORT: 587 }),
    },
    secrets: alertKeys(stack, alertChannels),
    uses: [database, schema, broker.user('alert_system', brokerRights({ follows: ['alerts', 'ticks'] }))],
    resources: limits(0.5, 1),
  });

  const arbitrage = new ArbitrageService(stack, 'arbitrage_service', {
    ...named('arbitrage_service'),
    image,
    ...listening(8002),
    ports: published(8002),
    environment: { ...environment, ROLE: 'arbitrage' },
    uses: [database, schema, broker.user('arbitrage_service', brokerRights({ follows: ['ticks'] }))],
  });

  const dataAccess = new DataAccessApi(stack, 'data_access_api', {
    ...named('data_access_api'),
    image,
    ...listening(8005),
    ports: published(8005),
    environment: { ROLE: 'data-access' },
    uses: [database, schema],
  });

  const gateway = new ApiGateway(stack, 'api_gateway', {
    ...named('api_gateway'),
    image,
    ...listening(8080),
    environment: { ...environment, ROLE: 'api-gateway' },
    uses: [
      database,
      schema,
      broker.user('api_gateway', brokerRights({ follows: ['ticks', 'fills'], gives: ['orders'] })),
      executor.workload,
    ],
    // The risk manager has 8080.
    ports: published(8080, { hostPort: 8090 }),
  });

  const userInterface = new MonitoringUi(stack, 'monitoring_ui', {
    ...named('ui'),
    image,
    ...listening(3000, '/api/health'),
    environment: { ROLE: 'monitoring-ui' },
    uses: [gateway, dataAccess],
    ports: published(3000),
  });

  new MonitoringStack(stack, 'monitoring', {
    watch: [
      database,
      ...backups,
      broker,
      cache,
      marketData,
      strategies,
      riskManager,
      executor,
      alerts,
      arbitrage,
      dataAccess,
      gateway,
      userInterface,
    ],
    ...(alertmanager && { alertmanager }),
    prometheus: {
      ...named('prometheus'),
      retention: Duration.days(30),
      retentionSize: Size.gibibytes(5),
      ports: published(9090),
      healthCheck: HealthCheck.withTimings(timings),
    },
    grafana: {
      ...named('grafana'),
      ports: published(3000, { hostPort: 3001 }),
      healthCheck: HealthCheck.http(3000, { ...timings, path: '/api/health', via: 'curl' }),
    },
  });

  return stack;
}

import type { App } from 'cdktf';
import { guardedEntrypoint as postgresEntrypoint } from '../../lib/services/postgres/data-guard';
import { guardedEntrypoint as redisEntrypoint } from '../../lib/services/redis/data-guard';
import { HandWrittenStack } from './hand-written';
import { addHandWrittenMonitoring } from './hand-written-monitoring';

const PROBE = { interval: '10s', timeout: '5s', retries: 5, startInterval: '500ms', startPeriod: '30s' };
const SLOW_PROBE = { interval: '30s', timeout: '10s', retries: 3 };
// Composed by the library, because people would copy these lines.
const LOOK_AT_VOLUME = postgresEntrypoint('/var/lib/postgresql/data', 'mt5_postgres_data');
const LOOK_AT_SNAPSHOT = redisEntrypoint({ folder: '/data', volume: 'mt5_redis_data' }, { appendonly: 'yes' });
const STRATEGIES = {
  hostPath: '${abspath("${path.root}/../../../examples/mt5/config")}',
  containerPath: '/app/config',
  readOnly: true,
};
const LOGS = { volumeName: 'mt5_logs_volume', containerPath: '/data/logs', readOnly: false };

/**
 * The Terraform of examples/mt5, written by hand with the constructs of the provider.
 * @param files folder with the configuration of Prometheus and Grafana
 */
export function createHandWrittenMt5Stack(app: App, files: string): HandWrittenStack {
  const stack = new HandWrittenStack(app, 'mt5', {
    name: 'mt5-net',
    subnet: '172.28.0.0/16',
    gateway: '172.28.0.1',
  });
  const postgres = stack.image('platform_image-postgres-17-alpine_4DFCF54F', 'postgres:17-alpine');
  const redis = stack.image('platform_image-redis-7-alpine_4CCB0D60', 'redis:7-alpine');
  const service = stack.builtImage(
    'platform_image-mt5-strategy_799568C1',
    'mt5-strategy',
    '../../../examples/reference-service',
  );
  const api = stack.builtImage(
    'platform_image-mt5-api_9C86AE09',
    'mt5-api',
    '../../../examples/mt5/feature-api',
    'Dockerfile.api',
  );

  const database = stack.container(
    'db',
    postgres,
    {
      env: ['POSTGRES_DB=mt5', 'POSTGRES_PASSWORD_FILE=/run/secrets/db_password', 'POSTGRES_USER=mt5_user'],
      entrypoint: LOOK_AT_VOLUME,
      command: [
        'postgres',
        ...['-c', 'max_connections=100', '-c', 'shared_buffers=256MB', '-c', 'effective_cache_size=716MB'],
        ...['-c', 'maintenance_work_mem=64MB', '-c', 'work_mem=1966kB'],
      ],
      healthcheck: {
        test: ['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'mt5_user', '-d', 'mt5'],
        ...PROBE,
        retries: 5,
      },
      waitTimeout: 150,
      memory: 1024,
      memorySwap: 1024,
      shmSize: 256,
      user: 'postgres',
      readOnly: false,
      stopTimeout: 60,
      destroyGraceSeconds: 60,
      ports: [{ internal: 5432, external: 5432, ip: '127.0.0.1', protocol: 'tcp' }],
      volumes: [{ volumeName: 'mt5_postgres_data', containerPath: '/var/lib/postgresql/data', readOnly: false }],
    },
    { secrets: ['db_password'], inPlace: ['db_password'] },
  );

  const cache = stack.container(
    'redis',
    redis,
    {
      entrypoint: LOOK_AT_SNAPSHOT,
      command: [
        ...['redis-server', '/run/secrets/redis_auth.conf', '--maxmemory', '134217728'],
        ...['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'yes'],
      ],
      healthcheck: {
        test: [
          'CMD-SHELL',
          'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ping | grep -qE \'PONG|MISCONF\'',
        ],
        ...PROBE,
        retries: 5,
      },
      waitTimeout: 150,
      memory: 256,
      memorySwap: 256,
      user: 'redis',
      readOnly: false,
      ports: [{ internal: 6379, external: 6379, ip: '127.0.0.1', protocol: 'tcp' }],
      volumes: [{ volumeName: 'mt5_redis_data', containerPath: '/data', readOnly: false }],
    },
    { secrets: ['redis_password', 'redis_auth.conf'], inPlace: ['redis_password', 'redis_auth.conf'] },
  );

  const marketData = stack.program(
    'market_data',
    service,
    8000,
    {
      env: ['PORT=8000', 'ROLE=market-data', 'ZMQ_MARKET_PORT=5556'],
      cpuQuota: 50_000,
      memory: 256,
      memorySwap: 256,
      ports: [{ internal: 5556, external: 5556, ip: '127.0.0.1', protocol: 'tcp' }],
    },
    { restarts: true },
  );

  const features = stack.program(
    'feature_api',
    api,
    8000,
    {
      env: [
        'DATABASE_URL_FILE=/run/secrets/db_url',
        'LOG_FILE=/data/logs/feature_api.log',
        'LOG_LEVEL=INFO',
        'PORT=8000',
        'REDIS_URL_FILE=/run/secrets/redis_url',
      ],
      waitTimeout: 220,
      ports: [{ internal: 8000, external: 8000, ip: '127.0.0.1', protocol: 'tcp' }],
      volumes: [LOGS],
      dependsOn: [database, cache],
    },
    { secrets: ['db_url', 'redis_url'], probe: SLOW_PROBE, restarts: true },
  );

  const runner = stack.program(
    'strategy_runner',
    service,
    9090,
    {
      env: [
        'CONFIG_PATH=/app/config/strategies.yaml',
        'DATABASE_URL_FILE=/run/secrets/db_url',
        'FEATURE_API_URL=http://feature-api:8000',
        'LOG_FILE=/data/logs/strategy_runner.log',
        'LOG_LEVEL=INFO',
        'MARKET_DATA_URL=tcp://market-data:5556',
        'MAX_PORTFOLIO_DRAWDOWN_PCT=0.15',
        'MAX_POSITION_SIZE_PCT=0.2',
        'PORT=9090',
        'REDIS_URL_FILE=/run/secrets/redis_url',
        'ROLE=strategy-runner,risk-manager,order-executor',
        'SERVICE_NAME=strategy_runner',
        'TRADING_ENVIRONMENT=paper',
        'ZMQ_EXEC_PORT=5555',
      ],
      cpuQuota: 200_000,
      memory: 2048,
      memorySwap: 2048,
      waitTimeout: 220,
      ports: [
        { internal: 5555, external: 5555, ip: '127.0.0.1', protocol: 'tcp' },
        { internal: 9090, external: 9090, ip: '127.0.0.1', protocol: 'tcp' },
      ],
      volumes: [LOGS, STRATEGIES],
      dependsOn: [features, marketData],
    },
    { secrets: ['db_url', 'redis_url'], probe: SLOW_PROBE, restarts: true },
  );
  runner.addOverride('memory_reservation', 1024);

  addHandWrittenMonitoring(stack, files, { database, cache });

  return stack;
}

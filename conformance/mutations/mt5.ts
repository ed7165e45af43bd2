import { mutationsOf } from './mutation';

const stack = mutationsOf('examples/mt5/stack.ts');
const api = mutationsOf('examples/mt5/feature-api/Dockerfile.api');
const strategies = mutationsOf('examples/mt5/config/strategies.yaml');
const app = mutationsOf('bin/trading.ts');
const reference = mutationsOf('examples/reference-service/Dockerfile');

export const MT5_MUTATIONS = [
  stack('S0-2', "new RedisCache(stack, 'redis', {", "new RedisCache(stack, 'redis2', {"),
  stack('S0-4', "name: 'mt5-net'", "name: 'mt5-network'"),
  stack('S0-7', "{ variable: 'MARKET_DATA_URL' }", "{ variable: 'PRICES_URL' }"),
  stack('S0-7', "portVariable: 'ZMQ_EXEC_PORT'", "portVariable: 'ZMQ_PORT'"),
  stack(
    'S0-10',
    'watch: [database, cache, marketData, features, runner]',
    'watch: [database, cache, marketData, features]',
  ),
  stack('S0-20', "logs.mountAt('/data/logs')", "logs.mountAt('/data/logs', { readOnly: true })", 'execution'),
  stack('S0-20', "logs.mountAt('/data/logs')", "logs.mountAt('/data/log')", 'execution'),
  stack('S0-23', 'Cpu.cores(2)', 'Cpu.cores(3)'),
  stack('S0-23', 'memory: Size.gibibytes(2)', 'memory: Size.gibibytes(3)'),
  stack('S0-23', 'memoryReservation: Size.gibibytes(1)', 'memoryReservation: Size.mebibytes(512)'),
  stack('S0-23', 'cpuReservation: Cpu.cores(1)', 'cpuReservation: Cpu.cores(0.5)'),
  stack('S0-28', 'ports: published(8000)', 'ports: published(8000, 8001)'),
  stack('S0-29', 'uses: [database, cache]', 'uses: [database]'),
  stack('S0-29', 'uses: [database, cache]', 'uses: [Dependency.optional(database), cache]'),
  stack('S0-32', "user: 'mt5_user'", "user: 'mt5'"),
  stack('S0-32', "database: 'mt5'", "database: 'trading'"),
  stack('S0-33', 'ports: published(5432)', 'ports: []'),
  stack('S0-33', "Volume.retained('postgres_data')", "Volume.retained('pg_data')"),
  stack('S0-37', 'purpose: RedisPurpose.CACHE', 'purpose: RedisPurpose.CACHE, appendOnly: false'),
  stack('S0-41', 'ports: published(3000)', 'ports: published(3000, 3001)'),
  stack('S0-42', '172.28.0.0/16', '172.28.0.0/24'),
  stack('S0-43', "new FeatureApi(stack, 'feature_api'", "new FeatureApi(stack, 'features'"),
  stack('S0-44', "Volume.retained('logs_volume')", "Volume.retained('logs')"),
  api('S0-49', '"--port", "8000"', '"--port", "8001"'),
  api('S0-49', 'src.api.feature_server:app', 'src.api.server:app'),
  reference('S0-56', 'RUN npm ci --omit=dev --ignore-scripts', 'RUN npm ci --ignore-scripts'),
  reference('S0-56', 'COPY --from=build /app/dist ./dist', 'COPY --from=build /app ./'),
  stack('S0-58', '{ whenUnhealthy: true }', ''),
  stack('S0-58', 'healthCheck: probe(9090)', 'healthCheck: HealthCheck.none()'),
  stack(
    'S0-59',
    "image: Image.fromBuild(join(__dirname, 'feature-api'), { name: 'mt5-api', dockerfile: 'Dockerfile.api' })",
    'image',
  ),
  stack('S0-60', 'LOG_LEVEL: logLevel, LOG_FILE', "LOG_LEVEL: engine.traits.reservesCpu ? 'INFO' : logLevel, LOG_FILE"),
  stack('S0-60', "process.env.LOG_LEVEL ?? 'INFO'", "'INFO'"),
  app('S0-60', 'engine: chosenEngine(), ', ''),
  api('S0-56', 'FROM python:3.14-slim', 'FROM python:3.14', '# Stage 2: runtime'),
  api('S0-56', 'COPY --from=builder /opt/venv /opt/venv', 'COPY --from=test / /'),
  reference('S0-56', 'FROM node:24-slim\nLABEL', 'FROM node:24\nLABEL'),
  api('S0-66', 'FROM python:3.14-slim', 'FROM node:24-slim', '# Stage 2: runtime'),
  stack('S0-63', "CONFIG_PATH: '/app/config/strategies.yaml',", ''),
  stack('S0-63', "'config'), '/app/config')", "'config'), '/config')"),
  stack('S0-63', 'engine.isRemote || engine.defaults.service.readOnlyRootWithFiles', 'true'),
  strategies('S0-63', '    symbol: GBPUSD', '    symbol: GBPUSD\n    enabled: false'),
  stack(
    'S0-66',
    "Image.fromBuild(join(__dirname, 'feature-api'), { name: 'mt5-api', dockerfile: 'Dockerfile.api' })",
    "Image.fromBuild(join(__dirname, '..', 'reference-service'), { name: 'mt5-api' })",
  ),
];

import { mutationsOf } from './mutation';

const stack = mutationsOf('examples/binance/stack.ts');
const reference = mutationsOf('examples/reference-service/Dockerfile');
const feed = mutationsOf('examples/reference-service/src/live-feed.ts');
const pool = mutationsOf('examples/reference-service/src/database.ts');
const zeromq = mutationsOf('examples/reference-service/src/transports/zeromq.ts');

export const BINANCE_MUTATIONS = [
  stack('S1-1', "new StrategyRunner(stack, 'strategy_engine'", "new StrategyRunner(stack, 'strategies'"),
  stack('S1-4', 'BTCUSDT,ETHUSDT,ETHBTC', 'BTCUSDT,ETHUSDT'),
  stack('S1-4', "port: 5555, portVariable: 'ZMQ_MARKET_PORT'", "port: 5550, portVariable: 'ZMQ_MARKET_PORT'"),
  stack('S1-4', 'uses: [database, ticks, orders],', 'uses: [database, orders],'),
  stack('S1-5', "port: 5556, portVariable: 'ZMQ_EXEC_PORT'", "port: 5566, portVariable: 'ZMQ_EXEC_PORT'"),
  stack('S1-5', "{ variable: 'RISK_MANAGER_URL' }", "{ variable: 'RISK_URL' }"),
  stack('S1-5', "{ variable: 'ORDER_EXECUTOR_URL' }", "{ variable: 'EXECUTOR_URL' }"),
  stack('S1-6', 'port: 5557', 'port: 5567'),
  stack('S1-6', "ROLE: 'risk-manager'", "ROLE: 'risk'"),
  stack('S1-6', 'uses: [database, ticks],', 'uses: [ticks],'),
  stack('S1-7', 'port: 5558', 'port: 5568'),
  stack('S1-7', 'uses: [database, ticks, orders],', 'uses: [database, ticks],'),
  stack('S1-4', 'uses: [database, ticks],', 'uses: [database],'),
  stack('S1-8', "ROLE: 'api-gateway'", "ROLE: 'data-access'"),
  stack('S1-8', "{ variable: 'ORDER_EXECUTOR_EVENTS_URL' }", "{ variable: 'EVENTS_URL' }"),
  stack('S1-9', 'prometheus: { ports: published(9090) }', 'prometheus: {}'),
  stack('S1-9', 'grafana: { ports: published(3000) }', 'grafana: {}'),
  reference('S1-14', 'FROM node:24-slim AS build', 'FROM node:24 AS build'),
  reference('S1-14', 'COPY --from=build /app/dist ./dist', 'COPY --from=build /app ./'),
  stack(
    'S1-15',
    "BINANCE_API_SECRET: Secret.provided(stack, 'binance_api_secret'",
    "BINANCE_SECRET: Secret.provided(stack, 'binance_api_secret'",
  ),
  stack('S1-16', 'process.env.MAX_POSITION_SIZE ?? 10_000', 'process.env.MAX_POSITION_SIZE ?? 1_000'),
  stack('S1-16', 'process.env.MAX_DAILY_LOSS ?? 1_000', 'process.env.MAX_DAILY_LOSS ?? 10_000'),
  stack('S1-22', 'cpus: Cpu.cores(1)', 'cpus: Cpu.cores(2)'),
  stack('S1-22', 'memory: Size.mebibytes(512)', 'memory: Size.mebibytes(1024)'),
  stack('S1-22', 'memoryReservation: Size.mebibytes(256)', 'memoryReservation: Size.mebibytes(128)'),
  stack('S1-22', 'cpuReservation: Cpu.cores(0.5)', 'cpuReservation: Cpu.cores(0.25)'),
  stack('S1-23', "name: 'trading_network'", "name: 'binance'"),
  stack('S1-23', '172.25.0.0/16', '172.25.0.0/24'),
  stack('S1-28', 'watch: [database, marketData, riskManager, executor,', 'watch: [database, marketData, riskManager,'),
  reference(
    'S1-43',
    'COPY package.json package-lock.json ./\nRUN npm ci --ignore-scripts\nCOPY tsconfig.json tsconfig.build.json ./\nCOPY src ./src',
    'COPY . ./\nRUN npm ci --ignore-scripts',
  ),
  feed('S1-8', "this.webSockets.send({ topic: 'fills', message: fill });", ''),
  pool('S1-44', 'this.pool = new Pool({', 'this.pool = new Client({'),
  zeromq(
    'S1-44',
    'const RECONNECT = { connectTimeout: 2_000, reconnectInterval: 200, reconnectMaxInterval: 2_000 };',
    'const RECONNECT = {};',
  ),
];

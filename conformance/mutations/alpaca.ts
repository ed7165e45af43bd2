import { mutationsOf } from './mutation';

const stack = mutationsOf('examples/alpaca/stack.ts');
const frontend = mutationsOf('examples/alpaca/frontend/Dockerfile');
const ignored = mutationsOf('examples/alpaca/frontend/.dockerignore');
const page = mutationsOf('examples/alpaca/frontend/src/app.js');
const settings = mutationsOf('examples/alpaca/.env.example');
const backend = mutationsOf('examples/alpaca/backend/Dockerfile');
const backendIgnored = mutationsOf('examples/alpaca/backend/.dockerignore');
const migrations = mutationsOf('examples/alpaca/backend/alembic/env.py');
const api = mutationsOf('examples/alpaca/backend/app/api.py');

export const ALPACA_MUTATIONS = [
  stack('S2-1', 'uses: [url, migration, cache, alpaca]', 'uses: [url, migration, alpaca]'),
  backend('S2-2', 'FROM python:3.12-slim AS runtime', 'FROM python:3.14-slim AS runtime'),
  backend('S2-2', 'USER appuser\n', ''),
  stack('S2-3', "healthPath: '/api/health'", "healthPath: '/health'"),
  stack('S2-3', 'port: 8000', 'port: 8001'),
  api('S2-3', '"/api/health"', '"/health"'),
  backend('S2-4', 'COPY --from=builder /wheels /wheels', 'COPY requirements.txt /wheels/'),
  backend('S2-4', '--no-index ', ''),
  backend('S2-4', '"uvicorn", ', '"gunicorn", '),
  backend('S2-5', 'USER appuser', 'USER root'),
  backend('S2-5', 'useradd --uid 1000', 'useradd --system'),
  backend('S2-6', 'EXPOSE 8000', 'EXPOSE 8001'),
  backend('S2-6', 'COPY requirements.txt .', 'COPY . .'),
  frontend('S2-8', 'FROM node:22-alpine AS build', 'FROM node:24-slim AS build'),
  frontend('S2-8', 'RUN npm ci ', 'RUN npm install '),
  frontend('S2-9', 'ARG VITE_WS_URL\n', ''),
  frontend('S2-9', 'VITE_API_URL=$VITE_API_URL', 'VITE_API_URL=/'),
  page('S2-9', 'import.meta.env.VITE_API_URL', "'/other'"),
  frontend('S2-10', 'EXPOSE 8080', 'EXPOSE 80'),
  stack('S2-11', "SOCKET_IO_PATH: '/ws/socket.io'", "SOCKET_IO_PATH: '/socket.io'"),
  stack('S2-11', "Route.http('/api/', backend)", "Route.http('/rest/', backend)"),
  stack('S2-11', "Route.socketIo('/ws/', backend)", "Route.socketIo('/sockets/', backend)"),
  page('S2-11', '`${SOCKETS}/socket.io`', "'/socket.io'"),
  stack('S2-13', "Route.socketIo('/ws/', backend)", "Route.http('/ws/', backend)"),
  stack('S2-14', 'postgres:16-alpine', 'postgres:17-alpine'),
  stack('S2-14', 'ports: published(5432)', 'ports: []'),
  stack('S2-15', 'redis:7-alpine', 'redis:8.2-alpine'),
  stack('S2-41', 'redis:7-alpine', 'redis:7-bookworm'),
  frontend('S2-41', '-alpine-slim AS runtime', ' AS runtime'),
  stack('S2-15', 'ports: published(6379)', 'ports: published(6379, 6380)'),
  stack('S2-18', "Volume.retained('postgres_data')", "Volume.ephemeral('postgres_data')"),
  stack('S2-19', "name: 'trading-net'", "name: 'alpaca-net'"),
  stack('S2-16', "'backend'), { name: 'alpaca-backend' }", "'frontend'), { name: 'alpaca-backend' }"),
  stack('S2-21', "process.env.LOG_LEVEL ?? 'INFO'", "'INFO'"),
  stack('S2-21', "process.env.POSTGRES_DB ?? 'trading_bot'", "'trading_bot'"),
  settings('S2-21', 'ENVIRONMENT=production', 'ENVIRONMENT=development'),
  backendIgnored('S2-22', 'tests\n', ''),
  backendIgnored('S2-22', '**/*.pyc\n', '*.pyc\n'),
  backendIgnored('S2-22', '.env\n', ''),
  migrations('S2-35', 'SECONDS_TO_RETRY = 30', 'SECONDS_TO_RETRY = 0'),
  backendIgnored('S2-37', '.env\n', ''),
  backend('S2-37', 'COPY app ./app', 'COPY . .'),
  ignored('S2-23', 'dist\n', ''),
  ignored('S2-23', '*.md\n', ''),
  ignored('S2-37', '.env\n', ''),
  frontend('S2-37', 'COPY build.mjs index.html ./', 'COPY . ./'),
  stack(
    'S2-27',
    "ALPACA_SECRET_KEY: Secret.provided(stack, 'alpaca_secret_key'",
    "ALPACA_SECRET: Secret.provided(stack, 'alpaca_secret_key'",
  ),
  stack('S2-28', "host: 'paper-api.alpaca.markets'", "host: 'api.alpaca.markets'"),
  stack('S2-28', "TRADING_ENVIRONMENT: 'paper',\n", ''),
  stack('S2-29', "ENVIRONMENT ?? 'production'", "ENVIRONMENT ?? 'development'"),
  stack('S2-29', "LOG_LEVEL ?? 'INFO'", "LOG_LEVEL ?? 'DEBUG'"),
  stack('S2-29', "DEBUG ?? 'false'", "DEBUG ?? 'true'"),
  stack('S2-30', "VITE_API_URL: '/api'", "VITE_API_URL: '/'"),
  stack('S2-30', "VITE_WS_URL: '/ws'", "VITE_WS_URL: '/'"),
  stack('S2-31', "new RedisCache(stack, 'redis'", "new RedisCache(stack, 'cache'"),
  stack('S2-33', 'ports: published(8080, 3000)', 'ports: published(8080, 3002)'),
  stack('S2-33', 'ports: published(8000)', 'ports: []'),
  stack('S2-36', "POSTGRES_DB ?? 'trading_bot'", "POSTGRES_DB ?? 'bot'"),
];

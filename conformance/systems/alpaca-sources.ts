import {
  ApiGateway,
  DatabaseMigration,
  Engine,
  PublishedPort,
  Image,
  PostgresDb,
  RedisCache,
  Route,
  SecretDelivery,
  TradingStack,
  WebFrontend,
} from '../../lib';
import { createApp } from '../../test/setup/synthesize';
import type { TemporaryProject } from '../../test/workload/temporary-project';

const BACKEND = `
FROM python:3.12-slim AS builder
WORKDIR /build
COPY requirements.txt .
RUN pip wheel --no-cache-dir --wheel-dir /wheels -r requirements.txt
FROM python:3.12-slim AS runtime
RUN useradd --uid 1000 appuser
WORKDIR /app
COPY --from=builder /wheels /wheels
RUN pip install --no-cache-dir /wheels/*
COPY . .
USER appuser
EXPOSE 8000
`;

const FRONTEND = `
FROM node:22-alpine AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
ARG VITE_API_URL
ARG VITE_WS_URL
ENV VITE_API_URL=$VITE_API_URL VITE_WS_URL=$VITE_WS_URL
RUN npm run build
FROM nginxinc/nginx-unprivileged:1.30-alpine-slim
COPY --from=build /app/dist /usr/share/nginx/html
`;

/** A backend in Python and a frontend in React, as the document describes both. */
export function writeSources(project: TemporaryProject): void {
  project.write('backend/Dockerfile', BACKEND);
  project.write('backend/requirements.txt', 'uvicorn\n');
  project.write('backend/app/main.py', 'app = None\n');
  project.write(
    'backend/.dockerignore',
    lines('**/__pycache__', '**/*.pyc', '.venv', 'venv', '.env', 'tests', '*.md', '.git'),
  );
  project.write('frontend/Dockerfile', FRONTEND);
  project.write('frontend/package.json', '{}');
  project.write('frontend/src/main.tsx', 'export {};\n');
  project.write('frontend/.dockerignore', lines('node_modules', 'dist', '.env', '*.md', '.git'));
}

/** The bot from these sources on the ports of the document, as in examples/alpaca/README.md. */
export function createStackFromSources(): TradingStack {
  const stack = new TradingStack(createApp(), 'bot', { engine: Engine.docker(), network: { name: 'trading-net' } });
  const database = new PostgresDb(stack, 'db', {
    image: Image.fromRegistry('postgres:16-alpine'),
    database: 'trading_bot',
    user: 'trading_bot_user',
    ports: [PublishedPort.loopback(5432)],
  });
  const cache = new RedisCache(stack, 'redis', { ports: [PublishedPort.loopback(6379)] });
  const image = Image.fromBuild('backend', { name: 'bot-backend' });
  const url = database.endpoint.url({ driver: 'asyncpg', delivery: SecretDelivery.EXPORTED });
  const migration = new DatabaseMigration(stack, 'migration', {
    image,
    command: ['alembic', 'upgrade', 'head'],
    database: url,
  });
  const backend = new ApiGateway(stack, 'backend', {
    image,
    command: ['uvicorn', 'app.main:app', '--host', '0.0.0.0', '--port', '8000'],
    port: 8000,
    healthPath: '/api/health',
    uses: [url, migration, cache.endpoint.url({ delivery: SecretDelivery.EXPORTED })],
    ports: [PublishedPort.loopback(8000)],
  });
  new WebFrontend(stack, 'frontend', {
    image: Image.fromBuild('frontend', {
      name: 'bot-frontend',
      buildArgs: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' },
    }),
    routes: [Route.http('/api/', backend), Route.socketIo('/ws/', backend)],
    ports: [PublishedPort.loopback(8080, { hostPort: 3000 })],
  });
  return stack;
}

function lines(...patterns: readonly string[]): string {
  return `${patterns.join('\n')}\n`;
}

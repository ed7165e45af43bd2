import {
  AppService,
  BackgroundWorker,
  DatabaseMigration,
  Duration,
  HealthCheck,
  Image,
  PostgresDb,
  Workload,
} from '../../lib';
import { textOf } from '../synthesized-system';
import type { Bug } from './bug';
import { createDatabase, image } from './shared';

export const HEALTH = {
  'B-01': {
    title: 'A check that cannot fail',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
      shows: /8000\/health/,
    },
    forms: [
      {
        written: 'a command of Python that always exits with 0',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image: Image.fromRegistry('python:3.13-slim'),
            command: ['python3', '-m', 'bot'],
            port: 8000,
            healthCheck: HealthCheck.command(['python3', '-c', 'import sys; sys.exit(0)']),
          }),
        shows: /sys\.exit\(0\)/,
      },
      {
        written: "HealthCheck.shell('exit 0')",
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, healthCheck: HealthCheck.shell('exit 0') }),
        shows: /exit 0/,
      },
      {
        written: 'HealthCheck.none()',
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, healthCheck: HealthCheck.none() }),
        shows: /"NONE"/,
      },
    ],
  },
  'B-03': {
    title: 'A database that is ready too early',
    byDefault: { stack: createDatabase, shows: /"pg_isready","-q","-h","127\.0\.0\.1","-U","mt5_user","-d","mt5"/ },
    forms: [
      {
        written: 'pg_isready without a host on a PostgresDb',
        stack: (stack) =>
          new PostgresDb(stack, 'db', {
            database: 'mt5',
            user: 'mt5_user',
            healthCheck: HealthCheck.shell('pg_isready -U mt5_user'),
          }),
        shows: /pg_isready -U mt5_user/,
      },
    ],
  },
  'B-07': {
    title: 'Required and optional swapped',
    byDefault: {
      stack: (stack) => {
        const features = new AppService(stack, 'feature_api', { image, port: 8000 });
        return new AppService(stack, 'runner', { image, port: 9090, uses: [features] });
      },
      shows: /"depends_on":\["docker_container\.desk-feature-api"\]/,
    },
    forms: [
      {
        written: 'depends_on',
        compiles: false,
        stack: (stack) =>
          // @ts-expect-error -- there is no depends_on
          new AppService(stack, 'runner', { image, port: 9090, depends_on: ['feature_api'] }),
      },
      {
        written: 'the address of the feature API in `environment`, without `uses`',
        stack: (stack) => {
          new AppService(stack, 'feature_api', { image, port: 8000 });
          return new AppService(stack, 'runner', {
            image,
            port: 9090,
            environment: { FEATURE_API_URL: 'http://feature-api:8000' },
          });
        },
        shows: /FEATURE_API_URL=http:\/\/feature-api:8000/,
      },
    ],
  },
  'B-10': {
    title: 'A probe with a missing program',
    byDefault: {
      stack: (stack) =>
        new AppService(stack, 'bot', {
          image: Image.fromRegistry('python:3.13-slim'),
          command: ['python3', '-m', 'bot'],
          port: 8000,
        }),
      shows: /python3/,
    },
    forms: [
      {
        written: 'curl in python:slim',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image: Image.fromRegistry('python:3.13-slim'),
            command: ['python3', '-m', 'bot'],
            port: 8000,
            healthCheck: HealthCheck.http(8000, { via: 'curl' }),
          }),
      },
      {
        written: 'nc in debian:slim',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image: Image.fromRegistry('debian:bookworm-slim'),
            command: ['/bot'],
            port: 5555,
            healthCheck: HealthCheck.shell('nc -z localhost 5555'),
          }),
      },
      {
        written: 'curl in an image that the library does not know',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, healthCheck: HealthCheck.http(8000, { via: 'curl' }) }),
        shows: /curl/,
      },
    ],
  },
  'B-18': {
    title: '"Docker restarts unhealthy containers"',
    inExamples: () =>
      textOf('examples/mt5/stack.ts').includes('restartPolicy: RestartPolicy.unlessStopped({ whenUnhealthy'),
    forms: [
      {
        written: 'a service on one host, which nothing restarts while it is unhealthy',
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
        // The service is all that runs.
        shows: /"docker_container":\{"[^"]+":\{[^]*"restart":"unless-stopped"/,
      },
    ],
  },
  'B-26': {
    title: 'Migrations in the entrypoint',
    byDefault: {
      stack: (stack) => {
        const database = createDatabase(stack);
        const migration = new DatabaseMigration(stack, 'migration', {
          image,
          command: ['alembic', 'upgrade', 'head'],
          database,
        });
        return new AppService(stack, 'backend', { image, port: 8000, replicas: 3, uses: [database, migration] });
      },
      shows: /"depends_on":\[[^\]]*"docker_container\.desk-migration"/,
    },
    forms: [
      {
        written: 'the migration in the command of three replicas',
        stack: (stack) =>
          new AppService(stack, 'backend', {
            image,
            port: 8000,
            replicas: 3,
            command: ['sh', '-c', 'alembic upgrade head && exec uvicorn app.main:app'],
            uses: [createDatabase(stack)],
          }),
        shows: /alembic upgrade head && exec uvicorn/,
      },
      {
        written: 'replicas of a DatabaseMigration',
        compiles: false,
        stack: (stack) =>
          new DatabaseMigration(stack, 'migration', {
            image,
            database: createDatabase(stack),
            // @ts-expect-error -- a job runs once
            replicas: 3,
          }),
      },
    ],
  },
  'B-33': {
    title: 'Waiting for a start instead of health',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, uses: [createDatabase(stack)] }),
      shows: /"wait":true/,
    },
    forms: [
      {
        written: 'depends_on in its short form',
        compiles: false,
        // @ts-expect-error -- there is no depends_on
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, depends_on: ['db'] }),
      },
      {
        written: '`uses` of a service without a health check',
        stack: (stack) => {
          const feed = new AppService(stack, 'feed', { image, port: 8001, healthCheck: HealthCheck.none() });
          return new AppService(stack, 'bot', { image, port: 8000, uses: [feed] });
        },
        shows: /"NONE"/,
      },
    ],
  },
  'B-36': {
    title: 'A start period that no service has',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
      shows: /"start_period":"30s"/,
    },
    forms: [
      {
        written: 'a start period of zero',
        stack: (stack) =>
          new AppService(stack, 'bot', {
            image,
            port: 8000,
            healthCheck: HealthCheck.http(8000, { startPeriod: Duration.seconds(0) }),
          }),
      },
    ],
  },
  'B-38': {
    title: 'A schema that is never loaded',
    byDefault: {
      stack: (stack) =>
        new PostgresDb(stack, 'db', { database: 'mt5', initScripts: { 'init.sql': 'CREATE TABLE orders ();' } }),
      shows: /docker-entrypoint-initdb\.d\/init\.sql/,
    },
    forms: [
      {
        written: 'a command that loads a file that nothing mounts',
        stack: (stack) =>
          new Workload(stack, 'schema', {
            image: Image.fromRegistry('postgres:17-alpine'),
            command: ['psql', '-h', 'db', '-f', '/docker-entrypoint-initdb.d/init.sql'],
            uses: [createDatabase(stack)],
            volumes: [],
          }),
        shows: /-f","\/docker-entrypoint-initdb\.d\/init\.sql/,
      },
    ],
  },
  'B-45': {
    title: 'Workers without a check',
    byDefault: {
      stack: (stack) => new BackgroundWorker(stack, 'worker', { image }),
      shows: /HEARTBEAT_FILE/,
    },
    forms: [
      {
        written: 'HealthCheck.none() on a BackgroundWorker',
        stack: (stack) => new BackgroundWorker(stack, 'worker', { image, healthCheck: HealthCheck.none() }),
        shows: /"NONE"/,
      },
    ],
  },
} satisfies Record<string, Bug>;

import {
  AppService,
  EnvFile,
  Image,
  MonitoringStack,
  PostgresDb,
  PublishedPort,
  RedisCache,
  Secret,
  SecretDelivery,
  Volume,
  Workload,
} from '../../lib';
import type { Bug } from './bug';
import { createDatabase, image } from './shared';

export const SECRETS = {
  'B-11': {
    title: 'Databases open to everyone',
    byDefault: {
      stack: (stack) => new RedisCache(stack, 'redis', { ports: [PublishedPort.loopback(6379)] }),
      shows: /"ip":"127\.0\.0\.1"/,
    },
    forms: [
      {
        written: 'a PostgresDb on every address',
        stack: (stack) => new PostgresDb(stack, 'db', { database: 'mt5', ports: [PublishedPort.allInterfaces(5432)] }),
      },
      {
        written: 'a Redis without a password on every address, as a Workload',
        stack: (stack) =>
          new Workload(stack, 'redis', {
            image: Image.fromRegistry('redis:8.2-alpine'),
            command: ['redis-server'],
            volumes: [Volume.retained('redis_data').mountAt('/data')],
            ports: [PublishedPort.allInterfaces(6379)],
          }),
        shows: /"external":6379,"internal":6379,"ip":"0\.0\.0\.0"/,
      },
      {
        written: 'a server that the library does not know, on every address',
        stack: (stack) => new Workload(stack, 'store', { image, ports: [PublishedPort.allInterfaces(7000)] }),
        shows: /"external":7000,"internal":7000,"ip":"0\.0\.0\.0"/,
      },
    ],
  },
  'B-12': {
    title: 'Passwords that everyone knows, versions that no one knows',
    byDefault: { stack: createDatabase, shows: /POSTGRES_PASSWORD_FILE=\/run\/secrets\// },
    forms: [
      {
        written: 'latest',
        stack: (stack) =>
          new AppService(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:latest'), port: 1 }),
      },
      {
        written: 'no tag',
        stack: (stack) => new AppService(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot'), port: 1 }),
      },
      {
        written: 'POSTGRES_PASSWORD on a PostgresDb',
        stack: (stack) =>
          new PostgresDb(stack, 'db', { database: 'mt5', environment: { POSTGRES_PASSWORD: 'trading_bot_pass' } }),
      },
      {
        written: 'GF_SECURITY_ADMIN_PASSWORD on Grafana',
        stack: (stack) =>
          new MonitoringStack(stack, 'monitoring', {
            watch: [],
            grafana: { environment: { GF_SECURITY_ADMIN_PASSWORD: 'admin123' } },
          }),
      },
      {
        written: 'a password in `environment` of another service',
        stack: (stack) =>
          new AppService(stack, 'bot', { image, port: 8000, environment: { API_PASSWORD: 'mastertrade123' } }),
      },
      {
        written: 'latest as the base image of a Dockerfile',
        stack: (stack, write) => {
          write('bot/Dockerfile', 'FROM python:latest\nUSER 1000\nCMD ["python3", "-m", "bot"]\n');
          return new AppService(stack, 'bot', { image: Image.fromBuild('./bot'), port: 8000 });
        },
        shows: /"dockerfile":"Dockerfile"/,
      },
    ],
  },
  'B-16': {
    title: 'Programs as root',
    byDefault: {
      stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
      shows: /"user":"1000:1000"/,
    },
    forms: [
      {
        written: "runAs: 'root'",
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, runAs: 'root' }),
        shows: /"user":"root"/,
      },
      {
        written: 'packages in /root/.local, which user 1000 cannot read',
        stack: (stack, write) => {
          write(
            'bot/Dockerfile',
            'FROM python:3.13-slim\nRUN pip install --user uvicorn\nENV PATH=/root/.local/bin:$PATH\nCMD ["uvicorn"]\n',
          );
          return new AppService(stack, 'bot', { image: Image.fromBuild('./bot'), port: 8000 });
        },
        shows: /"user":"1000:1000"/,
      },
    ],
  },
  'B-24': {
    title: 'Docker Content Trust and `docker scan`',
    forms: [
      {
        written: 'an image without a signature or a scan',
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000 }),
        shows: /ghcr\.io\/desk\/bot:1\.4\.0/,
      },
    ],
  },
  'B-34': {
    title: 'Keys that nothing uses',
    forms: [
      {
        written: 'a secret that no service names',
        stack: (stack) => Secret.provided(stack, 'twilio_token', { description: 'Token of Twilio.' }),
      },
      {
        written: 'a secret for a service that does not use it',
        stack: (stack) => {
          const key = Secret.provided(stack, 'lunarcrush_key', { description: 'Key of LunarCrush.' });
          return new AppService(stack, 'bot', { image, port: 8000, secrets: { LUNARCRUSH_API_KEY: key } });
        },
        shows: /LUNARCRUSH_API_KEY_FILE/,
      },
    ],
  },
  'B-35': {
    title: 'Every secret for every service',
    byDefault: {
      stack: (stack) => {
        const key = Secret.provided(stack, 'smtp_password', { description: 'Password of the mailbox.' });
        new AppService(stack, 'alerts', { image, port: 8007, secrets: { SMTP_PASSWORD: key } });
        return new AppService(stack, 'bot', { image, port: 8000 });
      },
      // In one container only.
      shows: /^(?!.*SMTP_PASSWORD_FILE.*SMTP_PASSWORD_FILE).*SMTP_PASSWORD_FILE/,
    },
    forms: [
      {
        written: 'env_file',
        compiles: false,
        // @ts-expect-error -- there is no env_file
        stack: (stack) => new AppService(stack, 'bot', { image, port: 8000, env_file: '.env' }),
      },
      {
        written: 'an EnvFile in `uses` of two services',
        stack: (stack, write) => {
          write('.env', 'SMTP_PASSWORD=abc\n');
          const settings = new EnvFile(stack, 'settings', { path: '.env', delivery: SecretDelivery.FILE });
          new AppService(stack, 'alerts', { image, port: 8007, uses: [settings] });
          return new AppService(stack, 'bot', { image, port: 8000, uses: [settings] });
        },
        shows: /SMTP_PASSWORD_FILE.*SMTP_PASSWORD_FILE/,
      },
    ],
  },
  'B-44': {
    title: '"All containers run as user 1000"',
    byDefault: { stack: (stack) => new RedisCache(stack, 'redis'), shows: /"user":"999(?::1000)?"|"user":"redis/ },
    forms: [
      {
        written: 'a PostgresDb as user 1000',
        stack: (stack) => new PostgresDb(stack, 'db', { database: 'mt5', runAs: '1000:1000' }),
        shows: /"user":"1000:1000"/,
      },
    ],
  },
} satisfies Record<string, Bug>;

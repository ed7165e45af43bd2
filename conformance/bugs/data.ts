import {
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Image,
  RabbitMqBroker,
  RedisCache,
  RedisPurpose,
  Size,
  Volume,
  Workload,
} from '../../lib';
import type { Bug } from './bug';
import { createDatabase } from './shared';

export const DATA = {
  'B-20': {
    title: 'Backups that are not backups',
    byDefault: {
      stack: (stack) =>
        createDatabase(stack).backup({
          to: BackupTarget.hostFolder('/srv/backups'),
          schedule: BackupSchedule.daily('02:00'),
          retention: BackupRetention.of({ daily: 7 }),
        }),
      shows: /"desk-db-backup"/,
    },
    forms: [
      {
        written: 'a database without a backup',
        stack: createDatabase,
        shows: /"desk_db_data"/,
      },
    ],
  },
  'B-31': {
    title: 'Queues that are lost',
    byDefault: { stack: (stack) => new RabbitMqBroker(stack, 'rabbitmq'), shows: /"hostname":"rabbitmq"/ },
    forms: [
      {
        written: 'another host name on a RabbitMqBroker',
        stack: (stack) => new RabbitMqBroker(stack, 'rabbitmq', { hostname: 'other' }),
      },
      {
        written: 'a RabbitMQ without a host name, as a Workload',
        stack: (stack) =>
          new Workload(stack, 'rabbitmq', {
            image: Image.fromRegistry('ghcr.io/desk/rabbitmq:4.2.1'),
            volumes: [Volume.retained('rabbitmq_data').mountAt('/var/lib/rabbitmq')],
          }),
        shows: /^(?!.*"hostname")/,
      },
    ],
  },
  'B-32': {
    title: 'Redis without room to save',
    byDefault: {
      stack: (stack) => new RedisCache(stack, 'redis', { purpose: RedisPurpose.QUEUE }),
      shows: /noeviction/,
    },
    forms: [
      {
        written: 'as much data as the limit of the container',
        stack: (stack) =>
          new RedisCache(stack, 'redis', {
            maxMemory: Size.gibibytes(2),
            resources: { memory: Size.gibibytes(2) },
          }),
      },
      {
        written: 'eviction on a Redis for queues',
        stack: (stack) =>
          new RedisCache(stack, 'redis', {
            purpose: RedisPurpose.QUEUE,
            settings: { 'maxmemory-policy': 'allkeys-lru' },
          }),
      },
    ],
  },
} satisfies Record<string, Bug>;

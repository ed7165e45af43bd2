import type { KnownImage } from './known-image';

const RABBITMQ = {
  repositories: ['rabbitmq'],
  sources: [
    'https://github.com/docker-library/rabbitmq/blob/master/4.2/ubuntu/Dockerfile',
    'https://github.com/docker-library/rabbitmq/blob/master/docker-entrypoint.sh',
    'https://github.com/docker-library/rabbitmq/pull/467',
  ],
  asOf: '2026-06-15',
  entrypoint: ['docker-entrypoint.sh'],
  command: ['rabbitmq-server'],
  data: [
    {
      path: '/var/lib/rabbitmq',
      declared: '/var/lib/rabbitmq',
      movedBy: ['RABBITMQ_MNESIA_BASE', 'RABBITMQ_MNESIA_DIR'],
    },
  ],
  healthCheck: "HealthCheck.command(['rabbitmq-diagnostics', '-q', 'ping'])",
} as const;

/** Images of caches and brokers. */
export const MESSAGING: readonly KnownImage[] = [
  {
    name: 'Redis',
    repositories: ['redis'],
    sources: [
      'https://github.com/redis/docker-library-redis/blob/master/7.4/debian/Dockerfile',
      'https://github.com/redis/docker-library-redis/blob/master/docker-entrypoint.sh',
    ],
    asOf: '2024-10-04',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['redis-server'],
    secrets: { plain: /^REDIS_/, construct: 'RedisCache' },
    data: [{ path: '/data', declared: '/data', movedBy: ['--dir'] }],
    // The client exits with 0 whatever the server answers. With these answers it runs.
    healthCheck: `HealthCheck.shell("redis-cli ping | grep -qE 'PONG|NOAUTH|MISCONF'")`,
  },
  {
    name: 'Valkey',
    repositories: ['valkey/valkey'],
    sources: [
      'https://github.com/valkey-io/valkey-container/blob/mainline/8.0/debian/Dockerfile',
      'https://github.com/valkey-io/valkey-container/blob/mainline/8.0/debian/docker-entrypoint.sh',
    ],
    asOf: '2025-01-08',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['valkey-server'],
    secrets: { plain: /^(VALKEY_(?!EXTRA_FLAGS$)|REDIS_)/, construct: 'RedisCache' },
    data: [{ path: '/data', declared: '/data', movedBy: ['--dir'] }],
    healthCheck: `HealthCheck.shell("valkey-cli ping | grep -qE 'PONG|NOAUTH|MISCONF'")`,
  },
  {
    ...RABBITMQ,
    name: 'RabbitMQ',
    tags: /^(3\.(9|1[0-3])|4)(\D|$)/,
    secrets: { plain: /^RABBITMQ_DEFAULT_(USER|PASS)$/ },
  },
  { ...RABBITMQ, name: 'RabbitMQ, other tags' },
  {
    name: 'Apache Kafka',
    repositories: ['apache/kafka'],
    sources: [
      'https://github.com/apache/kafka/blob/trunk/docker/jvm/Dockerfile',
      'https://github.com/apache/kafka/blob/trunk/bin/kafka-server-start.sh',
      'https://github.com/apache/kafka/blob/trunk/config/server.properties',
    ],
    asOf: '2024-10-25',
    entrypoint: [],
    command: ['/etc/kafka/docker/run'],
    secrets: { plain: /^KAFKA_(?!SSL_\w+_CREDENTIALS$)/ },
    data: [{ path: '/var/lib/kafka/data', declared: '/var/lib/kafka/data', variable: 'KAFKA_LOG_DIRS' }],
    memory: { mebibytes: 1280, reason: 'a heap of 1 GiB', variable: 'KAFKA_HEAP_OPTS' },
    healthCheck: 'HealthCheck.tcp(9092)',
  },
  {
    name: 'Confluent Kafka',
    repositories: ['confluentinc/cp-kafka'],
    sources: [
      'https://github.com/confluentinc/kafka-images/blob/master/kafka/Dockerfile.ubi9',
      'https://github.com/confluentinc/kafka-images/blob/master/kafka/include/etc/confluent/docker/configure',
      'https://github.com/apache/kafka/blob/trunk/bin/kafka-server-start.sh',
    ],
    asOf: '2026-04-15',
    entrypoint: [],
    command: ['/etc/confluent/docker/run'],
    secrets: { plain: /^KAFKA_(?!SSL_\w+_CREDENTIALS$)/ },
    data: [{ path: '/var/lib/kafka/data', declared: '/var/lib/kafka/data', movedBy: ['KAFKA_LOG_DIRS'] }],
    memory: { mebibytes: 1280, reason: 'a heap of 1 GiB', variable: 'KAFKA_HEAP_OPTS' },
    healthCheck: 'HealthCheck.tcp(9092)',
  },
  {
    name: 'NATS on Alpine',
    repositories: ['nats'],
    tags: /alpine/,
    sources: ['https://github.com/nats-io/nats-docker/blob/main/2.11.x/alpine3.22/Dockerfile'],
    asOf: '2026-08-12',
    entrypoint: ['docker-entrypoint.sh'],
    command: ['nats-server', '--config', '/etc/nats/nats-server.conf'],
    healthCheck: "HealthCheck.http(8222, { path: '/healthz' })",
  },
  {
    name: 'EMQX',
    repositories: ['emqx', 'emqx/emqx', 'emqx/emqx-enterprise'],
    sources: [
      'https://github.com/emqx/emqx/blob/master/deploy/docker/Dockerfile',
      'https://github.com/emqx/emqx/blob/master/deploy/docker/README.md',
      'https://docs.emqx.com/zh/enterprise/v5.1/deploy/install.html',
    ],
    asOf: '2026-08-07',
    entrypoint: ['/usr/bin/docker-entrypoint.sh'],
    command: ['/opt/emqx/bin/emqx', 'foreground'],
    secrets: { plain: /^EMQX_/ },
    data: [{ path: '/opt/emqx/data', declared: '/opt/emqx/data', movedBy: ['EMQX_NODE__DATA_DIR'] }],
    memory: { mebibytes: 512, reason: 'its documented minimum' },
    healthCheck: "HealthCheck.command(['/opt/emqx/bin/emqx', 'ctl', 'status'])",
  },
];

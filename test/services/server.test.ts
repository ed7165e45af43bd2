import {
  InfluxDb,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  RedisPurpose,
  Secret,
  Size,
  type TradingStack,
  type WorkloadOptions,
} from '../../lib';
import { containerNamed, createStack, synthesizeStack } from '../setup/synthesize';
import { warningsOf } from './fixtures';

type Settings = Readonly<Record<string, string | number | boolean>>;

const SERVERS = {
  redis: (stack: TradingStack, settings: Settings) => new RedisCache(stack, 'redis', { settings }),
  postgres: (stack: TradingStack, settings: Settings) => new PostgresDb(stack, 'db', { settings }),
  rabbitmq: (stack: TradingStack, settings: Settings) => new RabbitMqBroker(stack, 'rabbitmq', { settings }),
};
const KINDS = Object.keys(SERVERS) as (keyof typeof SERVERS)[];

function setting(kind: keyof typeof SERVERS, settings: object): () => unknown {
  return () => createStack((stack) => SERVERS[kind](stack, settings as Settings));
}

describe('reserved settings', () => {
  test.each([
    ['redis', 'port', 6380, 'clients connect to 6379'],
    ['redis', 'BIND', '127.0.0.1', 'Remove it: clients on the network'],
    ['redis', 'dir', '/tmp', 'Remove it, or set volume'],
    ['redis', 'maxmemory', '1gb', 'Use maxMemory'],
    ['redis', 'requirepass', 'hunter2', 'Use password'],
    ['redis', 'user', 'default on nopass', 'Use password'],
    ['redis', 'masterauth', 'hunter2', 'Put it into a secret file'],
    ['postgres', 'port', 5433, 'clients connect to 5432'],
    ['postgres', 'listen_addresses', 'localhost', 'Remove it: clients on the network'],
    ['postgres', 'data_directory', '/tmp', 'Use dataDirectory'],
    ['postgres', 'Data-Directory', '/tmp', 'Use dataDirectory'],
    ['postgres', 'max_connections', 400, 'Use maxConnections'],
    ['rabbitmq', 'listeners.tcp.default', 5673, 'clients connect to the default port'],
    ['rabbitmq', 'listeners.tcp', 'none', 'clients connect to the default port'],
    ['rabbitmq', 'management.tcp.port', 8080, 'clients connect to the default port'],
    ['rabbitmq', 'prometheus.tcp.port', 9090, 'clients connect to the default port'],
    ['rabbitmq', 'prometheus.path', '/m', 'clients connect to the default port'],
    ['rabbitmq', 'default_user', 'guest', 'Use user, password and virtualHost'],
    ['rabbitmq', 'default_pass', 'hunter2', 'Use user, password and virtualHost'],
    ['rabbitmq', 'default_users.desk.password', 'hunter2', 'Use user, password and virtualHost'],
    ['rabbitmq', 'load_definitions', '/tmp/d.json', 'Use exchanges, queues and policies'],
    ['rabbitmq', 'definitions.local.path', '/tmp/d.json', 'Use exchanges, queues and policies'],
    ['rabbitmq', 'loopback_users.guest', false, 'there is no user guest'],
    ['rabbitmq', 'disk_free_limit.relative', 1.5, 'Use disk_free_limit.absolute'],
    ['rabbitmq', 'vm_memory_high_watermark.relative', 0.6, 'Use vm_memory_high_watermark.absolute'],
  ] as const)('a %s server rejects the setting %s', (kind, name, value, replacement) => {
    expect(setting(kind, { [name]: value })).toThrowCode('reserved-setting', `settings.${name}`, replacement);
  });
});

describe('secrets in settings', () => {
  const warnings = (create: (stack: TradingStack) => unknown) => warningsOf(createStack(create));

  test.each([
    ['acl.admin.password', (stack: TradingStack, settings: Settings) => new QuestDb(stack, 'questdb', { settings })],
    ['ssl_options.password', SERVERS.rabbitmq],
    ['myapp.api_key', SERVERS.postgres],
    ['sentinel-pass', SERVERS.redis],
  ] as const)('are warned about: %s', (name, create) => {
    expect(warnings((stack) => create(stack, { [name]: 'canary-51b7aa' }))).toContainEqual(
      `settings.${name} [plain-secret]`,
    );
    expect(warnings((stack) => create(stack, { [name]: true })).join()).not.toContain('plain-secret');
  });
});

describe('other settings', () => {
  test.each([
    ['redis', { 'maxmemory-policy': 'allkeys-lfu', databases: 4, 'tls-port': 6380 }],
    ['postgres', { shared_buffers: '300MB', log_statement: 'ddl', jit: false, 'pg_stat_statements.max': 500 }],
    ['rabbitmq', { 'vm_memory_high_watermark.absolute': '512MiB', 'listeners.ssl.default': 5671, channel_max: 64 }],
  ] as const)('a %s server accepts the settings %j', (kind, settings) => {
    expect(setting(kind, settings)).not.toThrow();
  });
});

describe('memory in settings', () => {
  test.each([
    ['postgres', 'shared_buffers', '2GB', 'less than the memory limit, 1 GiB'],
    // Blocks of 8 KiB.
    ['postgres', 'Shared_Buffers', 131_073, 'less than the memory limit, 1 GiB'],
    ['rabbitmq', 'vm_memory_high_watermark.absolute', '2GiB', 'at most the memory limit, 1 GiB'],
    ['rabbitmq', 'vm_memory_high_watermark.absolute', 2e9, 'at most the memory limit, 1 GiB'],
  ] as const)('a %s server rejects %s %s, which exceeds the memory limit', (kind, name, value, allowed) => {
    expect(setting(kind, { [name]: value })).toThrowCode('invalid-value', `settings.${name}`, allowed);
  });

  test.each([
    ['postgres', 'shared_buffers', '1GB'],
    ['postgres', 'shared_buffers', 131_072],
    ['rabbitmq', 'vm_memory_high_watermark.absolute', '1GB'],
  ] as const)('a %s server accepts %s %s, up to the memory limit', (kind, name, value) => {
    expect(setting(kind, { [name]: value })).not.toThrow();
  });

  test('the limit for memory settings is the configured one', () => {
    const resources = { memory: Size.gibibytes(4) };
    const settings = { shared_buffers: '2GB' };

    expect(() => createStack((stack) => new PostgresDb(stack, 'db', { resources, settings }))).not.toThrow();
  });
});

describe.each(KINDS)('setting of a %s server', (kind) => {
  test.each([undefined, null, NaN, { a: 1 }])(`a ${kind} server rejects %p as a setting`, (value) => {
    expect(setting(kind, { level: value })).toThrowCode('invalid-value', 'settings.level');
  });

  test(`a ${kind} server rejects a setting with a line break, which could smuggle in another one`, () => {
    expect(setting(kind, { level: 'a\nb = c' })).toThrowCode('invalid-value', 'settings.level', 'one line');
    expect(setting(kind, { 'a = b\nc': 1 })).toThrowCode('invalid-name', 'the name of a setting');
  });
});

test.each([
  [{ purpose: RedisPurpose.QUEUE, settings: { 'maxmemory-policy': 'allkeys-lru' } }, 'purpose', 'maxmemory-policy'],
  [{ appendOnly: true, settings: { AppendOnly: 'no' } }, 'appendOnly', 'AppendOnly'],
])('a redis server rejects a setting that an option also decides: %j', (props, option, name) => {
  expect(() => createStack((stack) => new RedisCache(stack, 'redis', props))).toThrowCode(
    'option-conflict',
    `${option} already sets`,
    `settings.${name}`,
  );
});

describe('empty setting of Redis', () => {
  test('an empty setting is one argument with its name, because the provider drops empty arguments', () => {
    const terraform = synthesizeStack((stack) => new RedisCache(stack, 'redis', { settings: { save: '', hz: 20 } }));

    expect((containerNamed(terraform, 'desk-redis').command as string[]).slice(-3)).toEqual([
      '--save ""',
      '--hz',
      '20',
    ]);
  });
});

describe('reserved variables', () => {
  const build = {
    influxdb: (stack: TradingStack, options: WorkloadOptions) => new InfluxDb(stack, 'it', options),
    postgres: (stack: TradingStack, options: WorkloadOptions) => new PostgresDb(stack, 'it', options),
    rabbitmq: (stack: TradingStack, options: WorkloadOptions) => new RabbitMqBroker(stack, 'it', options),
  };

  test.each([
    ['influxdb', 'INFLUXD_BOLT_PATH', 'Remove it, or set volume'],
    ['influxdb', 'INFLUXD_ENGINE_PATH', 'Remove it, or set volume'],
    ['influxdb', 'INFLUXD_STORE', 'Remove it, or set volume'],
    ['influxdb', 'INFLUXD_HTTP_BIND_ADDRESS', 'clients connect to 8086'],
    ['influxdb', 'INFLUXD_TLS_CERT', 'clients connect over plain HTTP'],
    ['influxdb', 'DOCKER_INFLUXDB_INIT_RETENTION', 'Use user, password, organization, bucket, retention'],
    ['postgres', 'PGPORT', 'clients connect to 5432'],
    ['rabbitmq', 'RABBITMQ_DEFAULT_USER', 'Use user, password, virtualHost or settings'],
    ['rabbitmq', 'RABBITMQ_DEFAULT_PASS', 'Use user, password, virtualHost or settings'],
    ['rabbitmq', 'RABBITMQ_VM_MEMORY_HIGH_WATERMARK', 'Use user, password, virtualHost or settings'],
    ['rabbitmq', 'RABBITMQ_NODENAME', 'would start without its data'],
    ['rabbitmq', 'RABBITMQ_MNESIA_BASE', 'Use volume'],
    ['rabbitmq', 'RABBITMQ_NODE_PORT', 'clients connect to the default port'],
    ['rabbitmq', 'RABBITMQ_CONFIG_FILES', 'Use settings and management'],
  ] as const)('a %s server rejects the variable %s, also with a secret', (kind, name, replacement) => {
    expect(() => createStack((stack) => build[kind](stack, { environment: { [name]: '1' } }))).toThrowCode(
      'reserved-setting',
      `the variable ${name}`,
      replacement,
    );
    expect(() =>
      createStack((stack) => {
        const secret = Secret.provided(stack, 'other', { description: 'another value' });
        build[kind](stack, { secrets: { [name]: secret } });
      }),
    ).toThrowCode('reserved-setting', `the variable ${name}`, replacement);
  });

  test('an influxdb server accepts other variables', () => {
    const options = { environment: { INFLUXD_LOG_LEVEL: 'warn' } };

    expect(() => createStack((stack) => build.influxdb(stack, options))).not.toThrow();
  });
});

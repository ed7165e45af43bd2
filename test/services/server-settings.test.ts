import {
  InfluxDb,
  PostgresDb,
  RabbitMqBroker,
  RedisCache,
  Secret,
  Size,
  type TradingStack,
  type WorkloadOptions,
} from '../../lib';
import { containerNamed, createStack, synthesizeStack } from '../setup/synthesize';

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

describe('settings that others rely on are refused, with what to use instead:', () => {
  test.each([
    ['redis', 'port', 6380, 'Leave it out: others are told of 6379, and `ports` gives it another one outside.'],
    ['redis', 'BIND', '127.0.0.1', 'Leave it out: others on the network have to reach it.'],
    ['redis', 'dir', '/tmp', 'Leave it out, or give volume'],
    ['redis', 'maxmemory', '1gb', 'Give maxMemory'],
    ['redis', 'requirepass', 'hunter2', 'Give password'],
    ['redis', 'user', 'default on nopass', 'Give password'],
    ['redis', 'masterauth', 'hunter2', 'Write it into a file of a secret'],
    ['postgres', 'port', 5433, 'Leave it out: others are told of 5432'],
    ['postgres', 'listen_addresses', 'localhost', 'Leave it out: others on the network have to reach it.'],
    ['postgres', 'data_directory', '/tmp', 'Give dataDirectory'],
    ['postgres', 'Data-Directory', '/tmp', 'Give dataDirectory'],
    ['postgres', 'max_connections', 400, 'Give maxConnections'],
    ['rabbitmq', 'listeners.tcp.default', 5673, 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'listeners.tcp', 'none', 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'management.tcp.port', 8080, 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'prometheus.tcp.port', 9090, 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'prometheus.path', '/m', 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'default_user', 'guest', 'Give user, password and virtualHost'],
    ['rabbitmq', 'default_pass', 'hunter2', 'Give user, password and virtualHost'],
    ['rabbitmq', 'default_users.desk.password', 'hunter2', 'Give user, password and virtualHost'],
    ['rabbitmq', 'load_definitions', '/tmp/d.json', 'Give exchanges, queues and policies'],
    ['rabbitmq', 'definitions.local.path', '/tmp/d.json', 'Give exchanges, queues and policies'],
    ['rabbitmq', 'loopback_users.guest', false, 'Leave it out: there is no user guest.'],
    ['rabbitmq', 'vm_memory_high_watermark.relative', 0.6, 'Give vm_memory_high_watermark.absolute'],
  ] as const)('%s %s', (kind, name, value, instead) => {
    expect(setting(kind, { [name]: value })).toThrow(`settings.${name} is up to the construct. ${instead}`);
  });
});

describe('settings that are the user’s own are taken:', () => {
  test.each([
    ['redis', { 'maxmemory-policy': 'allkeys-lfu', databases: 4, 'tls-port': 6380 }],
    ['postgres', { shared_buffers: '300MB', log_statement: 'ddl', jit: false, 'pg_stat_statements.max': 500 }],
    ['rabbitmq', { 'vm_memory_high_watermark.absolute': '512MiB', 'listeners.ssl.default': 5671, channel_max: 64 }],
  ] as const)('%s %j', (kind, settings) => {
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
  ] as const)('is refused above the limit: %s %s %s', (kind, name, value, allowed) => {
    expect(setting(kind, { [name]: value })).toThrow(`settings.${name} cannot be`);
    expect(setting(kind, { [name]: value })).toThrow(`Give ${allowed}.`);
  });

  test.each([
    ['postgres', 'shared_buffers', '1GB'],
    ['postgres', 'shared_buffers', 131_072],
    ['rabbitmq', 'vm_memory_high_watermark.absolute', '1GB'],
  ] as const)('is taken up to the limit: %s %s %s', (kind, name, value) => {
    expect(setting(kind, { [name]: value })).not.toThrow();
  });

  test('is judged by the limit that is given', () => {
    const resources = { memory: Size.gibibytes(4) };
    const settings = { shared_buffers: '2GB' };

    expect(() => createStack((stack) => new PostgresDb(stack, 'db', { resources, settings }))).not.toThrow();
  });
});

describe.each(KINDS)('a setting of %s', (kind) => {
  test.each([undefined, null, NaN, { a: 1 }])('is no text by being %p', (value) => {
    expect(setting(kind, { level: value })).toThrowCode('invalid-value', 'settings.level cannot be');
  });

  test('is on one line, where it can be no second one', () => {
    expect(setting(kind, { level: 'a\nb = c' })).toThrow(
      "settings.level cannot be 'a\nb = c'. Give a text on one line",
    );
    expect(setting(kind, { 'a = b\nc': 1 })).toThrow('the name of a setting cannot be');
  });
});

describe('a memory limit', () => {
  test.each(KINDS)('of %s is a Size', (kind) => {
    const resources = { memory: '2g' as unknown as Size };
    const create = {
      redis: (stack: TradingStack) => new RedisCache(stack, 'it', { resources }),
      postgres: (stack: TradingStack) => new PostgresDb(stack, 'it', { resources }),
      rabbitmq: (stack: TradingStack) => new RabbitMqBroker(stack, 'it', { resources }),
    };

    expect(() => createStack(create[kind])).toThrow("desk/it: resources.memory cannot be '2g'. Give a Size");
  });
});

describe('an empty setting of Redis', () => {
  test('stands beside its name, as the provider takes no empty argument: snapshots off', () => {
    const terraform = synthesizeStack((stack) => new RedisCache(stack, 'redis', { settings: { save: '', hz: 20 } }));

    expect((containerNamed(terraform, 'desk-redis').command as string[]).slice(-3)).toEqual([
      '--save ""',
      '--hz',
      '20',
    ]);
  });
});

describe('variables that others rely on are refused, with what to use instead:', () => {
  const build = {
    influxdb: (stack: TradingStack, options: WorkloadOptions) => new InfluxDb(stack, 'it', options),
    postgres: (stack: TradingStack, options: WorkloadOptions) => new PostgresDb(stack, 'it', options),
    rabbitmq: (stack: TradingStack, options: WorkloadOptions) => new RabbitMqBroker(stack, 'it', options),
  };

  test.each([
    ['influxdb', 'INFLUXD_BOLT_PATH', 'Leave it out, or give volume'],
    ['influxdb', 'INFLUXD_ENGINE_PATH', 'Leave it out, or give volume'],
    ['influxdb', 'INFLUXD_STORE', 'Leave it out, or give volume'],
    ['influxdb', 'INFLUXD_HTTP_BIND_ADDRESS', 'Leave it out: others are told of 8086'],
    ['influxdb', 'INFLUXD_TLS_CERT', 'Leave it out: others are told of http.'],
    ['influxdb', 'DOCKER_INFLUXDB_INIT_RETENTION', 'Give user, password, organization, bucket, retention'],
    ['postgres', 'PGPORT', 'Leave it out: others are told of 5432'],
    ['rabbitmq', 'RABBITMQ_DEFAULT_USER', 'Give user, password, virtualHost or settings.'],
    ['rabbitmq', 'RABBITMQ_DEFAULT_PASS', 'Give user, password, virtualHost or settings.'],
    ['rabbitmq', 'RABBITMQ_VM_MEMORY_HIGH_WATERMARK', 'Give user, password, virtualHost or settings.'],
    ['rabbitmq', 'RABBITMQ_NODENAME', 'Leave it out: RabbitMQ would start without data'],
    ['rabbitmq', 'RABBITMQ_MNESIA_BASE', 'Give volume.'],
    ['rabbitmq', 'RABBITMQ_NODE_PORT', 'Leave it out: others are told of the usual port'],
    ['rabbitmq', 'RABBITMQ_CONFIG_FILES', 'Give settings and management.'],
  ] as const)('%s %s', (kind, name, instead) => {
    const message = `desk/it: the variable ${name} is up to the construct. ${instead}`;

    expect(() => createStack((stack) => build[kind](stack, { environment: { [name]: '1' } }))).toThrow(message);
    expect(() =>
      createStack((stack) => {
        const secret = Secret.provided(stack, 'other', { description: 'another value' });
        build[kind](stack, { secrets: { [name]: secret } });
      }),
    ).toThrow(message);
  });

  test('a level of the log is the user’s own', () => {
    const options = { environment: { INFLUXD_LOG_LEVEL: 'warn' } };

    expect(() => createStack((stack) => build.influxdb(stack, options))).not.toThrow();
  });
});

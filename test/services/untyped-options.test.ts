import {
  DatabaseMigration,
  Image,
  InfluxDb,
  MonitoringStack,
  PostgresDb,
  Prometheus,
  RabbitMqBroker,
  RedisCache,
  type RedisCacheProps,
  RedisPurpose,
  Secret,
  WebFrontend,
} from '../../lib';
import { createStack } from '../setup/synthesize';

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

const SERVERS = {
  PostgresDb: (props: object) => new PostgresDb(createStack(), 'server', props),
  RedisCache: (props: object) => new RedisCache(createStack(), 'server', props),
  RabbitMqBroker: (props: object) => new RabbitMqBroker(createStack(), 'server', props),
  InfluxDb: (props: object) => new InfluxDb(createStack(), 'server', props),
  Prometheus: (props: object) => new Prometheus(createStack(), 'server', { services: [], ...props }),
  MonitoringStack: (props: object) => new MonitoringStack(createStack(), 'server', untyped(props)),
  DatabaseMigration: (props: object) => new DatabaseMigration(createStack(), 'server', untyped({ image, ...props })),
  WebFrontend: (props: object) => new WebFrontend(createStack(), 'server', untyped({ image, ...props })),
};

const WITH_A_PASSWORD = ['PostgresDb', 'RedisCache', 'RabbitMqBroker'] as const;

describe.each(WITH_A_PASSWORD)('a %s', (server) => {
  test.each(['hunter2', { path: 'hunter2' }])('takes no %j for its password, and repeats none', (password) => {
    expect(() => SERVERS[server]({ password })).toThrow(
      /^desk\/server: password is no Secret, but of the type (?!.*hunter2).*\. Give a Secret, for example /,
    );
  });
});

test('a user of a broker takes no text for its password', () => {
  expect(() => new RabbitMqBroker(createStack(), 'server').user('risk', { password: untyped('hunter2') })).toThrow(
    /^desk\/server: the password of the user 'risk' is no Secret, but of the type string\. (?!.*hunter2)Give a Secret/,
  );
});

test.each(['PostgresDb', 'RedisCache', 'RabbitMqBroker', 'InfluxDb', 'Prometheus'] as const)(
  'a %s takes no name for its volume',
  (server) => {
    expect(() => SERVERS[server]({ volume: 'desk_data:/data' })).toThrow(
      "desk/server: volume cannot be 'desk_data:/data'. Write volume: Volume.retained('desk_data').",
    );
  },
);

test('a migration names what it cannot use as its user does', () => {
  const migrate = (props: object) => () => new DatabaseMigration(createStack(), 'server', untyped({ image, ...props }));
  expect(migrate({})).toThrow('desk/server: database is undefined. Create what it uses before it');
  const database = new PostgresDb(createStack(), 'db');
  expect(migrate({ database, uses: ['db2'] })).toThrow("desk/server: uses[0] cannot be 'db2'.");
});

test('a secret is derived from secrets alone', () => {
  const options = { parts: { password: untyped('hunter2') }, compose: () => '' };
  expect(() => Secret.derived(createStack(), 'url', options)).toThrow(
    /^desk\/url: parts\.password is no Secret, but of the type string\. (?!.*hunter2)Give a Secret/,
  );
});

test.each<[keyof typeof SERVERS, object, string]>([
  ['RedisCache', { appendOnly: 'no' }, "appendOnly cannot be 'no'. Give true or false, without quotes."],
  ['RedisCache', { settings: 'x' }, 'settings is of the type string. Write settings: { NAME: value }.'],
  ['RabbitMqBroker', { management: 'false' }, "management cannot be 'false'. Give true or false, without quotes."],
  ['RabbitMqBroker', { virtualHost: 5 }, "virtualHost cannot be 5. Give a text: '5'."],
  ['RabbitMqBroker', { user: 5 }, "the name of the user cannot be 5. Give a text: '5'."],
  ['RabbitMqBroker', { settings: 'x' }, 'settings is of the type string. Write settings: { NAME: value }.'],
  ['InfluxDb', { buckets: ['ticks'] }, "buckets[0] cannot be 'ticks'. Write buckets: [{ name: 'ticks' }]."],
  ['InfluxDb', { buckets: 'ticks' }, "buckets cannot be 'ticks'. Write buckets: [{ name: 'ticks' }]."],
  ['InfluxDb', { buckets: [{}] }, 'the name of the bucket cannot be undefined. Give a text.'],
  ['InfluxDb', { bucket: 5 }, "the name of the bucket cannot be 5. Give a text: '5'."],
  ['InfluxDb', { organization: true }, 'organization cannot be true. Give a text.'],
  [
    'PostgresDb',
    { databases: ['reports'] },
    "databases[0] cannot be 'reports'. Write databases: [{ name: 'reports' }].",
  ],
  ['PostgresDb', { databases: 'reports' }, "databases cannot be 'reports'. Write databases: [{ name: 'reports' }]."],
  [
    'PostgresDb',
    { databases: [{ name: 'a', users: 'bob' }] },
    "databases[0].users cannot be 'bob'. Give a list: ['bob'].",
  ],
  ['PostgresDb', { databases: [{ name: 5 }] }, "databases[0].name cannot be 5. Give a text: '5'."],
  ['PostgresDb', { roles: ['x'] }, "roles[0] cannot be 'x'. Write roles: [{ name: 'reports' }]."],
  [
    'PostgresDb',
    { roles: [{ name: 'x', memberOf: 'pg_monitor' }] },
    "roles[0].memberOf cannot be 'pg_monitor'. Give a list: ['pg_monitor'].",
  ],
  ['PostgresDb', { user: true }, 'user cannot be true. Give a text.'],
  ['PostgresDb', { metricsRole: 5 }, "metricsRole cannot be 5. Give a text: '5'."],
  ['PostgresDb', { initScripts: { 'a.sql': 5 } }, "initScripts.a.sql cannot be 5. Give a text: '5'."],
  ['PostgresDb', { settings: 'x' }, 'settings is of the type string. Write settings: { NAME: value }.'],
  ['RabbitMqBroker', { queues: ['orders'] }, "queues[0] cannot be 'orders'. Write queues: [{ name: 'orders' }]."],
  ['RabbitMqBroker', { queues: { name: 'orders' } }, 'queues cannot be [Object]. Give a list, in [ ].'],
  [
    'RabbitMqBroker',
    { exchanges: ['x'] },
    "exchanges[0] cannot be 'x'. Write exchanges: [{ name: 'ticks', type: 'topic' }].",
  ],
  [
    'RabbitMqBroker',
    { queues: [{ name: 'a', bindings: ['ex'] }] },
    "the bindings of the queue 'a'[0] cannot be 'ex'. Write bindings: [",
  ],
  [
    'RabbitMqBroker',
    { queues: [{ name: 'a', bindings: [{ exchange: 'amq.topic', routingkey: 'k' }] }] },
    "the bindings of the queue 'a'[0] has no 'routingkey'. Write bindings: [",
  ],
  [
    'RabbitMqBroker',
    { policies: [{ name: 'p', pattern: 'a' }] },
    "the definition of the policy 'p' is of the type undefined.",
  ],
  [
    'RabbitMqBroker',
    { policies: [{ name: 'p', pattern: 'a', definition: 'x' }] },
    "the definition of the policy 'p' is of the type string.",
  ],
  [
    'RabbitMqBroker',
    { policies: [{ name: 'p', pattern: 'a', definition: {}, priority: 'high' }] },
    "the priority of the policy 'p' cannot be 'high'. Give a whole number.",
  ],
  ['Prometheus', { scrapeInterval: '15s' }, "scrapeInterval cannot be '15s'. Give a Duration"],
  ['Prometheus', { retention: '30d' }, "retention cannot be '30d'. Give a Duration"],
  ['Prometheus', { retentionSize: '5GB' }, "retentionSize cannot be '5GB'. Give a Size"],
  ['Prometheus', { services: undefined }, 'services cannot be undefined. Give a list, in [ ].'],
  ['MonitoringStack', {}, 'watch cannot be undefined. Give a list, in [ ].'],
  ['DatabaseMigration', { uses: { host: 'db' } }, 'uses cannot be [Object]. Give a list, in [ ].'],
  [
    'WebFrontend',
    { headers: { 'X-Desk': 'a', 'x-desk': 'b' } },
    'the header x-desk stands twice, in two spellings. Leave one of them out.',
  ],
])('a %s with %j is told how it is written', (server, props, message) => {
  expect(() => SERVERS[server](props)).toThrow(`desk/server: ${message}`);
});

test.each([undefined, null, {}])('an access to InfluxDB with the options %j is told to have a right', (options) => {
  expect(() => new InfluxDb(createStack(), 'influx').token('risk', untyped(options))).toThrow(
    "desk/influx: the access 'risk' may do nothing. Give read or write, or both.",
  );
});

test('a user of a broker with one tag for the list is told to give a list', () => {
  expect(() => new RabbitMqBroker(createStack(), 'server').user('risk', { tags: untyped('monitoring') })).toThrow(
    "the tags of the user 'risk' cannot be 'monitoring'. Give a list: ['monitoring'].",
  );
});

test.each<[RedisCacheProps, string]>([
  [
    { purpose: RedisPurpose.QUEUE, settings: { 'maxmemory-policy': 'allkeys-lru' } },
    'maxmemory-policy is up to the construct. Give role',
  ],
  [{ appendOnly: true, settings: { AppendOnly: 'no' } }, 'AppendOnly is up to the construct. Give appendOnly'],
])('a Redis is not told of one thing twice: %j', (props, message) => {
  expect(() => SERVERS.RedisCache(props)).toThrow(`desk/server: settings.${message} or the setting, not both.`);
});

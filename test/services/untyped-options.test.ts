import {
  InfluxDb,
  type InfluxDbProps,
  PostgresDb,
  type PostgresDbProps,
  RabbitMqBroker,
  type RabbitMqBrokerProps,
  RedisCache,
  type RedisCacheProps,
  RedisRole,
  Secret,
} from '../../lib';
import { createStack } from '../setup/synthesize';

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

const SERVERS = {
  PostgresDb: (props: object) => new PostgresDb(createStack(), 'server', props as PostgresDbProps),
  RedisCache: (props: object) => new RedisCache(createStack(), 'server', props as RedisCacheProps),
  RabbitMqBroker: (props: object) => new RabbitMqBroker(createStack(), 'server', props as RabbitMqBrokerProps),
  InfluxDb: (props: object) => new InfluxDb(createStack(), 'server', props as InfluxDbProps),
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
])('a %s with %j is told how it is written', (server, props, message) => {
  expect(() => SERVERS[server](props)).toThrow(`desk/server: ${message}`);
});

test.each([undefined, null, {}])('an access to InfluxDB with the options %j is told to have a right', (options) => {
  expect(() => new InfluxDb(createStack(), 'influx').access('risk', untyped(options))).toThrow(
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
    { role: RedisRole.QUEUE, settings: { 'maxmemory-policy': 'allkeys-lru' } },
    'maxmemory-policy is up to the construct. Give role',
  ],
  [{ appendOnly: true, settings: { AppendOnly: 'no' } }, 'AppendOnly is up to the construct. Give appendOnly'],
])('a Redis is not told of one thing twice: %j', (props, message) => {
  expect(() => SERVERS.RedisCache(props)).toThrow(`desk/server: settings.${message} or the setting, not both.`);
});

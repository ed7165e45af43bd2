import {
  PostgresDb,
  type PostgresDbProps,
  RabbitMqBroker,
  type RabbitMqBrokerProps,
  RedisCache,
  type RedisCacheProps,
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
};

describe.each(Object.entries(SERVERS))('a %s', (_name, create) => {
  test.each(['hunter2', { path: 'hunter2' }])('takes no %j for its password, and repeats none', (password) => {
    expect(() => create({ password })).toThrow(
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

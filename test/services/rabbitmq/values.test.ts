import { type ErrorCode, RabbitMqBroker, type RabbitMqBrokerProps } from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';
import { fileOf } from '../fixtures';

function creating(props: RabbitMqBrokerProps | object): () => unknown {
  return () => new RabbitMqBroker(createStack(), 'rabbitmq', props);
}

function definitions(props: RabbitMqBrokerProps): unknown {
  const terraform = synthesizeStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', props));
  return JSON.parse(fileOf(containerNamed(terraform, 'desk-rabbitmq'), '/etc/rabbitmq/definitions.json'));
}

test.each<[object, ErrorCode, string]>([
  [{ queues: [{ name: 'ledger', bindings: [{ exchange: 'amq.nope' }] }] }, 'unknown-reference', 'amq.headers'],
  [{ queues: [{ name: 'q', arguments: { 'x-max-length': 'abc' } }] }, 'invalid-value', "x-max-length of the queue 'q'"],
  [{ queues: [{ name: 'q', arguments: { 'x-max-length': NaN } }] }, 'invalid-value', 'a number'],
  [{ queues: [{ name: 'q', arguments: { other: Infinity } }] }, 'invalid-value', 'a finite number'],
  [{ queues: [{ name: 'q', arguments: { other: undefined } }] }, 'invalid-value', 'other of'],
  [{ queues: [{ name: 'q', arguments: { 'x-expires': 0 } }] }, 'invalid-value', 'above 0'],
  [{ queues: [{ name: 'q', arguments: { 'x-max-priority': 256 } }] }, 'invalid-value', 'from 0 to 255'],
  [{ queues: [{ name: 'q', arguments: { 'x-delivery-limit': -2 } }] }, 'invalid-value', '-1'],
  [{ queues: [{ name: 'q', type: 'stream', arguments: { 'x-max-age': 'bogus' } }] }, 'invalid-value', "'7D'"],
  [
    { policies: [{ name: 'p', pattern: '.*', definition: { 'max-length': -5 } }] },
    'invalid-value',
    "max-length of the policy 'p'",
  ],
  [{ policies: [{ name: 'p', pattern: '(', definition: {} }] }, 'invalid-value', "the pattern of the policy 'p'"],
])('rejects what the broker would not import: %j', (props, code, fact) => {
  expect(creating(props)).toThrowCode(code, 'desk/rabbitmq: ', fact);
});

test('accepts patterns with the syntax of PCRE, and values that only the broker knows', () => {
  const queues = [{ name: 'q', arguments: { 'x-delivery-limit': -1, 'x-max-priority': 10, 'x-own': 'text' } }];
  const policies = [{ name: 'p', pattern: '(?i)^orders++', definition: { 'max-age': '7D', 'own-key': 'text' } }];

  expect(definitions({ queues, policies })).toMatchObject({ queues, policies });
});

describe('names', () => {
  test.each([
    ['.', 'a part of the path'],
    ['..', 'a part of the path'],
    ['ü'.repeat(128), '255 bytes or less; these are 256'],
    ['orders\ud800', 'half of a surrogate pair'],
  ])('rejects the name %j, which the HTTP API cannot declare', (name, fact) => {
    expect(creating({ queues: [{ name }] })).toThrowCode('invalid-name', 'the name of the queue', fact);
    expect(creating({ exchanges: [{ name, type: 'topic' }] })).toThrowCode('invalid-name', 'the exchange', fact);
    expect(creating({ virtualHost: name })).toThrowCode('invalid-name', 'virtualHost', fact);
  });

  test.each([
    ['k'.repeat(256), '255 bytes or less'],
    ['key\ud800', 'half of a surrogate pair'],
  ])('rejects the routing key %j', (routingKey, fact) => {
    const bindings = [{ exchange: 'amq.topic', routingKey }];
    expect(creating({ queues: [{ name: 'q', bindings }] })).toThrowCode('invalid-name', 'a routing key', fact);
  });

  test('accepts a name of 255 bytes', () => {
    expect(creating({ queues: [{ name: 'q'.repeat(255) }] })).not.toThrow();
  });
});

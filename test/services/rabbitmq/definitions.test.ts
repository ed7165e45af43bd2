import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import {
  Engine,
  type ErrorCode,
  RabbitMqBroker,
  type RabbitMqBrokerProps,
  TradingStack,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';
import { BOT, fileOf } from '../fixtures';
import { TemporaryProject } from '../../workload/temporary-project';

const project = TemporaryProject.forEveryTest();
const FILE = '.secrets/desk/rabbitmq_users.json';

interface Definitions {
  readonly permissions: readonly object[];
  readonly [kind: string]: unknown;
}

interface User {
  readonly name: string;
  readonly password_hash: string;
  readonly tags: string[];
}

/**
 * The definitions that the broker imports from the file in the plan, including users that are added after the broker.
 */
function definitions(props: RabbitMqBrokerProps = {}, more: (broker: RabbitMqBroker) => void = () => undefined) {
  const terraform = synthesizeStack((stack) => {
    more(new RabbitMqBroker(stack, 'rabbitmq', props));
  });
  return JSON.parse(
    fileOf(containerNamed(terraform, 'desk-rabbitmq'), '/etc/rabbitmq/definitions.json'),
  ) as Definitions;
}

/** The definitions that it imports before that, from the secret file that the app writes. */
function users(more: (broker: RabbitMqBroker) => void = () => undefined): readonly User[] {
  const stack = createStack();
  more(new RabbitMqBroker(stack, 'rabbitmq'));
  writeSecretFiles(stack);
  return (JSON.parse(readFileSync(project.locate(FILE), 'utf8')) as { readonly users: readonly User[] }).users;
}

function creating(props: RabbitMqBrokerProps, more: (broker: RabbitMqBroker) => void = () => undefined): () => unknown {
  return () => {
    more(new RabbitMqBroker(createStack(), 'rabbitmq', props));
  };
}

describe('users', () => {
  test('the users are the administrator and those of consumers, with their permissions', () => {
    const consumers = (broker: RabbitMqBroker) => {
      broker.user('risk', { write: '^orders${x}$', read: '^fills$' });
      broker.user('watcher', { tags: ['monitoring'] });
    };
    const { permissions, vhosts } = definitions({}, consumers);

    expect(users(consumers).map(({ name, tags }) => [name, ...tags])).toEqual([
      ['admin', 'administrator'],
      ['risk'],
      ['watcher', 'monitoring'],
    ]);
    expect(permissions).toEqual([
      { user: 'admin', vhost: '/', configure: '.*', write: '.*', read: '.*' },
      // Escaped for Terraform, which would interpolate the pattern.
      { user: 'risk', vhost: '/', configure: '', write: '^orders$${x}$', read: '^fills$' },
      { user: 'watcher', vhost: '/', configure: '', write: '', read: '' },
    ]);
    expect(vhosts).toEqual([{ name: '/' }]);
  });

  test('passwords are hashed as RabbitMQ stores them: salt, and the SHA-256 of salt and password', () => {
    project.write('.secrets/desk/rabbitmq_password', 'pässword');
    const [admin] = users();
    const bytes = Buffer.from(admin?.password_hash ?? '', 'base64');
    const expected = createHash('sha256').update(bytes.subarray(0, 4)).update('pässword').digest();

    expect(bytes).toHaveLength(36);
    expect(bytes.subarray(4)).toEqual(expected);
    expect(admin).toMatchObject({ hashing_algorithm: 'rabbit_password_hashing_sha256' });
  });

  test('users with the same password have different hashes, which do not change between runs', () => {
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, 'same');
    const hashes = () => users((broker) => broker.user('risk')).map((user) => user.password_hash);
    const first = hashes();

    expect(new Set(first).size).toBe(2);
    expect(hashes()).toEqual(first);
  });

  test('rejects two users with the same name', () => {
    expect(creating({}, (broker) => [broker.user('risk'), broker.user('risk')])).toThrowCode(
      'duplicate-name',
      "desk/rabbitmq: user 'risk'",
    );
    expect(creating({ user: 'risk' }, (broker) => broker.user('risk'))).toThrowCode('duplicate-name', "'risk'");
  });

  test.each(['guest', 'risk manager', '', '-risk'])('rejects the user name %p', (name) => {
    expect(creating({}, (broker) => broker.user(name))).toThrowCode('invalid-name', `'${name}'`);
    expect(creating({ user: name })).toThrowCode('invalid-name', `'${name}'`);
  });

  test('rejects a permission that is no regular expression, with which the broker would not start', () => {
    expect(creating({}, (broker) => broker.user('risk', { read: 'orders[' }))).toThrowCode(
      'invalid-value',
      "read of the user 'risk'",
    );
  });

  test('patterns with the syntax of PCRE are passed on as they are: only the broker can validate them', () => {
    const { permissions } = definitions({}, (broker) => broker.user('risk', { read: '(?i)^orders++(*' }));

    expect(permissions).toContainEqual(expect.objectContaining({ user: 'risk', read: '(?i)^orders++(*' }));
  });

  test('rejects an unknown permission', () => {
    expect(creating({}, (broker) => broker.user('risk', { publish: '.*' } as object))).toThrowCode(
      'unknown-option',
      "desk/rabbitmq.user('risk')",
      "'publish'",
    );
  });
});

describe('URL', () => {
  const url = (props: RabbitMqBrokerProps) => {
    project.write('.secrets/desk/rabbitmq_password', 's3:cret');
    const stack = createStack();
    new Workload(stack, 'bot', { image: BOT, uses: [new RabbitMqBroker(stack, 'rabbitmq', props)] });
    writeSecretFiles(stack);
    return readFileSync(project.locate('.secrets/desk/rabbitmq_url'), 'utf8');
  };

  test('the URL encodes the virtual host /, which some clients would read as an empty name', () => {
    expect(url({})).toBe('amqp://admin:s3%3Acret@rabbitmq:5672/%2F');
  });

  test.each([
    ['desk', 'desk'],
    ['desk/paper', 'desk%2Fpaper'],
    ['/paper', '%2Fpaper'],
  ])('the URL encodes the virtual host %p as %p', (virtualHost, path) => {
    expect(url({ virtualHost })).toBe(`amqp://admin:s3%3Acret@rabbitmq:5672/${path}`);
  });

  test('rejects an empty virtual host', () => {
    expect(creating({ virtualHost: '' })).toThrowCode('invalid-value', 'virtualHost');
  });
});

describe('exchanges, queues and policies', () => {
  test('exchanges and queues are durable, queues are quorum queues, and bindings connect them', () => {
    expect(
      definitions({
        virtualHost: 'desk',
        exchanges: [{ name: 'fills', type: 'fanout' }],
        queues: [
          { name: 'ledger', bindings: [{ exchange: 'fills' }, { exchange: 'amq.topic', routingKey: 'fill.*' }] },
          { name: 'ticks', type: 'classic', arguments: { 'x-message-ttl': 60_000 } },
        ],
        policies: [{ name: 'limits', pattern: '^ticks$', definition: { 'max-length': 1000 }, priority: 1 }],
      }),
    ).toMatchObject({
      exchanges: [{ name: 'fills', vhost: 'desk', type: 'fanout', durable: true, auto_delete: false }],
      queues: [
        { name: 'ledger', vhost: 'desk', durable: true, arguments: { 'x-queue-type': 'quorum' } },
        { name: 'ticks', durable: true, arguments: { 'x-queue-type': 'classic', 'x-message-ttl': 60_000 } },
      ],
      bindings: [
        { source: 'fills', destination: 'ledger', destination_type: 'queue', routing_key: '' },
        { source: 'amq.topic', destination: 'ledger', routing_key: 'fill.*' },
      ],
      policies: [{ name: 'limits', pattern: '^ticks$', 'apply-to': 'all', definition: { 'max-length': 1000 } }],
    });
  });

  test('rejects duplicate names and reserved ones', () => {
    expect(creating({ queues: [{ name: 'orders' }, { name: 'orders' }] })).toThrowCode(
      'duplicate-name',
      "the queue 'orders'",
    );
    expect(creating({ exchanges: [{ name: 'amq.mine', type: 'topic' }] })).toThrowCode('invalid-name', "'amq.mine'");
  });

  test('rejects a binding to an undeclared exchange', () => {
    expect(creating({ queues: [{ name: 'ledger', bindings: [{ exchange: 'fills' }] }] })).toThrowCode(
      'unknown-reference',
      "'ledger'",
      "'fills'",
    );
  });

  test.each<[RabbitMqBrokerProps | object, ErrorCode, string]>([
    [{ exchanges: [{ name: 'fills' }] }, 'missing-option', "'exchanges[0].type'"],
    [{ exchanges: [{ name: 'fills', type: 'topics' }] }, 'invalid-value', "'direct', 'fanout', 'topic' or 'headers'"],
    [{ queues: [{ name: 'orders', type: 'quorm' }] }, 'invalid-value', "'quorum', 'classic' or 'stream'"],
    [
      { queues: [{ name: 'orders', type: 'quorum', arguments: { 'x-queue-type': 'classic' } }] },
      'reserved-setting',
      'x-queue-type',
    ],
    [
      { policies: [{ name: 'limits', pattern: '.*', appliesTo: 'queue', definition: {} }] },
      'invalid-value',
      "'all', 'queues', 'exchanges',",
    ],
    [
      { policies: [{ name: 'limits', pattern: '.*', definition: {}, priority: 0.5 }] },
      'invalid-value',
      'a whole number',
    ],
  ])('rejects what the broker would not import: %j', (props, code, fact) => {
    expect(creating(props)).toThrowCode(code, 'desk/rabbitmq: ', fact);
  });
});

test('quorum queues have no delivery limit, including those that clients declare', () => {
  expect(definitions({ virtualHost: 'desk' })).toMatchObject({
    parameters: [
      {
        vhost: 'desk',
        component: 'operator_policy',
        value: { pattern: '.*', 'apply-to': 'queues', definition: { 'delivery-limit': 1_000_000_000_000 } },
      },
    ],
  });
});

test('delivery limits of queues and policies are unchanged: the broker uses the lower of two', () => {
  const { queues, policies } = definitions({
    queues: [{ name: 'orders', arguments: { 'x-delivery-limit': 5 } }],
    policies: [
      { name: 'limited', pattern: '^ticks$', definition: { 'delivery-limit': 3 } },
      { name: 'short', pattern: '^fills$', definition: { 'max-length': 1000 } },
    ],
  });
  expect(queues).toMatchObject([{ arguments: { 'x-delivery-limit': 5 } }]);
  // A delivery limit in a policy for all queues would keep it from the classic ones.
  expect(policies).toMatchObject([{ definition: { 'delivery-limit': 3 } }, { definition: { 'max-length': 1000 } }]);
  expect(Object.keys((policies as { definition: object }[])[1]?.definition ?? {})).toEqual(['max-length']);
});

describe.each(['docker', 'swarm'] as const)('output on %s', (engine) => {
  test('the output contains neither the password of a broker nor its hash', () => {
    const canary = 'canary-51b7aa';
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, canary);
    const app = new App();
    const stack = new TradingStack(app, 'desk', { engine: Engine[engine]() });
    new Workload(stack, 'bot', { image: BOT, uses: [new RabbitMqBroker(stack, 'rabbitmq')] });
    writeSecretFiles(app);
    app.synth();

    const [admin] = (JSON.parse(readFileSync(project.locate(FILE), 'utf8')) as { readonly users: User[] }).users;
    const output = readFileSync(project.locate('cdktf.out/stacks/desk/cdk.tf.json'), 'utf8');
    expect(output).toContain('rabbitmq_users.json');
    expect(output).not.toContain(canary);
    expect(output).not.toContain(admin?.password_hash);
  });
});

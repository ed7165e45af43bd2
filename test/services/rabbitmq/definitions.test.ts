import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import {
  Engine,
  Image,
  RabbitMqBroker,
  type RabbitMqBrokerProps,
  TradingStack,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';
import { fileOf } from '../fixtures';
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

/** What the broker imports from the file that a plan shows, users who are made after the broker included. */
function definitions(props: RabbitMqBrokerProps = {}, more: (broker: RabbitMqBroker) => void = () => undefined) {
  const terraform = synthesizeStack((stack) => {
    more(new RabbitMqBroker(stack, 'rabbitmq', props));
  });
  return JSON.parse(
    fileOf(containerNamed(terraform, 'desk-rabbitmq'), '/etc/rabbitmq/definitions.json'),
  ) as Definitions;
}

/** A URL with a password is a secret once a workload uses it. */
function useIn(stack: TradingStack, broker: RabbitMqBroker): void {
  new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), uses: [broker] });
}

/** What it imports before that, after the app has written its secrets. */
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

describe('the users of a broker', () => {
  test('are the administrator and those of consumers, each with what it may', () => {
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
      // As Terraform spells it: a pattern is no template.
      { user: 'risk', vhost: '/', configure: '', write: '^orders$${x}$', read: '^fills$' },
      { user: 'watcher', vhost: '/', configure: '', write: '', read: '' },
    ]);
    expect(vhosts).toEqual([{ name: '/' }]);
  });

  test('have passwords as the hash that RabbitMQ keeps: salt, and the SHA-256 of salt and password', () => {
    project.write('.secrets/desk/rabbitmq_password', 'pässword');
    const [admin] = users();
    const bytes = Buffer.from(admin?.password_hash ?? '', 'base64');
    const expected = createHash('sha256').update(bytes.subarray(0, 4)).update('pässword').digest();

    expect(bytes).toHaveLength(36);
    expect(bytes.subarray(4)).toEqual(expected);
    expect(admin).toMatchObject({ hashing_algorithm: 'rabbit_password_hashing_sha256' });
  });

  test('have other hashes for one password, and the same ones each time', () => {
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, 'same');
    const hashes = () => users((broker) => broker.user('risk')).map((user) => user.password_hash);
    const first = hashes();

    expect(new Set(first).size).toBe(2);
    expect(hashes()).toEqual(first);
  });

  test('are different ones', () => {
    expect(creating({}, (broker) => [broker.user('risk'), broker.user('risk')])).toThrow(
      "desk/rabbitmq: user 'risk' is already taken by another one. Give each consumer a user of its own.",
    );
    expect(creating({ user: 'risk' }, (broker) => broker.user('risk'))).toThrow(/user 'risk' is already taken/);
  });

  test.each(['guest', 'risk manager', '', '-risk'])('are none with the name %p', (name) => {
    expect(creating({}, (broker) => broker.user(name))).toThrow(/^desk\/rabbitmq: the name of the user cannot be/);
    expect(creating({ user: name })).toThrow(/^desk\/rabbitmq: the name of the user cannot be/);
  });

  test.each(['(orders', 'orders)', '[a-z', '*', '*.orders', 'a|+b', 'orders\\', 5, undefined])(
    'may what a regular expression says, and %p is none',
    (read) => {
      expect(creating({}, (broker) => broker.user('risk', { read: read as string }))).toThrow(
        /^desk\/rabbitmq: what the user 'risk' may read cannot be .*\. Give a regular expression: '\^orders\$'\.$/,
      );
    },
  );

  test.each([
    '',
    '.*',
    '^(amq.default|orders)$',
    '(?i)^orders',
    '(?<!old-)orders',
    '(?P<kind>a|b)',
    '[[:alpha:]]+',
    '[]()]',
    '[^]*]',
    '\\(orders',
    '\\Q(\\E',
    '(?#a comment)orders',
    'a++',
    '(*UTF8)é',
    '\\p{L}+',
  ])('may what PCRE understands: %p', (read) => {
    expect(creating({}, (broker) => broker.user('risk', { read }))).not.toThrow();
  });

  test('have no right that there is not', () => {
    expect(creating({}, (broker) => broker.user('risk', { publish: '.*' } as object))).toThrow(
      "desk/rabbitmq: the user 'risk' cannot be given the right 'publish'. Give configure, write and read, and tags",
    );
  });
});

describe('the URL of a user', () => {
  const url = (props: RabbitMqBrokerProps) => {
    project.write('.secrets/desk/rabbitmq_password', 's3:cret');
    const stack = createStack();
    useIn(stack, new RabbitMqBroker(stack, 'rabbitmq', props));
    writeSecretFiles(stack);
    return readFileSync(project.locate('.secrets/desk/rabbitmq_url'), 'utf8');
  };

  test('names the virtual host / in the form that no client takes for a nameless one', () => {
    expect(url({})).toBe('amqp://admin:s3%3Acret@rabbitmq:5672/%2F');
  });

  test.each([
    ['desk', 'desk'],
    ['desk/paper', 'desk%2Fpaper'],
    ['/paper', '%2Fpaper'],
  ])('names the virtual host %p as %p', (virtualHost, path) => {
    expect(url({ virtualHost })).toBe(`amqp://admin:s3%3Acret@rabbitmq:5672/${path}`);
  });

  test('is none without a virtual host', () => {
    expect(creating({ virtualHost: '' })).toThrow(/^desk\/rabbitmq: virtualHost cannot be ''/);
  });
});

describe('exchanges, queues and policies of a broker', () => {
  test('are durable, queues keep every message on disk, and bindings lead from one to the other', () => {
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

  test('have each a name of its own', () => {
    expect(creating({ queues: [{ name: 'orders' }, { name: 'orders' }] })).toThrow(
      "desk/rabbitmq: the queue 'orders' stands twice. Leave one of them out.",
    );
    expect(creating({ exchanges: [{ name: 'amq.mine', type: 'topic' }] })).toThrow(
      "desk/rabbitmq: the name of the exchange cannot be 'amq.mine'. Give a name that does not start with 'amq.'.",
    );
  });

  test('lead somewhere', () => {
    expect(creating({ queues: [{ name: 'ledger', bindings: [{ exchange: 'fills' }] }] })).toThrow(
      "desk/rabbitmq: the queue 'ledger' is bound to the exchange 'fills', which is not among its exchanges. " +
        'Add it to `exchanges`.',
    );
  });

  test.each<[RabbitMqBrokerProps | object, string]>([
    [
      { exchanges: [{ name: 'fills' }] },
      "the type of the exchange 'fills' cannot be undefined. Give 'direct', 'fanout',",
    ],
    [
      { queues: [{ name: 'orders', type: 'quorm' }] },
      "the type of the queue 'orders' cannot be 'quorm'. Give 'quorum',",
    ],
    [
      { queues: [{ name: 'orders', type: 'quorum', arguments: { 'x-queue-type': 'classic' } }] },
      "the queue 'orders' has x-queue-type among its arguments. Give type.",
    ],
    [
      { policies: [{ name: 'limits', pattern: '.*', appliesTo: 'queue', definition: {} }] },
      "what the policy 'limits' applies to cannot be 'queue'. Give 'all', 'queues', 'exchanges',",
    ],
  ])('are of a kind that there is: %j', (props, message) => {
    expect(creating(props)).toThrow(`desk/rabbitmq: ${message}`);
  });

  test('match what a regular expression says', () => {
    expect(creating({ policies: [{ name: 'limits', pattern: '*', definition: {} }] })).toThrow(
      /^desk\/rabbitmq: the pattern of the policy 'limits' cannot be '\*'/,
    );
  });
});

test('a message stays in a quorum queue however often it is delivered, also in one that a client declares', () => {
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

test('delivery limits of queues and policies arrive as they are: the broker takes the lower of two', () => {
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

describe.each(['docker', 'swarm'] as const)('what an app on %s writes', (engine) => {
  test('has no password of a broker in it, nor its hash', () => {
    const canary = 'canary-51b7aa';
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, canary);
    const app = new App();
    const stack = new TradingStack(app, 'desk', { engine: Engine[engine]() });
    useIn(stack, new RabbitMqBroker(stack, 'rabbitmq'));
    writeSecretFiles(app);
    app.synth();

    const [admin] = (JSON.parse(readFileSync(project.locate(FILE), 'utf8')) as { readonly users: User[] }).users;
    const output = readFileSync(project.locate('cdktf.out/stacks/desk/cdk.tf.json'), 'utf8');
    expect(output).toContain('rabbitmq_users.json');
    expect(output).not.toContain(canary);
    expect(output).not.toContain(admin?.password_hash);
  });
});

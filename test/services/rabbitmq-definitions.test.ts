import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { App } from 'cdktf';
import { RabbitMqBroker, type RabbitMqBrokerProps, TradingStack, writeSecretFiles, Engine } from '../../lib';
import { createStack } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';

const project = TemporaryProject.forEveryTest();
const FILE = '.secrets/desk/rabbitmq_definitions.json';

interface Definitions {
  readonly users: readonly { readonly name: string; readonly password_hash: string; readonly tags: string[] }[];
  readonly permissions: readonly object[];
  readonly [kind: string]: unknown;
}

/** What the broker imports, after the app has written its secrets. */
function definitions(props: RabbitMqBrokerProps = {}, more: (broker: RabbitMqBroker) => void = () => undefined) {
  const stack = createStack();
  more(new RabbitMqBroker(stack, 'rabbitmq', props));
  writeSecretFiles(stack);
  return JSON.parse(readFileSync(project.locate(FILE), 'utf8')) as Definitions;
}

function creating(props: RabbitMqBrokerProps, more: (broker: RabbitMqBroker) => void = () => undefined): () => unknown {
  return () => {
    more(new RabbitMqBroker(createStack(), 'rabbitmq', props));
  };
}

describe('the users of a broker', () => {
  test('are the administrator and those of consumers, each with what it may', () => {
    const { users, permissions, vhosts } = definitions({}, (broker) => {
      broker.user('risk', { write: '^orders$', read: '^fills$' });
      broker.user('watcher', { tags: ['monitoring'] });
    });

    expect(users.map(({ name, tags }) => [name, ...tags])).toEqual([
      ['admin', 'administrator'],
      ['risk'],
      ['watcher', 'monitoring'],
    ]);
    expect(permissions).toEqual([
      { user: 'admin', vhost: '/', configure: '.*', write: '.*', read: '.*' },
      { user: 'risk', vhost: '/', configure: '', write: '^orders$', read: '^fills$' },
      { user: 'watcher', vhost: '/', configure: '', write: '', read: '' },
    ]);
    expect(vhosts).toEqual([{ name: '/' }]);
  });

  test('have passwords as the hash that RabbitMQ keeps: salt, and the SHA-256 of salt and password', () => {
    project.write('.secrets/desk/rabbitmq_password', 'pässword');
    const [admin] = definitions().users;
    const bytes = Buffer.from(admin?.password_hash ?? '', 'base64');
    const expected = createHash('sha256').update(bytes.subarray(0, 4)).update('pässword').digest();

    expect(bytes).toHaveLength(36);
    expect(bytes.subarray(4)).toEqual(expected);
    expect(admin).toMatchObject({ hashing_algorithm: 'rabbit_password_hashing_sha256' });
  });

  test('have other hashes for one password, and the same ones each time', () => {
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, 'same');
    const hashes = () => definitions({}, (broker) => broker.user('risk')).users.map((user) => user.password_hash);
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

  test('may what a regular expression says', () => {
    expect(creating({}, (broker) => broker.user('risk', { read: '(orders' }))).toThrow(
      "desk/rabbitmq: what the user 'risk' may read cannot be '(orders'. Give a regular expression: '^orders$'.",
    );
  });
});

describe('the URL of a user', () => {
  const url = (props: RabbitMqBrokerProps) => {
    project.write('.secrets/desk/rabbitmq_password', 's3:cret');
    definitions(props, (broker) => broker.connection());
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

  test('match what a regular expression says', () => {
    expect(creating({ policies: [{ name: 'limits', pattern: '*', definition: {} }] })).toThrow(
      /^desk\/rabbitmq: the pattern of the policy 'limits' cannot be '\*'/,
    );
  });
});

describe.each(['docker', 'swarm'] as const)('what an app on %s writes', (engine) => {
  test('has no password of a broker in it, nor its hash', () => {
    const canary = 'canary-51b7aa';
    for (const name of ['rabbitmq_password', 'rabbitmq_risk_password']) project.write(`.secrets/desk/${name}`, canary);
    const app = new App();
    const stack = new TradingStack(app, 'desk', { engine: Engine[engine]() });
    const { endpoint } = new RabbitMqBroker(stack, 'rabbitmq');
    endpoint.connection();
    writeSecretFiles(app);
    app.synth();

    const [admin] = (JSON.parse(readFileSync(project.locate(FILE), 'utf8')) as Definitions).users;
    const output = readFileSync(project.locate('cdktf.out/stacks/desk/cdk.tf.json'), 'utf8');
    expect(output).toContain('rabbitmq_definitions.json');
    expect(output).not.toContain(canary);
    expect(output).not.toContain(admin?.password_hash);
  });
});

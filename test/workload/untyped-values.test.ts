import { Engine, Dependency, Image, PostgresDb, Secret, TradingStack, Workload, type WorkloadProps } from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

test.each([undefined, null, NaN, { a: 1 }, ['a']])('an environment variable that is %p is refused', (value) => {
  const environment = { LEVEL: 'info', RATE: value as never };
  expect(() => new Workload(createStack(), 'bot', { image, environment })).toThrow(
    /^desk\/bot: .*the environment variable RATE, set by `environment`/,
  );
});

test.each([undefined, null, 'hunter2', {}])('a value for a secret that is %j is refused', (value) => {
  const secrets = { KEY: value as never };
  expect(() => new Workload(createStack(), 'bot', { image, secrets })).toThrow(
    /^(?!.*hunter2)desk\/bot: .*the secret for KEY, set by `secrets`/,
  );
});

test('the text that was given for a secret is in no message', () => {
  const props = untyped({ image, secrets: { KEY: 'hunter2' } });
  expect(() => new Workload(createStack(), 'bot', props)).toThrow(
    /^(?!.*hunter2).*is no Secret, but of the type string\./,
  );
});

test('nothing is optional before it is created', () => {
  expect(() => Dependency.optional(untyped(undefined))).toThrow(
    'Dependency.optional: what is used is undefined. Create what it uses',
  );
});

test.each([{}, { engine: 'docker' }, { engine: () => Engine.docker() }, undefined])(
  'a stack with the properties %j is told to have an engine',
  (props) => {
    expect(() => new TradingStack(createApp(), 'desk', untyped(props))).toThrow(
      /^desk: engine cannot be .*Engine\.docker\(\) or Engine\.swarm\(\)/,
    );
  },
);

test.each(['shel', undefined, null, 'FILE'])('a secret that is delivered as %j is told of: it would be lost', (how) => {
  const props = (stack: TradingStack): WorkloadProps => {
    const secret = Secret.generated(stack, 'key');
    return { image, command: ['bot'], secrets: { API_KEY: secret.deliveredAs(untyped(how)) } };
  };
  const stack = createStack();
  expect(() => new Workload(stack, 'bot', props(stack))).toThrow(
    /^desk\/bot: the delivery of the secret for API_KEY, set by `secrets`, cannot be .*\. Use SecretDelivery\.FILE,/,
  );
});

test('so is one of a connection', () => {
  const stack = createStack();
  const database = new PostgresDb(stack, 'db', { majorVersion: 17 });
  const uses = [database.endpoint.url({ delivery: untyped('shel') })];
  expect(() => new Workload(stack, 'bot', { image, uses })).toThrow(
    "desk/bot: the delivery of the secret for DATABASE_URL, set by desk/db, cannot be 'shel'. Use SecretDelivery.FILE,",
  );
});

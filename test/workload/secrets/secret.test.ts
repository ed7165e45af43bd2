import { existsSync } from 'node:fs';
import { Construct } from 'constructs';
import { PostgresDb, RedisCache, Secret, type SecretRecipe } from '../../../lib';
import { Grafana } from '../../../lib/monitoring/grafana/grafana';
import { Prometheus } from '../../../lib/monitoring/prometheus/prometheus';
import { secretFrom } from '../../../lib/workload/secrets/secret';
import { createStack, synthesize } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

test('a secret of a stack is named after its id', () => {
  expect(Secret.generated(createStack(), 'api_key').name).toBe('api_key');
});

test('a secret of a service is named after both ids, so it keeps its name when the service moves', () => {
  const stack = createStack();
  const nested = new Construct(new Construct(stack, 'group'), 'db');
  expect(Secret.generated(nested, 'password').name).toBe('db_password');
});

test('`name` sets the name of a secret', () => {
  expect(Secret.generated(createStack(), 'key', { name: 'binance.api-key' }).name).toBe('binance.api-key');
});

test.each(['../key', 'a/b', '.hidden', 'my key', '', '-key'])('rejects the secret name %j', (name) => {
  expect(() => Secret.generated(createStack(), 'key', { name })).toThrowCode('invalid-name', 'desk/key', `'${name}'`);
});

test('rejects two secrets with the same file', () => {
  const stack = createStack((desk) => Secret.generated(desk, 'api_key'));
  expect(() => Secret.generated(new Construct(stack, 'api'), 'key')).toThrowCode(
    'secret-taken',
    'desk/api/key',
    '.secrets/desk/api_key',
    'desk/api_key',
  );
});

test('a container sees a secret under its name', () => {
  expect(Secret.generated(createStack(), 'api_key').path).toBe('/run/secrets/api_key');
});

test.each([0, -1, 1.5, NaN])('rejects a generated secret of %d bytes', (bytes) => {
  expect(() => Secret.generated(createStack(), 'key', { bytes })).toThrowCode('invalid-value', 'desk/key', 'bytes');
});

test.each([
  [
    'a person provides',
    (stack: Construct) => Secret.provided(stack, 'key', { description: 'the key of the paper account' }),
    'Write the key of the paper account into the file .secrets/desk/key',
  ],
  ['the app generates', (stack: Construct) => Secret.generated(stack, 'key'), 'writeSecretFiles(app)'],
])('a secret that %s has a remedy for a missing file', (_who, create, remedy) => {
  expect(create(createStack()).handle.remedy).toContain(remedy);
});

test('synthesis writes no secret file and reads none', () => {
  const stack = createStack((desk) => Secret.generated(desk, 'key'));
  synthesize(stack);
  expect(existsSync(project.locate('.secrets'))).toBe(false);
});

test.each([
  ['generated', (stack: Construct, options: object) => Secret.generated(stack, 'key', options)],
  ['provided', (stack: Construct, options: object) => Secret.provided(stack, 'key', { description: 'k', ...options })],
  [
    'derived',
    (stack: Construct, options: object) => Secret.derived(stack, 'key', { parts: {}, compose: () => '', ...options }),
  ],
])('rejects an unknown option of Secret.%s', (_kind, create) => {
  expect(() => create(createStack(), { nmae: 'api_key' })).toThrowCode('unknown-option', 'desk/key', "'nmae'");
});

test('rejects a plain value as a part of a derived secret without showing it', () => {
  const create = (): unknown => {
    const parts = { password: 's3cret' as unknown as Secret };
    return Secret.derived(createStack(), 'url', { parts, compose: ({ password }) => password });
  };
  expect(create).toThrowCode('wrong-type', 'desk/url', 'parts.password');
  expect(create).not.toThrow(/s3cret/);
});

describe('a recipe for a secret', () => {
  const recipe = (owner: Construct, changes: Partial<SecretRecipe> = {}): SecretRecipe => ({
    owner,
    id: 'url',
    key: 'redis://redis',
    parts: {},
    compose: () => 'redis://redis',
    ...changes,
  });

  test('creates the secret in the scope of its owner, and only once', () => {
    const owner = new Construct(createStack(), 'redis');
    const secret = secretFrom(recipe(owner));
    expect([secret.node.path, secret.name]).toEqual(['desk/redis/url', 'redis_url']);
    expect(secretFrom(recipe(owner))).toBe(secret);
    expect(owner.node.children).toEqual([secret]);
  });

  test('creates a secret with another id if its id is taken by other content', () => {
    const owner = new Construct(createStack(), 'redis');
    const secrets = [secretFrom(recipe(owner)), secretFrom(recipe(owner, { key: 'redis://redis/1' }))];
    expect(secrets.map(({ node }) => node.id)).toEqual(['url', expect.stringMatching(/^url_[0-9a-f]+$/)]);
  });
});

describe('a secret is bound to data', () => {
  test('if a server reads it only when its volume is empty', () => {
    const stack = createStack();
    expect(new PostgresDb(stack, 'db').password.boundToData).toBe(true);
    const prometheus = new Prometheus(stack, 'prometheus', { services: [] });
    expect(new Grafana(stack, 'grafana', { prometheus }).adminPassword.boundToData).toBe(true);
    expect(Secret.generated(stack, 'key', { boundToData: true }).boundToData).toBe(true);
  });

  test('unless it can be replaced', () => {
    const stack = createStack();
    expect(new RedisCache(stack, 'redis').password.boundToData).toBe(false);
    expect(Secret.generated(stack, 'key').boundToData).toBe(false);
    expect(Secret.provided(stack, 'api_key', { description: 'the key' }).boundToData).toBe(false);
  });
});

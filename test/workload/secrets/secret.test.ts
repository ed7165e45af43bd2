import { existsSync } from 'node:fs';
import { Construct } from 'constructs';
import { PostgresDb, RedisCache, Secret } from '../../../lib';
import { Grafana } from '../../../lib/monitoring/grafana';
import { Prometheus } from '../../../lib/monitoring/prometheus';
import { createStack, synthesize } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

test('a secret of a stack is called after its id', () => {
  expect(Secret.generated(createStack(), 'api_key').name).toBe('api_key');
});

test('a secret of a service is called after both ids, and so stays when the service moves', () => {
  const stack = createStack();
  const nested = new Construct(new Construct(stack, 'group'), 'db');
  expect(Secret.generated(nested, 'password').name).toBe('db_password');
});

test('a secret can have a name of its own', () => {
  expect(Secret.generated(createStack(), 'key', { name: 'binance.api-key' }).name).toBe('binance.api-key');
});

test.each(['../key', 'a/b', '.hidden', 'my key', '', '-key'])('%j is no name of a secret', (name) => {
  expect(() => Secret.generated(createStack(), 'key', { name })).toThrow(
    `desk/key: the name of the secret cannot be '${name}'. Give letters, digits, and . _ - inside.`,
  );
});

test('two secrets of one file are refused', () => {
  const stack = createStack((desk) => Secret.generated(desk, 'api_key'));
  expect(() => Secret.generated(new Construct(stack, 'api'), 'key')).toThrow(
    "desk/api/key: secret '.secrets/desk/api_key' is already taken by desk/api_key. Give one of the secrets another name, or one of the stacks.",
  );
});

test('a secret is seen inside the container under its name', () => {
  expect(Secret.generated(createStack(), 'api_key').path).toBe('/run/secrets/api_key');
});

test.each([0, -1, 1.5, NaN])('a generated secret of %d bytes is refused', (bytes) => {
  expect(() => Secret.generated(createStack(), 'key', { bytes })).toThrow(/^desk\/key: .*Give/);
});

test.each([
  [
    'somebody has to provide',
    (stack: Construct) => Secret.provided(stack, 'key', { description: 'the key of the paper account' }),
    "Write the key of the paper account into the file .secrets/desk/key in the project's folder",
  ],
  [
    'the app makes',
    (stack: Construct) => Secret.generated(stack, 'key'),
    "The app writes .secrets/desk/key in the project's folder with writeSecretFiles(app): run it on this machine",
  ],
])('a missing secret that %s says what to do', (_what, create, remedy) => {
  expect(create(createStack()).handle.remedy).toBe(remedy);
});

test('synthesis writes no secret and needs none', () => {
  const stack = createStack((desk) => Secret.generated(desk, 'key'));
  synthesize(stack);
  expect(existsSync(project.locate('.secrets'))).toBe(false);
});

describe('a secret is bound to data', () => {
  test('if a server takes it with an empty volume only', () => {
    const stack = createStack();
    expect(new PostgresDb(stack, 'db').password.boundToData).toBe(true);
    const prometheus = new Prometheus(stack, 'prometheus', { services: [] });
    expect(new Grafana(stack, 'grafana', { prometheus }).adminPassword.boundToData).toBe(true);
    expect(Secret.generated(stack, 'key', { boundToData: true }).boundToData).toBe(true);
  });

  test('and otherwise is not: it can be made again', () => {
    const stack = createStack();
    expect(new RedisCache(stack, 'redis').password.boundToData).toBe(false);
    expect(Secret.generated(stack, 'key').boundToData).toBe(false);
    expect(Secret.provided(stack, 'api_key', { description: 'the key' }).boundToData).toBe(false);
  });
});

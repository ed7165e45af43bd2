import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { Secret, type TradingStack, writeSecretFiles } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function read(name: string): string {
  return readFileSync(project.locate(`.secrets/desk/${name}`), 'utf8');
}

function modeOf(path: string): string {
  return (statSync(project.locate(path)).mode & 0o777).toString(8);
}

test('the folders are closed to other users, and containers can read the file that its owner can write', () => {
  writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
  expect([modeOf('.secrets'), modeOf('.secrets/desk'), modeOf('.secrets/desk/password')]).toEqual([
    '700',
    '700',
    '644',
  ]);
});

test('the owner can write into a file that an earlier version made read-only', () => {
  project.write('.secrets/desk/api_key', 'k3y\n');
  chmodSync(project.locate('.secrets/desk/api_key'), 0o444);
  writeSecretFiles(createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' })));
  expect(modeOf('.secrets/desk/api_key')).toBe('644');
});

test('folders that were open to other users are closed', () => {
  project.write('.secrets/desk/other', 'x');
  chmodSync(project.locate('.secrets'), 0o755);
  chmodSync(project.locate('.secrets/desk'), 0o755);
  writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
  expect([modeOf('.secrets'), modeOf('.secrets/desk')]).toEqual(['700', '700']);
});

test('a provided file gets the same modes as a generated one', () => {
  project.write('.secrets/desk/api_key', 'k3y\n');
  chmodSync(project.locate('.secrets/desk/api_key'), 0o600);
  chmodSync(project.locate('.secrets/desk'), 0o755);
  chmodSync(project.locate('.secrets'), 0o755);
  writeSecretFiles(createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' })));
  expect([modeOf('.secrets'), modeOf('.secrets/desk'), modeOf('.secrets/desk/api_key')]).toEqual(['700', '700', '644']);
});

describe('a secret file that is a symbolic link', () => {
  function link(target: string): void {
    mkdirSync(project.locate('.secrets/desk'), { recursive: true });
    symlinkSync(target, project.locate('.secrets/desk/api_key'));
  }

  function linkTo(content: string): void {
    project.write('vault/key', content);
    chmodSync(project.locate('vault/key'), 0o600);
    link('../../vault/key');
  }

  const generated = (): TradingStack => createStack((desk) => Secret.generated(desk, 'api_key'));

  test.each([
    ['provided', () => createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' }))],
    ['generated', generated],
  ])('is read, and its target keeps its mode: %s', (_, create) => {
    linkTo('k3y\n');
    expect(writeSecretFiles(create())).toEqual({ written: [], missing: [] });
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['k3y\n', '600']);
    expect(Object.keys(JSON.parse(read('.versions.json')) as object)).toEqual(['api_key']);
  });

  test('is rejected if a generated secret has to be written, and its target is kept', () => {
    linkTo('\n');
    expect(() => writeSecretFiles(generated())).toThrowCode(
      'secret-file-invalid',
      '../../vault/key',
      'rm .secrets/desk/api_key',
    );
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['\n', '600']);
  });

  test('is rejected if its target does not exist, and no file is created there', () => {
    link('../../vault/key');
    expect(() => writeSecretFiles(generated())).toThrowCode(
      'secret-file-invalid',
      '../../vault/key',
      'rm .secrets/desk/api_key',
    );
    expect(existsSync(project.locate('vault'))).toBe(false);
  });

  test('is rejected if a derived secret has to be written', () => {
    linkTo('redis://:before@db');
    project.write('.secrets/desk/password', 'after');
    const stack = createStack((desk) => {
      const password = Secret.provided(desk, 'password', { description: 'a password' });
      Secret.derived(desk, 'api_key', { parts: { password }, compose: (part) => `redis://:${part.password}@db` });
    });
    expect(() => writeSecretFiles(stack)).toThrowCode(
      'secret-file-invalid',
      '../../vault/key',
      'rm .secrets/desk/api_key',
    );
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['redis://:before@db', '600']);
  });

  test('is replaced by a file after the command in the error', () => {
    linkTo('\n');
    rmSync(project.locate('.secrets/desk/api_key'));
    writeSecretFiles(generated());
    expect(lstatSync(project.locate('.secrets/desk/api_key')).isSymbolicLink()).toBe(false);
  });
});

describe('the .secrets folder gets a .gitignore', () => {
  test.each([
    ['for a generated secret', (desk: TradingStack) => Secret.generated(desk, 'password')],
    ['for a provided secret', (desk: TradingStack) => Secret.provided(desk, 'provided', { description: 'a key' })],
  ])('%s', (_, create) => {
    project.write('.secrets/desk/provided', 'k3y');
    writeSecretFiles(createStack(create));
    expect(readFileSync(project.locate('.secrets/.gitignore'), 'utf8')).toBe('*\n');
  });

  test('unless it has one', () => {
    project.write('.secrets/.gitignore', '!*.encrypted\n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(readFileSync(project.locate('.secrets/.gitignore'), 'utf8')).toBe('!*.encrypted\n');
  });
});

import crypto from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import type { App } from 'cdktf';
import { containerNamed, createApp, createStack, synthesizeStack } from '../../setup/synthesize';
import { Engine, Image, Secret, TradingStack, Workload, writeSecretFiles } from '../../../lib';
import { readSecretFile, secretsUnder } from '../../../lib/internal';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function createStacks(app: App, one: string, other: string): [TradingStack, TradingStack] {
  const engine = Engine.docker();
  return [new TradingStack(app, one, { engine }), new TradingStack(app, other, { engine })];
}

function read(name: string): string {
  return readFileSync(project.locate(`.secrets/desk/${name}`), 'utf8');
}

function modeOf(path: string): string {
  return (statSync(project.locate(path)).mode & 0o777).toString(8);
}

describe('a generated secret', () => {
  test('starts with no hyphen, which a program would take for the start of an option', () => {
    const random = jest.spyOn(crypto, 'randomBytes') as unknown as jest.SpyInstance<Buffer>;
    random.mockReturnValueOnce(Buffer.alloc(24, 0xf8)).mockReturnValueOnce(Buffer.alloc(24, 0x41));
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    random.mockRestore();
    expect(read('password')).toBe('QUFB'.repeat(8));
  });

  test('is written once and kept', () => {
    const stack = createStack((desk) => Secret.generated(desk, 'password'));
    expect(writeSecretFiles(stack).written).toEqual(['.secrets/desk/password']);
    const before = read('password');
    expect(writeSecretFiles(stack).written).toEqual([]);
    expect(read('password')).toBe(before);
  });

  test('has the bytes that are asked for, in letters that need no quotes', () => {
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password', { bytes: 48 })));
    expect(read('password')).toMatch(/^[A-Za-z0-9_-]{64}$/);
  });

  test('is another one every time', () => {
    const stack = createStack((desk) => {
      Secret.generated(desk, 'one');
      Secret.generated(desk, 'other');
    });
    writeSecretFiles(stack);
    expect(read('one')).not.toBe(read('other'));
  });

  test('is made again when its file is blank', () => {
    project.write('.secrets/desk/password', ' \n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(read('password')).toMatch(/^\S{32}$/);
  });

  test('that a person wrote before stays as it is', () => {
    project.write('.secrets/desk/password', 'my own\n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(read('password')).toBe('my own\n');
  });
});

test('the folders keep others on the host out, and the container’s user can read the file', () => {
  writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
  expect([modeOf('.secrets'), modeOf('.secrets/desk'), modeOf('.secrets/desk/password')]).toEqual([
    '700',
    '700',
    '444',
  ]);
});

test('folders that were open to others before are closed', () => {
  project.write('.secrets/desk/other', 'x');
  chmodSync(project.locate('.secrets'), 0o755);
  chmodSync(project.locate('.secrets/desk'), 0o755);
  writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
  expect([modeOf('.secrets'), modeOf('.secrets/desk')]).toEqual(['700', '700']);
});

describe('a secret that somebody has to provide', () => {
  const createProvided = (): TradingStack =>
    createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key of the paper account' }));

  test('is reported while it is missing, and never written', () => {
    expect(writeSecretFiles(createProvided())).toEqual({
      written: [],
      missing: [{ path: 'desk/api_key', file: '.secrets/desk/api_key', description: 'the key of the paper account' }],
    });
  });

  test('is reported while its file is blank', () => {
    project.write('.secrets/desk/api_key', '\n');
    expect(writeSecretFiles(createProvided()).missing).toHaveLength(1);
  });

  test('is left as it is once it is there', () => {
    project.write('.secrets/desk/api_key', 'k3y\n');
    expect(writeSecretFiles(createProvided())).toEqual({ written: [], missing: [] });
    expect(read('api_key')).toBe('k3y\n');
  });
});

describe('a secret that is made from others', () => {
  function createDerived(): TradingStack {
    return createStack((desk) => {
      const password = Secret.provided(desk, 'password', { description: 'a password' });
      const url = Secret.derived(desk, 'url', {
        parts: { password },
        compose: (part) => `redis://:${part.password}@db`,
      });
      Secret.derived(desk, 'line', { parts: { url }, compose: (part) => `URL=${part.url}` });
    });
  }

  test.each(['s3cret', 's3cret\n', 's3cret\r\n'])(
    'is made from the content without its last line break: %j',
    (content) => {
      project.write('.secrets/desk/password', content);
      writeSecretFiles(createDerived());
      expect(read('url')).toBe('redis://:s3cret@db');
    },
  );

  test('can be made from another that is made', () => {
    project.write('.secrets/desk/password', 's3cret');
    writeSecretFiles(createDerived());
    expect(read('line')).toBe('URL=redis://:s3cret@db');
  });

  test('is written again when a part changes, and only then', () => {
    const stack = createDerived();
    project.write('.secrets/desk/password', 'before');
    writeSecretFiles(stack);
    expect(writeSecretFiles(stack).written).toEqual([]);
    project.write('.secrets/desk/password', 'after');
    expect(writeSecretFiles(stack).written).toEqual(['.secrets/desk/line', '.secrets/desk/url']);
    expect(read('url')).toBe('redis://:after@db');
  });

  test('is written in place: a container that has the file mounted sees the change', () => {
    const stack = createDerived();
    project.write('.secrets/desk/password', 'before');
    writeSecretFiles(stack);
    const mounted = openSync(project.locate('.secrets/desk/url'), 'r');
    project.write('.secrets/desk/password', 'after');
    writeSecretFiles(stack);
    expect(readFileSync(mounted, 'utf8')).toBe('redis://:after@db');
    expect(modeOf('.secrets/desk/url')).toBe('444');
    closeSync(mounted);
  });

  test('waits for a part that is missing', () => {
    const report = writeSecretFiles(createDerived());
    expect(report.written).toEqual([]);
    expect(report.missing.map(({ path }) => path)).toEqual(['desk/password']);
  });

  test('from one that is generated agrees with it, whatever the order in the code', () => {
    const app = createApp();
    const [stack, late] = createStacks(app, 'desk', 'late');
    const password = Secret.generated(late, 'password');
    Secret.derived(stack, 'copy', { parts: { password }, compose: (part) => part.password });
    writeSecretFiles(stack);
    writeSecretFiles(app);
    expect(read('copy')).toBe(readFileSync(project.locate('.secrets/late/password'), 'utf8'));
  });
});

test('every stack has a folder of its own', () => {
  const app = createApp();
  for (const stack of createStacks(app, 'desk', 'other')) Secret.generated(stack, 'password');
  expect(writeSecretFiles(app).written).toEqual(['.secrets/desk/password', '.secrets/other/password']);
});

describe('the version of a secret', () => {
  const createGenerated = (): TradingStack =>
    createStack((desk) => {
      Secret.generated(desk, 'one');
      Secret.generated(desk, 'other');
    });

  function versionOf(name: string): string | undefined {
    const versions = JSON.parse(read('.versions.json')) as Record<string, { version: string } | undefined>;
    return versions[name]?.version;
  }

  test('is one for each, at random: it says nothing about the content', () => {
    writeSecretFiles(createGenerated());
    const before = versionOf('one');
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    expect(versionOf('other')).not.toBe(before);

    const content = read('one');
    rmSync(project.locate('.secrets/desk/.versions.json'));
    writeSecretFiles(createGenerated());
    expect(read('one')).toBe(content);
    expect(versionOf('one')).not.toBe(before);
  });

  test('stays as long as the content does', () => {
    writeSecretFiles(createGenerated());
    const before = read('.versions.json');
    writeSecretFiles(createGenerated());
    expect(read('.versions.json')).toBe(before);
  });

  test('is new when the content is, and only then', () => {
    writeSecretFiles(createGenerated());
    const [one, other] = [versionOf('one'), versionOf('other')];
    rmSync(project.locate('.secrets/desk/one'));
    project.write('.secrets/desk/one', 'another');
    writeSecretFiles(createGenerated());
    expect(versionOf('one')).not.toBe(one);
    expect(versionOf('other')).toBe(other);
  });

  test('is new when a line break is all that is new: a container gets the file as it is', () => {
    const create = () => createStack((desk) => Secret.provided(desk, 'one', { description: 'a key' }));
    project.write('.secrets/desk/one', 'key');
    writeSecretFiles(create());
    const before = versionOf('one');
    rmSync(project.locate('.secrets/desk/one'));
    project.write('.secrets/desk/one', 'key\n');
    writeSecretFiles(create());
    expect(versionOf('one')).not.toBe(before);
  });

  test('is kept for secrets that this call does not know', () => {
    writeSecretFiles(createGenerated());
    const one = versionOf('one');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'third')));
    expect(versionOf('one')).toBe(one);
    expect(versionOf('third')).toBeDefined();
  });

  test('is in a file that others on the host cannot read', () => {
    writeSecretFiles(createGenerated());
    expect(modeOf('.secrets/desk/.versions.json')).toBe('600');
  });

  test('is there for secrets that a person provides and for those that are made from others', () => {
    project.write('.secrets/desk/password', 's3cret');
    const stack = createStack((desk) => {
      const password = Secret.provided(desk, 'password', { description: 'a password' });
      Secret.derived(desk, 'url', { parts: { password }, compose: (part) => `redis://:${part.password}@db` });
    });
    writeSecretFiles(stack);
    expect([versionOf('password'), versionOf('url')]).toEqual([expect.any(String), expect.any(String)]);
  });

  test('is all that leaves the folder: the output names the file, and reads no content and no hash', () => {
    const terraform = synthesizeStack((stack) => {
      const secrets = { ONE: Secret.generated(stack, 'one'), OTHER: Secret.generated(stack, 'other') };
      new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), secrets });
      writeSecretFiles(stack);
    });
    const { labels } = containerNamed(terraform, 'desk-bot');
    const versions = 'jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))';
    expect(labels).toContainEqual({
      label: 'cdktf-trading-stack.secrets',
      value: `\${join(".", [try(${versions}["one"].version, ""), try(${versions}["other"].version, "")])}`,
    });
    expect(JSON.stringify(terraform)).not.toContain('sha256');
    expect(JSON.stringify(terraform)).not.toContain(versionOf('one'));
  });

  test('is no label where there is no secret', () => {
    const terraform = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4') });
    });
    expect(JSON.stringify(terraform)).not.toContain('cdktf-trading-stack.secrets');
  });
});

test('a file that a person provided gets the modes that one gets which is written', () => {
  project.write('.secrets/desk/api_key', 'k3y\n');
  chmodSync(project.locate('.secrets/desk/api_key'), 0o600);
  chmodSync(project.locate('.secrets/desk'), 0o755);
  chmodSync(project.locate('.secrets'), 0o755);
  writeSecretFiles(createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' })));
  expect([modeOf('.secrets'), modeOf('.secrets/desk'), modeOf('.secrets/desk/api_key')]).toEqual(['700', '700', '444']);
});

describe('a symbolic link where a secret is', () => {
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

  const WRITES_THROUGH =
    'desk/api_key: .secrets/desk/api_key is a symbolic link, and writing the secret would change the file that it points ' +
    'to: ../../vault/key. Remove the link, and the secret is written into a file of its own: rm .secrets/desk/api_key.';

  test.each([
    [
      'that a person provides',
      () => createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' })),
    ],
    ['that was generated before', generated],
  ])('%s is read, and what it points to keeps its mode', (_, create) => {
    linkTo('k3y\n');
    expect(writeSecretFiles(create())).toEqual({ written: [], missing: [] });
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['k3y\n', '600']);
    expect(Object.keys(JSON.parse(read('.versions.json')) as object)).toEqual(['api_key']);
  });

  test('that is to be generated is an error: what it points to is not overwritten', () => {
    linkTo('\n');
    expect(() => writeSecretFiles(generated())).toThrow(WRITES_THROUGH);
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['\n', '600']);
  });

  test('that is to be generated is an error where it points to nothing: no file is made elsewhere', () => {
    link('../../vault/key');
    expect(() => writeSecretFiles(generated())).toThrow(WRITES_THROUGH);
    expect(existsSync(project.locate('vault'))).toBe(false);
  });

  test('that is made from others is an error when they have changed', () => {
    linkTo('redis://:before@db');
    project.write('.secrets/desk/password', 'after');
    const stack = createStack((desk) => {
      const password = Secret.provided(desk, 'password', { description: 'a password' });
      Secret.derived(desk, 'api_key', { parts: { password }, compose: (part) => `redis://:${part.password}@db` });
    });
    expect(() => writeSecretFiles(stack)).toThrow(WRITES_THROUGH);
    expect([read('api_key'), modeOf('vault/key')]).toEqual(['redis://:before@db', '600']);
  });

  test('is gone after the command of the error, and the secret is written', () => {
    linkTo('\n');
    rmSync(project.locate('.secrets/desk/api_key'));
    writeSecretFiles(generated());
    expect(lstatSync(project.locate('.secrets/desk/api_key')).isSymbolicLink()).toBe(false);
  });
});

describe('the folder of all secrets keeps itself out of git', () => {
  test.each([
    ['when a secret is generated', (desk: TradingStack) => Secret.generated(desk, 'password')],
    [
      'when a person provided the only one',
      (desk: TradingStack) => Secret.provided(desk, 'provided', { description: 'a key' }),
    ],
  ])('%s', (_, create) => {
    project.write('.secrets/desk/provided', 'k3y');
    writeSecretFiles(createStack(create));
    expect(readFileSync(project.locate('.secrets/.gitignore'), 'utf8')).toBe('*\n');
  });

  test('unless it has a .gitignore of its own', () => {
    project.write('.secrets/.gitignore', '!*.encrypted\n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(readFileSync(project.locate('.secrets/.gitignore'), 'utf8')).toBe('!*.encrypted\n');
  });
});

test('a folder in the place of a secret, as Docker makes one where a file is missing, is an error', () => {
  mkdirSync(project.locate('.secrets/desk/api_key'), { recursive: true });
  const stack = createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' }));
  expect(() => writeSecretFiles(stack)).toThrow(
    'desk/api_key: there is a folder at .secrets/desk/api_key. Remove it: a file has to be there.',
  );
});

describe('the file of a secret', () => {
  const secret = (): Secret => Secret.provided(createStack(), 'api_key', { description: 'the key' });

  test.each([
    ['k3y', 'k3y'],
    ['k3y\n', 'k3y'],
    ['two\nlines\r\n', 'two\nlines'],
    [' spaces ', ' spaces '],
  ])('that has %j is read as %j', (text, content) => {
    project.write('.secrets/desk/api_key', text);
    expect(readSecretFile(secret())).toEqual({ file: '.secrets/desk/api_key', content });
  });

  test('that is blank or not there has no content', () => {
    expect(readSecretFile(secret())).toEqual({ file: '.secrets/desk/api_key', content: undefined });
    project.write('.secrets/desk/api_key', ' \n');
    expect(readSecretFile(secret()).content).toBeUndefined();
  });
});

test('the secrets under a construct come after what they are made from, which may stand in another stack', () => {
  const [stack, late] = createStacks(createApp(), 'desk', 'late');
  const password = Secret.generated(late, 'password');
  const url = Secret.derived(stack, 'url', { parts: { password }, compose: (part) => part.password });
  const line = Secret.derived(stack, 'line', { parts: { url, password }, compose: (part) => part.url });
  expect([...secretsUnder(stack)]).toEqual([password, url, line]);
});

import crypto from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type App, S3Backend } from 'cdktf';
import { createApp, createStack, synthesize } from '../../setup/synthesize';
import {
  Engine,
  Image,
  InfluxDb,
  PostgresDb,
  RedisCache,
  Secret,
  SecretDelivery,
  TradingStack,
  Workload,
  writeSecretFiles,
} from '../../../lib';
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
  test('does not start with a hyphen, which would make it an option of a command', () => {
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

  test('has the requested number of bytes, in characters that need no quotes', () => {
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password', { bytes: 48 })));
    expect(read('password')).toMatch(/^[A-Za-z0-9_-]{64}$/);
  });

  test('differs from every other', () => {
    const stack = createStack((desk) => {
      Secret.generated(desk, 'one');
      Secret.generated(desk, 'other');
    });
    writeSecretFiles(stack);
    expect(read('one')).not.toBe(read('other'));
  });

  test('is generated again if its file is blank', () => {
    project.write('.secrets/desk/password', ' \n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(read('password')).toMatch(/^\S{32}$/);
  });

  test('keeps a file that a person wrote', () => {
    project.write('.secrets/desk/password', 'my own\n');
    writeSecretFiles(createStack((desk) => Secret.generated(desk, 'password')));
    expect(read('password')).toBe('my own\n');
  });
});

describe('a provided secret', () => {
  const createProvided = (): TradingStack =>
    createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key of the paper account' }));

  test('is reported if its file is missing, and never written', () => {
    expect(writeSecretFiles(createProvided())).toEqual({
      written: [],
      missing: [
        {
          path: 'desk/api_key',
          file: '.secrets/desk/api_key',
          description: 'the key of the paper account',
          isEmpty: false,
        },
      ],
    });
  });

  test('is reported as empty if its file is blank', () => {
    project.write('.secrets/desk/api_key', '\n');
    expect(writeSecretFiles(createProvided()).missing).toMatchObject([{ path: 'desk/api_key', isEmpty: true }]);
  });

  test('keeps its file unchanged', () => {
    project.write('.secrets/desk/api_key', 'k3y\n');
    expect(writeSecretFiles(createProvided())).toEqual({ written: [], missing: [] });
    expect(read('api_key')).toBe('k3y\n');
  });
});

describe('a derived secret', () => {
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

  test.each(['s3cret', 's3cret\n', 's3cret\r\n', 's3cret\n\n'])(
    'is composed from the content without line breaks at its end: %j',
    (content) => {
      project.write('.secrets/desk/password', content);
      writeSecretFiles(createDerived());
      expect(read('url')).toBe('redis://:s3cret@db');
    },
  );

  test('can be derived from another derived secret', () => {
    project.write('.secrets/desk/password', 's3cret');
    writeSecretFiles(createDerived());
    expect(read('line')).toBe('URL=redis://:s3cret@db');
  });

  test('is written again only when a part changes', () => {
    const stack = createDerived();
    project.write('.secrets/desk/password', 'before');
    writeSecretFiles(stack);
    expect(writeSecretFiles(stack).written).toEqual([]);
    project.write('.secrets/desk/password', 'after');
    expect(writeSecretFiles(stack).written).toEqual(['.secrets/desk/line', '.secrets/desk/url']);
    expect(read('url')).toBe('redis://:after@db');
  });

  test('is written in place, so that a container that mounts the file sees the change', () => {
    const stack = createDerived();
    project.write('.secrets/desk/password', 'before');
    writeSecretFiles(stack);
    const mounted = openSync(project.locate('.secrets/desk/url'), 'r');
    project.write('.secrets/desk/password', 'after');
    writeSecretFiles(stack);
    expect(readFileSync(mounted, 'utf8')).toBe('redis://:after@db');
    expect(modeOf('.secrets/desk/url')).toBe('644');
    closeSync(mounted);
  });

  test('is not written while a part is missing', () => {
    const report = writeSecretFiles(createDerived());
    expect(report.written).toEqual([]);
    expect(report.missing.map(({ path }) => path)).toEqual(['desk/password']);
  });

  test('agrees with a generated part that is created later in the code', () => {
    const app = createApp();
    const [stack, late] = createStacks(app, 'desk', 'late');
    const password = Secret.generated(late, 'password');
    Secret.derived(stack, 'copy', { parts: { password }, compose: (part) => part.password });
    writeSecretFiles(stack);
    writeSecretFiles(app);
    expect(read('copy')).toBe(readFileSync(project.locate('.secrets/late/password'), 'utf8'));
  });
});

test('every stack has its own folder', () => {
  const app = createApp();
  for (const stack of createStacks(app, 'desk', 'other')) Secret.generated(stack, 'password');
  expect(writeSecretFiles(app).written).toEqual(['.secrets/desk/password', '.secrets/other/password']);
});

test('rejects a folder, which Docker creates where a mounted file is missing', () => {
  mkdirSync(project.locate('.secrets/desk/api_key'), { recursive: true });
  const stack = createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' }));
  expect(() => writeSecretFiles(stack)).toThrowCode(
    'secret-file-invalid',
    'desk/api_key',
    'rm -r .secrets/desk/api_key',
  );
});

test('rejects what is not a file, because reading a named pipe would wait for a writer', () => {
  mkdirSync(project.locate('.secrets/desk'), { recursive: true });
  symlinkSync('/dev/null', project.locate('.secrets/desk/api_key'));
  const stack = createStack((desk) => Secret.provided(desk, 'api_key', { description: 'the key' }));
  expect(() => writeSecretFiles(stack)).toThrowCode('secret-file-invalid', 'desk/api_key', 'rm .secrets/desk/api_key');
});

describe('the file of a secret', () => {
  const secret = (): Secret => Secret.provided(createStack(), 'api_key', { description: 'the key' });

  test.each([
    ['k3y', 'k3y'],
    ['k3y\n', 'k3y'],
    ['two\nlines\r\n', 'two\nlines'],
    ['k3y\r\n\r\n', 'k3y'],
    [' spaces ', ' spaces '],
  ])('with the bytes %j has the content %j', (text, content) => {
    project.write('.secrets/desk/api_key', text);
    expect(readSecretFile(secret())).toBe(content);
  });

  test('has no content if it is missing or blank', () => {
    expect(readSecretFile(secret())).toBeUndefined();
    project.write('.secrets/desk/api_key', ' \n');
    expect(readSecretFile(secret())).toBeUndefined();
  });

  test.each([
    ['starts with a byte-order mark', Buffer.from('\uFEFFk3y')],
    ['is UTF-16 of Windows', Buffer.from('\uFEFFk3y', 'utf16le')],
    ['is UTF-16 without a byte-order mark', Buffer.from('k3y', 'utf16le')],
    ['ends with a NUL byte', Buffer.from('k3y\0')],
    ['is Latin-1', Buffer.from('schlüssel', 'latin1')],
  ])('is rejected if it %s, without its content in the message', (_what, bytes) => {
    project.write('.secrets/desk/api_key', '');
    writeFileSync(project.locate('.secrets/desk/api_key'), bytes);
    expect(() => readSecretFile(secret())).toThrowCode('secret-file-invalid', 'desk/api_key', '.secrets/desk/api_key');
    expect(() => readSecretFile(secret())).not.toThrow(/k.?3.?y|schl/);
  });
});

test('secretsUnder lists each secret after its parts, which may belong to another stack', () => {
  const [stack, late] = createStacks(createApp(), 'desk', 'late');
  const password = Secret.generated(late, 'password');
  const url = Secret.derived(stack, 'url', { parts: { password }, compose: (part) => part.password });
  const line = Secret.derived(stack, 'line', { parts: { url, password }, compose: (part) => part.url });
  expect([...secretsUnder(stack)]).toEqual([password, url, line]);
});

describe('the local state', () => {
  const FILES = ['terraform.desk.tfstate', 'terraform.desk.tfstate.backup'];

  test('and its backup are created empty, so that only their owner can read them', () => {
    writeSecretFiles(createStack());
    expect(FILES.map(modeOf)).toEqual(['600', '600']);
    expect(FILES.map((file) => readFileSync(project.locate(file), 'utf8'))).toEqual(['', '']);
  });

  test('is kept if it exists', () => {
    project.write('terraform.desk.tfstate', '{}');
    writeSecretFiles(createStack());
    expect(readFileSync(project.locate('terraform.desk.tfstate'), 'utf8')).toBe('{}');
  });

  test('is not created if it was deleted and its backup was not', () => {
    project.write('terraform.desk.tfstate.backup', '{}');
    writeSecretFiles(createStack());
    expect(existsSync(project.locate('terraform.desk.tfstate'))).toBe(false);
  });

  test('is kept if it is a link to a file that does not exist', () => {
    symlinkSync('elsewhere', project.locate('terraform.desk.tfstate'));
    writeSecretFiles(createStack());
    expect(existsSync(project.locate('elsewhere'))).toBe(false);
    expect(modeOf('terraform.desk.tfstate.backup')).toBe('600');
  });

  test('is not created for a stack with another backend', () => {
    const stack = createStack();
    new S3Backend(stack, { bucket: 'desk', key: 'state' });
    writeSecretFiles(stack);
    expect(FILES.filter((file) => existsSync(project.locate(file)))).toEqual([]);
  });

  test('is created after synthesis, too', () => {
    const stack = createStack();
    synthesize(stack);
    writeSecretFiles(stack);
    expect(FILES.map(modeOf)).toEqual(['600', '600']);
  });
});

test('the folder of a missing secret is private before a person writes the file', () => {
  writeSecretFiles(createStack((desk) => Secret.provided(desk, 'key', { description: 'the key' })));
  expect(['.secrets', '.secrets/desk'].map(modeOf)).toEqual(['700', '700']);
  expect(readFileSync(project.locate('.secrets/.gitignore'), 'utf8')).toBe('*\n');
});

test.each<[string, (stack: TradingStack, password: Secret) => unknown]>([
  ['PostgreSQL', (stack, password) => new PostgresDb(stack, 'db', { password })],
  ['Redis', (stack, password) => new RedisCache(stack, 'redis', { password })],
  ['InfluxDB', (stack, password) => new InfluxDb(stack, 'influx', { password, bucket: 'prices' })],
])('a password that %s would read with a carriage return is refused', (_server, create) => {
  const stack = createStack();
  const password = Secret.provided(stack, 'password', { description: 'a password' });
  create(stack, password);
  project.write('.secrets/desk/password', 'k3y\n');
  expect(readSecretFile(password)).toBe('k3y');
  project.write('.secrets/desk/password', 'k3y\r\n');
  expect(() => readSecretFile(password)).toThrowCode('secret-file-invalid', 'sed -i', '.secrets/desk/password');
});

test('a secret that Terraform reads and would change is refused', () => {
  const stack = createStack();
  const key = Secret.provided(stack, 'key', { description: 'a key' });
  project.write('.secrets/desk/key', 'Zu\u0308rich');
  expect(readSecretFile(key)).toBe('Zu\u0308rich');
  const secrets = { KEY: key.deliveredAs(SecretDelivery.ENVIRONMENT) };
  new Workload(stack, 'bot', { image: Image.fromRegistry('ghcr.io/desk/bot:2.4'), secrets });
  expect(() => readSecretFile(key)).toThrowCode('secret-file-invalid', '.secrets/desk/key', 'SecretDelivery.EXPORTED');
});

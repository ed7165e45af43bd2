import {
  EnvFile,
  type EnvFileProps,
  Image,
  PostgresDb,
  Secret,
  SecretDelivery,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import { environmentOf } from '../services/fixtures';
import { containerNamed, createStack, synthesize, synthesizeStack } from '../setup/synthesize';
import { TemporaryProject } from './temporary-project';

const image = Image.fromRegistry('python:3.13-slim');
const project = TemporaryProject.forEveryTest();

function read(text: string, props: Partial<EnvFileProps> = {}): EnvFile {
  project.write('bots.env', text);
  const files: EnvFile[] = [];
  createStack((stack) => files.push(new EnvFile(stack, 'bots', { path: 'bots.env', ...props })));
  const [file] = files;
  if (file === undefined) throw new Error('nothing was created');
  return file;
}

test.each([
  ['A=b', { A: 'b' }],
  ['# comment\n\nA=1\r\nB=two words # and a comment', { A: '1', B: 'two words' }],
  ['export A=b', { A: 'b' }],
  ['A: b', { A: 'b' }],
  ['A=', { A: '' }],
  [`A='$x # "y"'`, { A: '$x # "y"' }],
  ['A="line\\nnext \\"quoted\\"" # comment', { A: 'line\nnext "quoted"' }],
  ['A=pa#ss=word', { A: 'pa#ss=word' }],
  ['A=1\nA=2', { A: '2' }],
  ['A=5$$', { A: '5$' }],
  ['A=#alerts\nB= #fff # white', { A: '#alerts', B: '#fff' }],
  ['A=a\t#b', { A: 'a\t#b' }],
  ['A="C:\\data\\new"', { A: 'C:\\data\new' }],
  ['A="\\a\\0041\\041"', { A: '\x07!\\41' }],
  ['A="\\$HOME $$HOME"', { A: '$HOME $HOME' }],
  ['A="C:\\\\x"', { A: 'C:\\x' }],
  ["A='C:\\data\\new'", { A: 'C:\\data\\new' }],
])('%j is read as Compose reads it', (text, variables) => {
  expect(read(text).environment).toEqual(variables);
});

test('what looks like a secret is asked for, and its value in the file is not used', () => {
  const file = read('LEVEL=debug\nAPI_KEY=abcdef123\nDATABASE_URL=postgresql://desk:hunter2@db/desk');
  expect(file.environment).toEqual({ LEVEL: 'debug' });
  expect(file.secretNames.map((name) => file.secret(name).file)).toEqual([
    '.secrets/desk/bots_api_key',
    '.secrets/desk/bots_database_url',
  ]);
});

test('the name decides what is a secret, however short the value is, unless it is empty', () => {
  const { environment, secretNames } = read('DB_PASSWORD=abc\nTOKEN=/x\nAPI_KEY=\nCHANNEL=abcdef123');
  expect(environment).toEqual({ API_KEY: '', CHANNEL: 'abcdef123' });
  expect(secretNames).toEqual(['DB_PASSWORD', 'TOKEN']);
});

test.each(['jdbc:postgresql://db/x?user=u&password=abc', 'http::addr=q:9000;username=a;password=abc;'])(
  'the connection string %s is a secret',
  (url) => {
    expect(read(`ADDRESS=${url}`)).toMatchObject({ environment: {}, secretNames: ['ADDRESS'] });
  },
);

test('a password is secret, even if it is a number or a word', () => {
  const { environment, secretNames } = read('DB_PASSWORD=12345\nCLIENT_SECRET=99999\nADMIN_PASS=no\nVNC_PWD=1');
  expect(environment).toEqual({});
  expect(secretNames).toEqual(['DB_PASSWORD', 'CLIENT_SECRET', 'ADMIN_PASS', 'VNC_PWD']);
});

test('an empty variable is a secret only if the owner says so', () => {
  expect(read('DB_PASSWORD=\nAPI_SECRET=', { secrets: ['API_SECRET'] })).toMatchObject({
    environment: { DB_PASSWORD: '' },
    secretNames: ['API_SECRET'],
  });
});

test('a switch and a short number are settings under names that end in TOKEN or KEY', () => {
  const { environment, secretNames } = read(
    'SEND_TOKEN=true\nMAX_TOKEN=4096\nALERTS=https://discord.com/api/webhooks/1/x',
  );
  expect(environment).toEqual({ SEND_TOKEN: 'true', MAX_TOKEN: '4096' });
  expect(secretNames).toEqual(['ALERTS']);
});

test('two secrets whose names differ only in case are refused', () => {
  expect(() => read('API_KEY=abc\napi_key=def')).toThrowCode(
    'secret-taken',
    'desk/bots',
    "'api_key'",
    'bots.env',
    'omit',
  );
  expect(() => read('API_KEY=abc\napi_key=def', { omit: ['api_key'] })).not.toThrow();
});

test('the owner of the file decides what is a secret, and what is left out', () => {
  const text = 'PUBLIC_API_KEY=abcdef123\nPIN=1234\nLEVEL=debug';
  const { environment, secretNames } = read(text, {
    notSecrets: ['PUBLIC_API_KEY'],
    secrets: ['PIN'],
    omit: ['LEVEL'],
  });
  expect(environment).toEqual({ PUBLIC_API_KEY: 'abcdef123' });
  expect(secretNames).toEqual(['PIN']);
});

describe('a workload with an env file', () => {
  const use = (props: Partial<EnvFileProps> = {}, command?: string[]) => {
    project.write('bots.env', 'LEVEL=debug\nAPI_KEY=abcdef123');
    return synthesizeStack((stack: TradingStack) => {
      const uses = [new EnvFile(stack, 'bots', { path: 'bots.env', ...props })];
      new Workload(stack, 'bot', { image, uses, ...(command && { command }) });
      new Workload(stack, 'other', { image, uses, ...(command && { command }) });
    });
  };

  test('several workloads get its variables, and the secrets are exported under their own names', () => {
    const container = containerNamed(use({}, ['python3', '-m', 'bot']), 'desk-other');
    expect(environmentOf(container)).toEqual({ LEVEL: 'debug' });
    expect(JSON.stringify(container.entrypoint)).toContain('export API_KEY');
    expect(JSON.stringify(container)).not.toContain('abcdef123');
  });

  test('the secrets can be files', () => {
    const container = containerNamed(use({ delivery: SecretDelivery.FILE }), 'desk-bot');
    expect(environmentOf(container)).toEqual({ LEVEL: 'debug', API_KEY_FILE: '/run/secrets/bots_api_key' });
  });

  test('a workload without a command is told to set it', () => {
    expect(() => use()).toThrowCode('command-missing', 'API_KEY');
  });
});

describe('a variable of an env file that has another source', () => {
  /** What the workload gets next to an env file, and the secrets that a person has to write. */
  function resolved(text: string, options: (stack: TradingStack) => WorkloadOptions) {
    project.write('bots.env', text);
    const stack = createStack();
    const file = new EnvFile(stack, 'bots', { path: 'bots.env' });
    const { uses = [], ...others } = options(stack);
    const bot = new Workload(stack, 'bot', { image, uses: [file, ...uses], ...others });
    const secrets = stack.node.findAll().filter((construct) => construct instanceof Secret);
    return {
      environment: bot.spec.environment,
      asked: secrets.map(({ name }) => name),
      entrypoint: bot.spec.entrypoint,
    };
  }

  test('has the value of `environment`', () => {
    const { environment } = resolved('LEVEL=info\nMODE=paper', () => ({ environment: { LEVEL: 'debug' } }));
    expect(environment).toEqual({ LEVEL: 'debug', MODE: 'paper' });
  });

  test('has the value of `environment` instead of a secret, which is then not asked for', () => {
    const { environment, asked, entrypoint } = resolved('API_KEY=abcdef123', () => ({
      environment: { API_KEY: 'demo' },
    }));
    expect([environment, asked, entrypoint]).toEqual([{ API_KEY: 'demo' }, [], null]);
  });

  test('has the value of `secrets`', () => {
    const { environment, asked } = resolved('API_KEY=abcdef123', (stack) => ({
      secrets: { API_KEY: Secret.generated(stack, 'key') },
    }));
    expect([environment, asked]).toEqual([{ API_KEY_FILE: '/run/secrets/key' }, ['key']]);
  });

  test('has the value of a connection, also in the other form, in any order', () => {
    const { environment, asked } = resolved('DATABASE_URL=postgresql://desk:hunter2@db/desk\nLEVEL=info', (stack) => ({
      uses: [new PostgresDb(stack, 'db', { database: 'desk' })],
    }));
    expect(environment).toEqual({ DATABASE_URL_FILE: '/run/secrets/db_url', LEVEL: 'info' });
    expect(asked).not.toContain('bots_database_url');
  });

  test('has the value of the service itself', () => {
    project.write('db.env', 'POSTGRES_DB=other\nLANG=C');
    const stack = createStack();
    const uses = [new EnvFile(stack, 'settings', { path: 'db.env' })];
    new PostgresDb(stack, 'db', { database: 'desk', uses });
    expect(environmentOf(containerNamed(synthesize(stack), 'desk-db'))).toMatchObject({
      POSTGRES_DB: 'desk',
      LANG: 'C',
    });
  });

  test('is unrelated to a plain variable that ends in _FILE', () => {
    const { environment } = resolved('LOG=info', () => ({ environment: { LOG_FILE: '/tmp/log' } }));
    expect(environment).toEqual({ LOG: 'info', LOG_FILE: '/tmp/log' });
  });
});

test('two env files that contradict each other are refused, with all variables and the way out', () => {
  project.write('one.env', 'LEVEL=info\nMODE=paper\nSAME=1');
  project.write('two.env', 'LEVEL=debug\nMODE=live\nSAME=1');
  const stack = createStack();
  const uses = ['one', 'two'].map((id) => new EnvFile(stack, id, { path: `${id}.env` }));
  expect(() => new Workload(stack, 'bot', { image, uses })).toThrowCode(
    'variable-set-twice',
    'the environment variables LEVEL, MODE are set twice, by desk/one and by desk/two',
    "Add 'LEVEL' to `omit` of desk/one or of desk/two",
    "Add 'MODE'",
  );
});

test('only the secrets of an env file can be taken out of it', () => {
  expect(() => read('LEVEL=info\nAPI_KEY=abcdef123').secret('LEVEL')).toThrowCode('invalid-name', 'LEVEL', 'API_KEY');
});

test.each([
  ['A=${HOME}/x', 'line 1'],
  ['A=1\nB="$A"', 'line 2'],
  ['A', 'line 1'],
  ['A=\\$HOME', 'line 1 of bots.env refers to another variable'],
  ['A="open', 'line 1 of bots.env has an unclosed quote'],
  ['A="a" b', 'line 1 of bots.env has text after the closing quote'],
])('%j is refused, as it would arrive changed', (text, line) => {
  expect(() => read(text)).toThrowCode('config-file-invalid', 'desk/bots', line);
});

test('rejects a missing file, and the name of a variable that is not in it', () => {
  expect(() => createStack((stack) => new EnvFile(stack, 'bots', { path: 'no.env' }))).toThrowCode(
    'path-missing',
    'no.env',
  );
  expect(() => read('A=b', { omit: ['B'] })).toThrowCode('invalid-name', 'omit', "'B'");
});

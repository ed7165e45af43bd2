import {
  type Connection,
  type IConnectable,
  Image,
  PostgresDb,
  Secret,
  SecretDelivery,
  Workload,
  type WorkloadOptions,
} from '../../../lib';
import { createStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function variablesOf(options: WorkloadOptions): Readonly<Record<string, string>> {
  return new Workload(createStack(), 'bot', { image, ...options }).spec.environment;
}

function source(from: string, given: Partial<Connection>): IConnectable {
  return {
    connection: () => ({ from, within: null, environment: {}, secrets: {}, startAfter: [], extraHosts: [], ...given }),
  };
}

test('numbers and truth values become text', () => {
  expect(variablesOf({ environment: { LEVERAGE: 1.5, LIVE: false, SYMBOL: 'EURUSD', EMPTY: '' } })).toEqual({
    LEVERAGE: '1.5',
    LIVE: 'false',
    SYMBOL: 'EURUSD',
    EMPTY: '',
  });
});

test('what is used and what is asked for come together', () => {
  const uses = [source('desk/db', { environment: { DB_HOST: 'db' } })];
  expect(variablesOf({ uses, environment: { SYMBOL: 'EURUSD' } })).toEqual({ DB_HOST: 'db', SYMBOL: 'EURUSD' });
});

test('one variable from two sources is fine as long as they agree', () => {
  const uses = [source('desk/db', { environment: { DB_HOST: 'db' } })];
  expect(variablesOf({ uses, environment: { DB_HOST: 'db' } })).toEqual({ DB_HOST: 'db' });
});

test('one variable with two values is refused, with both sources', () => {
  const uses = [source('desk/db', { environment: { URL: 'a' } }), source('desk/audit', { environment: { URL: 'b' } })];
  expect(() => variablesOf({ uses })).toThrow(
    'desk/bot: the environment variable URL is set twice, by desk/db and by desk/audit. Remove one of them, or give the connection another variable name.',
  );
});

test('one variable from a connection and from the user is refused if they differ', () => {
  const uses = [source('desk/db', { environment: { URL: 'a' } })];
  expect(() => variablesOf({ uses, environment: { URL: 'b' } })).toThrow(
    'desk/bot: the environment variable URL is set twice, by desk/db and by `environment`',
  );
});

test('the path of a secret’s file is a variable like any other', () => {
  const secrets = { KEY: Secret.generated(createStack(), 'key') };
  expect(() => variablesOf({ secrets, environment: { KEY_FILE: '/elsewhere' } })).toThrow(
    'the environment variable KEY_FILE is set twice',
  );
});

describe.each([SecretDelivery.EXPORTED, SecretDelivery.ENVIRONMENT])(
  'a secret in the variable itself (%s)',
  (delivery) => {
    test('cannot share it with a value', () => {
      const secrets = { KEY: Secret.generated(createStack(), 'key').deliveredAs(delivery) };
      expect(() => variablesOf({ command: ['bot'], secrets, environment: { KEY: 'x' } })).toThrow(
        'desk/bot: the environment variable KEY is set twice',
      );
    });

    test('cannot share it with another secret: the program would talk to the wrong one', () => {
      const stack = createStack();
      const [one, other] = ['one', 'other'].map((id) => ({ URL: Secret.generated(stack, id).deliveredAs(delivery) }));
      const uses = [source('desk/db', { secrets: one ?? {} }), source('desk/audit', { secrets: other ?? {} })];
      expect(() => variablesOf({ command: ['bot'], uses })).toThrow(
        'desk/bot: the environment variable URL is set twice, by desk/db and by desk/audit',
      );
    });

    test('may come twice from the same secret', () => {
      const secrets = { URL: Secret.generated(createStack(), 'url').deliveredAs(delivery) };
      expect(() => variablesOf({ command: ['bot'], uses: [source('desk/db', { secrets })], secrets })).not.toThrow();
    });
  },
);

describe('a variable and the file that holds it', () => {
  test('cannot come from two places: which of them counts is up to the program', () => {
    const uses = [
      source('desk/db', { secrets: { URL: Secret.generated(createStack(), 'url').deliveredAs(SecretDelivery.FILE) } }),
    ];
    expect(() => variablesOf({ uses, environment: { URL: 'postgresql://localhost' } })).toThrow(
      'desk/bot: desk/db sets URL_FILE, and `environment` sets URL, so one value has two sources. Remove one of them, or give the connection another variable name.',
    );
  });

  test('cannot come from two options of the workload itself', () => {
    const stack = createStack();
    const [key, other] = [Secret.generated(stack, 'key'), Secret.generated(stack, 'other')];
    const byShell = other.deliveredAs(SecretDelivery.EXPORTED);
    const twice = '`secrets` sets KEY_FILE, and `environment` sets KEY, so one value has two sources';
    expect(() => variablesOf({ secrets: { KEY: key }, environment: { KEY: 'paper' } })).toThrow(twice);
    expect(() =>
      variablesOf({ command: ['bot'], secrets: { KEY: byShell }, environment: { KEY_FILE: '/key' } }),
    ).toThrow('`environment` sets KEY_FILE, and `secrets` sets KEY, so one value has two sources');
  });

  test('cannot come from a service and its user', () => {
    expect(() => new PostgresDb(createStack(), 'db', { environment: { POSTGRES_PASSWORD: 'x' } })).toThrow(
      'desk/db: the service itself sets POSTGRES_PASSWORD_FILE, and `environment` sets POSTGRES_PASSWORD',
    );
  });

  test('may both come from one secret', () => {
    const url = Secret.generated(createStack(), 'url');
    const uses = [source('desk/db', { secrets: { URL: url.deliveredAs(SecretDelivery.EXPORTED) } })];
    expect(variablesOf({ command: ['bot'], uses, secrets: { URL: url } })).toEqual({ URL_FILE: '/run/secrets/url' });
  });

  test('are two plain variables where no secret is behind either', () => {
    const environment = { LOG: 'info', LOG_FILE: '/tmp/bot.log' };
    expect(variablesOf({ environment })).toEqual(environment);
  });
});

test('one secret cannot reach one variable in two ways', () => {
  const url = Secret.generated(createStack(), 'url');
  const uses = [source('desk/db', { secrets: { URL: url.deliveredAs(SecretDelivery.EXPORTED) } })];
  expect(() =>
    variablesOf({ command: ['bot'], uses, secrets: { URL: url.deliveredAs(SecretDelivery.ENVIRONMENT) } }),
  ).toThrow('the environment variable URL is set twice');
});

test.each(['spring.profile', 'GF_SECURITY__NAME', '_x', 'a1'])('%s is a name of a variable', (variable) => {
  expect(variablesOf({ environment: { [variable]: '1' } })).toEqual({ [variable]: '1' });
});

test.each(['', '1A', 'A B', 'A=B', 'Ä'])('%j is no name of a variable', (variable) => {
  expect(() => variablesOf({ environment: { [variable]: '1' } })).toThrow(
    `desk/bot: '${variable}' cannot be the name of an environment variable. Use letters, digits and underscores`,
  );
});

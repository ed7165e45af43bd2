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

test('numbers and booleans become strings', () => {
  expect(variablesOf({ environment: { LEVERAGE: 1.5, LIVE: false, SYMBOL: 'EURUSD', EMPTY: '' } })).toEqual({
    LEVERAGE: '1.5',
    LIVE: 'false',
    SYMBOL: 'EURUSD',
    EMPTY: '',
  });
});

test('variables of connections and of the workload are joined', () => {
  const uses = [source('desk/db', { environment: { DB_HOST: 'db' } })];
  expect(variablesOf({ uses, environment: { SYMBOL: 'EURUSD' } })).toEqual({ DB_HOST: 'db', SYMBOL: 'EURUSD' });
});

test('two sources can set one variable to the same value', () => {
  const uses = [source('desk/db', { environment: { DB_HOST: 'db' } })];
  expect(variablesOf({ uses, environment: { DB_HOST: 'db' } })).toEqual({ DB_HOST: 'db' });
});

test('rejects two connections that set one variable to different values', () => {
  const uses = [source('desk/db', { environment: { URL: 'a' } }), source('desk/audit', { environment: { URL: 'b' } })];
  expect(() => variablesOf({ uses })).toThrowCode('variable-set-twice', 'desk/bot', 'URL', 'desk/db', 'desk/audit');
});

test('rejects a connection and `environment` that set one variable to different values', () => {
  const uses = [source('desk/db', { environment: { URL: 'a' } })];
  expect(() => variablesOf({ uses, environment: { URL: 'b' } })).toThrowCode(
    'variable-set-twice',
    'URL',
    'desk/db',
    '`environment`',
  );
});

test('reports all variables that are set twice at once', () => {
  const keyInFile = Secret.generated(createStack(), 'key').deliveredAs(SecretDelivery.FILE);
  const uses = [
    source('desk/db', { environment: { URL: 'a', HOST: 'a' }, secrets: { KEY: keyInFile } }),
    source('desk/audit', { environment: { URL: 'b', HOST: 'b' } }),
  ];
  expect(() => variablesOf({ uses, environment: { URL: 'c', KEY: 'x' } })).toThrowCode(
    'variable-set-twice',
    'the environment variables URL, HOST are set twice, by desk/db and by desk/audit; ' +
      'the environment variable URL is set twice, by desk/audit and by `environment`; ' +
      'desk/db sets KEY_FILE and `environment` sets KEY',
  );
});

test('rejects a variable that would replace the path of a secret', () => {
  const secrets = { KEY: Secret.generated(createStack(), 'key') };
  expect(() => variablesOf({ secrets, environment: { KEY_FILE: '/elsewhere' } })).toThrowCode(
    'variable-set-twice',
    'KEY_FILE',
  );
});

describe.each([SecretDelivery.EXPORTED, SecretDelivery.ENVIRONMENT])(
  'a secret in the variable itself, delivered by %s',
  (delivery) => {
    test('cannot share the variable with a plain value', () => {
      const secrets = { KEY: Secret.generated(createStack(), 'key').deliveredAs(delivery) };
      expect(() => variablesOf({ entrypoint: ['bot'], secrets, environment: { KEY: 'x' } })).toThrowCode(
        'variable-set-twice',
        'KEY',
      );
    });

    test('cannot share the variable with another secret', () => {
      const stack = createStack();
      const [one, other] = ['one', 'other'].map((id) => ({ URL: Secret.generated(stack, id).deliveredAs(delivery) }));
      const uses = [source('desk/db', { secrets: one ?? {} }), source('desk/audit', { secrets: other ?? {} })];
      expect(() => variablesOf({ entrypoint: ['bot'], uses })).toThrowCode(
        'variable-set-twice',
        'URL',
        'desk/db',
        'desk/audit',
      );
    });

    test('can be set twice from the same secret', () => {
      const secrets = { URL: Secret.generated(createStack(), 'url').deliveredAs(delivery) };
      expect(() => variablesOf({ entrypoint: ['bot'], uses: [source('desk/db', { secrets })], secrets })).not.toThrow();
    });
  },
);

describe('a variable and its _FILE form', () => {
  test('cannot be set by a connection and by `environment`', () => {
    const uses = [
      source('desk/db', { secrets: { URL: Secret.generated(createStack(), 'url').deliveredAs(SecretDelivery.FILE) } }),
    ];
    expect(() => variablesOf({ uses, environment: { URL: 'postgresql://localhost' } })).toThrowCode(
      'variable-set-twice',
      'desk/db sets URL_FILE',
      '`environment` sets URL',
    );
  });

  test('cannot be set by two options of the workload', () => {
    const stack = createStack();
    const [key, other] = [Secret.generated(stack, 'key'), Secret.generated(stack, 'other')];
    const byShell = other.deliveredAs(SecretDelivery.EXPORTED);
    expect(() => variablesOf({ secrets: { KEY: key }, environment: { KEY: 'paper' } })).toThrowCode(
      'variable-set-twice',
      '`secrets` sets KEY_FILE',
      '`environment` sets KEY',
    );
    expect(() =>
      variablesOf({ entrypoint: ['bot'], secrets: { KEY: byShell }, environment: { KEY_FILE: '/key' } }),
    ).toThrowCode('variable-set-twice', '`environment` sets KEY_FILE', '`secrets` sets KEY');
  });

  test('cannot be set by a service and by `environment`', () => {
    expect(() => new PostgresDb(createStack(), 'db', { environment: { POSTGRES_PASSWORD: 'x' } })).toThrowCode(
      'variable-set-twice',
      'desk/db',
      'POSTGRES_PASSWORD',
    );
  });

  test('can both be set from one secret', () => {
    const url = Secret.generated(createStack(), 'url');
    const uses = [source('desk/db', { secrets: { URL: url.deliveredAs(SecretDelivery.EXPORTED) } })];
    expect(variablesOf({ entrypoint: ['bot'], uses, secrets: { URL: url } })).toEqual({ URL_FILE: '/run/secrets/url' });
  });

  test('are unrelated variables if neither is a secret', () => {
    const environment = { LOG: 'info', LOG_FILE: '/tmp/bot.log' };
    expect(variablesOf({ environment })).toEqual(environment);
  });
});

test('rejects one secret in one variable with two deliveries', () => {
  const url = Secret.generated(createStack(), 'url');
  const uses = [source('desk/db', { secrets: { URL: url.deliveredAs(SecretDelivery.EXPORTED) } })];
  expect(() =>
    variablesOf({ entrypoint: ['bot'], uses, secrets: { URL: url.deliveredAs(SecretDelivery.ENVIRONMENT) } }),
  ).toThrowCode('variable-set-twice', 'URL');
});

test.each(['spring.profile', 'GF_SECURITY__NAME', '_x', 'a1'])('accepts the variable name %s', (variable) => {
  expect(variablesOf({ environment: { [variable]: '1' } })).toEqual({ [variable]: '1' });
});

test.each(['', '1A', 'A B', 'A=B', 'Ä'])('rejects the variable name %j', (variable) => {
  expect(() => variablesOf({ environment: { [variable]: '1' } })).toThrowCode(
    'invalid-name',
    'desk/bot',
    `'${variable}'`,
  );
});

test.each([undefined, null, NaN, {}])('rejects the variable value %p, which would arrive as text', (value) => {
  const environment = { KEY: value as string };
  expect(() => variablesOf({ environment })).toThrowCode('invalid-value', 'desk/bot', 'KEY', '`environment`');
});

test('rejects a plain value as a secret without showing it', () => {
  const secrets = { KEY: 's3cret' as unknown as Secret };
  expect(() => variablesOf({ secrets })).toThrowCode('wrong-type', 'desk/bot', 'KEY', 'must be a Secret');
  expect(() => variablesOf({ secrets })).not.toThrow(/s3cret/);
});

test.each(['shel', undefined, null, 'FILE'])('rejects the delivery %p, which would be ignored', (delivery) => {
  const secret = Secret.generated(createStack(), 'key');
  const secrets = { KEY: secret.deliveredAs(delivery as unknown as SecretDelivery) };
  expect(() => variablesOf({ entrypoint: ['bot'], secrets })).toThrowCode('invalid-value', 'KEY', String(delivery));
});

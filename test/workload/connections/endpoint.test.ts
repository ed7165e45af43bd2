import fc from 'fast-check';
import { Endpoint, type EndpointProps, type IConnectable, Secret, SecretDelivery, type UrlOptions } from '../../../lib';
import { secretFrom } from '../../../lib/workload/secrets/secret';
import { createStack } from '../../setup/synthesize';

function openEndpoint(changes: Partial<EndpointProps> = {}): Endpoint {
  const props = { scheme: 'http', host: 'api', port: 8000, envPrefix: 'API', startAfter: ['docker_container.api'] };
  return new Endpoint(createStack(), { ...props, ...changes });
}

function database(changes: Partial<EndpointProps> = {}): Endpoint {
  const stack = createStack();
  const password = Secret.generated(stack, 'password');
  const props = { scheme: 'postgresql', host: 'db', port: 5432, envPrefix: 'DATABASE', path: 'mt5', user: 'mt5_user' };
  return new Endpoint(stack, { ...props, password, startAfter: [], ...changes });
}

/** The content of the only secret of a connection. */
function urlIn(connectable: IConnectable, password: string): string {
  const { source } = secretOf(connectable);
  if (source.kind !== 'derived') throw new Error('no URL');
  return source.compose({ password });
}

/** The only secret of a connection, as a workload that uses it creates it. */
function secretOf(connectable: IConnectable): Secret {
  const [delivered] = Object.values(connectable.connection().secrets);
  if (delivered === undefined) throw new Error('no secret');
  return secretFrom(delivered.secret);
}

describe('an endpoint without a password', () => {
  test('provides a URL in a variable', () => {
    expect(openEndpoint().connection()).toMatchObject({ environment: { API_URL: 'http://api:8000' }, secrets: {} });
  });

  test.each<[string, Partial<EndpointProps>, UrlOptions, string]>([
    ['a socket', { scheme: 'tcp', port: 5556 }, {}, 'tcp://api:5556'],
    ['a base path', { path: '/v1' }, {}, 'http://api:8000/v1'],
    ['the base path that the consumer sets', { path: '/v1' }, { path: '/v2' }, 'http://api:8000/v2'],
    ['an empty path', { path: '/v1' }, { path: '' }, 'http://api:8000'],
    ['an index', { scheme: 'redis', port: 6379 }, { path: '2' }, 'redis://api:6379/2'],
    ['a user without a password', { user: 'desk@home' }, {}, 'http://desk%40home@api:8000'],
    ['a driver', { scheme: 'postgresql' }, { driver: 'asyncpg' }, 'postgresql+asyncpg://api:8000'],
    ['another scheme', {}, { scheme: 'grpc' }, 'grpc://api:8000'],
    ['the port that is the default of its own scheme only', { port: 80 }, { scheme: 'https' }, 'https://api:80'],
    ['the scheme of a JDBC driver', { path: 'mt5' }, { scheme: 'jdbc:postgresql' }, 'jdbc:postgresql://api:8000/mt5'],
  ])('includes %s in its URL', (_what, changes, options, url) => {
    expect(openEndpoint(changes).url(options).connection().environment).toEqual({ API_URL: url });
  });

  test('provides its URL in the variable that the consumer names', () => {
    expect(openEndpoint().url({ variable: 'BACKEND' }).connection().environment).toEqual({
      BACKEND: 'http://api:8000',
    });
  });

  test('provides host and port in two variables', () => {
    expect(openEndpoint().hostAndPort().connection().environment).toEqual({ API_HOST: 'api', API_PORT: '8000' });
  });

  test('provides host and port in the variables that the consumer names', () => {
    const { environment } = openEndpoint().hostAndPort({ host: 'H', port: 'P' }).connection();
    expect(environment).toEqual({ H: 'api', P: '8000' });
  });

  test.each(['url', 'hostAndPort', 'parts'] as const)('makes its consumer wait in the shape %s', (shape) => {
    expect(openEndpoint()[shape]().connection()).toMatchObject({ from: 'desk', startAfter: ['docker_container.api'] });
  });

  test('rejects port 0', () => {
    expect(() => openEndpoint({ port: 0 })).toThrowCode('invalid-value', 'port cannot be 0');
  });

  test.each(['a b', 'a/b', 'a@b', ''])('rejects the driver %j', (driver) => {
    expect(() => openEndpoint().url({ driver })).toThrowCode('invalid-value', 'desk', `driver cannot be '${driver}'`);
  });

  test.each(['JDBC:postgresql', 'Jdbc:postgresql'])('rejects the scheme %j, which no driver knows', (scheme) => {
    expect(() => openEndpoint().url({ scheme })).toThrowCode('invalid-value', 'desk', "'jdbc:postgresql'");
  });

  test.each(['', 'a b', 'http://', 'jdbc:', '1db', 'a/b'])('rejects the scheme %j', (scheme) => {
    expect(() => openEndpoint().url({ scheme })).toThrowCode('invalid-value', 'desk', `scheme cannot be '${scheme}'`);
  });

  test('rejects a scheme along with a driver', () => {
    expect(() => openEndpoint().url({ scheme: 'db+postgresql', driver: 'psycopg' })).toThrowCode(
      'option-conflict',
      "'db+postgresql+psycopg'",
    );
  });

  test.each<[string, (endpoint: Endpoint, options: object) => unknown]>([
    ['url', (endpoint, options) => endpoint.url(options)],
    ['hostAndPort', (endpoint, options) => endpoint.hostAndPort(options)],
    ['parts', (endpoint, options) => endpoint.parts(options)],
  ])('rejects an unknown option of %s', (_shape, call) => {
    expect(() => call(openEndpoint(), { prot: 'PORT' })).toThrowCode('unknown-option', "'prot'");
  });
});

describe('an endpoint with a password', () => {
  test('provides its URL in a file and not in a variable', () => {
    const { environment, secrets } = database().connection();
    expect(environment).toEqual({});
    expect(secrets).toMatchObject({ DATABASE_URL: { delivery: SecretDelivery.FILE } });
    expect(urlIn(database(), 's3cret')).toBe('postgresql://mt5_user:s3cret@db:5432/mt5');
  });

  test.each<[string, UrlOptions, string]>([
    ['a driver', { driver: 'asyncpg' }, 'postgresql+asyncpg://mt5_user:s3cret@db:5432/mt5'],
    ['another path', { path: 'audit' }, 'postgresql://mt5_user:s3cret@db:5432/audit'],
    ['a virtual host with a slash', { path: '/%2F' }, 'postgresql://mt5_user:s3cret@db:5432/%2F'],
    ['no path', { path: '' }, 'postgresql://mt5_user:s3cret@db:5432'],
    ['the scheme of Celery', { scheme: 'db+postgresql' }, 'db+postgresql://mt5_user:s3cret@db:5432/mt5'],
    [
      'parameters for JDBC',
      { scheme: 'jdbc:postgresql' },
      'jdbc:postgresql://db:5432/mt5?user=mt5_user&password=s3cret',
    ],
    [
      'more parameters for JDBC',
      { scheme: 'jdbc:postgresql', path: '/mt5?sslmode=disable' },
      'jdbc:postgresql://db:5432/mt5?sslmode=disable&user=mt5_user&password=s3cret',
    ],
  ])('includes %s in its URL', (_what, options, url) => {
    expect(urlIn(database().url(options), 's3cret')).toBe(url);
  });

  test('has a secret of its own for a URL with another scheme', () => {
    const endpoint = database();
    const [own, celery] = [endpoint.url(), endpoint.url({ scheme: 'db+postgresql' })].map(secretOf);
    expect([own?.node.id, celery?.node.id]).toEqual(['url', 'url_db-postgresql']);
  });

  test('has a URL with the password only if there is no user', () => {
    const stack = createStack();
    const props = { scheme: 'redis', host: 'redis', port: 6379, envPrefix: 'REDIS', startAfter: [] };
    const endpoint = new Endpoint(stack, { ...props, password: Secret.generated(stack, 'password') });
    expect(urlIn(endpoint, 's3cret')).toBe('redis://:s3cret@redis:6379');
  });

  test('has a URL that parses to the same password, whatever characters are in it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
        const url = new URL(urlIn(database(), password));
        expect(decodeURIComponent(url.password)).toBe(password);
        expect([url.username, url.hostname, url.port, url.pathname]).toEqual(['mt5_user', 'db', '5432', '/mt5']);
      }),
    );
  });

  test('shares one secret between consumers of the same URL', () => {
    const endpoint = database();
    const [one, other] = [endpoint.url(), endpoint.url({ variable: 'PG', delivery: SecretDelivery.EXPORTED })];
    expect(secretOf(other)).toBe(secretOf(one));
  });

  test.each<[UrlOptions, UrlOptions]>([
    [{}, { path: '' }],
    [{ driver: 'asyncpg' }, { path: 'asyncpg' }],
    [{ path: 'a/b' }, { path: 'a-b' }],
  ])('has a secret for each of two URLs: %j and %j', (one, other) => {
    const endpoint = database();
    expect(secretOf(endpoint.url(one))).not.toBe(secretOf(endpoint.url(other)));
  });

  test.each(Object.values(SecretDelivery))('delivers its URL as the consumer asks: %s', (delivery) => {
    expect(database().url({ delivery }).connection().secrets).toMatchObject({ DATABASE_URL: { delivery } });
  });

  test('provides its parts in variables and the password in a file', () => {
    const { environment, secrets } = database().parts().connection();
    expect(environment).toEqual({
      DATABASE_HOST: 'db',
      DATABASE_PORT: '5432',
      DATABASE_NAME: 'mt5',
      DATABASE_USER: 'mt5_user',
    });
    expect(secrets).toMatchObject({
      DATABASE_PASSWORD: { delivery: SecretDelivery.FILE, secret: { name: 'password' } },
    });
  });

  test('provides its parts in the variables that the consumer names', () => {
    const names = { host: 'H', port: 'P', name: 'N', user: 'U', password: 'W', delivery: SecretDelivery.EXPORTED };
    const { environment, secrets } = database().parts(names).connection();
    expect(environment).toEqual({ H: 'db', P: '5432', N: 'mt5', U: 'mt5_user' });
    expect(secrets).toMatchObject({ W: { delivery: SecretDelivery.EXPORTED } });
  });

  test('provides no credentials with host and port', () => {
    expect(database().hostAndPort().connection()).toMatchObject({
      environment: { DATABASE_HOST: 'db', DATABASE_PORT: '5432' },
      secrets: {},
    });
  });
});

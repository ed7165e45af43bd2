import { readFileSync } from 'node:fs';
import {
  Engine,
  ExternalEndpoint,
  type ExternalEndpointProps,
  Image,
  Secret,
  TradingStack,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import { containerNamed, createApp, createStack, synthesizeStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function variablesOf(id: string, props: ExternalEndpointProps): Readonly<Record<string, string>> {
  const stack = createStack();
  const endpoint = new ExternalEndpoint(stack, id, props);
  return new Workload(stack, 'bot', { image, uses: [endpoint] }).spec.environment;
}

describe('an external endpoint', () => {
  test('is the host of the containers by default, whose name is made to resolve', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'mt5-gateway', { port: 5555 });
      new Workload(stack, 'bot', { image, uses: [gateway] });
    });
    expect(containerNamed(terraform, 'desk-bot')).toMatchObject({
      env: ['MT5_GATEWAY_URL=tcp://host.docker.internal:5555'],
      host: [{ host: 'host.docker.internal', ip: 'host-gateway' }],
    });
  });

  test('adds no host name to its consumers if it is on another host', () => {
    const terraform = synthesizeStack((stack) => {
      const props = { host: 'paper-api.example.com', port: 443, scheme: 'https', path: '/v2', envPrefix: 'ALPACA' };
      new Workload(stack, 'bot', { image, uses: [new ExternalEndpoint(stack, 'broker', props)] });
    });
    const container = containerNamed(terraform, 'desk-bot');
    expect(container.env).toEqual(['ALPACA_URL=https://paper-api.example.com/v2']);
    expect(container).not.toHaveProperty('host');
  });

  test('is rejected on a Swarm, which has several hosts, if it is on the host of the containers', () => {
    const stack = new TradingStack(createApp(), 'desk', { engine: Engine.swarm() });
    const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
    expect(() => new Workload(stack, 'bot', { image, uses: [gateway] })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot',
      'host-gateway',
    );
  });

  test.each([
    ['mt5.gateway', 'MT5_GATEWAY_URL'],
    ['paper api (eu)', 'PAPER_API__EU__URL'],
  ])('whose id is %s sets the variable %s', (id, variable) => {
    expect(variablesOf(id, { host: 'gw', port: 5555 })).toEqual({ [variable]: 'tcp://gw:5555' });
  });

  test('has its user in its URL', () => {
    const props = { host: 'db.example.com', port: 5432, user: 'desk@eu' };
    expect(variablesOf('db', props)).toEqual({ DB_URL: 'tcp://desk%40eu@db.example.com:5432' });
  });

  test('makes its URL a secret of the stack if it has a password', () => {
    project.write('.secrets/desk/managed_password', 's3:cret\n');
    const stack = createStack();
    const password = Secret.provided(stack, 'managed_password', { description: 'the password of the database' });
    const props = { host: 'db.example.com', port: 5432, scheme: 'postgresql', path: 'quotes', user: 'desk', password };
    const { spec } = new Workload(stack, 'bot', { image, uses: [new ExternalEndpoint(stack, 'managed', props)] });
    writeSecretFiles(stack);
    expect(spec.environment).toEqual({ MANAGED_URL_FILE: '/run/secrets/managed_url' });
    expect(readFileSync(project.locate('.secrets/desk/managed_url'), 'utf8')).toBe(
      'postgresql://desk:s3%3Acret@db.example.com:5432/quotes',
    );
  });

  test.each<[Omit<ExternalEndpointProps, 'port'> & { readonly port?: number }, string]>([
    [{ host: 'paper-api.alpaca.markets', scheme: 'https' }, 'https://paper-api.alpaca.markets'],
    [{ host: 'paper-api.alpaca.markets', scheme: 'https', path: '/v2' }, 'https://paper-api.alpaca.markets/v2'],
    [{ host: 'api.example', scheme: 'http', port: 80 }, 'http://api.example'],
    [{ host: 'api.example', scheme: 'http', port: 443 }, 'http://api.example:443'],
    [{ host: 'db.example', scheme: 'postgresql', port: 5432 }, 'postgresql://db.example:5432'],
    [{ host: 'fd00::1' }, 'tcp://[fd00::1]:443'],
    [{ host: 'fd00::1', scheme: 'https' }, 'https://[fd00::1]'],
    [{ host: '10.0.0.7', port: 5555 }, 'tcp://10.0.0.7:5555'],
    [{ host: 'mt5_gateway.desk', port: 5555 }, 'tcp://mt5_gateway.desk:5555'],
  ])('with %j has the URL %s', (props, url) => {
    expect(variablesOf('far', { port: 443, ...props }).FAR_URL).toBe(url);
  });

  test('passes a default port on in a variable of its own', () => {
    const far = new ExternalEndpoint(createStack(), 'far', { host: 'fd00::1', port: 443, scheme: 'https' });
    expect(far.endpoint.hostAndPort().connection().environment).toEqual({ FAR_HOST: 'fd00::1', FAR_PORT: '443' });
  });

  test('rejects port 0', () => {
    expect(() => variablesOf('gateway', { port: 0 })).toThrowCode('invalid-value', 'desk/gateway', 'port cannot be 0');
  });

  test('rejects a scheme with the slashes of a URL', () => {
    expect(() => variablesOf('far', { port: 443, scheme: 'https://' })).toThrowCode('invalid-value', "'https://'");
  });

  test('rejects an unknown option', () => {
    const props = { port: 443, hots: 'db.example.com' };
    expect(() => variablesOf('far', props)).toThrowCode('unknown-option', 'desk/far', "Did you mean 'host'?");
  });

  test('rejects a URL as its host, with the options to use instead', () => {
    expect(() => variablesOf('far', { port: 443, host: 'https://api.example.com/v2' })).toThrowCode(
      'invalid-host',
      "Write host: 'api.example.com', scheme: 'https'",
    );
  });

  test.each(['a b', 'api.example.com:443', 'api.example.com/v2', '[fd00::1]', '10.0.0.300', ''])(
    'rejects the host %j',
    (host) => {
      expect(() => variablesOf('far', { port: 443, host })).toThrowCode('invalid-host', `host '${host}'`);
    },
  );

  test.each(['desk:s3cret@db.example.com', 'postgresql://desk:s3cret@db.example.com', '//desk:s3cret@db'])(
    'rejects the host %j without showing the password in it',
    (host) => {
      const create = (): unknown => variablesOf('far', { port: 443, host });
      expect(create).toThrowCode('invalid-host', 'before an @', '`password`');
      expect(create).not.toThrow(/s3cret/);
    },
  );

  test('rejects a plain password without showing it', () => {
    const props = { port: 443, password: 's3cret' as unknown as Secret };
    expect(() => variablesOf('far', props)).toThrowCode('wrong-type', 'password must be a Secret');
    expect(() => variablesOf('far', props)).not.toThrow(/s3cret/);
  });
});

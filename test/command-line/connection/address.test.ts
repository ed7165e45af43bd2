import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { providerEnvironment } from '../../../lib/command-line/connection/provider-environment';
import { problem } from '../desk/problem';

/** The folder of Docker's client: empty, and not that of the user who runs the tests. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function select(environment: NodeJS.ProcessEnv = {}, host?: string): ReturnType<typeof engineAddress> {
  return engineAddress(host, { DOCKER_CONFIG: folder, ...environment });
}

function addContext(name: string, host: string | undefined, files: readonly string[] = []): string {
  const id = createHash('sha256').update(name).digest('hex');
  const metadata = join(folder, 'contexts', 'meta', id);
  mkdirSync(metadata, { recursive: true });
  const content = { Name: name, Endpoints: { docker: { ...(host !== undefined && { Host: host }) } } };
  writeFileSync(join(metadata, 'meta.json'), JSON.stringify(content));
  const tls = join(folder, 'contexts', 'tls', id, 'docker');
  if (files.length > 0) mkdirSync(tls, { recursive: true });
  for (const file of files) writeFileSync(join(tls, file), file);
  return tls;
}

function useContext(name: string): void {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: name }));
}

const FILES = ['ca.pem', 'cert.pem', 'key.pem'];

test('The default address is the local socket', () => {
  expect(select()).toEqual({
    text: 'unix:///var/run/docker.sock',
    tls: undefined,
    command: 'docker',
    hasOurFiles: true,
  });
});

test("The order is Docker's own: code, DOCKER_HOST, DOCKER_CONTEXT, the current context, the local socket", () => {
  addContext('current', 'unix:///current.sock');
  addContext('named', 'unix:///named.sock');
  useContext('current');
  const variables = { DOCKER_CONTEXT: 'named', DOCKER_HOST: 'unix:///variable.sock' };
  expect(select(variables, 'unix:///code.sock').text).toBe('unix:///code.sock');
  expect(select(variables).text).toBe('unix:///variable.sock');
  expect(select({ DOCKER_CONTEXT: 'named' }).text).toBe('unix:///named.sock');
  expect(select().text).toBe('unix:///current.sock');
});

test('An empty variable is ignored', () => {
  expect(select({ DOCKER_CONTEXT: '', DOCKER_HOST: '', DOCKER_CERT_PATH: '', DOCKER_TLS_VERIFY: '' }, '')).toEqual(
    select(),
  );
});

test('The context named default is the local socket', () => {
  useContext('default');
  expect(select().text).toBe('unix:///var/run/docker.sock');
  expect(select({ DOCKER_CONTEXT: 'default' }).text).toBe('unix:///var/run/docker.sock');
});

test.each([
  ['tcp://10.0.0.7', 'tcp://10.0.0.7:2375'],
  ['tcp://[::1]:2376', 'tcp://[::1]:2376'],
  ['http://docker.desk.example', 'http://docker.desk.example:2375'],
])('The provider needs the port that Docker adds: %s', (host, text) => {
  expect(select({ DOCKER_HOST: host }).text).toBe(text);
});

test('The port of an encrypted connection is another one', () => {
  for (const file of FILES) writeFileSync(join(folder, file), file);
  expect(select({ DOCKER_HOST: 'tcp://10.0.0.7', DOCKER_TLS_VERIFY: '1' })).toMatchObject({
    text: 'tcp://10.0.0.7:2376',
    tls: { folder, verifies: true },
  });
});

test('DOCKER_TLS alone encrypts without a check of the certificate, as in Docker', () => {
  const environment = { DOCKER_HOST: 'tcp://10.0.0.7', DOCKER_TLS: '1' };
  expect(() => select(environment)).toThrow(/ca\.pem, cert\.pem, key\.pem/);
  for (const file of FILES) writeFileSync(join(folder, file), file);
  expect(select(environment)).toMatchObject({ text: 'tcp://10.0.0.7:2376', tls: { folder, verifies: false } });
  expect(select(environment).command).toContain(' --tls --tlscacert ');
  expect(select({ ...environment, DOCKER_TLS_VERIFY: '1' }).tls?.verifies).toBe(true);
});

test.each([
  ['unix:///run/user/1000/docker.sock', true],
  ['npipe:////./pipe/docker_engine', true],
  ['tcp://127.0.0.1:2375', false],
  ['ssh://desk@host', false],
])('Only a socket guarantees that bind mounts and ports are those of this machine: %s', (host, hasOurFiles) => {
  expect(select({}, host).hasOurFiles).toBe(hasOurFiles);
});

test('A command that is shown names the engine unless Docker finds it without', () => {
  addContext('server', 'ssh://desk@server');
  expect(select({ DOCKER_HOST: 'ssh://desk@host' }).command).toBe('docker --host ssh://desk@host');
  expect(select({}, 'ssh://desk@host').command).toBe('docker --host ssh://desk@host');
  expect(select({ DOCKER_CONTEXT: 'server' }).command).toBe('docker --context server');
  expect(select({ DOCKER_HOST: 'unix:///var/run/docker.sock' }).command).toBe('docker');
  useContext('server');
  expect(select().command).toBe('docker');
  expect(select({}, 'unix:///var/run/docker.sock').command).toBe('docker --host unix:///var/run/docker.sock');
});

test('A command that is shown does not rely on a variable that may have been set for one command only', () => {
  const socket = 'unix:///run/user/1000/docker.sock';
  expect(select({ DOCKER_HOST: socket }).command).toBe(`docker --host ${socket}`);
  expect(select({ DOCKER_HOST: socket }, socket).command).toBe(`docker --host ${socket}`);
  useContext('gone');
  expect(select({ DOCKER_HOST: socket }).command).toBe(`docker --host ${socket}`);
  addContext('rootless', socket);
  useContext('rootless');
  expect(select({ DOCKER_HOST: socket }).command).toBe('docker');
});

test.each([{ DOCKER_TLS_VERIFY: '1' }, {}])(
  'A command that is shown names the certificates, also with %p',
  (verify) => {
    const certificates = join(folder, 'our certificates');
    mkdirSync(certificates);
    for (const file of FILES) writeFileSync(join(certificates, file), file);
    const environment = { DOCKER_HOST: 'tcp://10.0.0.7', DOCKER_CERT_PATH: certificates, ...verify };
    const { command } = select(environment);
    expect(command).toBe(
      `docker --host tcp://10.0.0.7:2376 --tlsverify --tlscacert '${certificates}/ca.pem' ` +
        `--tlscert '${certificates}/cert.pem' --tlskey '${certificates}/key.pem'`,
    );
  },
);

test('The provider is given the certificates of a context, and nothing that selects another engine', () => {
  const tls = addContext('server', 'tcp://10.0.0.7:2376', FILES);
  useContext('server');
  const environment = { DOCKER_CONFIG: folder, DOCKER_CERT_PATH: '', PATH: '/bin' };
  expect(providerEnvironment(select(environment), environment)).toEqual({
    PATH: '/bin',
    DOCKER_CONFIG: folder,
    DOCKER_HOST: 'tcp://10.0.0.7:2376',
    DOCKER_CERT_PATH: tls,
    DOCKER_TLS_VERIFY: '1',
  });
});

test('The provider is given no certificates for ssh or a socket, which it could not reach with them', () => {
  const ignored = { DOCKER_CONTEXT: 'other', DOCKER_CERT_PATH: '/certificates', DOCKER_SSH_OPTS: '-C' };
  const environment = { DOCKER_HOST: 'ssh://desk@host', ...ignored };
  expect(providerEnvironment(select(environment), environment)).toEqual({ DOCKER_HOST: 'ssh://desk@host' });
});

describe('mistakes', () => {
  function mistake(environment: NodeJS.ProcessEnv = {}): unknown {
    try {
      return select(environment);
    } catch (error) {
      return error;
    }
  }

  test('A context that does not exist is reported with those that do', () => {
    addContext('server', 'ssh://desk@server');
    expect(mistake({ DOCKER_CONTEXT: 'sever' })).toMatchObject(
      problem(
        'docker-context-missing',
        "'sever'",
        'DOCKER_CONTEXT',
        'There is server',
        'docker context use server',
      ) as object,
    );
    useContext('gone');
    expect(mistake()).toMatchObject(problem('docker-context-missing', "'gone'", 'docker context use') as object);
  });

  test('A code with its own address needs no context', () => {
    expect(select({ DOCKER_CONTEXT: 'gone' }, 'ssh://desk@host').text).toBe('ssh://desk@host');
  });

  test('A context without a host, or whose file is cut, is created again', () => {
    addContext('server', undefined);
    const again = 'docker context rm --force server; docker context create server';
    expect(mistake({ DOCKER_CONTEXT: 'server' })).toMatchObject(
      problem('docker-config-invalid', 'has no host', again) as object,
    );
    const id = createHash('sha256').update('server').digest('hex');
    writeFileSync(join(folder, 'contexts', 'meta', id, 'meta.json'), '{"Name": "ser');
    expect(mistake({ DOCKER_CONTEXT: 'server' })).toMatchObject(problem('docker-config-invalid', id, again) as object);
  });

  test('A config.json that is not JSON is named', () => {
    writeFileSync(join(folder, 'config.json'), '{"auths": ');
    expect(mistake()).toMatchObject(problem('docker-config-invalid', join(folder, 'config.json')) as object);
  });

  test('Missing certificates are named', () => {
    writeFileSync(join(folder, 'ca.pem'), '');
    const environment = { DOCKER_HOST: 'tcp://10.0.0.7:2376', DOCKER_CERT_PATH: folder };
    expect(mistake(environment)).toMatchObject(
      problem('docker-tls', folder, 'no cert.pem, key.pem', 'DOCKER_CERT_PATH') as object,
    );
  });

  test.each([
    ...['10.0.0.7:2375', 'tcp://', 'fd://3', 'unix:/var/run/docker.sock', 'unix://'],
    ...['ssh://desk@trading-1:abc', 'ssh://my host', 'ssh:desk', 'ssh:///run/docker.sock', 'ssh://%zz@trading-1'],
  ])('%s is no address of an engine', (host) => {
    expect(mistake({ DOCKER_HOST: host })).toMatchObject(
      problem('docker-host-invalid', host, 'ssh://user@server') as object,
    );
  });
});

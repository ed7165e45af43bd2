import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/engine/address';

test('The default address is the local socket', () => {
  expect(engineAddress(undefined, {})).toEqual({
    text: 'unix:///var/run/docker.sock',
    request: { socketPath: '/var/run/docker.sock' },
    isThisMachine: true,
    hasOurFiles: true,
  });
});

test('The host of the stack takes precedence over DOCKER_HOST', () => {
  const environment = { DOCKER_HOST: 'unix:///other.sock' };
  expect(engineAddress(undefined, environment).text).toBe('unix:///other.sock');
  expect(engineAddress('unix:///stack.sock', environment).text).toBe('unix:///stack.sock');
});

test('An empty variable is ignored', () => {
  const environment = { DOCKER_CONTEXT: '', DOCKER_HOST: '', DOCKER_CERT_PATH: '' };
  expect(engineAddress('', environment)).toEqual(engineAddress(undefined, {}));
  expect(engineAddress('tcp://10.0.0.7', environment).request).toEqual({ hostname: '10.0.0.7', port: 2375 });
});

test('An IPv6 address is requested without the brackets of its URL', () => {
  expect(engineAddress('tcp://[::1]:2376', {})).toEqual({
    text: 'tcp://[::1]:2376',
    request: { hostname: '::1', port: 2376 },
    isThisMachine: true,
    hasOurFiles: false,
  });
});

test('Ports of an engine on another machine are not ports of this one', () => {
  const address = engineAddress('tcp://10.0.0.7:2376', {});
  expect(address).toMatchObject({ request: { hostname: '10.0.0.7', port: 2376 }, isThisMachine: false });
  expect(engineAddress('tcp://localhost', {})).toMatchObject({ request: { port: 2375 }, isThisMachine: true });
});

test('Certificates are read from DOCKER_CERT_PATH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  for (const file of ['ca', 'cert', 'key']) writeFileSync(join(folder, `${file}.pem`), file);
  const { request } = engineAddress('tcp://10.0.0.7:2376', { DOCKER_CERT_PATH: folder });
  expect(request).toMatchObject({ ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') });
  rmSync(folder, { recursive: true });
});

test.each([
  ['unix:///run/user/1000/docker.sock', true],
  ['npipe:////./pipe/docker_engine', true],
  ['tcp://127.0.0.1:2375', false],
  ['tcp://10.0.0.7:2376', false],
  ['ssh://desk@host', false],
])('Only a socket guarantees that bind mounts are files of this machine: %s', (host, hasOurFiles) => {
  expect(engineAddress(host, {}).hasOurFiles).toBe(hasOurFiles);
});

test('An ssh:// address has no HTTP request options', () => {
  expect(engineAddress(undefined, { DOCKER_HOST: 'ssh://desk@host' }).request).toBeUndefined();
});

describe('Docker contexts', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'docker-'));
    const metadata = join(folder, 'contexts', 'meta', createHash('sha256').update('laptop').digest('hex'));
    mkdirSync(metadata, { recursive: true });
    const content = { Name: 'laptop', Endpoints: { docker: { Host: 'unix:///home/desk/docker.sock' } } };
    writeFileSync(join(metadata, 'meta.json'), JSON.stringify(content));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('DOCKER_CONTEXT takes precedence over every other address, as in the provider', () => {
    const environment = { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'laptop', DOCKER_HOST: 'unix:///other.sock' };
    expect(engineAddress('unix:///stack.sock', environment).text).toBe('unix:///home/desk/docker.sock');
  });

  test('An unknown DOCKER_CONTEXT is not mistaken for the default engine', () => {
    const address = engineAddress(undefined, { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'gone' });
    expect(address).toMatchObject({ text: 'context://gone', request: undefined });
  });

  test('The Docker context named default is ignored', () => {
    expect(engineAddress(undefined, { DOCKER_CONTEXT: 'default' }).text).toBe('unix:///var/run/docker.sock');
  });
});

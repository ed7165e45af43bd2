import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/engine/address';

test('Without anything it is the local socket', () => {
  expect(engineAddress(undefined, {})).toEqual({
    text: 'unix:///var/run/docker.sock',
    request: { socketPath: '/var/run/docker.sock' },
    isThisMachine: true,
    hasOurFiles: true,
  });
});

test('What the stack says comes before DOCKER_HOST', () => {
  const environment = { DOCKER_HOST: 'unix:///other.sock' };
  expect(engineAddress(undefined, environment).text).toBe('unix:///other.sock');
  expect(engineAddress('unix:///stack.sock', environment).text).toBe('unix:///stack.sock');
});

test('A variable that is empty is as one that is not set', () => {
  const environment = { DOCKER_CONTEXT: '', DOCKER_HOST: '', DOCKER_CERT_PATH: '' };
  expect(engineAddress('', environment)).toEqual(engineAddress(undefined, {}));
  expect(engineAddress('tcp://10.0.0.7', environment).request).toEqual({ hostname: '10.0.0.7', port: 2375 });
});

test('An address of IPv6 is asked without the brackets of its URL', () => {
  expect(engineAddress('tcp://[::1]:2376', {})).toEqual({
    text: 'tcp://[::1]:2376',
    request: { hostname: '::1', port: 2376 },
    isThisMachine: true,
    hasOurFiles: false,
  });
});

test('A port of another machine is no port of this one', () => {
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
])('whether an engine has the files of this machine is known of a socket alone: %s', (host, hasOurFiles) => {
  expect(engineAddress(host, {}).hasOurFiles).toBe(hasOurFiles);
});

test('ssh is for Terraform alone', () => {
  expect(engineAddress(undefined, { DOCKER_HOST: 'ssh://desk@host' }).request).toBeUndefined();
});

describe('DOCKER_CONTEXT', () => {
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

  test('comes before everything else, as in the provider', () => {
    const environment = { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'laptop', DOCKER_HOST: 'unix:///other.sock' };
    expect(engineAddress('unix:///stack.sock', environment).text).toBe('unix:///home/desk/docker.sock');
  });

  test('that is not known is not taken for another engine', () => {
    const address = engineAddress(undefined, { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'gone' });
    expect(address).toMatchObject({ text: 'context://gone', request: undefined });
  });

  test('named default is none', () => {
    expect(engineAddress(undefined, { DOCKER_CONTEXT: 'default' }).text).toBe('unix:///var/run/docker.sock');
  });
});

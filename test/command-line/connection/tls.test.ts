import { execFileSync } from 'node:child_process';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { problem } from '../desk/problem';

let folder: string;
let server: Server;

/** Certificates of an authority, and of an engine and a client that it signed. */
function createCertificates(name: string): string {
  const place = join(folder, name);
  execFileSync('mkdir', [place]);
  const openssl = (command: string): void => {
    execFileSync('openssl', command.split(' '), { cwd: place, stdio: 'ignore' });
  };
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes';
  openssl(`req -x509 ${key} -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=authority`);
  writeFileSync(join(place, 'names'), 'subjectAltName=IP:127.0.0.1');
  for (const [certificate, subject] of [
    ['server', '/CN=engine'],
    ['', '/CN=client'],
  ] as const) {
    const file = certificate === '' ? '' : `${certificate}-`;
    openssl(`req ${key} -keyout ${file}key.pem -out ${file}request.pem -subj ${subject}`);
    const signed = `-CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile names`;
    openssl(`x509 -req -in ${file}request.pem -out ${file}cert.pem ${signed}`);
  }
  return place;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tls-'));
  const ours = createCertificates('ours');
  createCertificates('theirs');
  const read = (file: string): Buffer => readFileSync(join(ours, file));
  const options = { ca: read('ca.pem'), cert: read('server-cert.pem'), key: read('server-key.pem'), requestCert: true };
  server = createServer(options, (_, response) => response.end('{"Version": "28.2.2"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function over(certificates: string, port = (server.address() as AddressInfo).port): DockerApi {
  const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_CERT_PATH: join(folder, certificates) };
  return DockerApi.at(engineAddress(undefined, environment));
}

test('An engine is reached with the certificates of the client', async () => {
  expect(await over('ours').version()).toBe('28.2.2');
});

test('Certificates of another authority are an error of the encryption', async () => {
  await expect(over('theirs').version()).rejects.toMatchObject(
    problem('docker-tls', '127.0.0.1', join(folder, 'theirs'), 'authority') as object,
  );
});

test('An engine that encrypts cannot be reached without certificates', async () => {
  // The answer of a server of Go.
  const encrypting = createPlainServer((_, response) => {
    response.writeHead(400).end('Client sent an HTTP request to an HTTPS server.');
  });
  await new Promise<void>((resolve) => encrypting.listen(0, '127.0.0.1', resolve));
  const { port } = encrypting.address() as AddressInfo;
  const docker = DockerApi.at(engineAddress(`tcp://127.0.0.1:${port}`, {}));
  await expect(docker.version()).rejects.toMatchObject(problem('docker-tls', 'DOCKER_CERT_PATH') as object);
  await new Promise((resolve) => encrypting.close(resolve));
});

test('An engine that does not encrypt is not reached with certificates', async () => {
  const plain = createPlainServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  await expect(over('ours', (plain.address() as AddressInfo).port).version()).rejects.toMatchObject(
    problem('docker-tls', 'unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH') as object,
  );
  await new Promise((resolve) => plain.close(resolve));
});

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logins } from '../../../lib/command-line/connection/logins';
import { Engine } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { problem } from '../desk/problem';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logins-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function read(registries: readonly string[], config?: object, environment: NodeJS.ProcessEnv = {}): Promise<Logins> {
  if (config !== undefined) writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const stack = createStack(() => undefined, { engine: Engine.docker({ registries }) });
  return Logins.of(stack, { DOCKER_CONFIG: folder, ...environment });
}

function stored(user: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') };
}

/** A credential helper on a PATH of its own, which runs a script of the shell. */
function addHelper(name: string, script: string): NodeJS.ProcessEnv {
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\nread server\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:${process.env.PATH ?? ''}` };
}

const HUB = 'https://index.docker.io/v1/';
const DESK = { username: 'desk', password: 'pass:word' };

test.each(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io', 'hub.docker.com'])(
  'Docker Hub has one login under every name: %s',
  async (registry) => {
    const logins = await read([registry], { auths: { [HUB]: stored('desk', 'pass:word') } });
    for (const image of [
      'redis:7',
      'prom/prometheus',
      'docker.io/library/redis',
      'index.docker.io/prom/prometheus:v3',
    ]) {
      expect(logins.for(image)).toEqual({ ...DESK, server: HUB });
    }
  },
);

test('Only registries of the stack have a login', async () => {
  const logins = await read(['ghcr.io'], {
    auths: { 'ghcr.io': stored('desk', 'pass:word'), [HUB]: stored('x', 'y') },
  });
  expect(logins.for('ghcr.io/desk/bot:1')).toEqual({ ...DESK, server: 'ghcr.io' });
  expect(logins.for('redis:7')).toBeUndefined();
  expect(logins.for('localhost:5000/bot')).toBeUndefined();
});

test('A registry that is stored as a URL is found by its host', async () => {
  const logins = await read(['registry.desk.example:5000'], {
    auths: { 'https://registry.desk.example:5000/v2/': stored('desk', 'pass:word') },
  });
  expect(logins.for('registry.desk.example:5000/bot')).toMatchObject(DESK);
});

test('The helper of a registry takes precedence over that of all registries', async () => {
  const environment = addHelper('one', `printf '{"ServerURL":"%s","Username":"desk","Secret":"pass:word"}' "$server"`);
  addHelper('all', 'exit 1');
  const config = { auths: { 'ghcr.io': {} }, credsStore: 'all', credHelpers: { 'ghcr.io': 'one' } };
  expect((await read(['ghcr.io'], config, environment)).for('ghcr.io/bot')).toMatchObject(DESK);
});

test('A helper is asked for Docker Hub by the name under which docker login stores it', async () => {
  const environment = addHelper(
    'all',
    `[ "$server" = ${HUB} ] && echo '{"Username":"desk","Secret":"pass:word"}' || { echo 'credentials not found in native keychain'; exit 1; }`,
  );
  // docker login leaves an empty entry next to a helper.
  const logins = await read(['docker.io', 'ghcr.io'], { auths: { [HUB]: {} }, credsStore: 'all' }, environment);
  expect(logins.for('redis')).toMatchObject(DESK);
  expect(logins.for('ghcr.io/bot')).toEqual(problem('registry-login-missing', 'ghcr.io', 'docker login ghcr.io'));
});

test('A login in DOCKER_AUTH_CONFIG takes precedence, as in Docker', async () => {
  const variable = JSON.stringify({ auths: { 'ghcr.io': stored('desk', 'pass:word') } });
  const config = { auths: { 'ghcr.io': stored('other', 'x') } };
  expect((await read(['ghcr.io'], config, { DOCKER_AUTH_CONFIG: variable })).for('ghcr.io/bot')).toMatchObject(DESK);
});

test('A missing login is a problem with the command that stores one', async () => {
  const logins = await read(['docker.io', 'ghcr.io']);
  expect(logins.for('redis')).toEqual(problem('registry-login-missing', 'Docker Hub', 'Log in: docker login'));
  expect(logins.for('ghcr.io/bot')).toEqual(problem('registry-login-missing', 'docker login ghcr.io'));
});

test.each([
  ['in the file', { auths: { 'ghcr.io': { ...stored('desk', ''), identitytoken: 'token' } } }],
  ['of a helper', { credsStore: 'token' }],
])('An identity token %s is not passed off as a password', async (_, config) => {
  const environment = addHelper('token', `echo '{"Username":"<token>","Secret":"token"}'`);
  const found = (await read(['ghcr.io'], config, environment)).for('ghcr.io/bot');
  expect(found).toEqual(problem('registry-login-unusable', 'identity token', 'docker login ghcr.io --username'));
});

test.each([
  ['that does not exist', 'gone', 'ENOENT'],
  ['that fails', 'locked', 'the keychain is locked'],
  ['whose output is cut', 'cut', 'not a JSON document'],
])('A credential helper %s is named', async (_, name, reason) => {
  const environment = addHelper('locked', "echo 'the keychain is locked' >&2; exit 1");
  addHelper('cut', `printf '{"Username":"desk","Sec'`);
  const found = (await read(['ghcr.io'], { credsStore: name }, environment)).for('ghcr.io/bot');
  expect(found).toEqual(
    problem(
      'registry-login-unusable',
      `docker-credential-${name}`,
      reason,
      `echo ghcr.io | docker-credential-${name} get`,
    ),
  );
});

/** What Terraform finds while it runs: the variable, and the names of the logins in its file. */
function during(logins: Logins, providerVersion: string): Promise<{ variable: string; names: string[]; mode: number }> {
  return logins.during({ providerVersion }, ({ DOCKER_CONFIG: variable = '' }) => {
    const file = statSync(variable).isDirectory() ? join(variable, 'config.json') : variable;
    const { auths } = JSON.parse(readFileSync(file, 'utf8')) as { auths: object };
    return Promise.resolve({ variable, names: Object.keys(auths).sort(), mode: statSync(file).mode & 0o777 });
  });
}

test('The provider finds Docker Hub under all of its names, in a file that only its owner can read', async () => {
  const logins = await read(['docker.io'], { auths: { [HUB]: stored('desk', 'pass:word') } });
  const { variable, names, mode } = await during(logins, '3.9.0');
  expect(names).toEqual(['docker.io', HUB, 'index.docker.io', 'registry-1.docker.io']);
  expect(mode).toBe(0o600);
  expect(existsSync(variable)).toBe(false);
});

test('DOCKER_CONFIG is a file up to provider 3.x and a folder from 4.0 on', async () => {
  const logins = await read(['ghcr.io']);
  expect((await during(logins, '3.9.0')).variable).toMatch(/\/config\.json$/);
  expect((await during(logins, '4.5.0')).variable).not.toMatch(/config\.json$/);
});

test('Without registries the environment is left alone', async () => {
  const logins = await read([]);
  expect(await logins.during({ providerVersion: '3.9.0' }, (variables) => Promise.resolve(variables))).toEqual({});
});

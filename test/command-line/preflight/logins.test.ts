import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { Logins } from '../../../lib/command-line/connection/logins';
import type { Problem } from '../../../lib/command-line/output/output';
import { parsePlan } from '../../../lib/command-line/plan/changes';
import { loginProblems } from '../../../lib/command-line/preflight/logins';
import { Engine } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';

let engine: FakeEngine;
let folder: string;

beforeEach(async () => {
  engine = await FakeEngine.start();
  folder = mkdtempSync(join(tmpdir(), 'logins-'));
});

afterEach(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const LOGIN = { auth: Buffer.from('desk:password').toString('base64') };

/** The problems of a plan that creates these images, with a login at one registry of two. */
async function problems(images: readonly string[], build?: object, type = 'docker_image'): Promise<Problem[]> {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { 'ghcr.io': LOGIN } }));
  const stack = createStack(() => undefined, { engine: Engine.docker({ registries: ['ghcr.io', 'quay.io'] }) });
  const logins = await Logins.of(stack, { DOCKER_CONFIG: folder });
  const resource_changes = images.map((name, index) => ({
    address: `${type}.image${index}`,
    type,
    change: { actions: ['create'], after: { name, build: build === undefined ? [] : [build] } },
  }));
  const { changes } = parsePlan(JSON.stringify({ resource_changes }));
  return loginProblems(changes, logins, DockerApi.at(engineAddress(engine.host, {})));
}

test('A login that the registry accepts is no problem', async () => {
  expect(await problems(['ghcr.io/desk/bot:1', 'redis:7'])).toEqual([]);
  expect(engine.state.logins).toEqual([{ username: 'desk', password: 'password', serveraddress: 'ghcr.io' }]);
});

test('A login that the registry refuses is reported once, before anything is pulled', async () => {
  engine.state.refusedLogin = 'Get "https://ghcr.io/v2/": unauthorized: authentication required';
  expect(await problems(['ghcr.io/desk/bot:1', 'ghcr.io/desk/feed:1'])).toEqual([
    problem('registry-login-refused', 'ghcr.io', 'login of desk', 'unauthorized', 'docker login ghcr.io'),
  ]);
});

test('A missing login is a problem if an image has to be pulled with it', async () => {
  expect(await problems(['quay.io/desk/bot:1'])).toEqual([problem('registry-login-missing', 'docker login quay.io')]);
  engine.state.images = ['quay.io/desk/bot:1'];
  expect(await problems(['quay.io/desk/bot:1'])).toEqual([]);
});

test('An image that is built needs no login', async () => {
  expect(await problems(['quay.io/desk/bot:1'], { context: '.' })).toEqual([]);
});

test('An image that is pushed needs a login, although the engine has it', async () => {
  engine.state.images = ['quay.io/desk/bot:1'];
  expect(await problems(['quay.io/desk/bot:1'], undefined, 'docker_registry_image')).toEqual([
    problem('registry-login-missing', 'docker login quay.io'),
  ]);
});

test('A registry that does not answer is left to the pull', async () => {
  engine.state.refusedLogin = 'Get "https://ghcr.io/v2/": dial tcp: i/o timeout';
  expect(await problems(['ghcr.io/desk/bot:1'])).toEqual([]);
});

import { engineAddress } from '../../../lib/command-line/connection/address';
import { Logins } from '../../../lib/command-line/connection/logins';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { overwrittenVersions } from '../../../lib/command-line/images/versions';
import type { Problem } from '../../../lib/command-line/output/output';
import { parsePlan } from '../../../lib/command-line/plan/changes';
import { createStack } from '../../setup/synthesize';
import { FakeEngine } from '../desk/engine';

const NAME = 'registry.example.com/desk/gateway:v1.0.0';

let engine: FakeEngine;

beforeEach(async () => {
  engine = await FakeEngine.start();
  engine.state.images = [NAME];
});

afterEach(async () => {
  await engine.stop();
});

/** The problems of a plan that pushes an image and, if the contents are given, builds another one under its name. */
async function problems(
  name: string,
  contents?: readonly [string, string],
  resources: readonly object[] = [],
): Promise<Problem[]> {
  const build = (content: string): object => ({ name, build: [{ context: 'gateway' }], triggers: { content } });
  const builds = contents?.map(build) ?? [];
  const resource_changes = [
    {
      address: 'docker_registry_image.a',
      type: 'docker_registry_image',
      change: { actions: ['create'], after: { name } },
    },
    ...(contents === undefined
      ? []
      : [
          {
            address: 'docker_image.a',
            type: 'docker_image',
            change: { actions: ['delete', 'create'], before: builds[0], after: builds[1] },
          },
        ]),
  ];
  const { changes } = parsePlan(
    JSON.stringify({ resource_changes, prior_state: { values: { root_module: { resources } } } }),
  );
  const logins = await Logins.of(
    createStack(() => undefined),
    {},
  );
  return overwrittenVersions(changes, { docker: DockerApi.at(engineAddress(engine.host, {})), logins, stack: 'desk' });
}

test('A version that is not in its registry is pushed', async () => {
  expect(await problems(NAME)).toEqual([]);
});

test('A version that its registry has with other content is a problem that names the ways out', async () => {
  engine.state.published = { [NAME]: 'sha256:other' };
  engine.state.digests = { [NAME]: ['sha256:4f8b'] };
  expect(await problems(NAME)).toEqual([
    {
      code: 'version-taken',
      message:
        `${NAME} is in its registry already, with other content. Set a new version in the name of the build, or run what ` +
        `is there: Image.fromRegistry('${NAME}'). To replace it: npm run deploy -- desk --overwrite`,
    },
  ]);
});

test('A version that the registry has with the content of the engine is no problem, unless a build replaces it', async () => {
  engine.state.published = { [NAME]: 'sha256:4f8b' };
  engine.state.digests = { [NAME]: ['sha256:4f8b'] };
  expect(await problems(NAME)).toEqual([]);
  expect(await problems(NAME, ['old', 'old'])).toEqual([]);
  expect(await problems(NAME, ['old', 'new'])).toHaveLength(1);
});

test('A tag that is the hash of the content may be pushed again', async () => {
  const content = '0123456789abcdef';
  const name = `registry.example.com/desk/gateway:${content}`;
  engine.state.published = { [name]: 'sha256:other' };
  expect(await problems(name, [content, content])).toEqual([]);
});

test('A version that looks like such a hash, as a commit may, is a version', async () => {
  const name = 'registry.example.com/desk/gateway:0123456789abcdef';
  engine.state.published = { [name]: 'sha256:other' };
  expect(await problems(name, ['fedcba9876543210', 'fedcba9876543210'])).toHaveLength(1);
});

test('The tag of an image that is only pushed, because it is built already, is known from the state', async () => {
  const content = '0123456789abcdef';
  const name = `registry.example.com/desk/gateway:${content}`;
  engine.state.published = { [name]: 'sha256:other' };
  expect(await problems(name, undefined, [{ type: 'docker_image', values: { name, triggers: { content } } }])).toEqual(
    [],
  );
});

test('A registry that does not say what it has ends the deploy', async () => {
  engine.state.failing = ['/distribution/'];
  await expect(problems(NAME)).rejects.toThrow('/distribution/');
});

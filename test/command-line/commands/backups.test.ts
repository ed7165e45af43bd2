import { FakeEngine } from '../desk/engine';
import { DeskProject } from '../desk/project';

jest.setTimeout(60_000);

let project: DeskProject;

beforeEach(() => {
  project = new DeskProject();
});

afterEach(() => {
  project.remove();
});

test.each([
  ['backup', ['backup', 'desk']],
  ['backups', ['backups', 'desk', '--json']],
  ['restore', ['restore', 'desk', 'redis', 'latest', '--yes']],
])('%s says how to declare a backup if the stack has none', async (_name, command) => {
  const { exitCode, stderr } = await project.run(command);

  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('with the method `backup` of a server')]);
  expect(stderr).toContain('[backup-missing]');
});

test('backups of a stack that is not deployed on one host says to deploy it, and nothing of nodes', async () => {
  const engine = await FakeEngine.start();
  const { exitCode, stderr } = await project.run(['backups', 'desk'], { DOCKER_HOST: engine.host }, 'backup');
  await engine.stop();

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('deploy the stack: npm run deploy -- desk')]);
  expect(stderr).not.toContain('node');
});

test('restore without a terminal names the option that skips the question', async () => {
  const { exitCode, stderr } = await project.run(['restore', 'desk', 'redis', 'latest']);

  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('npm run restore -- desk redis latest --yes')]);
});

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

test('restore without a terminal names the option that skips the question', async () => {
  const { exitCode, stderr } = await project.run(['restore', 'desk', 'redis', 'latest']);

  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('npm run restore -- desk redis latest --yes')]);
});

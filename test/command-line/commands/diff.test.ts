import { DeskFixture, HEALTHY } from '../desk/fixture';

const desk = new DeskFixture();

test('diff says when there is no plan', async () => {
  const { exitCode, stderr } = await desk.run(['diff', 'desk'], { FAKE_PLAN: '1' });
  expect(exitCode).toBe(1);
  expect(stderr).toBe('terraform plan failed.\nNothing was changed.\n');
});

test('diff shows in a few lines what changes', async () => {
  desk.project.changes = { 'docker_container.desk-gateway': { actions: ['delete', 'create'] } };
  expect((await desk.run(['diff', 'desk'])).stdout).toMatch(/\nIS +NUMBER .*\nreplaced +1 +desk-gateway\n$/);
});

test.each([
  ['2', [], 0],
  ['2', ['--detailed-exitcode'], 2],
  ['0', ['--detailed-exitcode'], 0],
  ['1', ['--detailed-exitcode'], 1],
])('diff after a plan that exits with %s, with the options %j, exits with %i', async (plan, options, exitCode) => {
  expect((await desk.run(['diff', 'desk', ...options], { FAKE_PLAN: plan })).exitCode).toBe(exitCode);
  expect(desk.project.terraformCommands).not.toContain('apply');
});

test('diff leaves a container that is not running where it is', async () => {
  desk.engine.state.containers = [
    { name: 'desk-redis', ...HEALTHY },
    { name: 'desk-gateway', status: 'exited', exitCode: 1 },
  ];
  const { stdout } = await desk.run(['diff', 'desk']);
  expect(stdout).toContain(
    '\nNot running: desk-gateway. The plan is made with -refresh=false, as the provider removes',
  );
  expect(desk.project.terraformCommands).toContain('plan -refresh=false -replace=docker_container.desk-gateway');
});

test.each([
  ['a stack that does not exist', ['dusk']],
  ['an option that does not exist', ['desk', '--yaml']],
])('diff with --detailed-exitcode and %s exits with 1, as 2 means changes', async (_, words) => {
  expect((await desk.run(['diff', '--detailed-exitcode', ...words])).exitCode).toBe(1);
});

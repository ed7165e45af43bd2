import { DeskFixture, HEALTHY, KEY } from '../desk/fixture';

const desk = new DeskFixture();

test('diff reports a plan that failed', async () => {
  const { exitCode, stderr } = await desk.run(['diff', 'desk'], { FAKE_PLAN: '1' });
  expect(exitCode).toBe(1);
  expect(stderr).toBe('terraform plan failed.\nNothing was changed. [terraform-failed]\n');
});

const CHANGED = {
  'docker_container.desk-gateway': {
    actions: ['delete', 'create'],
    before: { env: ['PCT=0.2', `BROKER_KEY=${KEY}`] },
    after: { env: ['PCT=0.3', 'BROKER_KEY=another-key'] },
  },
};

test('diff shows what changes from what to what, without values of secrets', async () => {
  desk.project.changes = CHANGED;
  const { stdout } = await desk.run(['diff', 'desk']);
  expect(stdout).toContain(
    '\ndesk-gateway (replaced, stop first: port 18000, port 5555)\n  PCT 0.2 → 0.3\n  BROKER_KEY changed\n\n' +
      'To replace: 1 service.\n',
  );
  expect(stdout).not.toContain('another-key');
});

test('diff --verbose shows the plan as Terraform describes it too, without values of secrets', async () => {
  desk.project.changes = CHANGED;
  expect((await desk.run(['diff', 'desk'])).stdout).not.toContain('broker_key =');
  const { stdout } = await desk.run(['diff', 'desk', '--verbose'], { FAKE_SECRET: 'another-key' });
  // It is in no secret file, but the plan contains it in a variable whose name marks it as a secret.
  expect(stdout).toContain('broker_key = ***\n');
  expect(stdout).not.toContain('another-key');
});

test('diff --json prints the changes as a document without values of secrets', async () => {
  desk.project.changes = CHANGED;
  const { stdout, stderr } = await desk.run(['diff', 'desk', '--json', '--detailed-exitcode']);
  expect(JSON.parse(stdout)).toEqual({
    stack: 'desk',
    outcome: 'changes',
    leftOvers: [],
    unsavedFiles: [],
    restarts: [],
    changes: [
      {
        name: 'desk-gateway',
        kind: 'service',
        address: 'docker_container.desk-gateway',
        action: 'replace',
        outcome: 'replaced, stop first: port 18000, port 5555',
        replacement: { order: 'stop-first', reasons: ['port 18000', 'port 5555'] },
        details: [
          { setting: 'PCT', before: '0.2', after: '0.3', text: 'PCT 0.2 → 0.3', lines: [] },
          { setting: 'BROKER_KEY', before: null, after: null, text: 'BROKER_KEY changed', lines: [] },
        ],
      },
    ],
  });
  expect(stderr).toContain('desk-gateway (replaced, stop first: port 18000, port 5555)\n');
});

test('diff --markdown prints the changes for a comment, and everything else to stderr', async () => {
  desk.project.changes = CHANGED;
  const { stdout, stderr } = await desk.run(['diff', 'desk', '--markdown']);
  expect(stdout).toBe(
    '### desk\n\n- `desk-gateway` replaced, stop first: port 18000, port 5555\n  - `PCT 0.2 → 0.3`\n  - `BROKER_KEY changed`\n\n' +
      'Limits of all services: 1.5 CPU, 768 MiB of memory.\n',
  );
  expect(stderr).toContain('To replace: 1 service.\n');
});

test('diff --markdown of a stack that is up to date says that nothing changes', async () => {
  const { stdout } = await desk.run(['diff', 'desk', '--markdown'], { FAKE_PLAN: '0' });
  expect(stdout).toBe('### desk\n\nNothing changes.\n');
});

test('diff --markdown that fails prints nothing that could become a comment', async () => {
  const { stdout, stderr } = await desk.run(['diff', 'desk', '--markdown'], { FAKE_PLAN: '1' });
  expect(stdout).toBe('');
  expect(stderr).toContain('[terraform-failed]');
});

test('diff says that only outputs change', async () => {
  expect((await desk.run(['diff', 'desk'])).stdout).toMatch(/\nOnly Terraform outputs change\.\n$/);
});

test('diff says that there is nothing to change', async () => {
  const { stdout } = await desk.run(['diff', 'desk', '--json'], { FAKE_PLAN: '0' });
  expect(JSON.parse(stdout)).toEqual({ stack: 'desk', outcome: 'unchanged', changes: [] });
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
  expect(stdout).toMatch(/\nNot running: desk-gateway\. .*-refresh=false, .* remove stopped containers/);
  expect(stdout).toContain('\ndesk-gateway: it is not running (replaced, stop first: port 18000, port 5555)\n');
  expect(desk.project.terraformCommands).toContain('plan -refresh=false -replace=docker_container.desk-gateway');
});

test('diff does not say that a refresh removes a stopped container with provider 4, which starts it again', async () => {
  desk.engine.state.containers = [{ name: 'desk-gateway', status: 'exited', exitCode: 1 }];
  const { stdout } = await desk.run(['diff', 'desk'], {}, 'provider 4');
  expect(stdout).toMatch(
    /\nNot running: desk-.*-refresh=false and replaces stopped .*; a deploy starts them again\.\n/,
  );
});

test.each([
  ['a stack that does not exist', ['dusk']],
  ['an option that does not exist', ['desk', '--yaml']],
])('diff with --detailed-exitcode and %s exits with 1, as 2 means changes', async (_, words) => {
  expect((await desk.run(['diff', '--detailed-exitcode', ...words])).exitCode).toBe(1);
});

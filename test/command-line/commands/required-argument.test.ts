import { DeskFixture } from '../desk/fixture';

const desk = new DeskFixture();

describe.each(['exec', 'console', 'scale', 'rotate', 'restore'])('%s', (command) => {
  test('without a stack is a usage error that names the stacks', async () => {
    const { exitCode, stderr } = await desk.run([command], {}, 'second stack');

    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/ desk, night\. \[unknown-stack\]\n$/);
  });

  test('shows in its help which arguments it needs', async () => {
    const { stdout } = await desk.run([command, '--help']);

    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${command} -- \\[options\\] <stack> <(service|secret)>`));
  });
});

test.each([
  ['exec', '', 'Which service of desk?', 'redis, gateway', 'exec -- desk redis -- sh'],
  ['console', 'database', 'Which service of desk?', 'redis, db', 'console -- desk redis'],
  ['scale', '', 'Which service of desk?', 'redis, gateway', 'scale -- desk redis 3'],
  [
    'rotate',
    'database',
    'Which secret of desk?',
    'db_password, db_reports_password, redis_password',
    'rotate -- desk db_password',
  ],
  ['restore', 'backup', 'Which service of desk?', 'db', 'restore -- desk db latest'],
])('%s without a second argument names those that there are', async (command, problem, question, known, example) => {
  const { exitCode, stderr } = await desk.run([command, 'desk'], {}, problem);

  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    `${question} Pass one of these after the stack: ${known}. For example: npm run ${example} [usage]\n`,
  );
});

test('restore in a stack without backups says how to declare one', async () => {
  const { stderr } = await desk.run(['restore', 'desk']);

  expect(stderr).toMatch(/^desk has no backups\. Declare one .* \[backup-missing\]\n$/);
});

test.each([
  [['exec', 'desk', 'gateway'], 'npm run exec -- desk gateway -- sh'],
  [['exec', 'desk', 'gateway', '--'], 'npm run exec -- desk gateway -- sh'],
  [['scale', 'desk', 'gateway'], 'npm run scale -- desk gateway 3'],
])('%j without the last argument is a usage error with an example', async (command, example) => {
  const { exitCode, stderr } = await desk.run(command);

  expect(exitCode).toBe(2);
  expect(stderr).toMatch(new RegExp(`${example} \\[usage\\]\n$`));
});

test('exec with only a command names the services', async () => {
  const { exitCode, stderr } = await desk.run(['exec', 'desk', 'sh']);

  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/'sh' does not exist in desk\..* redis, migrate, gateway\. \[unknown-service\]\n$/);
});

test('no engine is asked', async () => {
  desk.engine.state.containers = [];
  const outcome = await desk.run(['exec', 'desk'], { DOCKER_HOST: 'tcp://127.0.0.1:1' });

  expect(outcome.stderr).toContain('[usage]');
});

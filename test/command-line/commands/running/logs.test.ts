import { FakeEngine } from '../../desk/engine';
import { DeskProject, type Outcome } from '../../desk/project';

jest.setTimeout(60_000);

let engine: FakeEngine;
let project: DeskProject;

beforeEach(async () => {
  engine = await FakeEngine.start();
  project = new DeskProject();
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

/** A log with a line at each of these seconds. */
function log(lines: Readonly<Record<number, string>>): string {
  return Object.entries(lines)
    .map(([second, text]) => `2026-01-01T12:00:${second.padStart(2, '0')}.000000000Z ${text}\n`)
    .join('');
}

function run(...command: readonly string[]): Promise<Outcome> {
  return project.run(['logs', 'desk', ...command], { DOCKER_HOST: engine.host });
}

test('The logs of all services and jobs are shown in the order of time, with the names of the services', async () => {
  engine.state.containers = [
    { name: 'desk-redis', log: log({ 1: 'ready', 4: 'saved' }) },
    { name: 'desk-migrate', status: 'exited', log: log({ 2: 'migrated' }) },
    { name: 'desk-gateway', log: log({ 3: 'listening', 5: 'GET /' }) },
    { name: 'night-redis', log: log({ 2: 'of another stack' }), labels: { 'cdktf-trading-stack.stack': 'night' } },
  ];
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'desk-redis   | ready',
    'desk-migrate | migrated',
    'desk-gateway | listening',
    'desk-redis   | saved',
    'desk-gateway | GET /',
    '',
  ]);
});

test('Only the services that are named are shown, by their ids or by the names of their containers', async () => {
  engine.state.containers = ['redis', 'migrate', 'gateway'].map((name) => ({
    name: `desk-${name}`,
    log: log({ 1: name }),
  }));
  expect((await run('gateway', 'desk-redis')).stdout).toBe('desk-redis   | redis\ndesk-gateway | gateway\n');
});

test('A service that does not exist is an error with the names of those that do', async () => {
  const { exitCode, stderr } = await run('gatway');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/'gatway' does not exist in desk\..* redis, migrate, gateway\. \[unknown-service\]\n$/);
});

test('With --since and --tail the older lines are left out', async () => {
  engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one', 2: 'two', 3: 'three' }) }];
  expect((await run('--since', '2026-01-01T12:00:02Z')).stdout).toBe('desk-redis   | two\ndesk-redis   | three\n');
  expect((await run('--tail', '1')).stdout).toBe('desk-redis   | three\n');
});

test('With --since a time in minutes is counted back from the clock of the engine', async () => {
  engine.state.clockAhead = Date.parse('2026-01-01T12:02:02Z') - Date.now();
  engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one', 59: 'two' }) }];
  expect((await run('--since', '2m')).stdout).toBe('desk-redis   | two\n');
});

test.each([
  ['--since', 'yesterday', '30s, 10m, 2h or 1d'],
  ['--since', '2026-01-01T12:00:02', "a time that exists, with its zone, such as '2026-01-31T13:59:00Z'"],
  [
    '--since',
    '2999-01-01T12:00:02Z',
    "--since 2999-01-01T12:00:02.000Z is in the future: on the engine's machine it is ",
  ],
  ['--tail', 'few', 'Use a whole number'],
])('%s %s is an error that says what to use', async (option, value, fix) => {
  const { exitCode, stderr } = await run(option, value);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(fix);
});

test('With --json each line is a document', async () => {
  engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one', 2: 'two' }) }];
  const lines = (await run('--json')).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { service: 'desk-redis', time: '2026-01-01T12:00:01.000000000Z', stream: 'stdout', text: 'one' },
    { service: 'desk-redis', time: '2026-01-01T12:00:02.000000000Z', stream: 'stderr', text: 'two' },
  ]);
});

test('The values of secrets are hidden', async () => {
  project.write('.secrets/desk/redis_password', 'canary-7Qx2');
  engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'AUTH canary-7Qx2' }) }];
  expect((await run()).stdout).toBe('desk-redis   | AUTH ***\n');
});

test('A log that cannot be read does not keep the others from being shown', async () => {
  const reason = 'configured logging driver does not support reading';
  engine.state.containers = [
    { name: 'desk-redis', unreadableLog: reason },
    { name: 'desk-gateway', log: log({ 1: 'listening' }) },
  ];
  const { exitCode, stdout, stderr } = await run();
  expect(exitCode).toBe(0);
  expect(stdout).toBe('desk-gateway | listening\n');
  expect(stderr).toBe(`The log of desk-redis cannot be read: ${reason}\n`);
});

describe('With --follow', () => {
  test('containers that are replaced or started again are continued without repeating a line, until Ctrl-C', async () => {
    engine.state.clockAhead = Date.parse('2026-01-01T12:00:01Z') - Date.now();
    engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one' }) }];
    const ended = run('--follow');
    await watched();
    engine.state.containers = [
      { name: 'desk-redis', log: log({ 1: 'one', 2: 'again' }) },
      { name: 'desk-gateway', id: 'second', log: log({ 3: 'replaced' }) },
    ];
    engine.emit('start', 'desk-redis');
    engine.emit('start', 'desk-gateway', {}, 'second');
    await engine.settled();
    process.emit('SIGINT');
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(0);
    expect(stdout).toBe('desk-redis   | one\ndesk-redis   | again\ndesk-gateway | replaced\n');
  });

  test('an engine that stops answering is an error', async () => {
    engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one' }) }];
    const ended = run('--follow');
    await watched();
    engine.dropWatchers();
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('[docker-unreachable]');
  });

  async function watched(): Promise<void> {
    while (!engine.isWatched) await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.settled();
  }
});

test('What a container prints cannot clear the terminal or change its title, but has its colors', async () => {
  engine.state.containers = [
    { name: 'desk-redis', log: log({ 1: '\u001b]0;title\u0007\u001b[2J\u001b[31mred\u009b1A\rover', 2: 'plain' }) },
  ];
  expect((await run()).stdout).toBe('desk-redis   | \u001b[31mredover\u001b[0m\ndesk-redis   | plain\n');
});

test('With --since a time before 1970 shows everything', async () => {
  engine.state.containers = [{ name: 'desk-redis', log: log({ 1: 'one' }) }];
  expect((await run('--since', '99999999999999d')).stdout).toBe('desk-redis   | one\n');
});

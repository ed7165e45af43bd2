import { spawnSync } from 'node:child_process';
import { thisProcess } from '../../../../lib/command-line/processes/process-record';
import { FakeEngine } from '../../desk/engine';
import { DeskProject, type Outcome } from '../../desk/project';

jest.setTimeout(60_000);

let engine: FakeEngine;
let project: DeskProject;

beforeEach(async () => {
  engine = await FakeEngine.start();
  project = new DeskProject();
  engine.state.clockAhead = Date.parse('2026-01-01T12:05:20Z') - Date.now();
  engine.state.images = ['image'];
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

const REDIS = { name: 'desk-redis', health: 'healthy' };
const MIGRATION = { name: 'desk-migrate', status: 'exited' };
const GATEWAY = { name: 'desk-gateway', health: 'healthy' };

function run(...options: readonly string[]): Promise<Outcome> {
  return project.run(['status', 'desk', ...options], { DOCKER_HOST: engine.host });
}

test('status shows services and jobs that are up, and its exit code is 0', async () => {
  engine.state.containers = [REDIS, MIGRATION, { ...GATEWAY, restarts: 2 }];
  const { exitCode, stdout } = await run();
  expect(stdout.split('\n')).toEqual([
    'SERVICE              STATE              UPTIME   RESTARTS   IMAGE              BUILT',
    'desk-redis           running, healthy   5m                  redis:7.4-alpine   2h ago',
    'desk-migrate (job)   exited with 0                          node:24-slim       2h ago',
    'desk-gateway         running, healthy   5m       2          node:24-slim       2h ago',
    '',
  ]);
  expect(exitCode).toBe(0);
});

test('status says that a restore was killed, which leaves services stopped, and not that a deploy was', async () => {
  engine.state.containers = [REDIS, MIGRATION, { ...GATEWAY, status: 'exited' }];
  const since = '2026-01-01T12:00:00.000Z';
  const { pid } = spawnSync(process.execPath, ['--version']);
  const leftBy = (command: string): void => {
    const holder = { ...thisProcess(), command, user: 'anna', since, pid, started: undefined };
    project.write('terraform.desk.tfstate.lock', JSON.stringify(holder));
  };

  leftBy('deploy');
  expect((await run()).stderr).not.toContain('was killed');
  expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ unfinishedRestore: null });
  leftBy('restore');
  const { exitCode, stdout, stderr } = await run();
  expect(`${stdout}${stderr}`).toContain(
    `A restore that began at ${since} was killed: what it had stopped stays stopped.`,
  );
  expect(`${stdout}${stderr}`).toContain('npm run deploy -- desk');
  expect(exitCode).toBe(1);
  expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ unfinishedRestore: { beganAt: since } });
});

test('status needs no name if the app has one stack, and names the stacks if it has several', async () => {
  engine.state.containers = [REDIS, MIGRATION, GATEWAY];
  const status = (problem: string) => project.run(['status'], { DOCKER_HOST: engine.host }, problem);

  expect(await status('')).toMatchObject({ exitCode: 0 });
  expect((await status('second stack')).stderr).toContain('Pass the name of one: desk, night. [unknown-stack]');
});

test.each([
  [
    'an unhealthy service has the result of its health check',
    {
      health: 'unhealthy',
      probes: [{ ExitCode: 7, Output: 'connection refused' }],
    },
    'GET http://gateway:8000/health failed 1 times, last with exit code 7 (connection refused)',
  ],
  [
    'a service that crashes has the last line of its log',
    {
      status: 'restarting',
      restarts: 4,
      log: 'starting\nno route to the exchange\n',
    },
    'no route to the exchange',
  ],
  [
    'a service that has stopped has the last line of its log',
    { status: 'exited', exitCode: 1, log: 'no key\n' },
    'no key',
  ],
])('%s, and the exit code is 1', async (_name, state, reason) => {
  engine.state.containers = [REDIS, MIGRATION, { name: 'desk-gateway', ...state }];
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(1);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(`desk-gateway: ${reason}`);
});

test.each([
  ['a service that is starting', [REDIS, MIGRATION, { ...GATEWAY, health: 'starting' }]],
  ['a job that failed', [REDIS, { ...MIGRATION, exitCode: 2 }, GATEWAY]],
  ['a service without a container', [REDIS, MIGRATION]],
])('With %s the exit code is 1', async (_name, containers) => {
  engine.state.containers = containers;
  expect((await run()).exitCode).toBe(1);
});

test('A service without a health check that has just crashed is not up, and one that has run for a minute is', async () => {
  const crashed = { name: 'desk-gateway', restarts: 3, log: 'no route\n' };
  engine.state.containers = [REDIS, MIGRATION, { ...crashed, startedAt: '2026-01-01T12:04:50Z' }];
  expect(await run()).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('desk-gateway: no route') as unknown,
  });
  engine.state.containers = [REDIS, MIGRATION, { ...crashed, startedAt: '2026-01-01T12:03:30Z' }];
  expect((await run()).exitCode).toBe(0);
});

test('Without any container the command that creates them is shown once', async () => {
  const { exitCode, stdout } = await run();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/\n\nNone of them is on the engine\. Create them: npm run deploy -- desk\n$/);
});

test('With --json the status is a document', async () => {
  project.write('.secrets/desk/redis_password', 'canary-7Qx2');
  engine.state.containers = [
    REDIS,
    MIGRATION,
    { name: 'desk-gateway', status: 'exited', exitCode: 1, log: 'refused canary-7Qx2\n' },
  ];
  const { exitCode, stdout } = await run('--json');
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    stack: 'desk',
    engine: engine.host,
    isUp: false,
    services: [
      {
        ...{ name: 'desk-redis', kind: 'service', status: 'running', health: 'healthy', exitCode: null, running: null },
        ...{ startedAt: '2026-01-01T12:00:00.5Z', uptimeSeconds: expect.any(Number) as unknown },
        ...{ restarts: 0, outOfMemory: false, image: 'redis:7.4-alpine', imageCreatedAt: '2026-01-01T10:00:00.5Z' },
        ...{ isUp: true, reason: null },
      },
      expect.objectContaining({ name: 'desk-migrate', kind: 'job', exitCode: 0, isUp: true }),
      expect.objectContaining({ name: 'desk-gateway', isUp: false, uptimeSeconds: null, reason: 'refused ***' }),
    ],
    alerts: [],
    backups: [],
    unfinishedRestore: null,
  });
});

test('The reason for a crash cannot act on the terminal', async () => {
  engine.state.containers = [
    {
      name: 'desk-gateway',
      status: 'exited',
      exitCode: 1,
      log: '\u001b]52;c;cHduZWQ=\u0007\u001b[2Jno \u001b[31mkey\u001b[0m',
    },
  ];
  const { stdout } = await project.run(['status', 'desk'], { DOCKER_HOST: engine.host });
  expect(stdout).toContain('desk-gateway: no key\n');
});

test('A stack without services is up, and the output says that it has none', async () => {
  const environment = { DOCKER_HOST: engine.host };
  const shown = await project.run(['status', 'night'], environment, 'second stack');
  expect(shown).toMatchObject({ exitCode: 0, stdout: 'night has no services.\n' });
  const { stderr } = await project.run(['exec', 'night', 'api', 'sh'], environment, 'second stack');
  expect(stderr).toContain("'api' does not exist in night. It has no services.");
});

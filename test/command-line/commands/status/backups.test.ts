import { type Answer, FakeEngine } from '../../desk/engine';
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

/** The desk with a backup, whose container prints these metrics. */
function run(answer: Answer, ...options: readonly string[]): Promise<Outcome> {
  engine.state.containers = [
    ...['redis', 'gateway', 'db', 'books'].map((id) => ({ name: `desk-${id}`, health: 'healthy' })),
    { name: 'desk-migrate', status: 'exited' },
    { name: 'desk-db-backup', health: 'healthy', answer },
  ];
  return project.run(['status', 'desk', ...options], { DOCKER_HOST: engine.host }, 'backup');
}

/** As backup.sh writes them. */
function metrics(success: string, isSuccessful: boolean, verified: string, isVerified: boolean): Answer {
  const seconds = (time: string): number => (time === '' ? 0 : Date.parse(time) / 1000);
  const stdout = [
    '# TYPE backup_last_success_timestamp_seconds gauge',
    `backup_last_success_timestamp_seconds ${seconds(success)}`,
    `backup_last_run_successful ${isSuccessful ? 1 : 0}`,
    `backup_verified_timestamp_seconds ${seconds(verified)}`,
    `backup_verify_successful ${isVerified ? 1 : 0}`,
    '',
  ].join('\n');
  return { exitCode: 0, stdout };
}

test('The newest backup of a server is shown with the results of the last run and the last verification', async () => {
  const { stdout, exitCode } = await run(metrics('2026-01-01T03:00:04Z', false, '2025-12-30T03:01:00Z', true));
  expect(stdout.trimEnd().split('\n').slice(-3)).toEqual([
    '',
    'BACKUP OF   NEWEST   LAST RUN   VERIFIED   LAST VERIFICATION',
    'db          9h ago   failed     2d ago     succeeded',
  ]);
  expect(exitCode).toBe(0);
  expect(engine.state.commands).toMatchObject([
    { container: 'desk-db-backup', request: { Cmd: ['cat', '/backup/scratch/metrics/backup.prom'] } },
  ]);
});

test('Before the first backup there is no result', async () => {
  const { stdout } = await run(metrics('', true, '', true), '--json');
  const nothing = { newestAt: null, lastRun: null, verifiedAt: null, lastVerification: null };
  expect(JSON.parse(stdout)).toMatchObject({ backups: [{ service: 'db', ...nothing, unknown: null }] });
});

test('A first backup that failed, and a verification that failed, are shown as that', async () => {
  const { stdout } = await run(metrics('', false, '', false), '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    backups: [{ newestAt: null, lastRun: 'failed', lastVerification: 'failed' }],
  });
});

test('Backups are unknown if their container cannot say, and the exit code is that of the services', async () => {
  const { stdout, exitCode } = await run({ exitCode: 1, stderr: 'cat: no such file\n' });
  expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
    'db          unknown',
    'Backups of db unknown: cat: no such file',
  ]);
  expect(exitCode).toBe(0);
});

test('Metrics that are missing are no failed backup', async () => {
  const { stdout } = await run({ exitCode: 0, stdout: 'backup_count 3\n' }, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    backups: [{ lastRun: null, lastVerification: null, unknown: 'desk-db-backup has not recorded them' }],
  });
});

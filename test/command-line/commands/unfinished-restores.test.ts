import { spawnSync } from 'node:child_process';
import { thisProcess } from '../../../lib/command-line/processes/process-record';
import type { Answer, FakeContainer } from '../desk/engine';
import { DeskFixture } from '../desk/fixture';
import type { Outcome } from '../desk/project';

const desk = new DeskFixture();

beforeEach(() => {
  desk.project.write('.secrets/desk/db_backup_password', 'a-password-of-a-backup\n');
});

function run(words: readonly string[]): Promise<Outcome> {
  return desk.run([...words, '--yes'], {}, 'backup');
}

function backupContainer(putBack: Answer, settings: Partial<FakeContainer> = {}): FakeContainer {
  const answer = ([, , command = '']: readonly string[]): Answer =>
    command === 'put-back' ? putBack : { exitCode: 0 };
  return { name: 'desk-db-backup', answer, ...settings };
}

const NOT_PUT_BACK: Answer = { stderr: "not put back after a restore that failed: 'desk'", exitCode: 1 };

test('deploy changes nothing while a restore that was cut short cannot be put back', async () => {
  desk.engine.state.containers = [
    { name: 'desk-db', status: 'exited' },
    backupContainer(NOT_PUT_BACK),
    { name: 'desk-books' },
  ];

  const { exitCode, stdout, stderr } = await run(['deploy', 'desk']);

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('[restore-unfinished]')]);
  expect(stderr).toContain('docker start desk-db; then run the command again.');
  expect(`${stdout}${stderr}`).toContain('Nothing was changed');
  expect(desk.project.terraformCommands).not.toContain('apply');
});

test('deploy goes on when nothing was cut short, and while a backup is made, which begins with putting back', async () => {
  for (const exitCode of [0, 75]) {
    desk.engine.state.containers = [{ name: 'desk-db' }, backupContainer({ exitCode }), { name: 'desk-books' }];
    await run(['deploy', 'desk']);
  }

  expect(desk.project.terraformCommands.filter((command) => command === 'apply')).toHaveLength(2);
});

test('deploy starts the container of a backup that was killed in a restore, and asks it first', async () => {
  const killed = backupContainer(NOT_PUT_BACK, { status: 'exited', then: { status: 'running' } });
  desk.engine.state.containers = [{ name: 'desk-db' }, killed, { name: 'desk-books' }];

  const { stderr } = await run(['deploy', 'desk']);

  expect(desk.engine.state.requests).toEqual(['start desk-db-backup']);
  expect(stderr).toContain('[restore-unfinished]');
  expect(desk.project.terraformCommands).not.toContain('apply');
});

test('deploy does not ask a container that crashes, as the deploy may be what fixes it', async () => {
  desk.engine.state.containers = [{ name: 'desk-db' }, backupContainer(NOT_PUT_BACK, { status: 'restarting' })];
  await run(['deploy', 'desk']);

  expect(desk.project.terraformCommands).toContain('apply');
});

test('a restore after one that was killed starts what that one had stopped', async () => {
  const made = [{ short_id: '1f3c9a70', time: '2026-01-31T03:00:04.5Z', summary: { total_bytes_processed: 2048 } }];
  const answer = ([, , command = '']: readonly string[]): Answer => ({
    ...(command === 'list' && { stdout: JSON.stringify(made) }),
    exitCode: 0,
  });
  desk.engine.state.containers = [
    { name: 'desk-db' },
    { name: 'desk-db-backup', answer },
    { name: 'desk-books', status: 'exited' },
  ];
  const { pid } = spawnSync(process.execPath, ['--version']);
  const holder = { ...thisProcess(), command: 'restore', user: 'anna', since: '2026-01-31T12:00:00.000Z', pid };
  desk.project.write('terraform.desk.tfstate.lock', JSON.stringify({ ...holder, started: undefined }));

  expect((await run(['restore', 'desk', 'db', 'latest'])).exitCode).toBe(0);
  expect(desk.engine.state.requests).toContain('start desk-books');

  desk.engine.state.requests = [];
  desk.engine.state.containers[2] = { name: 'desk-books', status: 'exited' };
  expect((await run(['restore', 'desk', 'db', 'latest'])).exitCode).toBe(0);
  expect(desk.engine.state.requests).toEqual([]);
});

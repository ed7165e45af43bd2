import type { Answer } from '../desk/engine';
import { FakeEngine } from '../desk/engine';
import { DeskProject, type Outcome } from '../desk/project';

jest.setTimeout(60_000);

const MADE = [{ short_id: '1f3c9a70', time: '2026-01-31T03:00:04.5Z', summary: { total_bytes_processed: 2048 } }];

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

/**
 * Restores the latest backup.
 * @param answers how commands of the backup's container end, unless they succeed
 */
function restore(answers: Readonly<Record<string, () => Answer>>, statusOfUser = 'running'): Promise<Outcome> {
  const answer = ([, , command = '']: readonly string[]): Answer =>
    command === 'list' ? { stdout: JSON.stringify(MADE), exitCode: 0 } : (answers[command]?.() ?? { exitCode: 0 });
  engine.state.containers = [
    { name: 'desk-db' },
    { name: 'desk-db-backup', answer },
    { name: 'desk-books', status: statusOfUser },
  ];
  return project.run(['restore', 'desk', 'db', 'latest', '--yes'], { DOCKER_HOST: engine.host }, 'backup');
}

test('A restore stops what uses the server, restores the backup that was asked for, and starts it again', async () => {
  const { exitCode, stdout } = await restore({});

  expect(exitCode).toBe(0);
  expect(stdout).toContain('db has the data of backup 1f3c9a70 of 2026-01-31T03:00:04Z.');
  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
  const words = engine.state.commands.map(({ request }) => (request as { Cmd: readonly string[] }).Cmd.slice(2));
  expect(words).toEqual([['list'], ['fetch', '1f3c9a70'], ['restore', '1f3c9a70']]);
});

test('Ctrl-C does not interrupt a restore, which would leave what it has stopped', async () => {
  const interrupted = (): Answer => {
    process.emit('SIGINT', 'SIGINT');
    return { exitCode: 0 };
  };
  const { exitCode, stdout } = await restore({ restore: interrupted });

  expect(exitCode).toBe(0);
  expect(stdout).toContain('A restore is not interrupted');
  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
});

test('Nothing is started on half of the data after a restore that was killed and cannot be put back', async () => {
  const { exitCode, stderr } = await restore({
    restore: () => ({ exitCode: 137 }),
    'put-back': () => ({ exitCode: 1 }),
  });

  expect(exitCode).toBe(1);
  expect(stderr).toContain('db may have only a part of its data');
  expect(stderr).toMatch(/restart desk-db-backup\. .* start desk-books \[backup-failed\]\n$/);
  expect(engine.state.requests).toEqual(['stop desk-books']);
});

test('After a restore that was killed, the data is put back, and then everything is started', async () => {
  const { exitCode, stderr } = await restore({ restore: () => ({ exitCode: 137 }) });

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the data is as it was')]);
  expect(engine.state.commands).toHaveLength(4);
  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
});

test('A restore that finds a backup in progress changes nothing, so there is nothing to put back', async () => {
  const { exitCode, stderr } = await restore({
    restore: () => ({ stderr: 'another backup is running', exitCode: 75 }),
    'put-back': () => ({ exitCode: 75 }),
  });

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the data is as it was')]);
  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
});

test('A service that crashes again and again is stopped too, as it would start during the restore', async () => {
  await restore({}, 'restarting');

  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
});

describe('A restore of a server whose jobs it undoes', () => {
  function restoreInflux(exitCode: number): Promise<Outcome> {
    const answer = ([, , command = '']: readonly string[]): Answer =>
      command === 'list' ? { stdout: JSON.stringify(MADE), exitCode: 0 } : { exitCode: 0 };
    engine.state.containers = [
      { name: 'desk-influx' },
      { name: 'desk-influx-backup', answer },
      { name: 'desk-influx-buckets', status: 'exited', exitCode: 0 },
      { name: 'desk-influx-books', status: 'exited', exitCode },
      { name: 'desk-books' },
    ];
    const words = ['restore', 'desk', 'influx', 'latest', '--yes'];
    return project.run(words, { DOCKER_HOST: engine.host }, 'backup of InfluxDB');
  }

  test('runs them again before it starts what it stopped', async () => {
    const { exitCode, stdout } = await restoreInflux(0);

    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('Ran desk-influx-books again.')]);
    expect(engine.state.requests).toEqual([
      'stop desk-books',
      'start desk-influx-buckets',
      'start desk-influx-books',
      'start desk-books',
    ]);
  });

  test('starts everything also if a job fails, and names that', async () => {
    const { exitCode, stderr } = await restoreInflux(1);

    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('docker start desk-influx-books')]);
    expect(engine.state.requests.at(-1)).toBe('start desk-books');
  });
});

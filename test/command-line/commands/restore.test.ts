import type { Answer } from '../desk/engine';
import { FakeEngine } from '../desk/engine';
import { DeskProject, type Outcome } from '../desk/project';

jest.setTimeout(60_000);

const MADE = [{ short_id: '1f3c9a70', time: '2026-01-31T03:00:04.5Z', summary: { total_bytes_processed: 2048 } }];

interface Snapshot {
  readonly short_id: string;
  readonly time: string;
  readonly tags: readonly string[];
}

/** Two base backups, each with what lets it be rolled forward, and a gap between them. */
const CHAINS: readonly Snapshot[] = [
  { short_id: '1f3c9a70', time: '2026-01-30T03:00:04Z', tags: ['points-from:2026-01-30T03:00:05Z'] },
  {
    short_id: 'aaaaaaaa',
    time: '2026-01-30T20:00:00Z',
    tags: ['after:2026-01-30T03:00:05Z', 'until:2026-01-30T20:00:00Z', 'lsn:0/2000000'],
  },
  { short_id: '5d2e8b11', time: '2026-01-31T03:00:04Z', tags: ['points-from:2026-01-31T03:00:05Z'] },
  {
    short_id: 'bbbbbbbb',
    time: '2026-01-31T14:00:00Z',
    tags: ['after:2026-01-31T03:00:05Z', 'until:2026-01-31T14:00:00Z', 'lsn:0/5000000'],
  },
];

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
  expect(stderr).toMatch(/start desk-db desk-db-backup\. .* start desk-books \[backup-failed\]\n$/);
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

  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('was not restored by this command')]);
  expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
});

test('What another restore needs to be stopped is started only when that one has ended', async () => {
  // The command that ends when the other restore has ended.
  let requestsBefore: readonly string[] = [];
  const { stderr } = await restore({
    restore: () => ({ stderr: 'another restore is running', exitCode: 75 }),
    'put-back': () => {
      requestsBefore = [...engine.state.requests];
      return { exitCode: 0 };
    },
  });

  expect(requestsBefore).toEqual(['stop desk-books']);
  expect(stderr).not.toContain('the data is as it was');
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

    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/docker .*start desk-influx-books/)]);
    expect(engine.state.requests.at(-1)).toBe('start desk-books');
  });
});

test('The latest backup is not restored if a clock that was ahead made it, as newer ones may be listed before it', async () => {
  const made = [...MADE, { short_id: 'ffffffff', time: '2126-01-31T03:00:04Z' }];
  const answer = (): Answer => ({ stdout: JSON.stringify(made), exitCode: 0 });
  engine.state.containers = [{ name: 'desk-db' }, { name: 'desk-db-backup', answer }, { name: 'desk-books' }];
  const run = (id: string): Promise<Outcome> =>
    project.run(['restore', 'desk', 'db', id, '--yes'], { DOCKER_HOST: engine.host }, 'backup');

  const { exitCode, stderr } = await run('latest');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is in the future')]);
  expect(engine.state.requests).toEqual([]);
  expect(await run('ffffffff')).toMatchObject({ exitCode: 0 });
});

describe('to a time', () => {
  const restoreAt = (...words: readonly string[]): Promise<Outcome> => restoreFrom(CHAINS, ...words);

  function restoreFrom(snapshots: readonly Snapshot[], ...words: readonly string[]): Promise<Outcome> {
    const answer = ([, , command = '']: readonly string[]): Answer =>
      command === 'list' ? { stdout: JSON.stringify(snapshots), exitCode: 0 } : { exitCode: 0 };
    engine.state.containers = [{ name: 'desk-db' }, { name: 'desk-db-backup', answer }, { name: 'desk-books' }];
    return project.run(
      ['restore', 'desk', 'db', ...words, '--yes'],
      { DOCKER_HOST: engine.host },
      'backup with points in time',
    );
  }

  const words = (): (readonly string[])[] =>
    engine.state.commands.map(({ request }) => (request as { Cmd: readonly string[] }).Cmd.slice(2));

  test('A time without its option, which npm has taken, is answered with the command that passes both on', async () => {
    const { exitCode, stderr } = await restoreAt('2026-01-31T13:30:00Z');

    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/npm run restore -- desk db --at 2026-01-31T13:30:00Z( \[backup-missing\])?\n/),
    ]);
    expect(engine.state.requests).toEqual([]);
  });

  test('A time is reached from the newest backup before it, after what happened just now was stored', async () => {
    const { exitCode, stdout } = await restoreAt('--at', '2026-01-31T14:30:00+01:00');

    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining('db has the data of 2026-01-31T13:30:00.000Z, from backup 5d2e8b11.'),
    ]);
    const restored = '5d2e8b11@2026-01-31T13:30:00.000Z';
    expect(words()).toEqual([['store-log'], ['list'], ['fetch', restored], ['restore', restored]]);
    expect(engine.state.requests).toEqual(['stop desk-books', 'start desk-books']);
  });

  test('A time that only an earlier backup reaches, through the log of removed ones, is reached from that one', async () => {
    const [first, log, , second] = CHAINS as readonly [Snapshot, Snapshot, Snapshot, Snapshot];
    const tags = [...second.tags, 'continues:2026-01-30T03:00:05Z'];
    await restoreFrom([first, log, { ...second, tags }], '--at', '2026-01-31T13:30:00Z');

    expect(words()).toContainEqual(['restore', '1f3c9a70@2026-01-31T13:30:00.000Z']);
  });

  test('A time of an earlier backup is reached from that one', async () => {
    await restoreAt('--at', '2026-01-30T19:59:59Z');

    expect(words()).toContainEqual(['restore', '1f3c9a70@2026-01-30T19:59:59.000Z']);
  });

  test.each([
    ['in a gap', ['--at', '2026-01-31T00:00:00Z'], 'a part of the write-ahead log is missing around that time'],
    ['before the first backup', ['--at', '2026-01-30T03:00:00Z'], 'it is before the first time that a backup reaches'],
    ['that is not stored yet', ['--at', '2026-01-31T14:00:01Z'], 'the changes up to then are not stored yet'],
    ['in the future', ['--at', '2126-01-31T14:00:01Z'], 'it is in the future'],
    [
      'that another backup reaches',
      ['1f3c9a70', '--at', '2026-01-31T13:00:00Z'],
      'cannot be reached from backup 1f3c9a70',
    ],
  ])('A time %s is refused before anything is changed, with the times that can be reached', async (_, given, why) => {
    const { exitCode, stderr } = await restoreAt(...given);

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(stderr).toContain('2026-01-30T03:00:05Z to 2026-01-30T20:00:00Z');
    expect(stderr).toContain('[time-not-reachable]');
    expect(words()).toEqual([['store-log'], ['list']]);
  });

  test.each(['2026-01-31T13:59:00', '2026-01-31', '13:59', 'yesterday'])(
    'The time %s is refused, as it has no zone or no day',
    async (given) => {
      const { exitCode, stderr } = await restoreAt('--at', given);

      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Use a time that exists, with its zone')]);
    },
  );

  test('A server whose log is not stored is refused with the option that stores it', async () => {
    engine.state.containers = [{ name: 'desk-db' }, { name: 'desk-db-backup' }];
    const { exitCode, stderr } = await project.run(
      ['restore', 'desk', 'db', '--at', '2026-01-31T13:30:00Z', '--yes'],
      { DOCKER_HOST: engine.host },
      'backup',
    );

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Set the option recoveryPointEvery')]);
  });

  test('Neither a backup nor a time is a question, and not a restore of the latest one', async () => {
    const { exitCode, stderr } = await restoreAt();

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Which backup of db?')]);
    expect(words()).toEqual([]);
  });

  test('`backups` lists the times that each backup reaches', async () => {
    const answer = (): Answer => ({ stdout: JSON.stringify(CHAINS), exitCode: 0 });
    engine.state.containers = [{ name: 'desk-db' }, { name: 'desk-db-backup', answer }];
    const run = (...flags: readonly string[]): Promise<Outcome> =>
      project.run(['backups', 'desk', ...flags], { DOCKER_HOST: engine.host }, 'backup with points in time');

    expect((await run()).stdout).toContain('2026-01-31T03:00:05Z to 2026-01-31T14:00:00Z');
    const { backups } = JSON.parse((await run('--json')).stdout) as { readonly backups: readonly unknown[] };
    expect(backups).toHaveLength(2);
    expect(backups[0]).toMatchObject({
      id: '1f3c9a70',
      points: { from: '2026-01-30T03:00:05.000Z', until: '2026-01-30T20:00:00.000Z' },
    });
  });
});

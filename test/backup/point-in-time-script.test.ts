import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = join(__dirname, '../../lib/backup/container/point-in-time.sh');
const FIRST = '2026-11-28T03:00:00Z';
const SECOND = '2026-11-29T03:00:00Z';
const THIRD = '2026-11-30T03:00:00Z';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'point-in-time-'));
  for (const name of ['state', 'tmp', 'wal']) mkdirSync(join(folder, name));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode: 0o755 });
}

/** What the script recorded or a stand-in wrote; empty if nothing. */
function read(path: string): string {
  return existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8').trim() : '';
}

interface Log {
  readonly id: string;
  readonly after: string;
  readonly until: string;
  readonly continues?: string;
}

function repositoryWith(
  backups: readonly { readonly id: string; readonly from: string }[],
  logs: readonly Log[],
): void {
  const time = '2026-11-30T03:00:00Z';
  const made = backups.map(({ id, from }) => ({ time, tags: [`points-from:${from}`], short_id: id }));
  const stored = logs.map(({ id, after, until, continues }) => {
    const tags = [`after:${after}`, `until:${until}`, 'lsn:0/1', ...(continues ? [`continues:${continues}`] : [])];
    return { time, tags, short_id: id };
  });
  write('snapshots-db', JSON.stringify(made));
  write('snapshots-db-wal', JSON.stringify(stored));
}

/**
 * Runs functions of the script, with stand-ins of restic and of the server, which write what they were asked.
 * @param position what the server says it has received; fails if it is empty
 */
function run(commands: string, { position = '1000 0/1000', slot = 0 } = {}): { status: number | null; output: string } {
  write(
    'restic',
    `#!/bin/sh
for word; do case $word in snapshots) command=snapshots ;; db | db-wal) host=$word ;; esac; done
echo "$*" >> ${folder}/asked
case "$*" in
  *snapshots*) cat "${folder}/snapshots-$host" || exit 1 ;;
  *backup*) [ ! -e ${folder}/full ] && echo '{"message_type":"summary","snapshot_id":"abcdef0123"}' ;;
esac
`,
  );
  const prelude = `set -eu
here=${folder} scratch=${folder} state=${folder}/state TMPDIR=${folder}/tmp fetched=${folder}/fetched metrics=${folder}
BACKUP_NAME=db BACKUP_POINT_EVERY=60 RESTIC_REPOSITORY=/backup/repository/db BACKUP_SERVER=postgres
problem() { echo "ERROR: $*" >&2; }
value() { cat "$state/$1" 2> /dev/null || echo "\${2:-0}"; }
record() { printf '%s\\n' "$2" > "$state/$1"; }
write_metrics() { :; }
restic() { "$here/restic" "$@"; }
sleep() { :; }
server() {
  echo "server $*" >> ${folder}/asked
  case $1 in
    position) [ -n '${position}' ] && echo '${position}' ;;
    identify) echo '7|1' ;;
    keep-log) return ${slot} ;;
  esac
}
. ${SCRIPT}
lock_log() { :; }
`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', prelude + commands], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

function asked(pattern: RegExp): string[] {
  return read('asked')
    .split('\n')
    .flatMap((line) => pattern.exec(line)?.slice(1) ?? []);
}

describe('the log of backups', () => {
  const logs = [
    { id: 'a1', after: FIRST, until: SECOND },
    { id: 'a2', after: SECOND, until: THIRD, continues: FIRST },
    { id: 'a3', after: THIRD, until: '2026-11-30T12:00:00Z', continues: SECOND },
  ];

  test('is kept while an older backup reaches it', () => {
    repositoryWith(
      [
        { id: 'b1', from: FIRST },
        { id: 'b3', from: THIRD },
      ],
      logs,
    );

    expect(run('forget_chains').status).toBe(0);
    expect(asked(/forget (\w+)/)).toEqual([]);
  });

  test('is removed when no backup reaches it', () => {
    repositoryWith([{ id: 'b3', from: THIRD }], logs);

    expect(run('forget_chains').status).toBe(0);
    expect(asked(/forget (\w+)/)).toEqual(['a1', 'a2']);
  });

  test('is removed after a gap, which no older backup reaches across', () => {
    const [first, second, third] = logs as [Log, Log, Log];
    repositoryWith(
      [
        { id: 'b1', from: FIRST },
        { id: 'b3', from: THIRD },
      ],
      [first, { ...second, continues: '' }, third],
    );

    expect(run('forget_chains').status).toBe(0);
    expect(asked(/forget (\w+)/)).toEqual(['a2']);
  });

  test.each(['snapshots-db', 'snapshots-db-wal'])('is not touched if %s cannot be listed', (missing) => {
    repositoryWith([], logs);
    rmSync(join(folder, missing));

    expect(run('forget_chains').status).toBe(1);
    expect(asked(/forget (\w+)/)).toEqual([]);
  });

  test('is not touched if no backup is listed', () => {
    repositoryWith([], logs);

    expect(run('forget_chains').status).toBe(0);
    expect(asked(/forget (\w+)/)).toEqual([]);
  });

  test('is read through the backups after the one that is rolled forward, up to the time', () => {
    repositoryWith([{ id: 'b1', from: FIRST }], logs);

    expect(run('fetch_point b1 2026-11-29T12:00:00Z')).toEqual({ status: 0, output: '' });
    expect(asked(/^restore (\w+)/)).toEqual(['b1', 'a1', 'a2']);
    expect(asked(/server (recover) /)).toHaveLength(1);
  });

  test('is not read across a gap', () => {
    repositoryWith([{ id: 'b1', from: FIRST }], [{ id: 'a1', after: FIRST, until: SECOND }, { ...(logs[2] as Log) }]);

    expect(run('fetch_point b1 2026-11-30T04:00:00Z').output).toContain('does not have the write-ahead log');
    expect(asked(/server (recover) /)).toEqual([]);
  });

  test('is read to the end of its own chain for the newest time', () => {
    repositoryWith([{ id: 'b2', from: SECOND }], logs);

    expect(run('fetch_point latest newest').status).toBe(0);
    expect(asked(/^restore (\w+)/)).toEqual(['latest', 'a2']);
  });
});

describe('a new backup', () => {
  const SEGMENT = '000000010000000000000005';

  test('continues the chain before it, which is stored until then', () => {
    write('state/chain', `${FIRST}\n`);
    write(`wal/${SEGMENT}.partial`, '');

    expect(run(`begin_chain 990 ${SEGMENT}`)).toEqual({ status: 0, output: '' });
    expect([read('state/chain'), read('state/continues')]).toEqual(['1970-01-01T00:16:30Z', FIRST]);
    expect(asked(/--tag (\S+)/)).toEqual([
      `after:${FIRST},until:1970-01-01T00:16:40Z,lsn:0/1000`,
      `after:1970-01-01T00:16:30Z,until:1970-01-01T00:16:40Z,lsn:0/1000,continues:${FIRST}`,
    ]);
  });

  test('leaves a gap that is reported if the end of the chain before it cannot be stored', () => {
    write('state/chain', `${FIRST}\n`);
    write(`wal/${SEGMENT}`, '');
    write('full', '');

    expect(run(`begin_chain 990 ${SEGMENT}; echo "stored: '$is_stored'"`)).toEqual({
      status: 0,
      output: expect.stringMatching(/stored: ''[^]*cannot be restored to a time between/) as unknown,
    });
    expect([read('state/continues'), read('state/gap')]).toEqual(['none', expect.stringMatching(/^\d{10}$/)]);
  });

  test('is refused if a gap was found while it was made', () => {
    write('wal/000000010000000000000009', '');

    expect(run(`begin_chain 990 ${SEGMENT}`)).toEqual({
      status: 1,
      output: 'ERROR: the write-ahead log since the base backup began was not received\n',
    });
    expect(read('state/chain')).toBe('');
  });
});

describe('the receiver', () => {
  beforeEach(() => {
    write('state/chain', `${FIRST}\n`);
    write('state/cluster', '7|1\n');
    write('wal/000000010000000000000005', '');
  });

  test.each([1, 2, 3])('keeps what it received if the server does not answer a query (%d)', (slot) => {
    expect(run('prepare_receiver', { slot }).status).toBe(1);
    expect([readdirSync(join(folder, 'wal')), read('state/chain')]).toEqual([['000000010000000000000005'], FIRST]);
  });

  test('starts a new log, with a gap, if the server has removed the log', () => {
    expect(run('prepare_receiver', { slot: 9 }).output).toContain('it has removed a part of its write-ahead log');
    expect([readdirSync(join(folder, 'wal')), read('state/chain')]).toEqual([[], 'none']);
    expect(asked(/server (recreate-slot)/)).toHaveLength(1);
  });

  test('is stopped when too much waits for the target, and what it has is stored up to the last known time', () => {
    write('state/position', '500 0/500\n');
    write('tmp/receiver.pid', '999999999\n');

    expect(run('hold_receiver; store_log', { position: '' }).output).toContain('2048 MiB of the write-ahead log wait');
    expect(asked(/--tag (\S+)/)).toEqual([`after:${FIRST},until:1970-01-01T00:08:20Z,lsn:0/500`]);
  });

  test('has only the newest file while no backup needs them', () => {
    write('state/chain', 'none\n');
    write('wal/000000010000000000000006', '');
    write('wal/000000010000000000000007.partial', '');

    expect(run('store_log').status).toBe(0);
    expect(readdirSync(join(folder, 'wal'))).toEqual(['000000010000000000000006', '000000010000000000000007.partial']);
  });
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, '../../lib/backup/container/redis.sh'), 'utf8');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-backup-'));
  mkdirSync(join(folder, 'scratch/tmp'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A program of the image that prints something. */
function program(name: string, printed: string): void {
  write(`bin/${name}`, `#!/bin/sh\ncat <<'END'\n${printed}\nEND\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

/** A client that no server answers. */
function unreachable(): void {
  write('bin/redis-cli', "#!/bin/sh\necho 'Could not connect to Redis' >&2\nexit 1\n");
  chmodSync(join(folder, 'bin/redis-cli'), 0o755);
}

/** Runs the script with the folder instead of those of its container. */
function run(...words: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const here = SCRIPT.replace('/backup/scratch', join(folder, 'scratch')).replace('root=/data', `root=${folder}/data`);
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`, REDIS_HOST: 'redis' };
  return spawnSync('/bin/sh', ['-c', here, 'redis.sh', ...words], { env, encoding: 'utf8' });
}

describe('a backup of Redis', () => {
  const CHECKED = '[info] 12 keys read\n[info] 3 expires\n[info] 1 already expired';

  test.each([
    [CHECKED, 0],
    ['RDB looks OK!', 1],
    ['[info] 12 keys read', 1],
  ])('is made only if its keys are known, with which a verification compares: %j', (printed, status) => {
    mkdirSync(join(folder, 'dump'));
    program('redis-cli', '');
    program('redis-check-rdb', printed);

    expect(run('dump', join(folder, 'dump')).status).toBe(status);
  });
});

describe('a restore of Redis that was killed', () => {
  test('is undone for files with any name, and nothing else is removed', () => {
    unreachable();
    const kept = join(folder, 'data/before_20261130T110000Z');
    write('scratch/unfinished-restore', `${kept}\nput-new-files\n`);
    write("data/before_20261130T110000Z/desk's data.rdb", 'old');
    write("data/desk's data.rdb", 'new');
    write('data/put here by the restore.aof', 'new');
    const { status, stderr } = run('put-back');

    expect([status, stderr]).toEqual([0, 'the restore did not finish, and the data is as it was\n']);
    expect(readdirSync(join(folder, 'data'))).toEqual(["desk's data.rdb"]);
    expect(readFileSync(join(folder, "data/desk's data.rdb"), 'utf8')).toBe('old');
  });

  test('is undone by the next attempt if the first one is killed, too', () => {
    unreachable();
    const kept = join(folder, 'data/before_20261130T110000Z');
    write('scratch/unfinished-restore', `${kept}\nput-new-files\n`);
    write('data/one', 'new');
    for (const name of ['one', 'two']) write(`data/before_20261130T110000Z/${name}`, 'old');
    // Moves one file, and then the container is gone.
    write('bin/mv', `#!/bin/sh\n/bin/mv "$@"\ncase $2 in */data/) kill -9 "$PPID" ;; esac\n`);
    chmodSync(join(folder, 'bin/mv'), 0o755);
    expect(run('put-back').status).toBeNull();
    rmSync(join(folder, 'bin/mv'));

    expect(run('put-back').status).toBe(0);
    expect(readdirSync(join(folder, 'data')).sort()).toEqual(['one', 'two']);
  });
});

describe('a restore of Redis', () => {
  test.each(['PONG', 'LOADING Redis is loading the dataset in memory', 'NOAUTH Authentication required.'])(
    'does nothing to a server that answers %s',
    (answer) => {
      program('redis-cli', answer);

      expect(run('restore', folder).stderr).toBe('the server runs: stop it first, which the command restore does\n');
    },
  );

  test('goes on if the server cannot be reached', () => {
    unreachable();

    expect(run('restore', folder).stderr).not.toContain('the server runs');
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, '../../lib/backup/container/questdb.sh'), 'utf8');
const OLD = 'db_before_20261130T110000Z';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'questdb-backup-'));
  mkdirSync(join(folder, 'scratch/tmp'), { recursive: true });
  writeFileSync(join(folder, 'password'), 'secret');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Puts back after a restore that was killed; the server does not answer. */
function putBack(): { readonly status: number | null; readonly stderr: string } {
  const here = SCRIPT.replace('/backup/scratch', join(folder, 'scratch')).replace(
    'root=/var/lib/questdb',
    `root=${folder}/data`,
  );
  const env = {
    PATH: process.env.PATH ?? '',
    QUESTDB_HOST: '127.0.0.1',
    QUESTDB_USER: 'admin',
    QUESTDB_PASSWORD_FILE: join(folder, 'password'),
  };
  const { status, stderr } = spawnSync('bash', ['-c', here, 'questdb.sh', 'put-back'], {
    env,
    encoding: 'utf8',
    // With a socket as its input, bash reads the settings of its user.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stderr };
}

describe('a restore of QuestDB that was killed', () => {
  const UNDONE = { status: 0, stderr: 'the restore did not finish, and the data is as it was\n' };

  test.each([
    ['before the old data was renamed', ['db', 'db_restored']],
    ['before the new data was renamed', [OLD, 'db_restored']],
    ['after the new data was renamed', [OLD, 'db']],
  ])('%s is undone', (_when, [old = '', restored = '']) => {
    write(`data/${old}/rows`, 'old');
    write(`data/${restored}/rows`, 'new');
    write('scratch/unfinished-restore', `${folder}/data/${OLD}\n`);

    expect(putBack()).toEqual(UNDONE);
    expect(readdirSync(join(folder, 'data'))).toEqual(['db']);
    expect(readFileSync(join(folder, 'data/db/rows'), 'utf8')).toBe('old');
  });

  test('some time ago leaves the data that earlier restores kept', () => {
    write(`data/${OLD}/rows`, 'old');
    write('data/db/rows', 'new');

    expect(putBack()).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(folder, 'data/db/rows'), 'utf8')).toBe('new');
  });
});

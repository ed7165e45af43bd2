import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPT = readFileSync(join(__dirname, '../../lib/backup/container/volumes.sh'), 'utf8');
const OLD = '.before_20261130T110000Z';
const NEW = '.restored_20261130T110000Z';
/** Long before any backup. */
const LONG_AGO = new Date('2020-01-31T12:00:00Z');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volume-backup-'));
  mkdirSync(join(folder, 'scratch/tmp'), { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  utimesSync(join(folder, path), LONG_AGO, LONG_AGO);
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** Runs the script with the folder instead of those of its container. */
function run(...command: readonly string[]): { readonly status: number | null; readonly output: string } {
  const here = SCRIPT.replaceAll('/backup/scratch', join(folder, 'scratch')).replace(
    'root=/volumes',
    `root=${folder}/volumes`,
  );
  writeFileSync(join(folder, 'volumes.sh'), here);
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` };
  const words = [join(folder, 'volumes.sh'), ...command];
  const { status, stdout, stderr } = spawnSync('/bin/sh', words, { env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** Lists the volumes, and copies them as restic does. */
function backUp(): string {
  const dump = join(folder, 'scratch/dump');
  mkdirSync(dump, { recursive: true });
  expect(run('dump', dump).status).toBe(0);
  const fetched = join(folder, 'fetched');
  for (const path of [dump, join(folder, 'volumes')]) {
    mkdirSync(join(fetched, dirname(path)), { recursive: true });
    spawnSync('cp', ['-a', path, join(fetched, path)]);
  }
  return fetched;
}

describe('a backup of volumes', () => {
  beforeEach(() => {
    write('volumes/journal/orders/one', 'one');
    write("volumes/journal/.hidden/it's two", 'two');
  });

  test('is verified with the checksums and the modes that its files had before', () => {
    const fetched = backUp();
    expect(run('verify', fetched)).toEqual({ status: 0, output: '' });

    write(join('fetched', folder, 'volumes/journal/orders/one'), 'eno');
    expect(run('verify', fetched)).toEqual({
      status: 1,
      output: 'differs from its state before the backup: journal/orders/one\n',
    });
  });

  test('with a file of another mode is refused', () => {
    const fetched = backUp();
    chmodSync(join(fetched, folder, 'volumes/journal/orders/one'), 0o600);

    expect(run('verify', fetched).output).toContain('differs from its state before the backup: journal/orders/one');
  });

  test('may have files that a program wrote, and lack those that it removed, while they were read', () => {
    const fetched = backUp();
    const copied = join(fetched, folder, 'volumes/journal/orders');
    writeFileSync(join(copied, 'one'), 'one and more');
    rmSync(join(fetched, folder, "volumes/journal/.hidden/it's two"));

    expect(run('verify', fetched)).toEqual({ status: 0, output: '' });
  });

  test('is restored exactly, and what was there is kept outside of the volume', () => {
    const fetched = backUp();
    write('volumes/journal/since-then', 'new');
    rmSync(join(folder, 'volumes/journal/orders'), { recursive: true });
    chmodSync(join(folder, 'volumes/journal'), 0o777);

    const { status, output } = run('restore', fetched);

    expect([status, output]).toEqual([0, expect.stringContaining('2 files with the checksums')]);
    expect(readdirSync(join(folder, 'volumes/journal')).sort()).toEqual(['.hidden', 'orders']);
    expect(read('volumes/journal/orders/one')).toBe('one');
    expect(statSync(join(folder, 'volumes/journal')).mode & 0o777).toBe(0o755);
    const [kept = ''] = /\S*before_\w+/.exec(output) ?? [];
    expect(readFileSync(join(kept, 'journal/since-then'), 'utf8')).toBe('new');
    expect(existsSync(join(folder, 'scratch/unfinished-restore'))).toBe(false);
  });

  test('that differs in one file is still restored, and the file is named', () => {
    const fetched = backUp();
    write(join('fetched', folder, 'volumes/journal/orders/one'), 'eno');

    const { status, output } = run('restore', fetched);

    expect(status).toBe(0);
    expect(output).toContain('differs from its state before the backup: journal/orders/one');
    expect(output).toContain('1 files with the checksums');
    expect(read("volumes/journal/.hidden/it's two")).toBe('two');
  });

  test('that cannot be copied into the volume leaves it as it was', () => {
    const fetched = backUp();
    write('volumes/journal/since-then', 'new');
    // A folder where the old files would be kept.
    write('scratch/tmp/ls', '');
    const broken = SCRIPT.replace('mkdir "$kept"', 'false');
    const here = broken
      .replaceAll('/backup/scratch', join(folder, 'scratch'))
      .replace('root=/volumes', `root=${folder}/volumes`);
    writeFileSync(join(folder, 'broken.sh'), here);

    const { status, stderr } = spawnSync('/bin/sh', [join(folder, 'broken.sh'), 'restore', fetched], {
      encoding: 'utf8',
    });

    expect([status, stderr]).toEqual([1, 'the restore did not finish, and the volumes are as they were\n']);
    expect(readdirSync(join(folder, 'volumes/journal')).sort()).toEqual(['.hidden', 'orders', 'since-then']);
  });

  test('of a volume that is not mounted any more changes nothing', () => {
    const fetched = backUp();
    renameSync(join(folder, 'volumes/journal'), join(folder, 'volumes/book'));

    expect(run('restore', fetched).output).toContain('contains the volume journal, which is not mounted here');
    expect(readdirSync(join(folder, 'volumes/book')).sort()).toEqual(['.hidden', 'orders']);
  });
});

describe('a restore of volumes that was killed', () => {
  /** What a restore leaves behind at a step. */
  function killedAt(step: string): void {
    write(`volumes/journal/${NEW}/three`, 'new');
    writeFileSync(join(folder, 'scratch/unfinished-restore'), `20261130T110000Z\n${step}\n`);
  }

  test.each([
    ['copy-new', ['one', '.two'], []],
    ['keep-old', ['one'], ['.two']],
    ['keep-old', [], ['one', '.two']],
    ['put-new', [], ['one', '.two']],
  ])('while it was at %s is undone', (step, inPlace, moved) => {
    for (const name of inPlace) write(`volumes/journal/${name}`, 'old');
    for (const name of moved) write(`volumes/journal/${OLD}/${name}`, 'old');
    if (step === 'put-new') write('volumes/journal/one', 'new');
    killedAt(step);

    expect(run('put-back')).toEqual({
      status: 0,
      output: 'the restore did not finish, and the volumes are as they were\n',
    });
    expect(readdirSync(join(folder, 'volumes/journal')).sort()).toEqual(['.two', 'one']);
    expect(read('volumes/journal/one')).toBe('old');
    expect(run('put-back')).toEqual({ status: 0, output: '' });
  });

  test('is undone by the next attempt if the first one is killed, too', () => {
    write('volumes/journal/one', 'new');
    for (const name of ['one', 'two']) write(`volumes/journal/${OLD}/${name}`, 'old');
    killedAt('put-new');
    // Moves one file, and then the container is gone.
    write('bin/mv', `#!/bin/sh\n/bin/mv "$@"\ncase $2 in */journal/) kill -9 "$PPID" ;; esac\n`);
    chmodSync(join(folder, 'bin/mv'), 0o755);
    expect(run('put-back').status).toBeNull();
    rmSync(join(folder, 'bin/mv'));

    expect(run('put-back').status).toBe(0);
    expect(readdirSync(join(folder, 'volumes/journal')).sort()).toEqual(['one', 'two']);
    expect([read('volumes/journal/one'), read('volumes/journal/two')]).toEqual(['old', 'old']);
  });

  test('leaves no copy of the old files in the scratch volume when it is undone', () => {
    write(`volumes/journal/${OLD}/one`, 'old');
    write('scratch/before_20261130T110000Z/journal/one', 'old');
    killedAt('put-new');

    expect(run('put-back').status).toBe(0);
    expect(existsSync(join(folder, 'scratch/before_20261130T110000Z'))).toBe(false);
    expect(read('volumes/journal/one')).toBe('old');
  });

  test('when it was complete stays, and the old files are removed', () => {
    write('volumes/journal/one', 'new');
    write(`volumes/journal/${OLD}/one`, 'old');
    writeFileSync(join(folder, 'scratch/unfinished-restore'), '20261130T110000Z\nremove-old\n');

    expect(run('put-back')).toEqual({ status: 0, output: '' });
    expect(readdirSync(join(folder, 'volumes/journal'))).toEqual(['one']);
    expect(read('volumes/journal/one')).toBe('new');
  });
});

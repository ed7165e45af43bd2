import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTar, writeTar } from '../../../lib/command-line/secrets/tar';

const LONG_NAME = `${'a'.repeat(150)}_key`;
const FILES = [
  { name: 'password', content: Buffer.from('p4ss') },
  { name: 'empty', content: Buffer.alloc(0) },
  { name: LONG_NAME, content: Buffer.alloc(513, 'x') },
  { name: 'clé', content: Buffer.from('ü') },
];

describe('an archive of secrets', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tar-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('is unpacked by tar, with files that everybody may read and nobody may write', () => {
    execFileSync('tar', ['-x', '-C', folder], { input: writeTar(FILES) });
    for (const { name, content } of FILES) expect(readFileSync(join(folder, name))).toEqual(content);
    expect(statSync(join(folder, 'password')).mode & 0o777).toBe(0o444);
  });

  test('is read back as it was written', () => {
    expect(readTar(writeTar(FILES))).toEqual(FILES);
    expect(readTar(writeTar([]))).toEqual([]);
  });

  test.each(['gnu', 'pax', 'ustar'])('is read in the format %s, without its folders', (format) => {
    const files = FILES.filter(({ name }) => format !== 'ustar' || name.length < 100);
    for (const { name, content } of files) writeFileSync(join(folder, name), content);
    const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', folder, '.']);
    const byName = (one: { name: string }, other: { name: string }): number => one.name.localeCompare(other.name);
    const expected = files.map(({ name, content }) => ({ name: `./${name}`, content }));
    expect(readTar(archive).sort(byName)).toEqual(expected.sort(byName));
  });
});

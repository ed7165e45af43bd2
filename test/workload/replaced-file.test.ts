import fs from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFile } from '../../lib/workload/secrets/replaced-file';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replaced-'));
  file = join(folder, 'history');
  writeFileSync(file, 'old', { mode: 0o644 });
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('A file is replaced by one that only its owner can read, also after a killed process', () => {
  writeFileSync(`${file}.${process.pid}`, 'left', { mode: 0o644 });
  replaceFile(file, 'new', { flush: true });

  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['history']);
});

test('On a full disk the file stays as it was, nothing is left of the new one, and the error names the file', () => {
  const { writeFileSync: write } = fs;
  jest.spyOn(fs, 'writeFileSync').mockImplementation((path) => {
    write(path, 'ne');
    // Without a path, as the write of an open file fails.
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
  });

  expect(() => {
    replaceFile(file, 'new');
  }).toThrow(expect.objectContaining({ code: 'ENOSPC', path: file }) as Error);
  expect(readdirSync(folder)).toEqual(['history']);
  expect(readFileSync(file, 'utf8')).toBe('old');
});

test('Nothing is left of the new one either if it cannot take the place of the old one', () => {
  rmSync(file);
  mkdirSync(join(file, 'folder'), { recursive: true });

  expect(() => {
    replaceFile(file, 'new');
  }).toThrow(expect.objectContaining({ path: file }) as Error);
  expect(readdirSync(folder)).toEqual(['history']);
});

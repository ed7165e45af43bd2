import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MUTATIONS } from '.';
import { mutate } from './mutation';

const ROOT = resolve(__dirname, '../..');
const CHANGE = { row: 'S0-2', file: 'stack.ts', search: 'memory: 2', replacement: 'memory: 3' };

test('a change replaces the one occurrence of its text', () => {
  expect(mutate('cpus: 1, memory: 2', CHANGE)).toBe('cpus: 1, memory: 3');
});

test('a change does not apply if its text is missing, or occurs more than once', () => {
  expect(mutate('memory: 1', CHANGE)).toBeUndefined();
  expect(mutate('memory: 2, memory: 2', CHANGE)).toBeUndefined();
});

test('a change after another text replaces the first occurrence there', () => {
  expect(mutate('memory: 2, db: memory: 2, memory: 2', { ...CHANGE, after: 'db' })).toBe(
    'memory: 2, db: memory: 3, memory: 2',
  );
  expect(mutate('memory: 2', { ...CHANGE, after: 'db' })).toBeUndefined();
});

test('every change still applies to its file', () => {
  const contentOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const outdated = MUTATIONS.filter((one) => mutate(contentOf(join(ROOT, one.file)), one) === undefined);

  expect(outdated).toEqual([]);
});

test('there are at least a hundred changes, no two of them the same', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(100);
  expect(new Set(MUTATIONS.map((one) => JSON.stringify(one))).size).toBe(MUTATIONS.length);
});

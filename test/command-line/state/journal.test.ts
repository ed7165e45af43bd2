import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../../../lib/command-line/plan/changes';
import { Journal } from '../../../lib/command-line/state/journal';
import { createDesk } from '../desk/desk';

let folder: string;
let journal: Journal;
let state: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const stack = createDesk();
  const output = join(folder, 'cdktf.out/stacks/desk');
  journal = new Journal(output, stack);
  state = join(output, stack.stateFile);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function change(action: Change['action'], type: string, name: string | undefined): Change {
  return {
    address: `${type}.x`,
    type,
    kind: 'other',
    action,
    dependsOnImage: false,
    isDeposed: false,
    reason: undefined,
    isGone: false,
    hasContentTag: false,
    before: null,
    after: name === undefined ? {} : { name },
    unknown: {},
  };
}

test('It has what an apply creates, under the names that the engine will know', () => {
  journal.write([
    change('create', 'docker_container', 'desk-redis'),
    change('replace', 'docker_network', 'desk'),
    change('delete', 'docker_container', 'desk-old'),
    change('update', 'docker_container', 'desk-gateway'),
    change('create', 'docker_image', 'redis:7'),
    change('create', 'docker_secret', undefined),
  ]);
  expect(journal.unfinished()).toEqual([
    { kind: 'container', name: 'desk-redis' },
    { kind: 'network', name: 'desk' },
  ]);
});

test('It is a private file next to the local state, also before there is one', () => {
  journal.write([]);
  const file = join(folder, 'terraform.desk.tfstate.unfinished');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  journal.remove();
  expect(existsSync(file)).toBe(false);
});

test('A journal that was cut off while it was written has nothing, like none', () => {
  expect({ exists: journal.exists, unfinished: journal.unfinished() }).toEqual({ exists: false, unfinished: [] });
  writeFileSync(join(folder, 'terraform.desk.tfstate.unfinished'), '{ "crea');
  expect({ exists: journal.exists, unfinished: journal.unfinished() }).toEqual({ exists: true, unfinished: [] });
});

describe('a state that was cut off while Terraform wrote it', () => {
  const BEFORE = JSON.stringify({ version: 4, serial: 7, lineage: 'a', resources: [{ type: 'docker_network' }] });

  test.each(['', '{ "version": 4, "ser'])('%j is restored from the backup of the same apply', (rest) => {
    writeFileSync(state, BEFORE);
    journal.write([]);
    writeFileSync(`${state}.backup`, BEFORE);
    writeFileSync(state, rest);
    expect(journal.restoreState()).toBe(true);
    expect(readFileSync(state, 'utf8')).toBe(BEFORE);
  });

  test('is emptied if there was none before, and stays readable by its owner only', () => {
    journal.write([]);
    writeFileSync(state, '{ "version": 4, "ser', { mode: 0o600 });
    expect(journal.restoreState()).toBe(true);
    expect(readFileSync(state, 'utf8')).toBe('');
    expect(statSync(state).mode & 0o777).toBe(0o600);
  });

  test('is left alone if the backup is from another apply', () => {
    writeFileSync(state, BEFORE);
    journal.write([]);
    writeFileSync(`${state}.backup`, BEFORE.replace('7', '6'));
    writeFileSync(state, '');
    expect(journal.restoreState()).toBe(false);
    expect(readFileSync(state, 'utf8')).toBe('');
  });
});

test('A complete state is not restored', () => {
  writeFileSync(state, JSON.stringify({ version: 4, serial: 1, lineage: 'a' }));
  journal.write([]);
  writeFileSync(state, JSON.stringify({ version: 4, serial: 3, lineage: 'a' }));
  expect(journal.restoreState()).toBe(false);
});

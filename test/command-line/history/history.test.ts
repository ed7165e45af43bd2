import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeployRecord } from '../../../lib/command-line/history/deploy-record';
import { History, KEPT_DEPLOYS } from '../../../lib/command-line/history/history';
import { targetOf } from '../../../lib/command-line/history/target';

let folder: string;
let file: string;
let history: History;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  mkdirSync(join(folder, 'out'));
  history = new History(join(folder, 'out'), { stateFile: '../terraform.desk.tfstate' });
  file = join(folder, 'terraform.desk.tfstate.history');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const CONTENT = {
  configuration: { terraform: {} },
  workloads: [],
  images: [],
  prefix: 'desk',
  engine: 'docker',
  stateFile: '../terraform.desk.tfstate',
};

/** Records a deploy of a version in a minute of the day. */
function deploy(version: string, minute: number, restores: string | null = null): DeployRecord {
  const time = new Date(Date.UTC(2026, 0, 31, 9, minute)).toISOString();
  const attempt = { command: 'deploy', time, reason: version, changed: [], restores } as const;
  history.add({ ...attempt, address: 'unix:///docker.sock', fingerprint: version, content: CONTENT });
  return history.deploys.at(-1) as DeployRecord;
}

const ATTEMPT = {
  command: 'deploy',
  time: '2026-01-31T10:00:00.000Z',
  reason: 'x',
  changed: [],
  restores: null,
} as const;

describe('the history', () => {
  test('is a file that only its owner can read, next to the state, also where one was readable by others', () => {
    writeFileSync(`${file}.${process.pid}`, 'left by a killed process', { mode: 0o644 });
    deploy('1', 0);

    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(history.deploys.map(({ reason }) => reason)).toEqual(['1']);
  });

  test('keeps the last ten deploys', () => {
    for (let minute = 0; minute < KEPT_DEPLOYS + 3; minute += 1) deploy(String(minute), minute);

    expect(history.deploys.map(({ reason }) => reason)).toEqual(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  });

  test('has ids in the order of the deploys, even in one second and when the clock goes back', () => {
    const ids = [deploy('1', 5), deploy('2', 5), deploy('3', 1)].map(({ id }) => id);

    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
  });

  test('has no current deploy from the first change of another until that one succeeds', () => {
    deploy('1', 0);
    expect(history.read().current?.reason).toBe('1');
    history.begin(ATTEMPT);
    expect(history.read().current).toBeUndefined();
    expect(history.deploys.map(({ reason }) => reason)).toEqual(['1']);
    deploy('2', 1);
    expect(history.read().current?.reason).toBe('2');
  });

  test('loses only the deploy whose line was cut off', () => {
    deploy('1', 0);
    deploy('2', 1);
    truncateSync(file, statSync(file).size - 40);
    expect(history.deploys.map(({ reason }) => reason)).toEqual(['1']);
    appendFileSync(file, '\nnull\n{"deploy":{}}\n');
    deploy('3', 2);
    expect(history.deploys.map(({ reason }) => reason)).toEqual(['1', '3']);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });
});

describe('a damaged line', () => {
  const recorded = (change: (deploy: Record<string, unknown>) => unknown): string =>
    JSON.stringify({ deploy: change(JSON.parse(JSON.stringify(deploy('kept', 0))) as Record<string, unknown>) });
  const without = (name: string) =>
    recorded((one) => Object.fromEntries(Object.entries(one).filter(([key]) => key !== name)));
  const withContent = (change: object) => recorded((one) => ({ ...one, content: { ...CONTENT, ...change } }));

  test.each([
    ['without content', () => recorded((one) => ({ ...one, content: null }))],
    ['with empty content', () => recorded((one) => ({ ...one, content: {} }))],
    ['without a reason', () => without('reason')],
    ['without changes', () => without('changed')],
    ['without a command', () => without('command')],
    ['without what it restores', () => without('restores')],
    ['with an id that is none', () => recorded((one) => ({ ...one, id: '\u001b[2J' }))],
    ['with a bad time', () => recorded((one) => ({ ...one, time: 'yesterday' }))],
    ['with a time in another form', () => recorded((one) => ({ ...one, time: 'Jan 1 2026 (\u001b[2J)' }))],
    ['with damaged images', () => withContent({ images: [{ name: 'x' }] })],
    ['with damaged workloads', () => withContent({ workloads: [{ address: 'x', spec: { name: 'x' } }] })],
    ['with damaged resources', () => withContent({ configuration: { terraform: {}, resource: { a: { b: null } } } })],
    ['of an attempt', () => recorded(() => ({})).replace('{"deploy":{}}', '{"attempt":{"time":"x"}}')],
    ['of something else', () => recorded(() => ({})).replace('{"deploy":{}}', '[null]')],
  ])('%s is left out with a warning that names file and line, and the others stay', (_, line) => {
    const content = line();
    appendFileSync(file, `${content}\n`);
    const { deploys, attempt, current, damage } = history.read();

    expect(deploys.map(({ reason }) => reason)).toEqual(['kept']);
    expect([attempt, current?.reason]).toEqual([undefined, 'kept']);
    expect(damage).toMatch(/^Warning: Line 2 of \S+terraform\.desk\.tfstate\.history is damaged and left out: /);
  });

  test('is counted with the empty ones, and nothing is said of a file without any', () => {
    deploy('kept', 0);
    expect(history.read().damage).toBeUndefined();
    appendFileSync(file, '\n{\nnull\n');
    expect(history.read().damage).toContain('Lines 3, 4 of ');
  });
});

test('What a line says is read without control sequences, which a terminal would act on', () => {
  deploy('\u001b]52;c;cm0gLXJm\u0007lower limits\u001b[2J', 0);
  expect(history.deploys.map(({ reason }) => reason)).toEqual(['lower limits']);
});

describe('the deploy that a rollback goes back to', () => {
  const target = (id?: string): string => targetOf(history.read(), id, 'desk').reason;

  test('is the last one that differs from what is deployed', () => {
    deploy('1', 0);
    deploy('2', 1);
    // A rotation has the same configuration.
    deploy('2', 2);

    expect(target()).toBe('1');
  });

  test('is the last one that succeeded, after one that did not', () => {
    deploy('1', 0);
    deploy('2', 1);
    history.begin(ATTEMPT);

    expect(target()).toBe('2');
  });

  test('is the same again after a rollback that did not succeed', () => {
    const { id } = deploy('1', 0);
    deploy('2', 1);
    history.begin({ ...ATTEMPT, command: 'rollback', restores: id });

    expect(target()).toBe('1');
  });

  test('is further back with each rollback, and also a later one by its id', () => {
    const ids = ['1', '2', '3'].map((version, minute) => deploy(version, minute).id);
    deploy('2', 3, ids[1]);
    expect(target()).toBe('1');
    deploy('1', 4, ids[0]);

    expect(() => target()).toThrow('There is no earlier deploy of desk that differs from what is deployed.');
    expect(target(ids[2])).toBe('3');
  });

  test('is the version before a rollback after a deploy that followed it', () => {
    const ids = ['1', '2'].map((version, minute) => deploy(version, minute).id);
    deploy('1', 2, ids[0]);
    deploy('3', 3);

    expect(target()).toBe('1');
  });

  test('has to be in the history', () => {
    expect(() => target()).toThrow('desk has no deploy that a rollback could go back to');
    deploy('1', 0);
    expect(() => target('tp3k9b')).toThrow(
      'desk has no deploy tp3k9b. To see those that it has: npm run deploys -- desk',
    );
  });
});

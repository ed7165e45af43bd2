/**
 * Makes one change after another in a copy of the project, each of which makes a row of the conformance table untrue that
 * is met or replaced, and shows whether a conformance test of that system fails. `npm run conformance:mutations -- S0 S3-50`
 * runs only some. It fails if fewer than 95 % of the changes are caught, or one no longer applies: its text has changed, or
 * its row is neither met nor replaced any longer.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { testsElsewhere } from '../elsewhere/tests';
import { TITLE_SEPARATOR } from '../elsewhere/results';
import { SEPARATOR } from '../requirement';
import { MUTATIONS } from '.';
import { mutate, type Mutation } from './mutation';

type Result =
  | 'caught'
  /** Another row of the system noticed it. */
  | 'caught by another row'
  /** The stack cannot be synthesized, so no row said anything. */
  | 'refused'
  | 'survived'
  | 'no longer applies';

/** What the tests of a system said. */
interface Run {
  readonly failedRows: readonly string[];
  readonly metRows: readonly string[];
  readonly replacedRows: readonly string[];
  readonly crashed: boolean;
}

/** The part of jest's report that is used here. */
interface JestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const ROOT = resolve(__dirname, '../..');
const COPIED = [
  '.gitignore',
  'CONTRIBUTING.md',
  'README.md',
  'bin',
  'conformance',
  'docs',
  'examples',
  'jest.config.js',
  'lib',
  'package.json',
  'test',
  'tsconfig.json',
];
const NOT_COPIED = new Set(['node_modules', 'dist', 'cdktf.out', '.secrets']);
const LINKED = ['node_modules', 'examples/reference-service/node_modules'];
const SYSTEMS: Readonly<Record<string, string>> = {
  S0: 'mt5',
  S1: 'binance',
  S2: 'alpaca',
  S3: 'mastertrade',
  S4: 'platform',
};
const REFERENCE_SERVICE = 'examples/reference-service';
const REQUIRED_SHARE = 0.95;

void main();

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  const isChosen = ({ row }: Mutation) =>
    chosen.length === 0 || chosen.some((one) => row === one || row.startsWith(`${one}-`));
  const copies = Array.from({ length: Math.min(availableParallelism(), 2) }, () => copyOfProject());
  try {
    const untouched = await inTurn([...new Set(MUTATIONS.filter(isChosen).map(systemOf))], copies, (system, copy) =>
      runTests(system, copy),
    );
    const broken = untouched.flatMap(({ failedRows, crashed }) => [...failedRows, ...(crashed ? ['a system'] : [])]);
    if (broken.length > 0) throw new Error(`without a change these fail: ${broken.join(', ')}`);
    const metRows = untouched.flatMap((one) => one.metRows);
    const rows = [...metRows, ...untouched.flatMap((one) => one.replacedRows)];
    const results = await inTurn(MUTATIONS.filter(isChosen), copies, async (mutation, copy) => {
      const result = rows.includes(mutation.row) ? await tryOut(mutation, copy) : 'no longer applies';
      process.stdout.write(`${lineOf(mutation, result)}\n`);
      return { mutation, result };
    });
    summarize(results, metRows);
  } finally {
    for (const copy of copies) rmSync(copy, { recursive: true });
  }
}

function summarize(
  results: readonly { readonly mutation: Mutation; readonly result: Result }[],
  metRows: readonly string[],
): void {
  const count = (...wanted: readonly Result[]) => results.filter(({ result }) => wanted.includes(result)).length;
  const missed = results.filter(({ result }) => result === 'survived' || result === 'no longer applies');
  const aimedAt = new Set(MUTATIONS.map(({ row }) => row));
  const said = count('caught', 'caught by another row', 'survived');
  const caught = count('caught', 'caught by another row');
  const lines = [
    '',
    ...missed.map(({ mutation, result }) => lineOf(mutation, result)),
    '',
    `Met rows without a change: ${metRows.filter((row) => !aimedAt.has(row)).join(', ')}.`,
    `${results.length} changes: ${count('caught')} caught by their row, ${count('caught by another row')} by another one, ` +
      `${count('survived')} survived, ${count('refused')} refused at synthesis, ` +
      `${count('no longer applies')} no longer apply.`,
    `${caught} of ${said} that synthesize are caught: ${((100 * caught) / said).toFixed(1)} %.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = caught / said >= REQUIRED_SHARE && count('no longer applies') === 0 ? 0 : 1;
}

/** Works on the items, as many at a time as there are copies. */
async function inTurn<Item, Value>(
  items: readonly Item[],
  copies: readonly string[],
  work: (item: Item, copy: string) => Promise<Value>,
): Promise<Value[]> {
  const values: Value[] = [];
  const rest = items.entries();
  await Promise.all(
    copies.map(async (copy) => {
      for (const [index, item] of rest) values[index] = await work(item, copy);
    }),
  );
  return values;
}

async function tryOut(mutation: Mutation, copy: string): Promise<Result> {
  const file = join(copy, mutation.file);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const after = mutate(before, mutation);
  if (after === undefined) return 'no longer applies';
  writeFileSync(file, after);
  try {
    const { failedRows, crashed } = await runTests(systemOf(mutation), copy);
    if (failedRows.includes(mutation.row)) return 'caught';
    // Its own tests show what is wrong with a program.
    if (mutation.file.startsWith(`${REFERENCE_SERVICE}/src/`) && !(await passesOwnTests(mutation.row, copy)))
      return 'caught';
    if (failedRows.length > 0) return 'caught by another row';
    return crashed ? 'refused' : 'survived';
  } finally {
    writeFileSync(file, before);
  }
}

async function runTests(system: string, copy: string): Promise<Run> {
  const report = join(copy, 'report.json');
  rmSync(report, { force: true });
  await run(copy, [
    'node_modules/jest/bin/jest.js',
    '--ci',
    '--json',
    `--outputFile=${report}`,
    '--config=conformance/jest.config.js',
    '--maxWorkers=1',
    `conformance/systems/${system}-`,
  ]);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const rows = (matches: (status: string, answer: string) => boolean) =>
    tests.flatMap(({ title, status }) => {
      const [row = '', answer = ''] = title.split(SEPARATOR);
      return matches(status, answer) ? [row] : [];
    });
  return {
    failedRows: rows((status) => status === 'failed'),
    metRows: rows((_, answer) => answer === 'met'),
    replacedRows: rows((_, answer) => answer === 'replaced'),
    crashed: testResults.some(({ assertionResults }) => assertionResults.length === 0),
  };
}

/** Whether the tests of the reference service pass that a row needs. */
async function passesOwnTests(row: string, copy: string): Promise<boolean> {
  const files = testsElsewhere(row)
    .map((test) => test.split(TITLE_SEPARATOR)[0] ?? '')
    .filter((file) => file.startsWith(REFERENCE_SERVICE));
  const codes = await Promise.all(
    files.map((file) =>
      run(join(copy, REFERENCE_SERVICE), ['--require', 'ts-node/register', '--test', `test/${basename(file)}`]),
    ),
  );
  return codes.every((code) => code === 0);
}

function run(folder: string, command: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, command, { cwd: folder, stdio: 'ignore' });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', done);
  });
}

function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'conformance-mutations-'));
  for (const name of COPIED) {
    cpSync(join(ROOT, name), join(copy, name), {
      recursive: true,
      filter: (source) => !NOT_COPIED.has(basename(source)),
    });
  }
  for (const name of LINKED.filter((one) => existsSync(join(ROOT, one))))
    symlinkSync(join(ROOT, name), join(copy, name));
  return copy;
}

function systemOf({ row }: Mutation): string {
  return SYSTEMS[row.slice(0, 2)] ?? '';
}

function lineOf({ row, file, search, replacement }: Mutation, result: Result): string {
  const short = (text: string) => text.trim().replace(/\s+/g, ' ').slice(0, 60);
  return `${result.padEnd(22)} ${row.padEnd(6)} ${file}: ${short(search)} -> ${short(replacement) || '(nothing)'}`;
}

/**
 * Shows how each requirement of the five systems is answered, and fails if one is not. With `--write` it also writes the
 * table to conformance/results.md; without it, that file has to be up to date.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import Table from 'cli-table3';
import { type Answer, SEPARATOR } from './requirement';
import { REQUIREMENTS } from './requirements';

/** A test that answers a requirement. */
interface AnsweredBy {
  readonly id: string;
  readonly answer: Answer;
  readonly claim: string;
  /** Why the requirement is replaced; empty if it is not. */
  readonly reason: string;
  readonly file: string;
  readonly passed: boolean;
}

/** The part of jest's report that is used here. */
interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const ROOT = resolve(__dirname, '..');
const DOCUMENT = join(ROOT, 'conformance/results.md');
const ANSWERS: readonly Answer[] = ['met', 'replaced', 'documented', 'open'];

const report = runTests();
const answers = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ title, status }) => answeredBy(title, relative(ROOT, name), status)),
);
const problems = [
  ...report.testResults.filter(({ assertionResults }) => assertionResults.length === 0).map(({ message }) => message),
  ...problemsOf(answers),
];
print(answers);
problems.push(...documentProblems(markdownOf(answers)));
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`\n${summaryOf(answers)}\n`);
const passed = answers.filter((one) => one.passed && one.answer !== 'open').length;
process.stdout.write(`${passed} passed, ${problems.length} failed\n`);
process.exitCode = problems.length > 0 ? 1 : 0;

function runTests(): JestReport {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const file = join(folder, 'report.json');
    const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
    const options = [
      '--ci',
      '--json',
      `--outputFile=${file}`,
      '--config',
      'conformance/jest.config.js',
      'conformance/systems',
    ];
    const { stderr } = spawnSync(process.execPath, [jest, ...options], { cwd: ROOT, encoding: 'utf8' });
    if (!existsSync(file)) throw new Error(`jest did not run the tests:\n${stderr}`);
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function answeredBy(title: string, file: string, status: string): AnsweredBy {
  const [id = title, answer = 'met', claim = '', reason = ''] = title.split(SEPARATOR);
  return { id, answer: answer as Answer, claim, reason, file, passed: status === 'passed' || status === 'todo' };
}

function problemsOf(given: readonly AnsweredBy[]): string[] {
  const ids = given.map(({ id }) => id);
  return [
    ...Object.keys(REQUIREMENTS)
      .filter((id) => !ids.includes(id))
      .map((id) => `${id} has no test and is not open.`),
    ...ids.filter((id) => !(id in REQUIREMENTS)).map((id) => `A test refers to an unknown requirement: ${id}.`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is answered twice.`),
    ...given.filter(({ passed }) => !passed).map(({ id, claim }) => `${id} fails: ${claim}.`),
  ];
}

function print(given: readonly AnsweredBy[]): void {
  const table = new Table({
    head: ['id', 'requirement', 'answer', 'test'],
    colWidths: [8, 56, 12, 64],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const one of inOrder(given)) table.push([one.id, requirementOf(one.id), one.answer, one.claim]);
  process.stdout.write(`${table.toString()}\n`);
}

function documentProblems(markdown: string): string[] {
  if (process.argv.includes('--write')) {
    writeFileSync(DOCUMENT, markdown);
    return [];
  }
  const isCurrent = readFileSync(DOCUMENT, 'utf8') === markdown;
  return isCurrent ? [] : ['conformance/results.md is out of date: run `npm run conformance -- --write`.'];
}

function markdownOf(given: readonly AnsweredBy[]): string {
  const rows = inOrder(given).map(({ id, answer, claim, reason, file }) => {
    const because = reason === '' ? '' : ` – ${reason}`;
    const cells = [id, requirementOf(id), answer, `${claim}${because}`, answer === 'open' ? '' : `\`${file}\``];
    return `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  });
  return [
    '# Conformance',
    '',
    'What the documents of five real trading systems require, and the test that shows how each requirement is answered.',
    'S0 is the MT5 system, S1 the Binance system, S2 the Alpaca bot, S3 MasterTrade, S4 the trading platform.',
    'A number such as B-01 is a fault of these documents, which [corrections.md](corrections.md) explains.',
    '`npm run conformance -- --write` generates this file.',
    '',
    summaryOf(given),
    '',
    '| id | requirement | answer | what the test shows | test |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function summaryOf(given: readonly AnsweredBy[]): string {
  const counts = ANSWERS.map((answer) => `${given.filter((one) => one.answer === answer).length} ${answer}`);
  return `${Object.keys(REQUIREMENTS).length} requirements: ${counts.join(', ')}.`;
}

function inOrder(given: readonly AnsweredBy[]): AnsweredBy[] {
  const ids = Object.keys(REQUIREMENTS);
  return [...given].sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
}

function requirementOf(id: string): string {
  return (REQUIREMENTS as Readonly<Record<string, string>>)[id] ?? '';
}

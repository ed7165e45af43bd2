/**
 * Shows how each requirement of the five systems is answered, and fails if one is not. With `--write` it also writes the
 * table to conformance/results.md; without it, that file has to be up to date. With `--results FOLDER` it takes what the
 * end-to-end tests and those of the reference service wrote there; rows that need them are otherwise not proven.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import Table from 'cli-table3';
import { bugProblems, bugsMarkdown, correctionsWith, judgeBugs, printBugs } from './bugs/report';
import { readResults } from './elsewhere/results';
import { missingTests, outcomeOf, testsElsewhere } from './elsewhere/tests';
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
const CORRECTIONS = join(ROOT, 'conformance/corrections.md');
const ANSWERS: readonly Answer[] = ['met', 'replaced', 'documented', 'open'];

const NOT_PROVEN = 'not proven in this run';

const elsewhere = resultsOfOtherRuns();
const bugs = judgeBugs();
const report = runTests();
const answers = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ title, status }) => answeredBy(title, relative(ROOT, name), status)),
);
const problems = [
  ...report.testResults.filter(({ assertionResults }) => assertionResults.length === 0).map(({ message }) => message),
  ...problemsOf(answers),
  ...elsewhereProblems(answers),
];
const notProven = new Set(
  answers.map(({ id }) => id).filter((id) => testsElsewhere(id).length > 0 && outcomeOf(id, elsewhere) !== 'proven'),
);
print(answers);
printBugs(bugs);
problems.push(...documentProblems(answers));
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`\n${summaryOf(answers, notProven)}\n`);
const passed = answers.filter((one) => one.passed && one.answer !== 'open' && !notProven.has(one.id)).length;
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

/** What other runs found out, if their folder is given. */
function resultsOfOtherRuns(): ReturnType<typeof readResults> {
  const position = process.argv.indexOf('--results');
  if (position === -1) return new Map();
  const folder = process.argv[position + 1] ?? '';
  if (!existsSync(folder)) {
    process.stderr.write(
      `--results: there is no folder '${folder}'. Run \`npm run test:e2e\` first, which writes it.\n`,
    );
    process.exit(1);
  }
  return readResults(folder);
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

function elsewhereProblems(given: readonly AnsweredBy[]): string[] {
  return [
    ...missingTests(),
    ...given
      .filter(({ id }) => testsElsewhere(id).length > 0 && outcomeOf(id, elsewhere) === 'failed')
      .map(({ id }) => `${id} fails: a test that it needs did not pass: ${testsElsewhere(id).join(', ')}.`),
    ...given
      .filter(
        ({ id, claim, reason }) => /\be2e\b|\.test\.ts/.test(`${claim} ${reason}`) && testsElsewhere(id).length === 0,
      )
      .map(({ id }) => `${id} names a test that is not in conformance/elsewhere/tests.ts.`),
  ];
}

function print(given: readonly AnsweredBy[]): void {
  const table = new Table({
    head: ['id', 'requirement', 'answer', 'test'],
    colWidths: [8, 56, 14, 64],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const one of inOrder(given)) table.push([one.id, requirementOf(one.id), shownAnswer(one, notProven), one.claim]);
  process.stdout.write(`${table.toString()}\n`);
}

function documentProblems(given: readonly AnsweredBy[]): string[] {
  if (process.argv.includes('--write')) {
    writeFileSync(DOCUMENT, markdownOf(given, notProven));
    writeFileSync(CORRECTIONS, correctionsWith(readFileSync(CORRECTIONS, 'utf8'), bugs));
    return bugProblems(bugs, readFileSync(CORRECTIONS, 'utf8'));
  }
  const document = readFileSync(DOCUMENT, 'utf8');
  // Which rows were proven depends on what had run when the table was written, so that is taken from the table.
  const before = given.map(({ id }) => id).filter((id) => isNotProven(document, id));
  const isCurrent = document === markdownOf(given, new Set(before));
  return [
    ...bugProblems(bugs, readFileSync(CORRECTIONS, 'utf8')),
    ...(isCurrent ? [] : ['conformance/results.md is out of date: run `npm run conformance -- --write`.']),
  ];
}

function isNotProven(document: string, id: string): boolean {
  return document.split('\n').some((line) => line.startsWith(`| ${id} |`) && line.includes(`: ${NOT_PROVEN} |`));
}

function markdownOf(given: readonly AnsweredBy[], unproven: ReadonlySet<string>): string {
  const rows = inOrder(given).map((one) => {
    const { id, answer, claim, reason, file } = one;
    const because = reason === '' ? '' : ` – ${reason}`;
    const tests = [...(answer === 'open' ? [] : [file]), ...testsElsewhere(id)].map((test) => `\`${test}\``);
    const cells = [id, requirementOf(id), shownAnswer(one, unproven), `${claim}${because}`, tests.join('; ')];
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
    summaryOf(given, unproven),
    '',
    '| id | requirement | answer | what the test shows | test |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    ...bugsMarkdown(bugs),
  ].join('\n');
}

function shownAnswer({ id, answer }: AnsweredBy, unproven: ReadonlySet<string>): string {
  return unproven.has(id) ? `${answer}: ${NOT_PROVEN}` : answer;
}

function summaryOf(given: readonly AnsweredBy[], unproven: ReadonlySet<string>): string {
  const proven = given.filter(({ id }) => !unproven.has(id));
  const counts = ANSWERS.map((answer) => `${proven.filter((one) => one.answer === answer).length} ${answer}`);
  const total = Object.keys(REQUIREMENTS).length;
  return `${total} requirements: ${[...counts, `${unproven.size} ${NOT_PROVEN}`].join(', ')}.`;
}

function inOrder(given: readonly AnsweredBy[]): AnsweredBy[] {
  const ids = Object.keys(REQUIREMENTS);
  return [...given].sort((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id));
}

function requirementOf(id: string): string {
  return (REQUIREMENTS as Readonly<Record<string, string>>)[id] ?? '';
}

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { TradingStackError } from '../../lib';
import { listBuildContext } from '../../lib/workload/images/build-context';
import { IgnoreRules } from '../../lib/workload/images/dockerignore/ignore-rules';

/**
 * Compares which files of a folder are sent to a build with what the packages of the provider send, for random rule
 * files. Run `npm run compare:dockerignore`; a first argument sets the number of rule files, a second one the seed.
 */

interface Question {
  readonly rules: string;
  readonly dockerfile: string;
}

interface Answer {
  readonly files: readonly string[];
  readonly problem?: string;
}

const FILES = [
  ...[
    'Dockerfile',
    '.dockerignore',
    'docker/Dockerfile',
    'main.py',
    'main.pyc',
    'README.md',
    'a',
    'a+',
    'a|main',
    '^a',
  ],
  ...['src/app.py', 'src/app/main.py', 'src/app/a.py', 'src/lib/a/b.txt', 'app/(admin)/page.tsx', 'app/admin/page.tsx'],
  ...[
    'node_modules/a/b.js',
    '.env',
    '.secrets/desk/password',
    'b/a/c',
    'b/c',
    'b/[x]',
    '{a,b}',
    'aa',
    'aaa',
    'é/ü.txt',
  ],
  ...['#hash', '!bang', ' space ', 'c:d', 'x-y', 'a.b.c', '-', '\\a', 'docs/a b.md', '…'],
];

/** What a person writes, and what only a fuzzer does. */
const WORDS = [
  ...['a', 'b', 'c', 'main', 'src', 'app', 'lib', 'docker', 'Dockerfile', '.dockerignore', 'node_modules', 'admin'],
  ...['.py', '.pyc', '.secrets', '.env', 'é', 'ü', '(admin)', 'README.md', 'docs', 'x', 'y', '#hash', 'bang', '…'],
];
const SIGNS = [
  ...['*', '*', '*', '**', '**', '**', '/', '/', '/', '/', '?', '!', '.', '..', '[', ']', '[a-c]', '[^a]', '[!a]', '-'],
  ...['+', '|', '^', '$', '(', ')', '{', '}', '{2}', '{a,b}', '{1,2}', '{0,}', '\\', '\\a', '\\*', '\\[', '\\d', '\\w'],
  ...[
    '\\S',
    '\\b',
    '\\x61',
    '\\141',
    '\\Q',
    '\\E',
    '[[:alpha:]]',
    '[[:^alpha:]]',
    '[\\d-]',
    '[]a]',
    '[a',
    '#',
    ',',
    ':',
  ],
  ...[' ', '\t', '\r', '\u0085', '\u00a0', '\ufeff', '\u2028', '~', '\\.', '\\-', '\\/', '&', '=', "'", '"'],
];

const tidy = fc
  .tuple(
    fc.constantFrom('', '', '', '!', '/', '**/', '!**/'),
    fc.array(fc.constantFrom(...WORDS, '*', '**'), { minLength: 1, maxLength: 3 }),
  )
  .map(([start, parts]) => start + parts.join('/'));
const path = fc.constantFrom('', '', '!').chain((start) => fc.constantFrom(...FILES).map((file) => start + file));
const folder = fc
  .constantFrom('', '', '!')
  .chain((start) => fc.constantFrom(...FILES).map((file) => start + dirname(file)));
const wild = fc
  .array(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, { weight: 4, arbitrary: fc.constantFrom(...SIGNS) }),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''));
const rule = fc.oneof(
  { weight: 4, arbitrary: tidy },
  { weight: 1, arbitrary: path },
  { weight: 1, arbitrary: folder },
  { weight: 4, arbitrary: wild },
  {
    weight: 1,
    arbitrary: fc.constantFrom('*', '**', '!**', '', '# note', ' # note', '!', '.', '/', './', '../x', '!/'),
  },
);
const question: fc.Arbitrary<Question> = fc.record({
  rules: fc
    .tuple(
      fc.constantFrom('', '', '', '\ufeff'),
      fc.array(rule, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
    )
    .map(([start, rules, end]) => start + rules.join(end) + end),
  dockerfile: fc.constantFrom('Dockerfile', 'Dockerfile', 'docker/Dockerfile'),
});

function ourAnswer(directory: string, { rules, dockerfile }: Question): Answer {
  writeFileSync(join(directory, '.dockerignore'), rules);
  try {
    return { files: listBuildContext(directory, IgnoreRules.ofFolder(directory, dockerfile, 'comparison')) };
  } catch (error) {
    if (!(error instanceof TradingStackError)) throw error;
    return { files: [], problem: error.message };
  }
}

function isSame(one: Answer, other: Answer): boolean {
  return (
    (one.problem === undefined) === (other.problem === undefined) &&
    JSON.stringify([...one.files].sort()) === JSON.stringify([...other.files].sort())
  );
}

/** Unicode classes are always refused, and Docker accepts some. */
function isComparable({ rules }: Question): boolean {
  return !/\\[pP]/.test(rules);
}

function main(): void {
  const [count = '10000', seed = String(Date.now() % 1e9)] = process.argv.slice(2);
  if (spawnSync('go', ['version']).status !== 0) {
    console.log('SKIPPED: there is no Go on this machine, so the rules of .dockerignore were not compared');
    return;
  }
  const work = mkdtempSync(join(tmpdir(), 'dockerignore-'));
  try {
    const program = join(work, 'comparison');
    execFileSync('go', ['build', '-o', program, '.'], { cwd: __dirname, stdio: 'inherit' });
    const directory = join(work, 'context');
    for (const file of FILES) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), file);
    }
    const questions = fc.sample(question, { numRuns: Number(count), seed: Number(seed) }).filter(isComparable);
    const input = questions.map((one) => `${JSON.stringify(one)}\n`).join('');
    const output = execFileSync(program, [directory], { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
    const theirs = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer);
    const differences = questions.flatMap((one, index) => {
      const their = theirs[index] ?? { files: [], problem: 'no answer' };
      const our = ourAnswer(directory, one);
      return isSame(our, their) ? [] : [{ ...one, our, their }];
    });
    const refused = theirs.filter(({ problem }) => problem !== undefined).length;
    console.log(
      `${questions.length} rule files with seed ${seed}, ${refused} of them refused: ${differences.length} differences`,
    );
    for (const { rules, dockerfile, our, their } of differences.slice(0, 5)) {
      console.log(JSON.stringify({ rules, dockerfile, our: summary(our, their), their: summary(their, our) }, null, 2));
    }
    process.exitCode = differences.length === 0 ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function summary(one: Answer, other: Answer): string | string[] {
  return one.problem ?? one.files.filter((file) => !other.files.includes(file));
}

main();

import { BUGS } from '.';
import { type BugClass, codeOf, judge, type Verdict } from './bug';

/** From the strongest to the weakest. */
const CLASSES: readonly BugClass[] = [
  'impossible',
  'refused',
  'warned',
  'right by default',
  'still writable',
  'fixed in the example only',
  'nothing',
];

/** All bugs with what became of them, by id. */
export function judgeBugs(): ReadonlyMap<string, Verdict> {
  return new Map(Object.entries(BUGS).map(([id, bug]) => [id, judge(bug)]));
}

/** Which bug is in which class, each form of it with its code, and the forms that nothing notices. */
export function printBugs(verdicts: ReadonlyMap<string, Verdict>): void {
  const lines = [...verdicts].flatMap(([id, { title, found, attempts }]) => [
    `${id} ${found}: ${title}`,
    ...attempts.map((attempt) => {
      const codes = attempt.codes.length === 0 ? '' : ` (${attempt.codes.join(', ')})`;
      return `  ${attempt.outcome}${codes}: ${attempt.form.written}\n      ${codeOf(attempt.form)}`;
    }),
  ]);
  const writable = writableForms(verdicts).map(({ id, written }) => `  ${id} ${written}`);
  process.stdout.write(
    ['', ...lines, '', bugSummary(verdicts), `${writable.length} forms are still writable:`, ...writable, ''].join(
      '\n',
    ),
  );
}

/** The part of results.md about the bugs. */
export function bugsMarkdown(verdicts: ReadonlyMap<string, Verdict>): string[] {
  return [
    '## The 50 bugs',
    '',
    'Each was written as a user would write it, in all forms that are known, and synthesized. [corrections.md](corrections.md)',
    'explains each.',
    '',
    bugSummary(verdicts),
    '',
    '| id | bug | what the library does | refused or warned about | still writable |',
    '|---|---|---|---|---|',
    ...[...verdicts].map(([id, { title, found, attempts }]) => {
      const noticed = attempts.filter(({ outcome }) => outcome !== 'still writable');
      const silent = attempts.filter(({ outcome }) => outcome === 'still writable');
      const cells = [
        id,
        title,
        found,
        noticed.map(({ form, codes }) => `${form.written} (${codes.join(', ')})`).join('; '),
        silent.map(({ form }) => form.written).join('; '),
      ];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
    '',
  ];
}

/** What the run does not show, or corrections.md does not say. */
export function bugProblems(verdicts: ReadonlyMap<string, Verdict>, corrections: string): string[] {
  const ids = Array.from({ length: 50 }, (_, index) => `B-${String(index + 1).padStart(2, '0')}`);
  return [
    ...ids.filter((id) => !verdicts.has(id)).map((id) => `${id} has no stack.`),
    ...[...verdicts].flatMap(([id, { problems }]) => problems.map((problem) => `${id}: ${problem}.`)),
    ...(corrections === correctionsWith(corrections, verdicts)
      ? []
      : ['conformance/corrections.md is out of date: run `npm run conformance -- --write`.']),
  ];
}

/** corrections.md with the class of each bug below its heading. */
export function correctionsWith(corrections: string, verdicts: ReadonlyMap<string, Verdict>): string {
  return corrections.replace(/^### (B-\d\d)\n\n(?:\*Result: .*\*\n\n)?/gm, (heading: string, id: string) => {
    const verdict = verdicts.get(id);
    return verdict === undefined ? heading : `### ${id}\n\n*Result: ${resultOf(verdict)}.*\n\n`;
  });
}

function resultOf({ found, attempts }: Verdict): string {
  const silent = attempts.filter(({ outcome }) => outcome === 'still writable');
  if (silent.length === 0 || found === 'nothing') return found;
  const count = silent.length === attempts.length ? '' : ` in ${silent.length} of ${attempts.length} forms`;
  return found === 'still writable' ? `${found}${count}` : `${found}, still writable${count}`;
}

function bugSummary(verdicts: ReadonlyMap<string, Verdict>): string {
  const counts = CLASSES.map((one) => `${[...verdicts.values()].filter(({ found }) => found === one).length} ${one}`);
  return `${verdicts.size} bugs: ${counts.join(', ')}.`;
}

function writableForms(verdicts: ReadonlyMap<string, Verdict>): { readonly id: string; readonly written: string }[] {
  return [...verdicts].flatMap(([id, { attempts }]) =>
    attempts.filter(({ outcome }) => outcome === 'still writable').map(({ form }) => ({ id, written: form.written })),
  );
}

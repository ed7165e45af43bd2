import type { TradingStack } from '../../index';
import type { ChangeReport } from '../plan/details';
import type { Output } from './output';
import { describePort, reportServices } from './report';
import { printTable } from './table';

type Kind = ChangeReport['kind'];

/** Resources other than services and jobs, in the order in which they are printed. */
const SECTIONS: readonly (readonly [Kind, string])[] = [
  ['image', 'Images'],
  ['network', 'Networks'],
  ['volume', 'Volumes'],
  ['secret', 'Secrets'],
  ['config', 'Files'],
  ['other', 'Other resources'],
];

/** What each kind of resource is called. */
export const NOUNS: Readonly<Record<Kind, string>> = {
  service: 'service',
  job: 'job',
  image: 'image',
  network: 'network',
  volume: 'volume',
  secret: 'secret',
  config: 'file',
  other: 'other resource',
};

type IsCounted = (report: ChangeReport) => boolean;

const isImage: IsCounted = ({ kind }) => kind === 'image';
const isJob: IsCounted = ({ kind }) => kind === 'job';
const isOther: IsCounted = (report) => !isImage(report) && !isJob(report);
const isAny: IsCounted = () => true;

// Changes that can do harm come last, next to the question.
const TOTALS: readonly (readonly [string, ChangeReport['action'], IsCounted])[] = [
  ['To create', 'create', isAny],
  ['To rebuild, pull or push again', 'replace', isImage],
  ['To run again if the image changes', 'replace-if-image-changes', isJob],
  ['To run again', 'replace', isJob],
  ['To update in place', 'update', isAny],
  ['To update if the image changes', 'update-if-image-changes', isAny],
  ['To replace if the image changes', 'replace-if-image-changes', isOther],
  ['To replace', 'replace', isOther],
  ['No longer used', 'delete', isImage],
  ['To remove', 'delete', (report) => !isImage(report)],
];

/** More lines of a file than this are left to --verbose. */
export const MOST_LINES = 12;

/** Prints the changes of a plan: a table of new services, one or more lines for each other change, and the totals. */
export function printPlan(reports: readonly ChangeReport[], stack: TradingStack, output: Output): void {
  if (reports.length === 0) {
    output.say('\nOnly Terraform outputs change.');
    return;
  }
  const workloads = reports.filter(({ kind }) => kind === 'service' || kind === 'job');
  const created = workloads.filter(({ action }) => action === 'create');
  if (created.length > 0) printCreated(created, stack, output);
  const changed = workloads.filter(({ action }) => action !== 'create');
  if (changed.length > 0) output.say('');
  for (const report of changed) printChange(report, output);
  for (const [kind, title] of SECTIONS) {
    // Resources of a new stack are not listed: the last line counts them.
    const ofKind = reports.filter(
      (one) => one.kind === kind && (changed.length > 0 || one.action !== 'create' || created.length === 0),
    );
    if (ofKind.length === 0) continue;
    output.say(`\n${output.colors.dim(title)}`);
    for (const report of ofKind) printChange(report, output);
  }
  output.say('');
  for (const [title, action, isCounted] of TOTALS) {
    const counted = countKinds(reports.filter((one) => one.action === action && isCounted(one)));
    if (counted !== '') output.say(`${title}: ${counted}.`);
  }
}

function printCreated(created: readonly ChangeReport[], stack: TradingStack, output: Output): void {
  const services = new Map(reportServices(stack).map((service) => [service.name, service]));
  output.say('');
  printTable(
    output,
    ['NEW', 'IMAGE', 'PORTS'],
    created.map(({ name, kind, details }) => {
      const service = services.get(name);
      const why = details.map(({ text }) => ` (${text})`).join('');
      return [
        `${name}${kind === 'job' ? ' (job)' : ''}${why}`,
        service?.image ?? '',
        (service?.ports ?? []).map(describePort).join('\n'),
      ];
    }),
  );
}

function printChange({ name, outcome, details }: ChangeReport, output: Output): void {
  const [only, ...more] = details;
  if (only === undefined) output.say(`${name}: ${outcome}`);
  else if (more.length === 0) printDetail(`${name}: ${only.text} (${outcome})`, '  ', only.lines, output);
  else {
    output.say(`${name} (${outcome})`);
    for (const { text, lines } of details) printDetail(`  ${text}`, '    ', lines, output);
  }
}

function printDetail(line: string, indent: string, lines: readonly string[], output: Output): void {
  output.say(line);
  const { red, green } = output.colors;
  for (const one of lines.slice(0, MOST_LINES)) output.say(`${indent}${(one.startsWith('+') ? green : red)(one)}`);
  if (lines.length > MOST_LINES) output.say(`${indent}… ${lines.length - MOST_LINES} more lines (--verbose)`);
}

/** `3 services, 2 images, 1 network`. */
function countKinds(reports: readonly ChangeReport[]): string {
  return Object.entries(NOUNS)
    .map(([kind, noun]) => [reports.filter((one) => one.kind === kind).length, noun] as const)
    .filter(([count]) => count > 0)
    .map(([count, noun]) => `${count} ${noun}${count === 1 ? '' : 's'}`)
    .join(', ');
}

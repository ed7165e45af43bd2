import type { TradingStack } from '../../index';
import { binary, totalsOf } from '../../internal';
import { type PlannedChanges, shownImage } from '../plan/changes';
import type { ChangeReport } from '../plan/details';
import { type Limits, limitsOf } from '../plan/resources';
import { code, codeBlock } from './markdown';
import { MOST_LINES, NOUNS } from './plan-report';
import { describePort, reportServices } from './report';

/** What a deploy would change, for a comment in a pull request: the same changes are always the same text. */
export function changeSummary(reports: readonly ChangeReport[], planned: PlannedChanges, stack: TradingStack): string {
  const { id } = stack.node;
  if (reports.length === 0) return `### ${id}\n\nNothing changes.\n`;
  const byName = [...reports].sort((one, other) => (one.name < other.name ? -1 : 1));
  const workloads = byName.filter(isWorkload);
  const isNew = workloads.length > 0 && workloads.every(({ action }) => action === 'create');
  // A Swarm keeps each file as an object, and its lines are shown for the service. A new stack needs everything else too.
  const others = byName.filter(
    (one) => !isWorkload(one) && one.kind !== 'config' && !(isNew && one.action === 'create'),
  );
  const sections = [
    workloads.flatMap((report) => workloadLines(report, planned, stack)),
    others.flatMap((report) => itemLines(`${NOUNS[report.kind]} ${code(report.name)} ${report.outcome}`, report)),
    limitsLine(planned, stack),
  ].filter((lines) => lines.length > 0);
  return `### ${id}\n\n${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function isWorkload({ kind }: ChangeReport): boolean {
  return kind === 'service' || kind === 'job';
}

function workloadLines(report: ChangeReport, planned: PlannedChanges, stack: TradingStack): string[] {
  const { name, kind, action, outcome } = report;
  const lines = itemLines(`${code(name)}${kind === 'job' ? ' (job)' : ''} ${outcome}`, report);
  const created = action === 'create' ? reportServices(stack).find((service) => service.name === name) : undefined;
  if (created === undefined) return lines;
  const settings = [
    `image ${shownImage(created.image, planned)}`,
    ...created.ports.map((port) => `port ${describePort(port)}`),
  ];
  return [...lines, ...settings.map((setting) => `  - ${code(setting)}`)];
}

function itemLines(title: string, { details }: ChangeReport): string[] {
  return [
    `- ${title}`,
    ...details.flatMap(({ text, lines }) => [
      `  - ${code(text)}`,
      ...(lines.length === 0 ? [] : codeBlock('diff', shortened(lines)).map((line) => `    ${line}`)),
    ]),
  ];
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `… ${lines.length - MOST_LINES} more lines`];
}

/** The sums of the limits of all services, before and after. */
function limitsLine({ state }: PlannedChanges, { platform: { workloads } }: TradingStack): string[] {
  const before = state.flatMap(({ type, values }) => limitsOf(type, values) ?? []);
  const after = totalsOf(workloads.map(({ spec }) => spec).filter(({ kind }) => kind === 'service'));
  const sides: readonly Limits[] = before.length === 0 ? [after] : [sumOf(before), after];
  if (sides.every(({ cpuMillis, memoryBytes }) => cpuMillis === null && memoryBytes === null)) return [];
  const cpus = sides.map(({ cpuMillis }) => (cpuMillis === null ? 'no limit' : String(cpuMillis / 1000)));
  const memory = sides.map(({ memoryBytes }) => binary(memoryBytes));
  return [`Limits of all services: ${arrowBetween(cpus)} CPU, ${arrowBetween(memory)} of memory.`];
}

function sumOf(all: readonly Limits[]): Limits {
  return all.reduce((one, other) => ({
    cpuMillis: plus(one.cpuMillis, other.cpuMillis),
    memoryBytes: plus(one.memoryBytes, other.memoryBytes),
  }));
}

/** Without a limit of one service there is none of all. */
function plus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function arrowBetween(sides: readonly string[]): string {
  return [...new Set(sides)].join(' → ');
}

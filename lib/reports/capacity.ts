import type { Platform } from '../platform/platform';
import type { LoggingSpec, WorkloadSpec } from '../platform/spec';

/** What the workloads of a stack may use, as a table in Markdown. */
export function capacityOf({ workloads }: Platform): string {
  const specs = workloads.map(({ spec }) => spec);
  const services = specs.filter(({ kind }) => kind === 'service');
  const jobs = specs.filter(({ kind }) => kind === 'job');
  const totals = totalsOf(specs);
  const columns = COLUMNS.filter(({ isEmpty }) => isEmpty?.(totals) !== true);
  const row = (label: string, of: readonly WorkloadSpec[]): string =>
    line([label, ...columns.map(({ cell }) => cell(totalsOf(of)))]);
  return [
    line(['Workload', ...columns.map(({ title }) => title)]),
    `|---|${columns.map(() => '--:|').join('')}`,
    ...specs.map((spec) => row(labelOf(spec), [spec])),
    row('**All services**', services),
    ...(jobs.length > 0 ? [row('**All jobs**, if they run at the same time', jobs)] : []),
  ].join('\n');
}

/** The sums of limits and reservations over all replicas; `null` if one workload has no such limit. */
interface Totals {
  readonly cpuMillis: number | null;
  readonly memoryBytes: number | null;
  readonly cpuReservationMillis: number | null;
  readonly memoryReservationBytes: number | null;
  readonly logBytes: number | null;
}

/** Exported for the sums of several workloads. */
export function totalsOf(specs: readonly WorkloadSpec[]): Totals {
  const sum = (valueOf: (spec: WorkloadSpec) => number | null): number | null =>
    specs.reduce<number | null>((total, spec) => {
      const value = valueOf(spec);
      return total === null || value === null ? null : total + value * spec.replicas;
    }, 0);
  return {
    cpuMillis: sum(({ resources }) => resources.cpuMillis),
    memoryBytes: sum(({ resources }) => resources.memoryBytes),
    cpuReservationMillis: sum(({ resources }) => resources.cpuReservationMillis ?? 0),
    memoryReservationBytes: sum(({ resources }) => resources.memoryReservationBytes ?? 0),
    logBytes: sum(({ logging }) => logBytesOf(logging)),
  };
}

interface Column {
  readonly title: string;
  readonly cell: (totals: Totals) => string;
  /** Whether it is left out, as all workloads together have none of it. */
  readonly isEmpty?: (totals: Totals) => boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'CPU limit', cell: ({ cpuMillis }) => cores(cpuMillis) },
  { title: 'Memory limit', cell: ({ memoryBytes }) => binary(memoryBytes) },
  {
    title: 'CPU reserved',
    cell: ({ cpuReservationMillis }) => cores(cpuReservationMillis),
    isEmpty: ({ cpuReservationMillis }) => cpuReservationMillis === 0,
  },
  {
    title: 'Memory reserved',
    cell: ({ memoryReservationBytes }) => binary(memoryReservationBytes),
    isEmpty: ({ memoryReservationBytes }) => memoryReservationBytes === 0,
  },
  {
    title: 'Log files',
    cell: ({ logBytes }) => (logBytes === null ? 'not limited here' : `${logBytes / 1_000_000} MB`),
  },
];

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function labelOf({ name, kind, replicas }: WorkloadSpec): string {
  return `${name}${kind === 'job' ? ' (job)' : ''}${replicas > 1 ? ` × ${replicas}` : ''}`;
}

function cores(millis: number | null): string {
  return millis === null ? 'no limit' : String(millis / 1000);
}

function binary(bytes: number | null): string {
  if (bytes === null) return 'no limit';
  const mebibytes = bytes / 1024 ** 2;
  return mebibytes < 1024 ? `${round(mebibytes)} MiB` : `${round(mebibytes / 1024)} GiB`;
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
  ['g', 1e9],
]);

/** Drivers whose log is nowhere on the machine, or in a place that has limits of its own. */
const WITHOUT_FILES: readonly (string | null)[] = [null, 'journald', 'etwlogs'];

/**
 * The files of two drivers, or the copy that Docker keeps of what it sends elsewhere, so that it can be read.
 * https://docs.docker.com/engine/logging/dual-logging/
 */
function logBytesOf({ driver, options }: LoggingSpec): number | null {
  if (driver === 'none' || options['cache-disabled'] === 'true') return 0;
  if (WITHOUT_FILES.includes(driver)) return null;
  const isFile = driver === 'json-file' || driver === 'local';
  const prefix = isFile ? '' : 'cache-';
  const [defaultSize, defaultFiles] = driver === 'json-file' ? [undefined, '1'] : ['20m', '5'];
  const size = options[`${prefix}max-size`] ?? defaultSize ?? '';
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)b?$/i.exec(size) ?? [];
  const factor = UNITS.get(unit.toLowerCase());
  if (amount === undefined || factor === undefined) return null;
  return Number(amount) * factor * Number(options[`${prefix}max-file`] ?? defaultFiles);
}

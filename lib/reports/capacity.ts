import type { Platform } from '../platform/platform';
import type { LoggingSpec, MachineSpec, WorkloadSpec } from '../platform/spec';

/** What the workloads of a stack may use, as a table in Markdown. */
export function capacityOf({ workloads, machine }: Platform): string {
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
    ...(machine === null ? [] : [line(['**The machine**', ...columns.map(({ total }) => total?.(machine) ?? '')])]),
  ].join('\n');
}

/**
 * What the services of a stack need and its machine does not have. CPU limits may exceed the CPUs, as not all services are
 * busy at the same time; memory that is in use cannot be shared.
 * @param machine the machine of the engine, declared or real
 */
export function shortagesOf({ workloads }: Platform, machine: MachineSpec): string[] {
  const needed = totalsOf(workloads.map(({ spec }) => spec).filter(({ kind }) => kind === 'service'));
  const { cpuMillis, memoryBytes } = machine;
  const has = `the machine has ${binary(memoryBytes)}`;
  return [
    ...((needed.memoryBytes ?? 0) > memoryBytes
      ? [`the memory limits of the services add up to ${binary(needed.memoryBytes)}, and ${has}`]
      : []),
    ...((needed.memoryReservationBytes ?? 0) > memoryBytes
      ? [`the memory reserved for the services adds up to ${binary(needed.memoryReservationBytes)}, and ${has}`]
      : []),
    ...((needed.cpuReservationMillis ?? 0) > cpuMillis
      ? [
          `the CPUs reserved for the services add up to ${cores(needed.cpuReservationMillis)}, and the machine has ` +
            cores(cpuMillis),
        ]
      : []),
  ];
}

/** The sums of limits and reservations over all replicas; `null` if one workload has no such limit. */
export interface Totals {
  readonly cpuMillis: number | null;
  readonly memoryBytes: number | null;
  readonly cpuReservationMillis: number | null;
  readonly memoryReservationBytes: number | null;
  readonly logBytes: number | null;
}

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
  /** What the machine has of it. */
  readonly total?: (machine: MachineSpec) => string;
  /** Whether it is left out, as all workloads together have none of it. */
  readonly isEmpty?: (totals: Totals) => boolean;
}

const COLUMNS: readonly Column[] = [
  { title: 'CPU limit', cell: ({ cpuMillis }) => cores(cpuMillis), total: ({ cpuMillis }) => cores(cpuMillis) },
  {
    title: 'Memory limit',
    cell: ({ memoryBytes }) => binary(memoryBytes),
    total: ({ memoryBytes }) => binary(memoryBytes),
  },
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

/** In MiB or GiB. */
export function binary(bytes: number | null): string {
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

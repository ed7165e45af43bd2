import { invalidValue } from '../../errors';
import type { Size } from '../../workload/units/size';
import { bytesOf, checkSettings, checkVariables, type Reserved, type ServerSettings } from '../server-settings';
import type { WorkloadOptions } from '../../workload/workload-props';

/** A setting as `postgres -c name=value` takes it. */
export type PostgresSettings = ServerSettings;

const PORT_OUTSIDE = 'Leave it out: others are told of 5432, and `ports` gives it another one outside';

/** Settings that others rely on. On a command line PostgreSQL takes `-` for `_`. */
const RESERVED_SETTINGS: readonly Reserved[] = [
  { names: /^port$/, instead: PORT_OUTSIDE },
  { names: /^listen[-_]addresses$/, instead: 'Leave it out: others on the network have to reach it' },
  { names: /^data[-_]directory$/, instead: 'Give dataDirectory, which has to be in the volume' },
  { names: /^max[-_]connections$/, instead: 'Give maxConnections, which the memory for sorting follows' },
];

/** Variables that others rely on: the server takes its port from one, too. */
const RESERVED_VARIABLES: readonly Reserved[] = [
  { names: /^PGPORT$/, instead: PORT_OUTSIDE },
  { names: /^POSTGRES_INITDB_WALDIR$/, instead: 'Leave it out: outside of the volume the log goes with the container' },
];

/** Variables whose value has to be known here. */
const RESERVED_SECRETS: readonly Reserved[] = [
  { names: /^PGDATA$/, instead: 'Give dataDirectory, which has to be in the volume' },
];

/** Units of https://www.postgresql.org/docs/current/config-setting.html; a number alone counts blocks. */
const UNITS = { '': 8192, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 };

/** @throws TradingStackError for variables that others rely on */
export function checkPostgresVariables(options: WorkloadOptions, where: string): void {
  checkVariables(options, RESERVED_VARIABLES, where);
  checkVariables({ secrets: options.secrets ?? {} }, RESERVED_SECRETS, where);
}

/**
 * @throws TradingStackError for settings that others rely on, for shared buffers above the memory limit, and for too few
 *   connections
 */
export function checkPostgresSettings(
  settings: PostgresSettings,
  memory: Size,
  maxConnections: number,
  where: string,
): void {
  checkSettings(settings, RESERVED_SETTINGS, where);
  checkConnections(maxConnections, settings, where);
  for (const [name, value] of Object.entries(settings)) {
    if (!/^shared[-_]buffers$/i.test(name) || (bytesOf(value, UNITS) ?? 0) <= memory.toBytes()) continue;
    throw invalidValue(where, `settings.${name}`, value, `less than the memory limit, ${String(memory)}`);
  }
}

/** Without one more than are kept the server does not start. */
function checkConnections(given: number, settings: PostgresSettings, where: string): void {
  const kept =
    countIn(settings, /^superuser[-_]reserved[-_]connections$/i, 3) +
    countIn(settings, /^reserved[-_]connections$/i, 0);
  if (Number.isInteger(given) && given > kept) return;
  const allowed = `a whole number, ${kept + 1} or more: the server keeps ${kept} for superusers and needs another one`;
  throw invalidValue(where, 'maxConnections', given, allowed);
}

function countIn(settings: PostgresSettings, name: RegExp, otherwise: number): number {
  const given = Object.entries(settings).find(([key]) => name.test(key))?.[1];
  const count = Number(given ?? otherwise);
  return Number.isInteger(count) ? count : otherwise;
}

/**
 * Settings that follow from the memory of the container and from how many may connect.
 * Shares as the PostgreSQL documentation advises: https://www.postgresql.org/docs/current/runtime-config-resource.html
 * (a quarter for shared buffers) and runtime-config-query.html (what the planner may expect to be cached).
 */
export function settingsFor(memory: Size, maxConnections: number): PostgresSettings {
  const sharedBuffers = memory.fraction(0.25);
  const forSorting = (memory.toBytes() - sharedBuffers.toBytes()) / 4;
  return {
    max_connections: maxConnections,
    shared_buffers: megabytes(sharedBuffers),
    effective_cache_size: megabytes(memory.fraction(0.7)),
    maintenance_work_mem: `${Math.min(1024, Math.max(16, Math.floor(memory.toWholeMebibytes() / 16)))}MB`,
    // Every connection may sort at once, and a quarter of what is left is all that they may take together.
    work_mem: `${Math.max(64, Math.floor(forSorting / maxConnections / 1024))}kB`,
  };
}

function megabytes(size: Size): string {
  return `${size.toWholeMebibytes()}MB`;
}

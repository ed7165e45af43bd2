import { invalidValue } from '../../errors';
import { Size } from '../../workload/units/size';
import type { WorkloadOptions } from '../../workload/workload-props';
import {
  bytesOf,
  checkSettings,
  checkUsedVariables,
  checkVariables,
  type ReservedSetting,
  type ServerSettings,
} from '../server';

/** A setting as `postgres -c name=value` takes it. */
export type PostgresSettings = ServerSettings;

const KEEP_PORT = 'Remove it: clients connect to 5432; to use another host port, set hostPort in `ports`';

/** Settings that clients or the volume depend on. On its command line PostgreSQL accepts `-` for `_`. */
const RESERVED_SETTINGS: readonly ReservedSetting[] = [
  { names: /^port$/, replacement: KEEP_PORT },
  { names: /^listen[-_]addresses$/, replacement: 'Remove it: clients on the network have to reach the server' },
  { names: /^data[-_]directory$/, replacement: 'Use dataDirectory, which has to be inside the volume' },
  { names: /^max[-_]connections$/, replacement: 'Use maxConnections, from which the memory for sorting is derived' },
];

/** Variables that clients or the volume depend on: the server also reads its port from one. */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  { names: /^PGPORT$/, replacement: KEEP_PORT },
  {
    names: /^POSTGRES_INITDB_WALDIR$/,
    replacement: 'Remove it: outside of the volume the write-ahead log is lost with the container',
  },
];

/** Variables whose value has to be known at synthesis, so they cannot be secrets. */
const RESERVED_SECRETS: readonly ReservedSetting[] = [
  { names: /^PGDATA$/, replacement: 'Use dataDirectory, which has to be inside the volume' },
];

/** Units of https://www.postgresql.org/docs/current/config-setting.html; a bare number counts blocks. */
const UNITS = { '': 8192, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4 };

/** @throws TradingStackError for variables that the construct manages */
export function checkPostgresVariables(options: WorkloadOptions, where: string): void {
  checkVariables(options, RESERVED_VARIABLES, where);
  checkVariables({ secrets: options.secrets ?? {} }, RESERVED_SECRETS, where);
  const used = [...RESERVED_VARIABLES, ...RESERVED_SECRETS];
  checkUsedVariables(options, { environment: used, secrets: used }, where);
}

/** @throws TradingStackError for reserved settings, shared buffers above the memory limit, and too few connections */
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

/** The server does not start unless one connection is left beyond the reserved ones. */
function checkConnections(maxConnections: number, settings: PostgresSettings, where: string): void {
  const reserved =
    countIn(settings, /^superuser[-_]reserved[-_]connections$/i, 3) +
    countIn(settings, /^reserved[-_]connections$/i, 0);
  if (Number.isInteger(maxConnections) && maxConnections > reserved) return;
  const allowed = `a whole number, ${reserved + 1} or more: the server reserves ${reserved} and needs one more`;
  throw invalidValue(where, 'maxConnections', maxConnections, allowed);
}

function countIn(settings: PostgresSettings, name: RegExp, otherwise: number): number {
  const value = Object.entries(settings).find(([key]) => name.test(key))?.[1];
  const count = Number(value ?? otherwise);
  return Number.isInteger(count) ? count : otherwise;
}

/**
 * Settings derived from the memory limit and the number of connections.
 * Shares as the PostgreSQL documentation recommends: https://www.postgresql.org/docs/current/runtime-config-resource.html
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
    // All connections may sort at once; together they get a quarter of the remaining memory.
    work_mem: `${Math.max(64, Math.floor(forSorting / maxConnections / 1024))}kB`,
  };
}

function megabytes(size: Size): string {
  return `${size.toWholeMebibytes()}MB`;
}

/** Size of `/dev/shm`: the engine's 64 MiB are too small for parallel queries. */
export function sharedMemory(memory: Size): Size {
  const quarter = memory.fraction(0.25);
  return quarter.isLessThan(Size.mebibytes(64)) ? Size.mebibytes(64) : quarter;
}

/** The command that starts the server with these settings. */
export function serverCommand(settings: PostgresSettings): string[] {
  return ['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`])];
}

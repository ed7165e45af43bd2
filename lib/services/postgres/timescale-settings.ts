import { invalidValue } from '../../errors';
import type { Cpu } from '../../workload/units/cpu';
import type { PostgresSettings } from './settings';

const LIBRARY = 'timescaledb';
/** For the server itself: autovacuum, replication and the like. */
const OTHER_PROCESSES = 3;
/** TimescaleDB's launcher, which starts the scheduler of each database. */
const LAUNCHER = 1;
/** The database `postgres`, in which the image creates the extension, too. */
const MAINTENANCE_DATABASE = 1;
const JOBS_PER_CORE = 2;
const FEWEST_JOBS = 4;

/**
 * The settings of a server with TimescaleDB, over which those of the user take precedence, with its library added to
 * the libraries that they load.
 * Shares: https://www.tigerdata.com/docs/deploy/self-hosted/configuration/about-configuration ("Workers")
 * @param databases number of databases with the extension
 * @throws TradingStackError for a number of workers that is no number
 */
export function timescaleSettings(
  settings: PostgresSettings,
  cpus: Cpu,
  databases: number,
  where: string,
): PostgresSettings {
  const cores = Math.ceil(cpus.toMillis() / 1000);
  const jobs = Math.max(FEWEST_JOBS, JOBS_PER_CORE * cores);
  const wholeNumber = (name: string, otherwise: number): number => {
    const value = valueOf(settings, name, otherwise);
    if (/^\d+$/.test(String(value))) return Number(value);
    throw invalidValue(where, `settings.${name}`, value, 'a whole number');
  };
  const workers = wholeNumber('timescaledb.max_background_workers', LAUNCHER + MAINTENANCE_DATABASE + databases + jobs);
  const parallel = wholeNumber('max_parallel_workers', cores);
  return {
    // Too few for all of these and jobs do not start; the only sign is a warning in the log.
    max_worker_processes: OTHER_PROCESSES + workers + parallel,
    max_parallel_workers: parallel,
    'timescaledb.max_background_workers': workers,
    // Otherwise it sends telemetry to Timescale.
    'timescaledb.telemetry_level': 'off',
    ...Object.fromEntries(Object.entries(settings).filter(([name]) => !isSetting(name, 'shared_preload_libraries'))),
    shared_preload_libraries: preloaded(String(valueOf(settings, 'shared_preload_libraries', ''))),
  };
}

/** TimescaleDB first, unless the user puts it elsewhere: pgaudit, for one, works behind it only. */
function preloaded(given: string): string {
  const libraries = given
    .split(',')
    .map((library) => library.trim())
    .filter((library) => library !== '');
  return (libraries.includes(LIBRARY) ? libraries : [LIBRARY, ...libraries]).join(',');
}

function valueOf(settings: PostgresSettings, name: string, otherwise: string | number): string | number | boolean {
  return Object.entries(settings).find(([given]) => isSetting(given, name))?.[1] ?? otherwise;
}

/** PostgreSQL reads names case-insensitively, and on its command line `-` for `_`. */
function isSetting(given: string, name: string): boolean {
  return given.toLowerCase().replaceAll('-', '_') === name;
}

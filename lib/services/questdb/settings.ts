import type { IConstruct } from 'constructs';
import { invalidName, invalidValue, TradingStackError } from '../../errors';
import type { Image } from '../../workload/images/image';
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
import { requireLayout, type ServerImageLayout } from '../server-image';

/** A setting as `server.conf` names it: `{ 'query.timeout': '5m' }`. */
export type QuestDbSettings = ServerSettings;

/** For the PostgreSQL wire protocol. */
export const QUESTDB_SQL_PORT = 8812;
/** For the REST API, InfluxDB Line Protocol over HTTP and the web console. */
export const QUESTDB_HTTP_PORT = 9000;
/** For the status and the metrics, without a password. */
export const QUESTDB_METRICS_PORT = 9003;
/** For InfluxDB Line Protocol over TCP, which is off by default. */
const LINE_TCP_PORT = 9009;

/** The smallest memory limit with which the server starts: a quarter of 512 MiB is too small a heap. */
export const MINIMUM_MEMORY = Size.mebibytes(640);

/** Share of the limit for the Java heap, which contains no table data. */
const SHARE_FOR_HEAP = 0.25;
/** Share of the limit for buffers and query results outside of the heap; the rest is for the JVM itself and file pages. */
const SHARE_FOR_BUFFERS = 0.6;

const KEEP_PORTS = 'Remove it: clients connect to the default port; to use another host port, set hostPort in `ports`';
const USE_PASSWORD = 'Use `password`, which clients get too: settings and variables are not secret';

/** Settings that clients, the health check or the volume depend on. */
const RESERVED_SETTINGS: readonly ReservedSetting[] = [
  { names: /^(http(\.min)?|pg|line\.tcp)\.(net\.)?bind\.to$/, replacement: KEEP_PORTS },
  {
    names: /^((http(\.min)?|pg|metrics)\.enabled|http\.health\.check\.authentication\.required)$/,
    replacement: 'Remove it: clients, the health check and monitoring rely on it',
  },
  {
    names: /^cairo\.root$/,
    replacement: 'Remove it, or set volume: outside of the volume the data is lost with the container',
  },
  { names: /^(pg|http)\.user$/, replacement: 'Use user, which clients get too' },
  { names: /^(pg|http)\.password(\.file)?$/, replacement: USE_PASSWORD },
  {
    names: /^pg\.readonly\.password(\.file)?$/,
    replacement: 'Put it into the secret QDB_PG_READONLY_PASSWORD: settings are not secret',
  },
];

/** The password of the read-only user, which the server reads from a file like that of the first user. */
const READ_ONLY_PASSWORD = 'QDB_PG_READONLY_PASSWORD';

const DATA_FOLDER_VARIABLE: ReservedSetting = {
  names: /^QUESTDB_DATA_DIR$/,
  replacement: 'Remove it, or set volume: outside of the volume the data is lost with the container',
};
const JVM_OPTIONS_VARIABLE: ReservedSetting = {
  names: /^JVM_PREPEND$/,
  replacement: 'Set it in environment: the construct adds it to its own options',
};
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  DATA_FOLDER_VARIABLE,
  {
    names: /^QDB_/,
    replacement:
      "Use settings, with the name as in server.conf: settings: { 'query.timeout': '5m' } for QDB_QUERY_TIMEOUT",
  },
];
const RESERVED_SECRETS: readonly ReservedSetting[] = [
  DATA_FOLDER_VARIABLE,
  { names: /^QDB_(PG|HTTP)_PASSWORD$/, replacement: 'Use password, which clients get too' },
  {
    names: new RegExp(`^QDB_(?!${READ_ONLY_PASSWORD.slice('QDB_'.length)}$)`),
    replacement: 'Use settings: QuestDB reads only passwords from files',
  },
  JVM_OPTIONS_VARIABLE,
];

/** Units of `server.conf`; a bare number counts bytes. */
const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * @throws TradingStackError for reserved settings and variables, for buffers above the memory limit, and for a read-only
 * user with QuestDB's well-known password
 */
export function checkQuestDbSettings(
  options: WorkloadOptions & { readonly settings?: QuestDbSettings },
  memory: Size,
  where: string,
): void {
  const { settings = {}, environment = {}, secrets = {} } = options;
  checkSettings(settings, RESERVED_SETTINGS, where, canonicalName);
  refuseSameVariable(settings, where);
  checkVariables({ environment }, RESERVED_VARIABLES, where);
  checkVariables({ secrets }, RESERVED_SECRETS, where);
  const used = { environment: [...RESERVED_VARIABLES, JVM_OPTIONS_VARIABLE], secrets: RESERVED_SECRETS };
  checkUsedVariables(options, used, where);
  for (const [name, value] of Object.entries(settings)) {
    if (canonicalName(name) !== 'ram.usage.limit.bytes' || (bytesOf(value, UNITS) ?? 0) <= memory.toBytes()) continue;
    throw invalidValue(where, `settings.${name}`, value, `at most the memory limit, ${String(memory)}`);
  }
  const readOnlyUser = 'pg.readonly.user.enabled';
  if (!isOn(settings, readOnlyUser) || secrets[READ_ONLY_PASSWORD] !== undefined) return;
  const fix = `Set secrets: { ${READ_ONLY_PASSWORD}: Secret.generated(stack, 'questdb_reader') }`;
  const what = `settings.${readOnlyUser} enables a user with a password that everyone knows`;
  throw new TradingStackError('missing-option', where, what, fix);
}

/** Of two names for one variable, the last value would count without a message. */
function refuseSameVariable(settings: QuestDbSettings, where: string): void {
  const names = Object.keys(settings);
  for (const [index, name] of names.entries()) {
    const before = names.slice(0, index).find((other) => canonicalName(other) === canonicalName(name));
    if (before === undefined) continue;
    const what = `settings.${before} and settings.${name} are the same variable, ${variableOf(name)}`;
    throw new TradingStackError('option-conflict', where, what, 'Remove one of them');
  }
}

/** @throws TradingStackError unless the name needs no escaping in a URL and in a client's configuration string */
export function checkUserName(user: string, where: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(user)) return;
  throw invalidName(where, 'user', user, 'letters, digits, _ and, after the first character, . and -');
}

// https://github.com/questdb/questdb/blob/master/core/Dockerfile
const LAYOUTS: readonly ServerImageLayout[] = [{ repository: 'questdb/questdb' }];

/**
 * @throws TradingStackError for an image of unknown layout, and for one that is known to contain a version that reads no
 *   passwords from files
 */
export function checkQuestDbImage(image: Image, server: IConstruct): void {
  const { path: where } = server.node;
  const { name, tag = '' } = requireLayout(image, LAYOUTS, server, DEFAULT_IMAGE);
  const [, major, minor, patch] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(tag) ?? [];
  if (major === undefined || !isBefore([major, minor, patch], FIRST_WITH_SECRET_FILES)) return;
  throw new TradingStackError(
    'image-version-unsupported',
    where,
    `the image ${name} reads no passwords from files, so that they would be visible in the plan and in \`docker inspect\``,
    `Use 9.3.3 or newer, such as Image.fromRegistry('${DEFAULT_IMAGE}'), which reads the data of older versions, or run this one in a Workload`,
  );
}

/** https://github.com/questdb/questdb/pull/6719 */
const FIRST_WITH_SECRET_FILES = [9, 3, 3];

/** Where a tag leaves a number out, the newest release of that line is meant. */
function isBefore(version: readonly (string | undefined)[], first: readonly number[]): boolean {
  for (const [index, wanted] of first.entries()) {
    const number = version[index];
    if (number === undefined) return false;
    if (Number(number) !== wanted) return Number(number) < wanted;
  }
  return false;
}

export const DEFAULT_IMAGE = 'questdb/questdb:10.0.1';

/** Settings derived from the memory limit, and those that clients, the health check and monitoring rely on. */
export function settingsFor(memory: Size, user: string): QuestDbSettings {
  return {
    // Otherwise a `server.conf` on the volume could move them.
    'http.net.bind.to': `0.0.0.0:${QUESTDB_HTTP_PORT}`,
    'http.min.net.bind.to': `0.0.0.0:${QUESTDB_METRICS_PORT}`,
    'pg.net.bind.to': `0.0.0.0:${QUESTDB_SQL_PORT}`,
    // With a user, the health check and Prometheus would have to log in too.
    'http.health.check.authentication.required': false,
    'http.user': user,
    'pg.user': user,
    // It has no password: https://questdb.com/docs/connect/compatibility/ilp/overview/
    'line.tcp.enabled': false,
    'metrics.enabled': true,
    // Otherwise it is 90 % of the limit, and with the heap more than there is: the kernel would kill the server,
    // where QuestDB would only fail the query.
    'ram.usage.limit.bytes': memory.fraction(SHARE_FOR_BUFFERS).toBytes(),
    'telemetry.enabled': false,
  };
}

/** The settings as variables, which take precedence over a `server.conf` on the volume. */
export function variablesOf(settings: QuestDbSettings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [variableOf(name), String(value)]));
}

function variableOf(name: string): string {
  return `QDB_${name.replaceAll('.', '_').toUpperCase()}`;
}

/**
 * The same for all names of one variable. A few names of QuestDB have underscores or capitals of their own, such as
 * `cairo.writer.fo_opts` and `http.worker.haltOnError`, so other names than dotted ones cannot be refused.
 */
function canonicalName(name: string): string {
  return name.toLowerCase().replaceAll('_', '.');
}

/**
 * Options of the JVM. Libraries are unpacked to a folder of the volume: `/tmp` of a container does not execute any.
 * @param ownOptions from the user; the JVM uses the last of several values
 */
export function jvmOptions(memory: Size, librariesFolder: string, ownOptions: string): string {
  const heap = `-Xmx${memory.fraction(SHARE_FOR_HEAP).toWholeMebibytes()}m`;
  return [heap, `-Djava.io.tmpdir=${librariesFolder}`, ownOptions].filter(Boolean).join(' ');
}

/** TCP ports on which the server listens with these settings. */
export function portsOpenedBy(settings: QuestDbSettings): number[] {
  const ports = [QUESTDB_SQL_PORT, QUESTDB_HTTP_PORT, QUESTDB_METRICS_PORT];
  return isOn(settings, 'line.tcp.enabled') ? [...ports, LINE_TCP_PORT] : ports;
}

/** QuestDB reads booleans in any case: Boolean.parseBoolean of Java. */
function isOn(settings: QuestDbSettings, name: string): boolean {
  return Object.entries(settings).some(
    ([key, value]) => canonicalName(key) === name && String(value).trim().toLowerCase() === 'true',
  );
}

import { posix } from 'node:path';
import type { IConstruct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { Platform } from '../../platform/platform';
import { ConfigFile } from '../../workload/storage/config-file';
import { checkImage, type Image } from '../../workload/images/image';

/**
 * The major version inside an image.
 * @throws TradingStackError if it is not given and cannot be told from the image
 */
export function majorVersionOf(image: Image, given: number | undefined, database: IConstruct): number {
  const where = database.node.path;
  if (given !== undefined) {
    if (Number.isInteger(given) && given >= 10) return given;
    throw invalidValue(where, 'majorVersion', given, 'a whole number, 10 or more');
  }
  const [base = 'unknown'] = checkImage(image, where).baseImages(Platform.of(database), where);
  const major = /(^|\/)postgres:(\d+)/.exec(base)?.[2];
  if (major !== undefined) return Number(major);
  throw new TradingStackError(
    'invalid-value',
    where,
    `the major version of PostgreSQL cannot be told from the image ${base}`,
    'Give majorVersion: it decides where the data has to be mounted',
  );
}

/**
 * Where the volume has to be mounted. From version 18 on the image keeps data in a folder named after the version, and
 * wants the volume above it. Source: the image's documentation, https://hub.docker.com/_/postgres, "PGDATA".
 */
export function dataMountPoint(majorVersion: number): string {
  return majorVersion >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/** @throws TradingStackError if the data would be outside of the volume, and go with the container */
export function checkDataDirectory(directory: string, mountPoint: string, where: string): string {
  const meant = posix.normalize(directory);
  if (meant === mountPoint || meant.startsWith(`${mountPoint}/`)) return directory;
  const allowed = `a folder below ${mountPoint}, where the volume is: elsewhere the data goes with the container`;
  throw invalidValue(where, 'dataDirectory', directory, allowed);
}

/**
 * What the container starts: a look at the volume, and then the image's own entry point. Without it a data directory
 * that was set later, or that moved with a new major version, would be an empty database beside the old one; and a first
 * start that was cut short would be a healthy database without what its scripts had left to do.
 * @param volume name of the volume, for what is said about it
 */
export function guardedEntrypoint(mountPoint: string, volume: string): string[] {
  return ['/bin/sh', '-c', guard(mountPoint, volume), 'sh', 'docker-entrypoint.sh'];
}

/** How the image starts the server that its scripts talk to; one that is stopped removes its postmaster.pid. */
const SERVER_OF_FIRST_START = '"listen_addresses=" "-p"';

function guard(mountPoint: string, volume: string): string {
  return [
    'if [ -s "$PGDATA/PG_VERSION" ]; then',
    '  written=$(cat "$PGDATA/PG_VERSION"); server=$(postgres --version | sed "s/[^0-9]*\\([0-9]*\\).*/\\1/")',
    '  [ "$written" = "$server" ] || {',
    '    echo "the volume was written by PostgreSQL $written, and this is $server: dump it with an image of $written (pg_dumpall), deploy on a new volume, restore the dump" >&2; exit 1; }',
    `  [ -e "$PGDATA/postmaster.pid" ] && grep -qs '${SERVER_OF_FIRST_START}' "$PGDATA/postmaster.opts" && {`,
    `    echo "the first start on the volume ${volume} was cut short, by an init script that failed or by a stop, and the rest of the scripts never ran: see the log of that start, remove the container and the volume (docker volume rm ${volume}), deploy again; or, to keep the data as it is, remove $PGDATA/postmaster.opts" >&2; exit 1; }`,
    'else',
    `  other=$(find ${mountPoint} -maxdepth 3 -name PG_VERSION ! -path '*/base/*' | head -n 1)`,
    '  [ -z "$other" ] || {',
    '    echo "the volume has a database in $(dirname "$other"), and this would make an empty one in $PGDATA: set dataDirectory to where it is, or dump it there and restore it here" >&2; exit 1; }',
    'fi',
    'exec "$@"',
  ].join('\n');
}

/** What the image runs on an empty volume, in the order of the names. */
export function initScriptFiles(scripts: Readonly<Record<string, string>>, where: string): ConfigFile[] {
  return Object.entries(scripts).map(([name, text]) => {
    if (!/^[A-Za-z0-9_.-]+\.(sql|sh)$/.test(name)) {
      throw invalidValue(where, 'the init script', name, "a file name that ends in .sql or .sh: '10-schema.sql'");
    }
    return ConfigFile.fromText(`/docker-entrypoint-initdb.d/${name}`, text);
  });
}

import { posix } from 'node:path';
import type { IConstruct } from 'constructs';
import { invalidName, invalidValue, TradingStackError } from '../../errors';
import { Platform } from '../../platform/platform';
import type { Image } from '../../workload/images/image';
import { ConfigFile } from '../../workload/storage/config-file';

/**
 * The major version inside an image.
 * @throws TradingStackError if it is neither set nor known from the name of the image
 */
export function majorVersionOf(image: Image, majorVersion: number | undefined, database: IConstruct): number {
  const where = database.node.path;
  if (majorVersion !== undefined) {
    if (Number.isInteger(majorVersion) && majorVersion >= 10) return majorVersion;
    throw invalidValue(where, 'majorVersion', majorVersion, 'a whole number, 10 or more');
  }
  const [base = 'unknown'] = image.baseImages(Platform.of(database), where);
  const major = /(^|\/)postgres:(\d+)/.exec(base)?.[2];
  if (major !== undefined) return Number(major);
  throw new TradingStackError(
    'image-version-unknown',
    where,
    `the name of the image ${base} does not say which major version of PostgreSQL it contains`,
    'Set majorVersion, which decides where the volume is mounted',
  );
}

/**
 * Where the volume has to be mounted. From version 18 on the image keeps the data in a folder named after the version and
 * expects the volume above it. Source: the image's documentation, https://hub.docker.com/_/postgres, "PGDATA".
 */
export function dataMountPoint(majorVersion: number): string {
  return majorVersion >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data';
}

/** @throws TradingStackError if the data would be outside of the volume */
export function checkDataDirectory(directory: string, mountPoint: string, where: string): void {
  const path = posix.normalize(directory);
  if (path === mountPoint || path.startsWith(`${mountPoint}/`)) return;
  throw new TradingStackError(
    'data-outside-volume',
    where,
    `dataDirectory '${directory}' is outside of the volume, so the data would be lost with the container`,
    `Use ${mountPoint}, where the volume is mounted, or a folder below it`,
  );
}

/**
 * What the container starts: a check of the volume, then the image's own entry point. Without the check, a data directory
 * that is set later, or that moves with a new major version, would silently start an empty database next to the old one,
 * and an interrupted first start would become a healthy database on which some init scripts never ran.
 * @param volume name of the volume, for messages
 */
export function guardedEntrypoint(mountPoint: string, volume: string): string[] {
  return ['/bin/sh', '-c', guard(mountPoint, volume), 'sh', 'docker-entrypoint.sh'];
}

/** How the image starts the server for its init scripts; a server that is stopped cleanly removes its postmaster.pid. */
const INIT_SERVER = '"listen_addresses=" "-p"';

function guard(mountPoint: string, volume: string): string {
  return [
    'for path in "$PGDATA" "$PGDATA/PG_VERSION"; do',
    '  [ ! -e "$path" ] || [ -r "$path" ] || {',
    `    echo "PostgreSQL runs as user id $(id -u) and cannot read $path, which belongs to user id $(stat -c %u "$path"): set runAs to the owner, or change it with docker run --rm --volume ${volume}:/data alpine chown -R $(id -u):$(id -g) /data" >&2; exit 1; }`,
    'done',
    'if [ -s "$PGDATA/PG_VERSION" ]; then',
    '  written=$(cat "$PGDATA/PG_VERSION"); server=$(postgres --version | sed "s/[^0-9]*\\([0-9]*\\).*/\\1/")',
    '  [ "$written" = "$server" ] || {',
    '    echo "the volume was written by PostgreSQL $written, and this is $server: dump it with an image of $written (pg_dumpall), deploy on a new volume, restore the dump" >&2; exit 1; }',
    `  [ -e "$PGDATA/postmaster.pid" ] && grep -qs '${INIT_SERVER}' "$PGDATA/postmaster.opts" && {`,
    `    echo "the first start on the volume ${volume} was cut short, by an init script that failed or by a stop, and the rest of the scripts never ran: see the log of that start, remove the container and the volume (docker volume rm ${volume}), deploy again; or, to keep the data as it is, remove $PGDATA/postmaster.opts" >&2; exit 1; }`,
    'else',
    `  other=$(find ${mountPoint} -maxdepth 3 -name PG_VERSION ! -path '*/base/*' | head -n 1)`,
    '  [ -z "$other" ] || {',
    '    echo "the volume has a database in $(dirname "$other"), and this would make an empty one in $PGDATA: set dataDirectory to where it is, or dump it there and restore it here" >&2; exit 1; }',
    'fi',
    'exec "$@"',
  ].join('\n');
}

/**
 * Scripts that the image runs on an empty volume, ordered by name.
 * @throws TradingStackError for a name that the image would ignore
 */
export function initScriptFiles(scripts: Readonly<Record<string, string>>, where: string): ConfigFile[] {
  return Object.entries(scripts).map(([name, text]) => {
    if (!/^[A-Za-z0-9_.-]+\.(sql|sh)$/.test(name)) {
      throw invalidName(where, 'the init script', name, "a file name that ends in .sql or .sh: '10-schema.sql'");
    }
    return ConfigFile.fromText(`/docker-entrypoint-initdb.d/${name}`, text);
  });
}

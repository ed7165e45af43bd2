import { invalidName } from '../../errors';
import { ConfigFile } from '../../workload/storage/config-file';

/**
 * What the container starts: a check of the volume, then the image's own entry point. Without the check, a data directory
 * that is set later, or that moves with a new major version, would silently start an empty database next to the old one,
 * and an interrupted first start would become a healthy database on which some init scripts never ran. An image with a
 * `PGDATA` of its own would write outside of the volume.
 * @param volume name of the volume, for messages
 */
export function guardedEntrypoint(mountPoint: string, volume: string): string[] {
  return ['/bin/sh', '-c', guard(mountPoint, volume), 'sh', 'docker-entrypoint.sh'];
}

/** How the image starts the server for its init scripts; a server that is stopped cleanly removes its postmaster.pid. */
const INIT_SERVER = '"listen_addresses=" "-p"';

function guard(mountPoint: string, volume: string): string {
  return [
    `case "$PGDATA/" in ${mountPoint}/*) ;; *)`,
    `  echo "PGDATA of the image is $PGDATA, outside of the volume ${volume} at ${mountPoint}, so the data would be lost with the container: set dataDirectory to ${mountPoint} or a folder below it" >&2; exit 1 ;;`,
    'esac',
    'for path in "$PGDATA" "$PGDATA/PG_VERSION"; do',
    '  [ ! -e "$path" ] || { [ -r "$path" ] && [ -w "$path" ]; } || {',
    `    echo "PostgreSQL runs as user id $(id -u) and cannot read and write $path, which belongs to user id $(stat -c %u "$path"): set runAs to the owner, or change it with docker run --rm --volume ${volume}:/data alpine chown -R $(id -u):$(id -g) /data" >&2; exit 1; }`,
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

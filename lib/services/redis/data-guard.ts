import type { ServerSettings } from '../server';
import { valueOf } from './settings';

/** The location of a server's data. */
export interface RedisData {
  /** Folder of the volume inside the container. */
  readonly folder: string;
  /** Name of the volume, for messages. */
  readonly volume: string;
}

/**
 * What the container of an append-only server starts: checks of the volume, then the image's own entry point. With
 * `appendonly` Redis reads append-only files only: without any, it would ignore a snapshot with data, start empty and
 * overwrite the snapshot when it stops.
 * @param settings all settings of the server
 */
export function guardedEntrypoint(data: RedisData, settings: ServerSettings): string[] {
  const files = [valueOf(settings, 'dbfilename', 'dump.rdb'), valueOf(settings, 'appendfilename', 'appendonly.aof')];
  return ['/bin/sh', '-c', guard(data), 'sh', ...files, 'docker-entrypoint.sh'];
}

/** Whether a server with these settings reads append-only files instead of the snapshot. */
export function isAppendOnly(settings: ServerSettings): boolean {
  return valueOf(settings, 'appendonly', 'no').toLowerCase() === 'yes';
}

/** Since version 7 the append-only files are in a folder with a manifest; before, there was a single file. */
function guard({ folder, volume }: RedisData): string {
  return [
    `snapshot=${folder}/$1; file=${folder}/$2; shift 2`,
    `if [ -s "$snapshot" ] && [ ! -e "$file" ] && ! ls ${folder}/*/*.manifest >/dev/null 2>&1; then`,
    `  echo "the volume ${volume} has data in $snapshot and no append-only file, and with appendonly Redis would start empty and write over it: deploy with appendOnly: false, run CONFIG SET appendonly yes with redis-cli in the container, wait until INFO persistence has aof_rewrite_scheduled:0 and aof_rewrite_in_progress:0, remove appendOnly: false and deploy again" >&2; exit 1`,
    'fi',
    // The server itself only says that it "can't handle RDB format version 12". It is left to decide, as most older
    // versions do. Before 8.0, Valkey wrote the name of Redis, and no name into its own version.
    `written="$(head -c 64 ${folder}/*/*.base.rdb 2>/dev/null | tr -cd 'a-z0-9.-' | sed -nE 's/.*(redis|valkey)-ver([0-9]+\\.[0-9]+).*/\\1 \\2/p' | sed 's/^r/R/; s/^v/V/')"`,
    `running="$(redis-server --version 2>/dev/null | sed -nE 's/^(Redis |Valkey )?.*v=([0-9]+\\.[0-9]+).*/\\1\\2/p' | sed 's/^[0-9]/Valkey &/')"`,
    'older() { [ "$1" != "$2" ] && [ "$1" = "$(printf "%s\\n" "$@" | sort -V | head -n 1)" ]; }',
    // The two have a format in common up to Redis 7.2. Every version of Valkey sorts after it, by its name.
    'newer() { older "$4" "$2" || { [ "$1" != "$3" ] && older "Redis 7.2" "$1 $2"; }; }',
    'if [ -n "$written" ] && [ -n "$running" ] && newer $written $running; then',
    `  echo "the data in the volume ${volume} was written by $written, and this is $running: if it does not start, deploy an image of $written or later, or restore a backup from before the change" >&2`,
    'fi',
    // Images other than the official one may lack this program.
    'command -v "$1" >/dev/null || shift',
    'exec "$@"',
  ].join('\n');
}

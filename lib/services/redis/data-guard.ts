import type { ServerSettings } from '../server';

/** The location of a server's data. */
export interface RedisData {
  /** Folder of the volume inside the container. */
  readonly folder: string;
  /** Name of the volume, for messages. */
  readonly volume: string;
}

/**
 * What the container of an append-only server starts: a check of the volume, then the image's own entry point. With
 * `appendonly` Redis reads append-only files only: without any, it would ignore a snapshot with data, start empty and
 * overwrite the snapshot when it stops.
 * @param settings all settings of the server
 */
export function guardedEntrypoint(data: RedisData, settings: ServerSettings): string[] {
  const files = [
    settingOf(settings, 'dbfilename', 'dump.rdb'),
    settingOf(settings, 'appendfilename', 'appendonly.aof'),
  ];
  return ['/bin/sh', '-c', guard(data), 'sh', ...files, 'docker-entrypoint.sh'];
}

/** Whether a server with these settings reads append-only files instead of the snapshot. */
export function isAppendOnly(settings: ServerSettings): boolean {
  return settingOf(settings, 'appendonly', 'no').toLowerCase() === 'yes';
}

/** Since version 7 the append-only files are in a folder with a manifest; before, there was a single file. */
function guard({ folder, volume }: RedisData): string {
  return [
    `snapshot=${folder}/$1; file=${folder}/$2; shift 2`,
    `if [ -s "$snapshot" ] && [ ! -e "$file" ] && ! ls ${folder}/*/*.manifest >/dev/null 2>&1; then`,
    `  echo "the volume ${volume} has data in $snapshot and no append-only file, and with appendonly Redis would start empty and write over it: deploy with appendOnly: false, run CONFIG SET appendonly yes with redis-cli in the container, wait until INFO persistence has aof_rewrite_scheduled:0 and aof_rewrite_in_progress:0, remove appendOnly: false and deploy again" >&2; exit 1`,
    'fi',
    // Images other than the official one may lack this program.
    'command -v "$1" >/dev/null || shift',
    'exec "$@"',
  ].join('\n');
}

/** Redis reads names case-insensitively and uses the last of several values. */
function settingOf(settings: ServerSettings, name: string, otherwise: string): string {
  const values = Object.entries(settings).filter(([key]) => key.toLowerCase() === name);
  return String(values.at(-1)?.[1] ?? '') || otherwise;
}

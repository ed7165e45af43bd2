import type { ServerSettings } from '../server-settings';

/** Where the data is. */
export interface RedisData {
  /** Folder of the volume inside the container. */
  readonly folder: string;
  /** Name of the volume, for what is said about it. */
  readonly volume: string;
}

/**
 * What the container of an append-only server starts: a look at the volume, and then the image's own entry point. Redis
 * then reads append-only files alone: where there are none yet, it would start empty beside a snapshot with data, and
 * write over that at its end.
 * @param settings all that the server starts with
 */
export function guardedEntrypoint(data: RedisData, settings: ServerSettings): string[] {
  const files = [
    settingOf(settings, 'dbfilename', 'dump.rdb'),
    settingOf(settings, 'appendfilename', 'appendonly.aof'),
  ];
  return ['/bin/sh', '-c', guard(data), 'sh', ...files, 'docker-entrypoint.sh'];
}

/** Whether a server with these settings reads append-only files, and no snapshot. */
export function isAppendOnly(settings: ServerSettings): boolean {
  return settingOf(settings, 'appendonly', 'no').toLowerCase() === 'yes';
}

/** From version 7 on the append-only files are in a folder with a manifest; before there was one file. */
function guard({ folder, volume }: RedisData): string {
  return [
    `snapshot=${folder}/$1; file=${folder}/$2; shift 2`,
    `if [ -s "$snapshot" ] && [ ! -e "$file" ] && ! ls ${folder}/*/*.manifest >/dev/null 2>&1; then`,
    `  echo "the volume ${volume} has data in $snapshot and no append-only file, and with appendonly Redis would start empty and write over it: deploy with appendOnly: false, run CONFIG SET appendonly yes with redis-cli in the container, wait until INFO persistence has aof_rewrite_scheduled:0 and aof_rewrite_in_progress:0, remove appendOnly: false and deploy again" >&2; exit 1`,
    'fi',
    // An image of somebody else may have no such program.
    'command -v "$1" >/dev/null || shift',
    'exec "$@"',
  ].join('\n');
}

/** Redis takes the last one, and looks at no case. */
function settingOf(settings: ServerSettings, name: string, otherwise: string): string {
  const given = Object.entries(settings).filter(([key]) => key.toLowerCase() === name);
  return String(given.at(-1)?.[1] ?? '') || otherwise;
}

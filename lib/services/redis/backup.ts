import type { ServerSettings } from '../server';
import { isAppendOnly } from './data-guard';
import { valueOf } from './settings';

/** What the script of a backup needs to know: where the server is, and which files it starts with. */
export function backupVariables(host: string, settings: ServerSettings): Record<string, string> {
  const folder = valueOf(settings, 'appenddirname', '');
  return {
    REDIS_HOST: host,
    REDIS_APPENDS: isAppendOnly(settings) ? 'yes' : 'no',
    REDIS_SNAPSHOT: valueOf(settings, 'dbfilename', 'dump.rdb'),
    REDIS_APPEND_FILE: valueOf(settings, 'appendfilename', 'appendonly.aof'),
    // Redis 6 does not know this setting.
    ...(folder !== '' && { REDIS_APPEND_FOLDER: folder }),
    REDIS_DATABASES: valueOf(settings, 'databases', '16'),
  };
}

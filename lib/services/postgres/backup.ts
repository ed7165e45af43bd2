import { BACKUP_OPTIONS, type BackupOptions } from '../../backup/backup-options';
import { invalidValue, TradingStackError } from '../../errors';
import { alreadyChecked, checkOptions, type OptionShapes } from '../../options/options';
import { Duration } from '../../workload/units/duration';
import type { PostgresSettings } from './settings';

/** Options of the backup of PostgreSQL. */
export interface PostgresBackupOptions extends BackupOptions {
  /**
   * How often the write-ahead log is stored. The server can then be restored to any moment since its oldest backup, and if
   * it is lost, to one at most this long before that. 10 seconds or more; `Duration.minutes(1)` is a good choice. In
   * addition to the dump, each backup then contains a copy of the server's files, and all log since the oldest backup is kept.
   * @default - a restore brings back what is in a backup
   */
  readonly recoveryPointEvery?: Duration;
}

const POSTGRES_BACKUP_OPTIONS: OptionShapes<PostgresBackupOptions> = {
  ...BACKUP_OPTIONS,
  recoveryPointEvery: Duration,
};

/**
 * Divides the options into those of every backup and that of the write-ahead log.
 * @throws TradingStackError for an unknown option, too short an interval, and settings without which there is no log
 */
export function backupOptionsOf(
  options: PostgresBackupOptions,
  settings: PostgresSettings,
  where: string,
): { readonly recoveryPointEvery: Duration | undefined; readonly common: BackupOptions } {
  checkOptions(options, POSTGRES_BACKUP_OPTIONS, `${where}.backup`);
  const { recoveryPointEvery, ...common } = options;
  if (recoveryPointEvery !== undefined) {
    const seconds = recoveryPointEvery.toWholeSeconds();
    if (seconds < 10) {
      const allowed = '10 seconds or more: Duration.minutes(1)';
      throw invalidValue(`${where}.backup`, 'recoveryPointEvery', `${seconds} s`, allowed);
    }
    refuseWithoutLog(settings, where);
  }
  return { recoveryPointEvery, common: alreadyChecked(common) };
}

/** What the backup needs: one connection for the log, one for a base backup, and one to see whether it may connect. */
const NEEDED: readonly { readonly name: RegExp; readonly isEnough: (value: string) => boolean }[] = [
  { name: /^wal[-_]level$/i, isEnough: (value) => value !== 'minimal' },
  { name: /^max[-_]wal[-_]senders$/i, isEnough: (value) => Number(value) >= 3 },
  { name: /^max[-_]replication[-_]slots$/i, isEnough: (value) => Number(value) >= 1 },
];

function refuseWithoutLog(settings: PostgresSettings, where: string): void {
  const found = Object.entries(settings).find(([name, value]) =>
    NEEDED.some((needed) => needed.name.test(name) && !needed.isEnough(String(value))),
  );
  if (found === undefined) return;
  const [name, value] = found;
  throw new TradingStackError(
    'option-conflict',
    `${where}.backup`,
    `recoveryPointEvery needs the write-ahead log over the network, and settings.${name} is '${String(value)}'`,
    `Remove ${name} from \`settings\`: PostgreSQL's default is enough`,
  );
}

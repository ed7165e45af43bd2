import { invalidValue, TradingStackError } from '../errors';
import { checkOptions, type OptionShapes } from '../options/options';
import { Duration } from '../workload/units/duration';

const DAY_SECONDS = 86_400;

/**
 * When backups are made. One that was missed, because the container did not run, is made as soon as it runs again.
 *
 * @example
 * BackupSchedule.daily('03:00')
 */
export class BackupSchedule {
  /**
   * Once a day, at a time in UTC.
   * @throws TradingStackError unless the time is written as `HH:MM`
   */
  static daily(time: string): BackupSchedule {
    const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
    if (hours === '') {
      throw invalidValue('BackupSchedule.daily', 'the time', time, "hours and minutes in UTC: '03:00'");
    }
    return new BackupSchedule(DAY_SECONDS, Number(hours) * 3600 + Number(minutes) * 60);
  }

  /**
   * At an interval, which starts with the last backup.
   * @throws TradingStackError for less than a minute
   */
  static every(interval: Duration): BackupSchedule {
    checkOptions({ interval }, INTERVAL, 'BackupSchedule.every');
    const seconds = interval.toWholeSeconds();
    if (seconds < 60) {
      throw invalidValue('BackupSchedule.every', 'the interval', `${seconds} s`, 'a minute or more: Duration.hours(6)');
    }
    return new BackupSchedule(seconds, undefined);
  }

  private constructor(
    /** @internal */
    readonly intervalSeconds: number,
    /** Seconds after midnight. */
    private readonly dailyAtSeconds: number | undefined,
  ) {}

  /**
   * Variables of the container.
   * @internal
   */
  toEnvironment(): Readonly<Record<string, string | number>> {
    return { BACKUP_INTERVAL: this.intervalSeconds, BACKUP_DAILY_AT: this.dailyAtSeconds ?? 'none' };
  }
}

const INTERVAL: OptionShapes<{ readonly interval?: Duration }> = { interval: Duration };

/** Options of {@link BackupRetention.of}: at least one of them. */
export interface BackupRetentionOptions {
  /**
   * The newest backups, whenever they were made.
   * @default - only the newest one
   */
  readonly last?: number;
  /**
   * Hours of which the last backup is kept.
   * @default - none
   */
  readonly hourly?: number;
  /**
   * Days of which the last backup is kept.
   * @default - none
   */
  readonly daily?: number;
  /**
   * Weeks of which the last backup is kept.
   * @default - none
   */
  readonly weekly?: number;
  /**
   * Months of which the last backup is kept.
   * @default - none
   */
  readonly monthly?: number;
}

/** One each hour is as many in 114 years. */
const MOST_BACKUPS = 1_000_000;

const RETENTION: OptionShapes<BackupRetentionOptions> = {
  last: 'number',
  hourly: 'number',
  daily: 'number',
  weekly: 'number',
  monthly: 'number',
};

/**
 * Which backups are kept. All others are removed after each new one that is complete. Hours, days, weeks and months
 * without a backup do not count. Unless only `last` is set, all backups of the 24 hours before the newest one are kept too,
 * so that one which was made by hand does not give way to the next one of the schedule.
 *
 * @example
 * BackupRetention.of({ daily: 7, weekly: 4, monthly: 6 })
 */
export class BackupRetention {
  /** @throws TradingStackError without any option, and for a number that is not from 1 to 1,000,000 */
  static of(options: BackupRetentionOptions): BackupRetention {
    const where = 'BackupRetention.of';
    checkOptions(options, RETENTION, where);
    const given = Object.entries(options).filter(([, count]) => count !== undefined) as [string, number][];
    for (const [name, count] of given) {
      if (Number.isInteger(count) && count >= 1 && count <= MOST_BACKUPS) continue;
      throw invalidValue(where, name, count, 'a whole number from 1 to 1,000,000');
    }
    if (given.length === 0) {
      const fix = 'Set one or more of them: { daily: 7, weekly: 4, monthly: 6 }';
      throw new TradingStackError('invalid-value', where, 'it has no options', fix);
    }
    const flags = given.map(([name, count]) => `--keep-${name} ${count}`);
    // One that was made by hand must not give way to the next one of the schedule.
    const all = given.some(([name]) => name !== 'last') ? [...flags, '--keep-within 1d'] : flags;
    return new BackupRetention(all.join(' '));
  }

  /** @param flags as `restic forget` takes them */
  private constructor(private readonly flags: string) {}

  /**
   * Variables of the container.
   * @internal
   */
  toEnvironment(): Readonly<Record<string, string>> {
    return { BACKUP_KEEP: this.flags };
  }
}

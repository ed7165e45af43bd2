import { HINTS, type OptionShapes, required } from '../options/options';
import { Secret } from '../workload/secrets/secret';
import { Duration } from '../workload/units/duration';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../workload/workload-props';
import { BackupRetention, BackupSchedule } from './backup-schedule';
import { BackupTarget } from './backup-target';

/** Options of the backup of a server. Those of its container are the options of every workload. */
export interface BackupOptions extends Omit<WorkloadOptions, 'command' | 'entrypoint'> {
  /** Where backups are kept. */
  readonly to: BackupTarget;
  /** When backups are made. */
  readonly schedule: BackupSchedule;
  /** Which backups are kept. */
  readonly retention: BackupRetention;
  /**
   * How long ago the last trial restore may be. The first backup after that is restored there, and
   * compared with what the server had. `Duration.seconds(0)` for every backup.
   * @default Duration.days(1)
   */
  readonly verifyEvery?: Duration;
  /**
   * Password that encrypts the backups. Without it they cannot be read: keep a copy of its file outside of the host.
   * @default - a generated password
   */
  readonly password?: Secret;
}

const { command: _command, entrypoint: _entrypoint, ...WORKLOAD } = WORKLOAD_OPTIONS;

/** The shapes of {@link BackupOptions}. */
export const BACKUP_OPTIONS: OptionShapes<BackupOptions> = {
  ...WORKLOAD,
  to: required(BackupTarget),
  schedule: required(BackupSchedule),
  retention: required(BackupRetention),
  verifyEvery: Duration,
  password: Secret,
  [HINTS]: {
    unknown: WORKLOAD_OPTIONS[HINTS]?.unknown ?? new Map(),
    wrongType: new Map([
      ...(WORKLOAD_OPTIONS[HINTS]?.wrongType ?? []),
      ...Object.entries({
        to: "to: BackupTarget.hostFolder('/srv/backups')",
        schedule: "schedule: BackupSchedule.daily('03:00')",
        retention: 'retention: BackupRetention.of({ daily: 7, weekly: 4 })',
      }).map(([option, code]) => [option, { text: `Use \`${code}\``, code: [code] }] as const),
    ]),
  },
};

import { KNOWN, type MetricsAlert, withRunbooks } from '../workload/connections/metrics-alert';
import { type MetricsPanel, type MetricsSource, ownMetrics } from '../workload/connections/monitored';
import { Duration } from '../workload/units/duration';

/** Where the container serves its metrics. */
export const BACKUP_METRICS_PORT = 9101;

/** The metrics of a backup, which its scripts write and the node exporter in its container serves. */
export function backupMetrics(job: string, host: string, backup: BackupFacts): MetricsSource {
  return {
    ...ownMetrics(
      job,
      { host, port: BACKUP_METRICS_PORT },
      backup.pointEvery === undefined ? BACKUP_PANELS : [...BACKUP_PANELS, POINT_PANEL],
      [...backupAlerts(backup), ...pointAlerts(backup)],
    ),
    upQuery: 'backup_last_run_successful{job="$job"} * backup_verify_successful{job="$job"}',
  };
}

/** What is backed up, and when something has to have happened, in seconds. */
interface BackupFacts {
  /** Id of the server. */
  readonly server: string;
  readonly interval: number;
  readonly verifyEvery: number;
  /**
   * How often the write-ahead log is stored.
   * @default - there is none
   */
  readonly pointEvery?: number | undefined;
}

function backupAlerts({ server, interval, verifyEvery }: BackupFacts): readonly MetricsAlert[] {
  // A run takes a while. The health check of the container allows the same.
  const slack = Math.min(interval / 2, 3600);
  return withRunbooks([
    {
      name: 'BackupFailed',
      expr: 'backup_last_run_successful{job="$job"} == 0',
      severity: 'critical',
      summary: `The last backup of ${server} failed`,
      description:
        'Older backups are untouched. The log of $job says why: often the target is full or cannot be reached. It is ' +
        'tried again every 15 minutes; `npm run backup -- $stack` tries at once.',
    },
    {
      name: 'BackupTooOld',
      expr: 'time() - backup_last_success_timestamp_seconds{job="$job"} > $threshold',
      threshold: interval + slack,
      [KNOWN]: { threshold: { unit: 'seconds', of: 'time since the newest backup' } },
      // The first backup of a new stack takes its time.
      for: Duration.minutes(15),
      severity: 'critical',
      summary: `The newest backup of ${server} is too old`,
      description:
        'It is {{ humanizeDuration $value }} old. Check with `npm run status -- $stack` whether $job runs, and in its ' +
        'log whether a backup hangs; `npm run backup -- $stack` makes one now.',
    },
    {
      name: 'BackupVerificationFailed',
      expr: 'backup_verify_successful{job="$job"} == 0',
      severity: 'critical',
      summary: `A backup of ${server} could not be restored`,
      description:
        'A trial restore failed, so the backups may be useless. The log of $job says why. Make a ' +
        'new backup with `npm run backup -- $stack`, and check the disk of the target.',
    },
    {
      name: 'BackupNotVerified',
      expr: 'time() - backup_verified_timestamp_seconds{job="$job"} > $threshold',
      threshold: verifyEvery + interval + slack,
      [KNOWN]: { threshold: { unit: 'seconds', of: 'time since the last restore' } },
      for: Duration.hours(1),
      severity: 'warning',
      summary: `No backup of ${server} has been verified for too long`,
      description:
        'The last successful trial restore was {{ humanizeDuration $value }} ago. Check in the ' +
        'log of $job whether backups are made and verified.',
    },
  ]);
}

function pointAlerts({ server, pointEvery }: BackupFacts): readonly MetricsAlert[] {
  if (pointEvery === undefined) return [];
  return withRunbooks([
    {
      name: 'RecoveryPointTooOld',
      // 0 before the first backup, which has an alert of its own.
      expr:
        'time() - backup_recovery_point_timestamp_seconds{job="$job"} > $threshold ' +
        'and backup_recovery_point_timestamp_seconds{job="$job"} > 0',
      // The repository is locked for a while when old backups are removed. The health check of the container allows the same.
      threshold: 2 * pointEvery + 300,
      [KNOWN]: { threshold: { unit: 'seconds', of: 'time since the newest recovery point' } },
      // The first backup of a new stack takes its time.
      for: Duration.minutes(10),
      severity: 'critical',
      summary: `The backup of ${server} does not have the newest changes`,
      description:
        'What was written in the last {{ humanizeDuration $value }} would be lost with the server. The log of $job says ' +
        'why: the target is full or cannot be reached, or the server does not send its write-ahead log.',
    },
    {
      name: 'RecoveryGap',
      expr: 'time() - backup_recovery_gap_timestamp_seconds{job="$job"} < $threshold',
      threshold: 86_400,
      [KNOWN]: { threshold: { unit: 'seconds', of: 'time for which a gap is reported' } },
      severity: 'warning',
      summary: `The backup of ${server} has a gap`,
      description:
        'The server can be restored to no time within it: a part of its write-ahead log was gone before $job received it, ' +
        'mostly because $job did not run. A new backup was begun at once. `npm run backups -- $stack` lists the times that ' +
        'can be restored.',
    },
  ]);
}

const POINT_PANEL: MetricsPanel = {
  title: 'Age of the newest recovery point',
  query: 'time() - backup_recovery_point_timestamp_seconds{job="$job"}',
  legend: 'age',
  unit: 's',
};

const BACKUP_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Age of the newest backup',
    query: 'time() - backup_last_success_timestamp_seconds{job="$job"}',
    legend: '$job',
    unit: 's',
    dashboard: 'overview',
  },
  {
    title: 'Time since a restore was tried',
    query: 'time() - backup_verified_timestamp_seconds{job="$job"}',
    legend: 'age',
    unit: 's',
  },
  {
    title: 'Size',
    query: 'backup_last_size_bytes{job="$job"}',
    legend: 'newest backup',
    unit: 'bytes',
    dashboard: 'resources',
  },
  { title: 'Duration', query: 'backup_last_duration_seconds{job="$job"}', legend: 'newest backup', unit: 's' },
  { title: 'Backups', query: 'backup_count{job="$job"}', legend: 'kept', unit: 'short', dashboard: 'resources' },
];

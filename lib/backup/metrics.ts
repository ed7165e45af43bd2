import { type MetricsPanel, type MetricsSource, ownMetrics } from '../workload/connections/monitored';

/** Where the container serves its metrics. */
export const BACKUP_METRICS_PORT = 9101;

/** The metrics of a backup, which its scripts write and the node exporter in its container serves. */
export function backupMetrics(job: string, host: string): MetricsSource {
  const upQuery = 'backup_last_run_successful{job="$job"} * backup_verify_successful{job="$job"}';
  return ownMetrics(job, { host, port: BACKUP_METRICS_PORT }, BACKUP_PANELS, upQuery);
}

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

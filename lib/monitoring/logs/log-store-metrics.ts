import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, ownMetrics, PROCESS_PANELS } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';
import type { ScrapedService } from '../scraped-service';

/** The metrics of a log store, which serves them itself. */
export function logStoreMetrics(
  job: string,
  address: { readonly host: string; readonly port: number },
): ScrapedService {
  return ownMetrics(job, address, LOG_STORE_PANELS, LOG_STORE_ALERTS);
}

/** Metric names of VictoriaLogs: https://docs.victoriametrics.com/victorialogs/metrics/ */
const LOG_STORE_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Log lines per second',
    query: 'sum(rate(vl_rows_ingested_total{job="$job"}[$__rate_interval]))',
    legend: 'lines',
    unit: 'short',
  },
  {
    title: 'Log lines that were not stored',
    query: 'sum by (reason) (rate(vl_rows_dropped_total{job="$job"}[$__rate_interval]))',
    legend: '{{reason}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Stored log lines',
    query: 'sum(vl_data_size_bytes{job="$job"})',
    legend: 'on the volume',
    unit: 'bytes',
    dashboard: 'resources',
  },
  ...PROCESS_PANELS,
];

const LOG_STORE_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    // Less urgent than that of other services.
    name: 'ServiceDown',
    expr: 'up{job="$job"} == 0 or absent(up{job="$job"})',
    for: Duration.minutes(1),
    severity: 'warning',
    summary: '$job is down',
    description:
      'The services keep running. Docker keeps up to 10,000 lines of each container for the store, and `npm run logs -- $stack` ' +
      'reads what the containers have printed. If the store runs but does not answer, restart it, because stopping a ' +
      'container takes up to 90 seconds meanwhile.',
  },
  {
    name: 'LogStoreReceivesNothing',
    // While nothing has arrived since its start, there is no such series.
    expr:
      '(sum(increase(vl_rows_ingested_total{job="$job"}[1h])) or vector(0)) == 0 ' +
      'and on () time() - process_start_time_seconds{job="$job"} > 3600',
    severity: 'warning',
    summary: 'No log line has reached the log store for an hour',
    description:
      'The services print nothing, or Docker cannot send to the store. The log of Docker says why: ' +
      '`journalctl --unit docker --grep splunk` on its machine.',
  },
  {
    name: 'LogStoreDiskFull',
    expr: 'vl_storage_is_read_only{job="$job"} == 1',
    severity: 'critical',
    summary: 'The log store has no disk space left',
    description:
      'It stores no further lines, and databases on the same disk will stop, too. Make room on the disk with ' +
      '`npm run images -- --prune`, which keeps what a rollback needs, or lower `retentionSize` of `logs` and deploy.',
  },
]);

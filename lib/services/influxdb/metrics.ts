import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, type MetricsSource, ownMetrics } from '../../workload/connections/monitored';
import { INFLUX_PORT } from './settings';

/** The metrics of an InfluxDB server, which serves them itself. */
export function influxMetrics(job: string, host: string): MetricsSource {
  return ownMetrics(job, { host, port: INFLUX_PORT }, INFLUX_PANELS, INFLUX_ALERTS);
}

/** Metric names of InfluxDB 2: https://docs.influxdata.com/influxdb/v2/reference/internals/metrics/ */
const INFLUX_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Points written',
    query: 'sum(rate(storage_writer_ok_points_sum{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
  },
  {
    title: 'Points refused',
    query:
      'sum(rate(storage_writer_err_points_sum{job="$job"}[$__rate_interval])) + sum(rate(storage_writer_dropped_points_sum{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
    dashboard: 'errors',
  },
  {
    title: 'Queries',
    query: 'sum by (result) (rate(qc_requests_total{job="$job"}[$__rate_interval]))',
    legend: '{{result}}',
    unit: 'reqps',
  },
  {
    title: 'Series',
    query: 'sum by (bucket) (storage_bucket_series_num{job="$job"})',
    legend: '{{bucket}}',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Memory',
    query: 'go_memstats_sys_bytes{job="$job"}',
    legend: 'of the system',
    unit: 'bytes',
    dashboard: 'resources',
  },
];

const INFLUX_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'InfluxDbRefusesPoints',
    expr:
      'sum(increase(storage_writer_err_points_sum{job="$job"}[5m])) > 0 ' +
      'or sum(increase(storage_writer_dropped_points_sum{job="$job"}[5m])) > 0',
    severity: 'critical',
    summary: '$job loses points',
    description:
      'Points were dropped or could not be written within 5 minutes. The log says why: a field of another type, a ' +
      'timestamp before the retention period, or a full disk.',
  },
]);

import { ownMetrics, PROCESS_PANELS } from '../../workload/connections/monitored';
import type { ScrapedService } from '../scraped-service';
import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { Duration } from '../../workload/units/duration';

/** Of its metrics and of its API. */
export const PROMETHEUS_PORT = 9090;

/** Prometheus' metrics about itself: https://prometheus.io/docs/prometheus/latest/storage/ */
export function prometheusMetrics(job: string, host: string): ScrapedService {
  const metrics = ownMetrics(job, { host, port: PROMETHEUS_PORT }, [
    {
      title: 'Samples per second',
      query: 'sum by (job) (rate(prometheus_tsdb_head_samples_appended_total{job="$job"}[$__rate_interval]))',
      legend: 'samples',
      unit: 'short',
    },
    { title: 'Time series', query: 'prometheus_tsdb_head_series{job="$job"}', legend: 'in memory', unit: 'short' },
    {
      title: 'Targets that were not scraped',
      query: 'count(up == 0) or vector(0)',
      legend: 'down',
      unit: 'short',
      dashboard: 'errors',
    },
    {
      title: 'Stored metrics',
      query: 'prometheus_tsdb_storage_blocks_bytes{job="$job"}',
      legend: 'on the volume',
      unit: 'bytes',
      dashboard: 'resources',
    },
    ...PROCESS_PANELS,
  ]);
  return { ...metrics, alerts: PROMETHEUS_ALERTS };
}

/** When Prometheus is down, it cannot say so: that takes a watchdog outside of the stack. */
const PROMETHEUS_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'PrometheusRuleFailures',
    expr: 'sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{job="$job"}[5m])) > 0',
    for: Duration.minutes(5),
    severity: 'critical',
    summary: 'Prometheus cannot evaluate a rule',
    description:
      'The alerts of {{ $labels.rule_group }} may not fire. The log of Prometheus names the rule and the error: ' +
      '`npm run logs -- $stack $job --since 15m`. Correct a rule of your own in `rules` or `alerts`.',
  },
  {
    name: 'PrometheusNotificationsFailing',
    expr:
      'sum(increase(prometheus_notifications_errors_total{job="$job"}[5m])) > 0 ' +
      'or sum(increase(prometheus_notifications_dropped_total{job="$job"}[5m])) > 0',
    severity: 'critical',
    summary: 'Prometheus cannot send alerts to Alertmanager',
    description:
      'Alerts fire, and people are not notified. Grafana lists the alerts under Alerting, Alert rules. Check with ' +
      '`npm run status -- $stack` whether Alertmanager runs, and read in its log why it stopped.',
  },
  {
    name: 'PrometheusNotStoring',
    expr:
      'increase(prometheus_tsdb_compactions_failed_total{job="$job"}[3h]) > 0 ' +
      'or increase(prometheus_tsdb_wal_corruptions_total{job="$job"}[3h]) > 0',
    severity: 'warning',
    summary: 'Prometheus cannot store metrics',
    description: 'The disk of its volume is full or damaged. Make room, or lower `retention` or `retentionSize`.',
  },
]);

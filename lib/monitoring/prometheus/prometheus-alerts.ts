import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { Duration } from '../../workload/units/duration';

/** When Prometheus is down, it cannot say so: that takes a watchdog outside of the stack. */
export const PROMETHEUS_ALERTS: readonly MetricsAlert[] = withRunbooks([
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
      'Alerts fire without a notification; see them under /alerts of Prometheus. See with `npm run status -- $stack` ' +
      'whether Alertmanager runs, and in its log why it stopped.',
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

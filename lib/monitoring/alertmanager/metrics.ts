import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, ownMetrics } from '../../workload/connections/monitored';
import type { ScrapedService } from '../scraped-service';

/** The metrics of an Alertmanager, which serves them itself. */
export function alertmanagerMetrics(
  job: string,
  address: { readonly host: string; readonly port: number },
  hasWatchdog: boolean,
): ScrapedService {
  const alerts = hasWatchdog ? [...ALERTMANAGER_ALERTS, ...WATCHDOG_ALERTS] : ALERTMANAGER_ALERTS;
  return ownMetrics(job, address, ALERTMANAGER_PANELS, alerts);
}

/** Metric names of Alertmanager: https://github.com/prometheus/alertmanager/blob/main/notify/notify.go */
const ALERTMANAGER_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Notifications',
    query: 'sum by (integration) (rate(alertmanager_notifications_total{job="$job"}[$__rate_interval]))',
    legend: '{{integration}}',
    unit: 'ops',
  },
  {
    title: 'Alerts',
    query: 'alertmanager_alerts{job="$job"}',
    legend: '{{state}}',
    unit: 'short',
  },
];

const ALERTMANAGER_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'AlertmanagerNotificationsFailing',
    expr: 'sum by (integration) (increase(alertmanager_notifications_failed_total{job="$job"}[5m])) > 0',
    severity: 'critical',
    summary: 'Alertmanager cannot send notifications via {{ $labels.integration }}',
    description:
      'Messages via {{ $labels.integration }} do not arrive. The log of Alertmanager says why, such as a revoked token, a ' +
      'wrong chat or no access to the internet: `npm run logs -- $stack $job --since 15m`.',
  },
]);

/** Name of the alert that always fires. */
export const WATCHDOG = 'Watchdog';

const WATCHDOG_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: WATCHDOG,
    expr: 'vector(1)',
    severity: 'info',
    summary: 'Prometheus and Alertmanager work',
    description: 'This alert always fires. Its receiver raises the alarm when it stops arriving.',
  },
]);

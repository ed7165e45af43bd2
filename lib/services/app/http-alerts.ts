import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { answeredIn, failedIn } from './http-queries';

/** Without it, one failed request in a quiet hour would be alarming. */
const ENOUGH_FAILED = 'sum(increase(http_requests_total{job="$job",status=~"5.."}[1h])) > 10';
const ENOUGH_REQUESTS = 'sum(increase(http_request_duration_seconds_count{job="$job"}[1h])) > 50';

/**
 * Objectives of every HTTP service: 99 % of its requests do not fail, and 99 % are answered within a second. In 30 days,
 * a rate of 14.4 times the allowed failures uses 2 % of them in an hour, and a rate of 6 times uses 5 % in 6 hours. The
 * short window ends the alert soon after the failures end. https://sre.google/workbook/alerting-on-slos/
 */
export const HTTP_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'HttpErrorsFast',
    expr: `${failedIn('1h')} > 14.4 * $threshold and ${failedIn('5m')} > 14.4 * $threshold and ${ENOUGH_FAILED}`,
    threshold: 0.01,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the requests that may fail', times: 14.4 } },
    severity: 'critical',
    summary: '$job answers many requests with an error',
    description:
      '{{ $value | humanizePercentage }} of the requests of the last hour failed. The log says why: ' +
      '`npm run logs -- $stack $job --since 1h`. If it began with a deploy, go back to the one before: `npm run rollback -- $stack`.',
  },
  {
    name: 'HttpErrorsSlow',
    expr: `${failedIn('6h')} > 6 * $threshold and ${failedIn('30m')} > 6 * $threshold and ${ENOUGH_FAILED}`,
    threshold: 0.01,
    [KNOWN]: { threshold: { unit: 'share', of: 'of the requests that may fail', times: 6 } },
    severity: 'warning',
    summary: '$job keeps answering requests with an error',
    description:
      '{{ $value | humanizePercentage }} of the requests of the last 6 hours failed. The log says why: ' +
      '`npm run logs -- $stack $job --since 6h`.',
  },
  {
    name: 'HttpLatencyFast',
    // 14.4 % of the requests take longer than the quantile of 1 - 0.144.
    expr: `${answeredIn('1h', 0.856)} > $threshold and ${answeredIn('5m', 0.856)} > $threshold and ${ENOUGH_REQUESTS}`,
    threshold: 1,
    [KNOWN]: { threshold: { unit: 'seconds', of: 'time within which 99% of the requests are to be answered' } },
    severity: 'critical',
    summary: '$job answers slowly',
    description:
      'Of the requests of the last hour, 14% took {{ $value | humanizeDuration }} or longer. Check on the ' +
      'dashboard whether $job is short of CPU, and whether a service that it uses is slow.',
  },
  {
    name: 'HttpLatencySlow',
    expr: `${answeredIn('6h', 0.94)} > $threshold and ${answeredIn('30m', 0.94)} > $threshold and ${ENOUGH_REQUESTS}`,
    threshold: 1,
    [KNOWN]: { threshold: { unit: 'seconds', of: 'time within which 99% of the requests are to be answered' } },
    severity: 'warning',
    summary: '$job keeps answering slowly',
    description:
      'Of the requests of the last 6 hours, 6% took {{ $value | humanizeDuration }} or longer. Check on the ' +
      'dashboard whether $job is short of CPU, and whether a service that it uses is slow.',
  },
]);

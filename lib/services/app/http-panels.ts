import { type MetricsPanel, PROCESS_PANELS } from '../../workload/connections/monitored';
import { answeredIn, failedIn } from './http-queries';

const ERRORS =
  failedIn('$__rate_interval') +
  // Before the first error no series has such a status. `or vector(0)` would also show 0 while the service is down,
  // and for a service that does not have this label.
  ' or 0 * sum(rate(http_requests_total{job="$job",status!=""}[$__rate_interval]))';
const LATENCY = answeredIn('$__rate_interval', 0.95);

/** Panels of every HTTP service. */
export const HTTP_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Requests',
    query: 'sum(rate(http_requests_total{job="$job"}[$__rate_interval]))',
    legend: '$job',
    unit: 'reqps',
    dashboard: 'overview',
  },
  { title: 'Errors', query: ERRORS, legend: '$job', unit: 'percentunit', dashboard: 'overview' },
  { title: 'Latency (95th percentile)', query: LATENCY, legend: '$job', unit: 's', dashboard: 'overview' },
  {
    title: 'Requests',
    query: 'sum by (route) (rate(http_requests_total{job="$job"}[$__rate_interval]))',
    legend: '{{route}}',
    unit: 'reqps',
  },
  { title: 'Latency (95th percentile)', query: LATENCY, legend: '95 %', unit: 's' },
  { title: 'Errors', query: ERRORS, legend: 'share of requests', unit: 'percentunit', dashboard: 'errors' },
  {
    title: 'Responses',
    query: 'sum by (status) (rate(http_requests_total{job="$job"}[$__rate_interval]))',
    legend: '{{status}}',
    unit: 'reqps',
    dashboard: 'errors',
  },
  ...PROCESS_PANELS,
];

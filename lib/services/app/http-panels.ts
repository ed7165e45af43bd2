import type { MetricsPanel } from '../../workload/connections/monitored';

/** Panels of every HTTP service. The metric names are those of Prometheus' client libraries for HTTP servers. */
export const HTTP_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Requests',
    query: 'sum by (route) (rate(http_requests_total{job="$job"}[5m]))',
    legend: '{{route}}',
    unit: 'reqps',
  },
  {
    title: 'Errors',
    query:
      'sum(rate(http_requests_total{job="$job",status=~"5.."}[5m])) / sum(rate(http_requests_total{job="$job"}[5m]))' +
      // Before the first error no series has such a status. `or vector(0)` would also show 0 while the service is down,
      // and for a service that does not have this label.
      ' or 0 * sum(rate(http_requests_total{job="$job",status!=""}[5m]))',
    legend: 'share of requests',
    unit: 'percentunit',
  },
  {
    title: 'Latency (95th percentile)',
    query: 'histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{job="$job"}[5m])))',
    legend: '95 %',
    unit: 's',
  },
  {
    title: 'Memory',
    query: 'process_resident_memory_bytes{job="$job"}',
    legend: '{{instance}}',
    unit: 'bytes',
  },
];

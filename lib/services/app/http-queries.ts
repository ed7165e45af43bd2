// The metric names are those of Prometheus' client libraries for HTTP servers.

/**
 * Share of the requests that fail with a status of 5xx.
 * @param window in PromQL: `5m`
 */
export function failedIn(window: string): string {
  return `sum(rate(http_requests_total{job="$job",status=~"5.."}[${window}])) / sum(rate(http_requests_total{job="$job"}[${window}]))`;
}

/** Seconds within which a share of the requests is answered. */
export function answeredIn(window: string, share: number): string {
  return `histogram_quantile(${share}, sum by (le) (rate(http_request_duration_seconds_bucket{job="$job"}[${window}])))`;
}

import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import type { MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { Image } from '../../workload/images/image';
import type { Workload } from '../../workload/workload';
import { NGINX_STATUS_PATH, NGINX_STATUS_PORT } from './configuration';

/** The metrics of an nginx, from an exporter that reads its status page. */
export function nginxMetrics(job: string, server: Workload): MetricsSource {
  return {
    job,
    target: {
      kind: 'exporter',
      image: Image.fromRegistry('nginx/nginx-prometheus-exporter:1.5.1'),
      port: 9113,
      path: '/metrics',
      environment: { SCRAPE_URI: `http://${server.host}:${NGINX_STATUS_PORT}${NGINX_STATUS_PATH}` },
      secrets: () => ({}),
      uses: [server],
    },
    upQuery: 'nginx_up{job="$job"}',
    panels: NGINX_PANELS,
    alerts: NGINX_ALERTS,
  };
}

/** Metric names of the exporter: https://github.com/nginx/nginx-prometheus-exporter#exported-metrics */
const NGINX_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Requests',
    query: 'rate(nginx_http_requests_total{job="$job"}[$__rate_interval])',
    legend: 'requests',
    unit: 'reqps',
  },
  {
    title: 'Connections',
    query: 'nginx_connections_active{job="$job"}',
    legend: 'active',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Dropped connections',
    query:
      'rate(nginx_connections_accepted{job="$job"}[$__rate_interval]) - rate(nginx_connections_handled{job="$job"}[$__rate_interval])',
    legend: 'a second',
    unit: 'ops',
    dashboard: 'errors',
  },
];

const NGINX_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'NginxDropsConnections',
    expr: 'increase(nginx_connections_accepted{job="$job"}[5m]) - increase(nginx_connections_handled{job="$job"}[5m]) > 0',
    severity: 'warning',
    summary: '$job drops connections',
    description: 'More clients connect than `worker_connections` allows. The access log shows which ones.',
  },
]);

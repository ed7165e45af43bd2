import type { KnownImage } from './known-image';

/** Images for monitoring. */
export const MONITORING: readonly KnownImage[] = [
  {
    name: 'Grafana',
    repositories: ['grafana/grafana', 'grafana/grafana-oss', 'grafana/grafana-enterprise'],
    sources: [
      'https://github.com/grafana/grafana/blob/main/Dockerfile',
      'https://github.com/grafana/grafana/blob/main/packaging/docker/run.sh',
    ],
    asOf: '2026-11-30',
    entrypoint: ['/run.sh'],
    command: [],
    secrets: { plain: /^GF_/, suffix: '__FILE' },
    data: [{ path: '/var/lib/grafana', movedBy: ['GF_PATHS_DATA'] }],
    healthCheck: "HealthCheck.http(3000, { path: '/api/health' })",
  },
  {
    name: 'Prometheus',
    repositories: ['prom/prometheus', 'prometheus/prometheus'],
    sources: ['https://github.com/prometheus/prometheus/blob/main/Dockerfile'],
    asOf: '2026-08-21',
    entrypoint: ['/bin/prometheus'],
    command: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus'],
    data: [{ path: '/prometheus', declared: '/prometheus', movedBy: ['--storage.tsdb.path'] }],
    healthCheck: "HealthCheck.http(9090, { path: '/-/healthy' })",
  },
  {
    name: 'Alertmanager',
    repositories: ['prom/alertmanager', 'prometheus/alertmanager'],
    sources: ['https://github.com/prometheus/alertmanager/blob/main/Dockerfile'],
    asOf: '2026-11-30',
    entrypoint: ['/bin/alertmanager'],
    command: ['--config.file=/etc/alertmanager/alertmanager.yml', '--storage.path=/alertmanager'],
    data: [{ path: '/alertmanager', declared: '/alertmanager', movedBy: ['--storage.path'] }],
    healthCheck: "HealthCheck.http(9093, { path: '/-/healthy' })",
  },
  {
    name: 'Loki',
    repositories: ['grafana/loki'],
    sources: [
      'https://github.com/grafana/loki/blob/main/cmd/loki/Dockerfile',
      'https://github.com/grafana/loki/blob/main/cmd/loki/loki-docker-config.yaml',
    ],
    asOf: '2026-08-22',
    entrypoint: ['/usr/bin/loki'],
    command: ['-config.file=/etc/loki/local-config.yaml'],
    data: [{ path: '/loki' }],
  },
  {
    name: 'node-exporter',
    repositories: ['prom/node-exporter', 'prometheus/node-exporter'],
    sources: ['https://github.com/prometheus/node_exporter/blob/master/Dockerfile'],
    asOf: '2026-08-08',
    entrypoint: ['/bin/node_exporter'],
    command: [],
    healthCheck: "HealthCheck.http(9100, { path: '/' })",
  },
  {
    name: 'cAdvisor',
    repositories: ['cadvisor/cadvisor', 'google/cadvisor'],
    sources: ['https://github.com/google/cadvisor/blob/master/deploy/Dockerfile'],
    asOf: '2026-07-20',
    entrypoint: ['/usr/bin/entrypoint.sh'],
    command: [],
  },
];

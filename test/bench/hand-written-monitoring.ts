import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Container } from '@cdktf/provider-docker/lib/container';
import { HandWrittenStack, httpCheck, restarting } from './hand-written';

/**
 * Prometheus and Grafana with the exporters of the databases, written by hand. Their configuration is in files, as is usual.
 */
export function addHandWrittenMonitoring(
  stack: HandWrittenStack,
  files: string,
  watched: { readonly database: Container; readonly cache: Container },
): void {
  const upload = (file: string) => ({
    file,
    content: readFileSync(join(files, basename(file)), 'utf8'),
    permissions: '0444',
  });

  addExporters(stack, watched);

  const prometheus = stack.container(
    'prometheus',
    stack.image('platform_image-prom-prometheus-v3-13-2_C6490BA1', 'prom/prometheus:v3.13.2'),
    {
      command: [
        '--config.file=/etc/prometheus/prometheus.yml',
        '--storage.tsdb.path=/prometheus',
        '--storage.tsdb.retention.time=15d',
      ],
      healthcheck: probe('prometheus', 9090, '/-/ready'),
      memory: 512,
      memorySwap: 512,
      readOnly: false,
      ports: [{ internal: 9090, external: 9091, ip: '127.0.0.1', protocol: 'tcp' }],
      upload: [upload('/etc/prometheus/prometheus.yml'), upload('/etc/prometheus/rules/mt5-alerts.yml')],
      volumes: [{ volumeName: 'mt5_prometheus_data', containerPath: '/prometheus', readOnly: false }],
    },
  );

  stack.container(
    'grafana',
    stack.image('platform_image-grafana-grafana-12-4-9_C367D958', 'grafana/grafana:12.4.9'),
    {
      env: [
        'GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false',
        'GF_ANALYTICS_CHECK_FOR_UPDATES=false',
        'GF_ANALYTICS_REPORTING_ENABLED=false',
        'GF_AUTH_ANONYMOUS_ENABLED=false',
        'GF_NEWS_NEWS_FEED_ENABLED=false',
        'GF_PLUGINS_PREINSTALL_DISABLED=true',
        'GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin_password',
        'GF_SECURITY_ADMIN_USER=admin',
        'GF_SECURITY_DISABLE_GRAVATAR=true',
        'GF_USERS_ALLOW_SIGN_UP=false',
      ],
      healthcheck: {
        test: restarting(httpCheck('grafana', 3000, '/api/health'), { start: 60 }),
        interval: '5s',
        timeout: '5s',
        retries: 5,
        startInterval: '500ms',
        startPeriod: '1m0s',
      },
      memory: 512,
      memorySwap: 512,
      readOnly: false,
      waitTimeout: 150,
      ports: [{ internal: 3000, external: 3000, ip: '127.0.0.1', protocol: 'tcp' }],
      upload: [
        upload('/etc/grafana/provisioning/datasources/prometheus.yaml'),
        upload('/etc/grafana/provisioning/dashboards/trading.yaml'),
        ...['overview', 'performance', 'errors', 'resources', 'trading'].map((name) =>
          upload(`/etc/grafana/dashboards/mt5-${name}.json`),
        ),
      ],
      volumes: [{ volumeName: 'mt5_grafana_data', containerPath: '/var/lib/grafana', readOnly: false }],
      dependsOn: [prometheus],
    },
    { path: 'monitoring/grafana', secrets: ['grafana_admin_password'], inPlace: ['grafana_admin_password'] },
  );
}

function addExporters(
  stack: HandWrittenStack,
  { database, cache }: { readonly database: Container; readonly cache: Container },
): void {
  const check = probe('db-exporter', 9187, '/');
  const exporter = { readOnly: true, tmpfs: { '/tmp': '' }, cpuQuota: 25_000, memory: 128, memorySwap: 128 };

  stack.container(
    'db_exporter',
    stack.image(
      'platform_image-quay-io-prometheuscommunity-postgres-exporter-v0-20-1_1791C9E4',
      'quay.io/prometheuscommunity/postgres-exporter:v0.20.1',
    ),
    {
      env: [
        'DATA_SOURCE_PASS_FILE=/run/secrets/db_password',
        'DATA_SOURCE_URI=db:5432/mt5?sslmode=disable',
        'DATA_SOURCE_USER=mt5_user',
      ],
      command: ['--collector.postmaster'],
      dependsOn: [database],
      healthcheck: { ...check, test: restarting(check.test) },
      ...exporter,
    },
    { path: 'monitoring/db_exporter', secrets: ['db_password'] },
  );

  stack.container(
    'redis_exporter',
    stack.image('platform_image-oliver006-redis-exporter-v1-88-0_DA316299', 'oliver006/redis_exporter:v1.88.0'),
    {
      env: [
        'REDIS_ADDR=redis://redis:6379',
        'REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT=true',
        'REDIS_PASSWORD_FILE=/run/secrets/redis_exporter_passwords.json',
      ],
      dependsOn: [cache],
      ...exporter,
    },
    {
      path: 'monitoring/redis_exporter',
      secrets: ['redis_exporter_passwords.json'],
      waits: false,
    },
  );
}

function probe(host: string, port: number, path: string) {
  return {
    test: httpCheck(host, port, path, 'wget'),
    interval: '5s',
    timeout: '5s',
    retries: 5,
    startInterval: '500ms',
    startPeriod: '30s',
  };
}

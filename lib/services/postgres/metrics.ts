import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import type { MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import type { Secret } from '../../workload/secrets/secret';
import { Duration } from '../../workload/units/duration';
import type { Workload } from '../../workload/workload';

const PORT = 9187;

/** The metrics of a PostgreSQL server, from an exporter that logs in to one of its databases. */
export function postgresMetrics(
  job: string,
  server: Workload,
  login: { readonly database: string; readonly user: string; readonly password: Secret; readonly after: Workload },
): MetricsSource {
  return {
    job,
    target: {
      kind: 'exporter',
      image: Image.fromRegistry('quay.io/prometheuscommunity/postgres-exporter:v0.20.1'),
      port: PORT,
      path: '/metrics',
      environment: {
        DATA_SOURCE_URI: `${server.host}:5432/${login.database}?sslmode=disable`,
        DATA_SOURCE_USER: login.user,
      },
      // When the server started, which the exporter leaves out by default.
      command: ['--collector.postmaster'],
      secrets: () => ({ DATA_SOURCE_PASS_FILE: login.password }),
      uses: [login.after],
      healthCheck: HealthCheck.http(PORT, { path: '/', via: 'wget' }),
    },
    upQuery: 'pg_up{job="$job"}',
    panels: POSTGRES_PANELS,
    alerts: POSTGRES_ALERTS,
  };
}

/** Metric names of postgres_exporter: https://github.com/prometheus-community/postgres_exporter */
const POSTGRES_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Connections',
    query: 'sum by (state) (pg_stat_activity_count{job="$job"})',
    legend: '{{state}}',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Connections of the maximum',
    query: 'sum(pg_stat_activity_count{job="$job"}) / max(pg_settings_max_connections{job="$job"})',
    legend: 'used',
    unit: 'percentunit',
    dashboard: 'resources',
  },
  {
    title: 'Transactions',
    query: 'sum by (datname) (rate(pg_stat_database_xact_commit{job="$job"}[$__rate_interval]))',
    legend: '{{datname}}',
    unit: 'ops',
  },
  {
    title: 'Rows read and written',
    query:
      'sum(rate(pg_stat_database_tup_fetched{job="$job"}[$__rate_interval])) + ' +
      'sum(rate(pg_stat_database_tup_inserted{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
  },
  {
    title: 'Transactions rolled back',
    query: 'sum by (datname) (rate(pg_stat_database_xact_rollback{job="$job"}[$__rate_interval]))',
    legend: '{{datname}}',
    unit: 'ops',
    dashboard: 'errors',
  },
  {
    title: 'Deadlocks within an hour',
    query: 'sum by (datname) (increase(pg_stat_database_deadlocks{job="$job"}[1h]))',
    legend: '{{datname}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Size',
    query: 'pg_database_size_bytes{job="$job"}',
    legend: '{{datname}}',
    unit: 'bytes',
    dashboard: 'resources',
  },
];

const POSTGRES_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'ServiceRestarting',
    expr: 'changes(pg_postmaster_start_time_seconds{job="$job"}[15m]) > $threshold',
    threshold: 2,
    [KNOWN]: { threshold: { unit: 'count', of: 'restarts in 15 minutes' } },
    severity: 'warning',
    summary: '$job keeps restarting',
    description:
      'PostgreSQL has restarted {{ $value }} times in 15 minutes. Its log says why: ' +
      '`npm run logs -- $stack $job --since 15m`. It also restarts when the kernel kills one of its processes for lack of ' +
      'memory.',
  },
  {
    name: 'PostgresConnectionsFull',
    expr: 'sum(pg_stat_activity_count{job="$job"}) / min(pg_settings_max_connections{job="$job"}) > $threshold',
    threshold: 0.8,
    [KNOWN]: { threshold: { unit: 'share', of: 'of `max_connections`' } },
    for: Duration.minutes(5),
    severity: 'warning',
    summary: '$job is running out of connections',
    description:
      '{{ $value | humanizePercentage }} of the connections that `max_connections` allows are in use; when all are, new ' +
      'ones are refused. See what holds them: `npm run console -- $stack $job -- -c "SELECT usename, application_name, state, count(*) FROM ' +
      'pg_stat_activity GROUP BY 1, 2, 3"`. Make the connection pools of the services smaller, or raise the setting.',
  },
  {
    name: 'PostgresDeadlocks',
    expr: 'sum by (datname) (increase(pg_stat_database_deadlocks{job="$job"}[15m])) > $threshold',
    threshold: 0,
    [KNOWN]: { threshold: { unit: 'count', of: 'deadlocks in 15 minutes' } },
    severity: 'warning',
    summary: '$job had a deadlock in {{ $labels.datname }}',
    description:
      'PostgreSQL cancelled a transaction that waited for another one, which waited for it. The log names both ' +
      'statements: let them change rows in the same order.',
  },
]);

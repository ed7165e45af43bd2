import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, type MetricsSource, ownMetrics } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';
import { QUESTDB_METRICS_PORT } from './settings';

/** The metrics of a QuestDB server, which serves them itself. */
export function questDbMetrics(job: string, host: string): MetricsSource {
  return ownMetrics(job, { host, port: QUESTDB_METRICS_PORT }, QUESTDB_PANELS, QUESTDB_ALERTS);
}

const WAITING = 'questdb_wal_apply_seq_txn{job="$job"} - questdb_wal_apply_writer_txn{job="$job"}';

/** Metric names of QuestDB: https://questdb.com/docs/operations/logging-metrics/#metrics */
const QUESTDB_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Rows written',
    query: 'rate(questdb_wal_written_rows_total{job="$job"}[$__rate_interval])',
    legend: 'a second',
    unit: 'ops',
  },
  {
    title: 'Transactions that are not visible yet',
    query: WAITING,
    legend: 'waiting',
    unit: 'short',
  },
  {
    title: 'Suspended tables',
    query: 'questdb_suspended_tables{job="$job"}',
    legend: 'suspended',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Queries',
    query:
      'rate(questdb_pg_wire_queries_completed_total{job="$job"}[$__rate_interval]) + rate(questdb_json_queries_completed_total{job="$job"}[$__rate_interval])',
    legend: 'completed',
    unit: 'reqps',
  },
  {
    title: 'Query errors',
    query: 'rate(questdb_query_error_counter_total{job="$job"}[$__rate_interval])',
    legend: 'a second',
    unit: 'ops',
    dashboard: 'errors',
  },
  {
    title: 'Memory',
    query: 'questdb_memory_rss{job="$job"}',
    legend: 'resident',
    unit: 'bytes',
    dashboard: 'resources',
  },
];

const QUESTDB_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'QuestDbTableSuspended',
    expr: 'questdb_suspended_tables{job="$job"} > 0',
    for: Duration.minutes(1),
    severity: 'critical',
    summary: '{{ $value }} tables of $job are suspended',
    description:
      'New rows are stored but not visible. `SELECT name FROM wal_tables() WHERE suspended` names the tables, and the log ' +
      'says why: often the disk was full. Remove the cause, and run `ALTER TABLE name RESUME WAL` for each of them.',
  },
  {
    name: 'QuestDbRowsDelayed',
    expr: `${WAITING} > $threshold`,
    threshold: 1000,
    [KNOWN]: { threshold: { unit: 'count', of: 'transactions' } },
    for: Duration.minutes(5),
    severity: 'warning',
    summary: 'New rows of $job become visible late',
    description:
      '{{ $value }} transactions wait to be applied. Write fewer and larger batches, or give the server more cores.',
  },
]);

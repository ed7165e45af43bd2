import type { MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { QUESTDB_METRICS_PORT } from './settings';

/** The metrics of a QuestDB server, which serves them itself. */
export function questDbMetrics(job: string, host: string): MetricsSource {
  return {
    job,
    target: { kind: 'endpoint', host, port: QUESTDB_METRICS_PORT, path: '/metrics' },
    upQuery: 'up{job="$job"}',
    panels: QUESTDB_PANELS,
  };
}

/** Metric names of QuestDB: https://questdb.com/docs/operations/logging-metrics/#metrics */
const QUESTDB_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Rows written',
    query: 'rate(questdb_committed_rows_total{job="$job"}[5m])',
    legend: 'a second',
    unit: 'ops',
  },
];

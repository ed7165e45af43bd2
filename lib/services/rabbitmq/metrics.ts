import type { MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { RABBITMQ_METRICS_PORT } from './settings';

/** The metrics of a RabbitMQ broker, which serves them itself. */
export function rabbitMqMetrics(job: string, host: string): MetricsSource {
  return {
    job,
    target: { kind: 'endpoint', host, port: RABBITMQ_METRICS_PORT, path: '/metrics' },
    upQuery: 'up{job="$job"}',
    panels: RABBITMQ_PANELS,
  };
}

/** Metric names of the plugin rabbitmq_prometheus: https://www.rabbitmq.com/docs/prometheus */
const RABBITMQ_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Messages in queues',
    query: 'sum(rabbitmq_queue_messages_ready{job="$job"})',
    legend: 'waiting',
    unit: 'short',
  },
  {
    title: 'Messages without acknowledgement',
    query: 'sum(rabbitmq_queue_messages_unacked{job="$job"})',
    legend: 'delivered',
    unit: 'short',
  },
  {
    title: 'Memory',
    query: 'rabbitmq_process_resident_memory_bytes{job="$job"} / rabbitmq_resident_memory_limit_bytes{job="$job"}',
    legend: 'share of what makes publishers wait',
    unit: 'percentunit',
  },
  { title: 'Connections', query: 'rabbitmq_connections{job="$job"}', legend: 'open', unit: 'short' },
  { title: 'Consumers', query: 'rabbitmq_consumers{job="$job"}', legend: 'listening', unit: 'short' },
];

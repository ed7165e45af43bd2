import { type MetricsPanel, type MetricsSource, ownMetrics } from '../../workload/connections/monitored';
import { RABBITMQ_METRICS_PORT } from './settings';

/** The metrics of a RabbitMQ broker, which serves them itself. */
export function rabbitMqMetrics(job: string, host: string): MetricsSource {
  return ownMetrics(job, { host, port: RABBITMQ_METRICS_PORT }, RABBITMQ_PANELS);
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
    title: 'Messages published',
    query: 'sum(rate(rabbitmq_global_messages_received_total{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
  },
  {
    title: 'Memory',
    query: 'rabbitmq_process_resident_memory_bytes{job="$job"} / rabbitmq_resident_memory_limit_bytes{job="$job"}',
    legend: 'share of what makes publishers wait',
    unit: 'percentunit',
    dashboard: 'resources',
  },
  {
    title: 'Disk',
    query: '{__name__=~"rabbitmq_disk_space_available(_limit)?_bytes", job="$job"}',
    legend: '{{__name__}}',
    unit: 'bytes',
    dashboard: 'resources',
  },
  {
    title: 'Alarms that make publishers wait',
    query: '{__name__=~"rabbitmq_alarms_(memory_used|free_disk_space)_watermark", job="$job"}',
    legend: '{{__name__}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Messages deleted without a dead-letter exchange',
    // Not a rate: after a single message a graph of rates is flat again.
    query:
      'sum by (__name__) ({__name__=~"rabbitmq_global_messages_dead_lettered_.+_total", dead_letter_strategy="disabled", job="$job"})',
    legend: '{{__name__}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Connections',
    query: 'rabbitmq_connections{job="$job"}',
    legend: 'open',
    unit: 'short',
    dashboard: 'resources',
  },
  { title: 'Consumers', query: 'rabbitmq_consumers{job="$job"}', legend: 'listening', unit: 'short' },
];

import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsPanel, type MetricsSource, ownMetrics } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';
import { RABBITMQ_METRICS_PORT } from './settings';

/** The metrics of a RabbitMQ broker, which serves them itself. */
export function rabbitMqMetrics(job: string, host: string): MetricsSource {
  return ownMetrics(job, { host, port: RABBITMQ_METRICS_PORT }, RABBITMQ_PANELS, RABBITMQ_ALERTS);
}

const ALARMS = '{__name__=~"rabbitmq_alarms_(memory_used|free_disk_space)_watermark", job="$job"}';
const DELETED =
  '{__name__=~"rabbitmq_global_messages_dead_lettered_.+_total", dead_letter_strategy="disabled", job="$job"}';

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
    query: ALARMS,
    legend: '{{__name__}}',
    unit: 'short',
    dashboard: 'errors',
  },
  {
    title: 'Messages deleted without a dead-letter exchange',
    // Not a rate: after a single message a graph of rates is flat again.
    query: `sum by (__name__) (${DELETED})`,
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

const RABBITMQ_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'RabbitMqPublishersBlocked',
    expr: `max(${ALARMS}) > 0`,
    for: Duration.minutes(1),
    severity: 'critical',
    summary: '$job makes publishers wait',
    description:
      'RabbitMQ accepts no messages until memory or disk space is free. Consume or purge long queues, which ' +
      '`npm run console -- $stack $job -- list_queues name messages consumers` shows, or give it more: `resources.memory`, ' +
      'and room on the disk of its volume.',
  },
  {
    name: 'RabbitMqBacklog',
    expr: 'sum(rabbitmq_queue_messages_ready{job="$job"}) > $threshold',
    threshold: 10_000,
    [KNOWN]: { threshold: { unit: 'count', of: 'messages' } },
    for: Duration.minutes(10),
    severity: 'warning',
    summary: 'The queues of $job are long',
    description:
      '{{ $value }} messages wait. List the queues, and check whether one has too few consumers: ' +
      '`npm run console -- $stack $job -- list_queues name messages consumers`.',
  },
  {
    name: 'RabbitMqWithoutConsumers',
    expr: 'sum(rabbitmq_queue_messages_ready{job="$job"}) > 0 and sum(rabbitmq_consumers{job="$job"}) == 0',
    for: Duration.minutes(5),
    severity: 'critical',
    summary: 'No service consumes messages from $job',
    description: 'Messages wait, and no consumer is connected. `npm run status -- $stack` shows which service is down.',
  },
  {
    name: 'RabbitMqMessagesDeleted',
    // Not a rate, which misses the first message.
    expr: `sum(${DELETED}) > sum(${DELETED} offset 15m)`,
    severity: 'critical',
    summary: '$job deleted messages',
    description:
      'Within 15 minutes a message expired, was rejected by its consumer or exceeded the limit of its queue, and the queue ' +
      'has no dead-letter exchange. Declare one, raise the limit, or consume faster.',
  },
]);

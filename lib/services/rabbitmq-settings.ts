import { Size } from '../workload/size';

/** A setting as `rabbitmq.conf` spells it: `{ 'channel_max': 128 }`. */
export type RabbitMqSettings = Readonly<Record<string, string | number | boolean>>;

/** For AMQP 0.9.1 and 1.0. */
export const RABBITMQ_PORT = 5672;
export const RABBITMQ_MANAGEMENT_PORT = 15672;
export const RABBITMQ_METRICS_PORT = 15692;

/** Of the limit, for messages and connections; above it publishers have to wait. The rest is for garbage collection. */
const SHARE_BEFORE_ALARM = 0.6;
/** The log that quorum queues write first is kept in memory about three times over. */
const SHARE_FOR_WRITE_AHEAD_LOG = 0.125;
const LARGEST_WRITE_AHEAD_LOG = Size.mebibytes(512);

/**
 * Settings that follow from the memory of the container and from what is enabled.
 * Sources: https://www.rabbitmq.com/docs/memory (an absolute watermark, as a relative one counts the host's memory),
 * /docs/disk-alarms (at least as much as memory) and /docs/quorum-queues#resource-use (the write-ahead log).
 */
export function settingsFor(memory: Size, management: boolean, definitions: string): RabbitMqSettings {
  const log = memory.fraction(SHARE_FOR_WRITE_AHEAD_LOG);
  return {
    'listeners.tcp.default': RABBITMQ_PORT,
    // The image lets the user `guest` in from anywhere. An older volume may have one.
    'loopback_users.guest': true,
    load_definitions: definitions,
    'vm_memory_high_watermark.absolute': memory.fraction(SHARE_BEFORE_ALARM).toBytes(),
    'disk_free_limit.absolute': memory.toBytes(),
    'raft.wal_max_size_bytes': (log.isLessThan(LARGEST_WRITE_AHEAD_LOG) ? log : LARGEST_WRITE_AHEAD_LOG).toBytes(),
    'prometheus.tcp.port': RABBITMQ_METRICS_PORT,
    // The image without management switches this off, and the pages would be empty.
    ...(management && {
      'management.tcp.port': RABBITMQ_MANAGEMENT_PORT,
      'management_agent.disable_metrics_collector': false,
    }),
  };
}

/** TCP ports that the broker opens with the settings, those of TLS included. */
export function portsOpenedBy(settings: RabbitMqSettings): number[] {
  return Object.entries(settings)
    .filter(([name]) => /^(listeners|management|prometheus)\.(tcp|ssl)\./.test(name))
    .map(([, value]) => Number(value))
    .filter((port) => Number.isInteger(port));
}

/** Settings as a file of `/etc/rabbitmq/conf.d`. */
export function settingsText(settings: RabbitMqSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${String(value)}\n`)
    .join('');
}

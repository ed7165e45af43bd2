import { Size } from '../workload/size';

/** A setting as `rabbitmq.conf` spells it: `{ 'channel_max': 128 }`. */
export type RabbitMqSettings = Readonly<Record<string, string | number | boolean>>;

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
    'listeners.tcp.default': 5672,
    // The image lets the user `guest` in from anywhere. An older volume may have one.
    'loopback_users.guest': true,
    load_definitions: definitions,
    'vm_memory_high_watermark.absolute': memory.fraction(SHARE_BEFORE_ALARM).toBytes(),
    'disk_free_limit.absolute': memory.toBytes(),
    'raft.wal_max_size_bytes': (log.isLessThan(LARGEST_WRITE_AHEAD_LOG) ? log : LARGEST_WRITE_AHEAD_LOG).toBytes(),
    'prometheus.tcp.port': 15692,
    // The image without management switches this off, and the pages would be empty.
    ...(management && { 'management.tcp.port': 15672, 'management_agent.disable_metrics_collector': false }),
  };
}

/** Settings as a file of `/etc/rabbitmq/conf.d`. */
export function settingsText(settings: RabbitMqSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${String(value)}\n`)
    .join('');
}

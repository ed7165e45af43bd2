import { invalidValue, TradingStackError } from '../../errors';
import { Size } from '../../workload/units/size';
import { bytesOf, checkSettings, type Reserved, type ServerSettings } from '../server-settings';

/** A setting as `rabbitmq.conf` spells it: `{ 'channel_max': 128 }`. */
export type RabbitMqSettings = ServerSettings;

/** For AMQP 0.9.1 and 1.0. */
export const RABBITMQ_PORT = 5672;
export const RABBITMQ_MANAGEMENT_PORT = 15672;
export const RABBITMQ_METRICS_PORT = 15692;

/** Of the limit, for messages and connections; above it publishers have to wait. The rest is for garbage collection. */
const SHARE_BEFORE_ALARM = 0.6;
/** The log that quorum queues write first is kept in memory about three times over. */
const SHARE_FOR_WRITE_AHEAD_LOG = 0.125;
const LARGEST_WRITE_AHEAD_LOG = Size.mebibytes(512);

/** Files that the broker imports when it starts, in this order. */
export interface RabbitMqImports {
  /** Users with the hashes of their passwords. */
  readonly users: string;
  /** What they may do, and all that there is for it. */
  readonly definitions: string;
}

/**
 * Settings that follow from the memory of the container and from what is enabled.
 * Sources: https://www.rabbitmq.com/docs/memory (an absolute watermark, as a relative one counts the host's memory),
 * /docs/disk-alarms (at least as much as memory) and /docs/quorum-queues#resource-use (the write-ahead log).
 */
export function settingsFor(memory: Size, management: boolean, imports: RabbitMqImports): RabbitMqSettings {
  const log = memory.fraction(SHARE_FOR_WRITE_AHEAD_LOG);
  return {
    'listeners.tcp.default': RABBITMQ_PORT,
    // The image lets the user `guest` in from anywhere. An older volume may have one.
    'loopback_users.guest': true,
    // RabbitMQ imports the first before the second: https://www.rabbitmq.com/docs/definitions#import-on-boot and
    // maybe_load_definitions in deps/rabbit/src/rabbit_definitions.erl.
    load_definitions: imports.users,
    'definitions.import_backend': 'local_filesystem',
    'definitions.local.path': imports.definitions,
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

const PORT_OUTSIDE = 'Leave it out: others are told of the usual port, and `ports` gives it another one outside';
const BY_NAME = 'Leave it out: RabbitMQ would start without data beside the folder that is named after the old node';

/** Settings that others rely on. */
const RESERVED_SETTINGS: readonly Reserved[] = [
  { names: /^listeners\.tcp(\.default)?$/, instead: PORT_OUTSIDE },
  { names: /^management\.((tcp|listener)\.)?port$/, instead: PORT_OUTSIDE },
  { names: /^prometheus\.(path|tcp\.(port|listener))$/, instead: PORT_OUTSIDE },
  {
    names: /^default_(user|pass|vhost|permissions\..*|users\..*|user_tags\..*)$/,
    instead: 'Give user, password and virtualHost, and others with broker.user(…)',
  },
  { names: /^loopback_users(\..*)?$/, instead: 'Leave it out: there is no user guest. Make one with broker.user(…)' },
  {
    names: /^((management\.)?load_definitions|definitions\..*)$/,
    instead: 'Give exchanges, queues and policies, and users with broker.user(…)',
  },
  {
    names: /^vm_memory_high_watermark\.relative$/,
    instead: 'Give vm_memory_high_watermark.absolute: the other counts the memory of the host',
  },
];

/** Variables that the image ignores beside definitions, that keep it from starting, or that others rely on. */
export const RESERVED_VARIABLES: readonly Reserved[] = [
  {
    names: /^RABBITMQ_(DEFAULT_(USER|PASS|VHOST)(_FILE)?|VM_MEMORY_HIGH_WATERMARK)$/,
    instead: 'Give user, password, virtualHost or settings',
  },
  { names: /^RABBITMQ_(NODENAME|USE_LONGNAME)$/, instead: BY_NAME },
  { names: /^RABBITMQ_(MNESIA_BASE|MNESIA_DIR|DATA_DIR|QUORUM_DIR|STREAM_DIR)$/, instead: 'Give volume' },
  { names: /^RABBITMQ_NODE_(PORT|IP_ADDRESS)$/, instead: PORT_OUTSIDE },
  { names: /^RABBITMQ_(CONFIG_FILES|ENABLED_PLUGINS(_FILE)?)$/, instead: 'Give settings and management' },
];

/** As parse_information_unit in deps/rabbit_common/src/rabbit_resource_monitor_misc.erl reads them. */
const UNITS = {
  ...{ '': 1, k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 },
  ...{
    ki: 1024,
    kib: 1024,
    mi: 1024 ** 2,
    mib: 1024 ** 2,
    gi: 1024 ** 3,
    gib: 1024 ** 3,
    ti: 1024 ** 4,
    tib: 1024 ** 4,
  },
};

/** @throws TradingStackError for settings that others rely on, and for a watermark that the memory never reaches */
export function checkRabbitMqSettings(settings: RabbitMqSettings, memory: Size, where: string): void {
  checkSettings(settings, RESERVED_SETTINGS, where);
  const name = 'vm_memory_high_watermark.absolute';
  const watermark = settings[name];
  if (watermark !== undefined && (bytesOf(watermark, UNITS) ?? 0) > memory.toBytes()) {
    throw invalidValue(where, `settings.${name}`, watermark, `at most the memory limit, ${String(memory)}`);
  }
}

/** @throws TradingStackError for a host name: it is a part of the node's name, and the data's folder is called so */
export function refuseHostName(hostname: string | undefined, where: string): void {
  if (hostname !== undefined)
    throw new TradingStackError('invalid-value', where, `hostname '${hostname}' is up to the construct`, BY_NAME);
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

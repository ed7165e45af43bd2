import { invalidValue, TradingStackError } from '../../errors';
import { Size } from '../../workload/units/size';
import type { WorkloadOptions } from '../../workload/workload-props';
import type { IConstruct } from 'constructs';
import { Image } from '../../workload/images/image';
import { requireLayout, type ServerImageLayout } from '../server-image';
import {
  bytesOf,
  checkSettings,
  checkUsedVariables,
  checkVariables,
  type ReservedSetting,
  type ServerSettings,
} from '../server';

/** A setting as `rabbitmq.conf` names it: `{ 'channel_max': 128 }`. */
export type RabbitMqSettings = ServerSettings;

/** For AMQP 0.9.1 and 1.0. */
export const RABBITMQ_PORT = 5672;
export const RABBITMQ_MANAGEMENT_PORT = 15672;
export const RABBITMQ_METRICS_PORT = 15692;
/** The user of the image. */
export const RABBITMQ_USER = 'rabbitmq';

const DEFAULT_IMAGE = 'rabbitmq:4.3-management-alpine';

// https://github.com/docker-library/rabbitmq
const LAYOUTS: readonly ServerImageLayout[] = [{ repository: 'rabbitmq' }];

/**
 * The image of a broker.
 * @throws TradingStackError for one of unknown layout
 */
export function rabbitMqImage(given: Image | undefined, broker: IConstruct): Image {
  const image = given ?? Image.fromRegistry(DEFAULT_IMAGE);
  requireLayout(image, LAYOUTS, broker, DEFAULT_IMAGE);
  return image;
}

/** Share of the limit for messages and connections, above which publishers are blocked; the rest is for collecting garbage. */
const SHARE_BEFORE_ALARM = 0.6;
/** The write-ahead log of quorum queues occupies about three times its size in memory. */
const SHARE_FOR_WRITE_AHEAD_LOG = 0.125;
const LARGEST_WRITE_AHEAD_LOG = Size.mebibytes(512);

/** Files that the broker imports when it starts, in this order. */
export interface RabbitMqImports {
  /** Users with the hashes of their passwords. */
  readonly users: string;
  /** Permissions, and the virtual host with its exchanges, queues and policies. */
  readonly definitions: string;
}

/**
 * Settings derived from the memory limit and from what is enabled.
 * Sources: https://www.rabbitmq.com/docs/memory (an absolute watermark, as a relative one counts the host's memory),
 * /docs/disk-alarms (at least as much as memory) and /docs/quorum-queues#resource-use (the write-ahead log).
 */
export function settingsFor(memory: Size, management: boolean, imports: RabbitMqImports): RabbitMqSettings {
  const log = memory.fraction(SHARE_FOR_WRITE_AHEAD_LOG);
  return {
    'listeners.tcp.default': RABBITMQ_PORT,
    // The image allows the user `guest` to log in from anywhere, and an older volume may contain that user.
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
    // The image without management disables this, and the pages would be empty.
    ...(management && {
      'management.tcp.port': RABBITMQ_MANAGEMENT_PORT,
      'management_agent.disable_metrics_collector': false,
    }),
  };
}

const KEEP_PORT = 'Remove it: clients connect to the default port; to use another host port, set hostPort in `ports`';
const KEEP_NODE_NAME = 'Remove it: RabbitMQ names its data folder after the node, so it would start without its data';

/** Settings that clients or the definitions depend on. */
const RESERVED_SETTINGS: readonly ReservedSetting[] = [
  { names: /^listeners\.tcp(\.default)?$/, replacement: KEEP_PORT },
  { names: /^management\.((tcp|listener)\.)?port$/, replacement: KEEP_PORT },
  { names: /^prometheus\.(path|tcp\.(port|listener))$/, replacement: KEEP_PORT },
  {
    names: /^default_(user|pass|vhost|permissions\..*|users\..*|user_tags\..*)$/,
    replacement: 'Use user, password and virtualHost; create further users with broker.user(…)',
  },
  {
    names: /^loopback_users(\..*)?$/,
    replacement: 'Remove it: there is no user guest; create users with broker.user(…)',
  },
  {
    names: /^((management\.)?load_definitions|definitions\..*)$/,
    replacement: 'Use exchanges, queues and policies; create users with broker.user(…)',
  },
  {
    names: /^vm_memory_high_watermark\.relative$/,
    replacement: 'Use vm_memory_high_watermark.absolute: a relative watermark counts the memory of the host',
  },
  {
    names: /^disk_free_limit\.relative$/,
    replacement: 'Use disk_free_limit.absolute, which is set anyway and takes precedence',
  },
];

/** Variables that the image ignores with definitions, that keep it from starting, or that clients depend on. */
const RESERVED_VARIABLES: readonly ReservedSetting[] = [
  {
    names: /^RABBITMQ_(DEFAULT_(USER|PASS|VHOST)(_FILE)?|VM_MEMORY_HIGH_WATERMARK)$/,
    replacement: 'Use user, password, virtualHost or settings',
  },
  { names: /^RABBITMQ_(NODENAME|USE_LONGNAME)$/, replacement: KEEP_NODE_NAME },
  { names: /^RABBITMQ_(MNESIA_BASE|MNESIA_DIR|DATA_DIR|QUORUM_DIR|STREAM_DIR)$/, replacement: 'Use volume' },
  { names: /^RABBITMQ_NODE_(PORT|IP_ADDRESS)$/, replacement: KEEP_PORT },
  { names: /^RABBITMQ_(CONFIG_FILES|ENABLED_PLUGINS(_FILE)?)$/, replacement: 'Use settings and management' },
];

/** As parse_information_unit in deps/rabbit_common/src/rabbit_resource_monitor_misc.erl reads them. */
const UNITS = {
  '': 1,
  k: 1e3,
  kb: 1e3,
  ki: 1024,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mi: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gi: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  ti: 1024 ** 4,
  tib: 1024 ** 4,
};

/** @throws TradingStackError for a reserved setting, and for a watermark that memory use never reaches */
export function checkRabbitMqSettings(settings: RabbitMqSettings, memory: Size, where: string): void {
  checkSettings(settings, RESERVED_SETTINGS, where);
  checkQuotes(settings, where);
  const name = 'vm_memory_high_watermark.absolute';
  const watermark = settings[name];
  if (watermark !== undefined && (bytesOf(watermark, UNITS) ?? 0) > memory.toBytes()) {
    throw invalidValue(where, `settings.${name}`, watermark, `at most the memory limit, ${String(memory)}`);
  }
}

/** @throws TradingStackError for a variable that the construct manages, and for another host name, which names the node */
export function checkRabbitMqIdentity(options: WorkloadOptions, where: string): void {
  checkVariables(options, RESERVED_VARIABLES, where);
  checkUsedVariables(options, { environment: RESERVED_VARIABLES, secrets: RESERVED_VARIABLES }, where);
  if (typeof options.networkMode === 'object') {
    const what = 'networkMode of another workload replaces its host name';
    throw new TradingStackError('option-conflict', where, what, KEEP_NODE_NAME);
  }
  if (options.hostname === undefined) return;
  const what = `hostname '${options.hostname}' is managed by this construct`;
  throw new TradingStackError('reserved-setting', where, what, KEEP_NODE_NAME);
}

/** TCP ports on which the broker listens with these settings, including those for TLS. */
export function portsOpenedBy(settings: RabbitMqSettings): number[] {
  return Object.entries(settings)
    .filter(([name]) => /^(listeners|management|prometheus)\.(tcp|ssl)\./.test(name))
    .map(([, value]) => Number(value))
    .filter((port) => Number.isInteger(port));
}

/** Whether the HTTP API of management is elsewhere than usual, or takes no passwords. */
export function movesManagement(settings: RabbitMqSettings): boolean {
  return Object.keys(settings).some((name) =>
    /^management\.((tcp|listener)\.ip|path_prefix|oauth_enabled|disable_basic_auth)$/.test(name),
  );
}

/** The settings as a file in `/etc/rabbitmq/conf.d`. */
export function settingsText(settings: RabbitMqSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${needsQuotes(String(value)) ? `'${String(value)}'` : String(value)}\n`)
    .join('');
}

/**
 * Whether RabbitMQ would read only a part of a value, or no value at all. Versions before 4.0 know no quotes.
 * Source: https://github.com/Kyorai/cuttlefish/blob/v3.6.0/src/conf_parse.peg
 */
function needsQuotes(value: string): boolean {
  return value === '' || value.includes('#') || /^[ \t]|[ \t]$/.test(value);
}

/** @throws TradingStackError for a value with quotes that would end it, or would be removed */
function checkQuotes(settings: RabbitMqSettings, where: string): void {
  for (const [name, value] of Object.entries(settings)) {
    const text = String(value);
    if (!text.startsWith("'") && !(needsQuotes(text) && text.includes("'"))) continue;
    const allowed = "a value that does not start with ', and does not contain both ' and # or spaces around it";
    throw invalidValue(where, `settings.${name}`, value, allowed);
  }
}

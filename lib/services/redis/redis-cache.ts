import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkBoolean, checkNames } from '../../platform/plain-values';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Cpu } from '../../workload/units/cpu';
import { type Volume, serverVolume } from '../../workload/storage/volume';
import { Endpoint } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import type { IMonitored, MetricsPanel, MetricsSource } from '../../workload/connections/monitored';
import { memoryLimit } from '../../workload/policies/resources';
import { checkSecret, Secret } from '../../workload/secrets/secret';
import { checkSize, Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadOptions } from '../../workload/workload-props';
import { checkOneOf } from '../../workload/one-of';
import { checkSettings, type Reserved, type ServerSettings } from '../server-settings';
import { guardedEntrypoint, isAppendOnly } from './data-guard';

/** What a Redis is for. It decides what happens when its memory is full, so two purposes are two instances. */
export enum RedisPurpose {
  /** Values that can be computed again: the least recently used ones make room (`allkeys-lru`). */
  CACHE = 'cache',
  /** Queues, locks, sessions: nothing is ever evicted, a write into a full memory fails (`noeviction`). */
  QUEUE = 'queue',
}

/** Properties of a {@link RedisCache}. */
export interface RedisCacheProps extends WorkloadOptions {
  /** @default Image.fromRegistry('redis:7.4-alpine') */
  readonly image?: Image;
  /** @default RedisPurpose.CACHE */
  readonly purpose?: RedisPurpose;
  /**
   * Memory for data. The container's limit has to be a third larger: saving to disk copies what changes meanwhile.
   * @default - 70 % of the memory limit
   */
  readonly maxMemory?: Size;
  /**
   * Whether every write goes to an append-only file, so that keys survive a restart. Data that was written without one
   * has to be taken over first: the server does not start beside it, and its log says how.
   * @default true
   */
  readonly appendOnly?: boolean;
  /**
   * Settings of the server, as its configuration file spells them: `{ loglevel: 'verbose' }`; `{ save: '' }` switches
   * snapshots off. They stand on the command line, so a secret comes in a file that `include` names.
   * @default - none beside those above
   */
  readonly settings?: ServerSettings;
  /** @default - a generated one */
  readonly password?: Secret;
  /**
   * Where the data is.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
}

const PORT = 6379;
const DATA_FOLDER = '/data';
const MINIMUM = Size.mebibytes(16);
/** Of the limit, for data: the rest is for the copy that a save makes, for buffers and for fragmentation. */
const SHARE_FOR_DATA = 0.7;
const LARGEST_SHARE_FOR_DATA = 0.75;

/** Settings that others rely on. */
const RESERVED: readonly Reserved[] = [
  { names: /^port$/, instead: 'Leave it out: others are told of 6379, and `ports` gives it another one outside' },
  { names: /^bind$/, instead: 'Leave it out: others on the network have to reach it' },
  { names: /^dir$/, instead: 'Leave it out, or give volume: elsewhere the data goes with the container' },
  { names: /^maxmemory$/, instead: 'Give maxMemory, which has to fit the memory limit' },
  { names: /^(requirepass|user|aclfile)$/, instead: 'Give password, which others get too' },
  {
    names: /^(masterauth|tls-(client-)?key-file-pass)$/,
    instead: 'Write it into a file of a secret, and name that with the setting include: a command line is no secret',
  },
];

/** Settings that say otherwise than an option beside them. Without the option they may have any value. */
function saidBy({ purpose: role, appendOnly }: RedisCacheProps): Reserved[] {
  return [
    ...(role === undefined ? [] : [{ names: /^maxmemory-policy$/, instead: 'Give role or the setting, not both' }]),
    ...(appendOnly === undefined
      ? []
      : [{ names: /^appendonly$/, instead: 'Give appendOnly or the setting, not both' }]),
  ];
}

/**
 * Redis with a password, with memory below its limit and with an eviction policy that fits its role.
 * Others get `REDIS_URL_FILE`, or what {@link RedisCache.endpoint} offers.
 *
 * @example
 * const cache = new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE, maxMemory: Size.mebibytes(512) });
 */
export class RedisCache extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;

  /** @throws TradingStackError if the memory for data leaves no room below the limit, or others rely on a setting */
  constructor(scope: Construct, id: string, props: RedisCacheProps = {}) {
    super(scope, id);
    checkOneOf(props.purpose ?? RedisPurpose.CACHE, Object.values(RedisPurpose), 'role', this.node.path);
    if (props.appendOnly !== undefined) checkBoolean(props.appendOnly, 'appendOnly', this.node.path);
    checkNames(props.settings ?? {}, 'settings', this.node.path);
    checkSettings(props.settings ?? {}, [...RESERVED, ...saidBy(props)], this.node.path);
    this.password = props.password ?? Secret.generated(this, 'password');
    checkSecret(this.password, 'password', this.node.path);
    const image = props.image ?? Image.fromRegistry('redis:7.4-alpine');
    const asked = checkSize(props.maxMemory, 'maxMemory', this.node.path);
    const limit = memoryLimit(props.resources, defaultLimit(asked), this.node.path);
    const maxMemory = this.fitMemory(asked ?? limit.fraction(SHARE_FOR_DATA), limit);
    const configuration = this.passwordConfiguration();
    const volume = serverVolume(props.volume, `${id}_data`, 'volume', this.node.path);
    const data = { folder: DATA_FOLDER, volume: volume.nameOn(Platform.of(this)) };
    const settings = serverSettings(maxMemory, props);

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        secretFiles: [this.password, configuration],
        imageEntrypoint: ['docker-entrypoint.sh'],
        commandCarries:
          'its password, its memory for data, its role and the look at its volume; `settings` adds to them',
        volumes: [volume.mountExclusivelyAt(DATA_FOLDER)],
        knownPorts: [PORT, ...portForTls(props.settings)],
        minimum: { memory: MINIMUM },
        defaults: {
          // A command of the user's own may start a server without append-only files.
          ...(props.command === undefined &&
            isAppendOnly(settings) && { entrypoint: guardedEntrypoint(data, settings) }),
          command: serverCommand(configuration, settings),
          healthCheck: pingCheck(this.password),
          resources: { cpus: Cpu.cores(1), memory: limit },
          runAs: 'redis',
        },
      },
    );

    this.endpoint = new Endpoint(this, {
      scheme: 'redis',
      host: this.workload.host,
      port: PORT,
      envPrefix: 'REDIS',
      password: this.password,
      startAfter: [this.workload.address],
    });
    this.metrics = this.describeMetrics(id);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  private fitMemory(maxMemory: Size, limit: Size): Size {
    if (maxMemory.isLessThan(Size.mebibytes(1))) {
      throw invalidValue(this.node.path, 'maxMemory', String(maxMemory), '1 MiB or more: Redis takes 0 for no limit');
    }
    if (limit.fraction(LARGEST_SHARE_FOR_DATA).isLessThan(maxMemory)) {
      throw new TradingStackError(
        'invalid-value',
        this.node.path,
        `maxMemory of ${String(maxMemory)} leaves too little of the limit of ${String(limit)} for saving to disk`,
        `Give maxMemory at most ${String(limit.fraction(LARGEST_SHARE_FOR_DATA))}, or raise resources.memory`,
      );
    }
    return maxMemory;
  }

  /** Redis reads a password from no variable; on its command line everybody who may inspect would see it. */
  private passwordConfiguration(): Secret {
    return Secret.derived(this, 'auth.conf', {
      parts: { password: this.password },
      // In quotes Redis takes everything as it is but these two.
      compose: ({ password }) => `requirepass "${password.replace(/["\\]/g, '\\$&')}"\n`,
    });
  }

  private describeMetrics(id: string): MetricsSource {
    const address = `redis://${this.workload.host}:${PORT}`;
    return {
      job: id,
      target: {
        kind: 'exporter',
        image: Image.fromRegistry('oliver006/redis_exporter:v1.88.0'),
        port: 9121,
        path: '/metrics',
        environment: {
          REDIS_ADDR: address,
          // The exporter has the password, and its endpoint for other targets asks nobody for one.
          REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT: 'true',
        },
        // The exporter wants a map from addresses to passwords, not a plain password.
        secrets: (exporter) => ({
          REDIS_PASSWORD_FILE: Secret.derived(exporter, 'passwords.json', {
            parts: { password: this.password },
            compose: ({ password }) => JSON.stringify({ [address]: password }),
          }),
        }),
        uses: [this.workload],
      },
      upQuery: 'redis_up{job="$job"}',
      panels: REDIS_PANELS,
    };
  }
}

function defaultLimit(maxMemory: Size | undefined): Size {
  if (maxMemory === undefined) return Size.mebibytes(256);
  const limit = Size.mebibytes(Math.ceil(maxMemory.toWholeMebibytes() / SHARE_FOR_DATA));
  return limit.isLessThan(MINIMUM) ? MINIMUM : limit;
}

function portForTls(settings: RedisCacheProps['settings']): number[] {
  const port = settings?.['tls-port'];
  return port === undefined ? [] : [Number(port)];
}

function serverSettings(maxMemory: Size, props: RedisCacheProps): ServerSettings {
  const { purpose: role = RedisPurpose.CACHE, appendOnly = true, settings = {} } = props;
  return {
    maxmemory: maxMemory.toBytes(),
    'maxmemory-policy': role === RedisPurpose.CACHE ? 'allkeys-lru' : 'noeviction',
    appendonly: appendOnly ? 'yes' : 'no',
    ...settings,
  };
}

function serverCommand(configuration: Secret, settings: ServerSettings): string[] {
  const options = Object.entries(settings).flatMap(([name, value]) => option(name, String(value)));
  return ['redis-server', configuration.path, ...options];
}

/** An empty value stands beside its name: the provider takes no empty argument, and Redis reads one argument as a line. */
function option(name: string, value: string): string[] {
  return value === '' ? [`--${name} ""`] : [`--${name}`, value];
}

function pingCheck(password: Secret): HealthCheck {
  // redis-cli ends with 0 even when the server refuses it, so its answer has to be read.
  return HealthCheck.shell(`REDISCLI_AUTH="$(cat ${password.path})" redis-cli ping | grep -q PONG`, {
    requires: ['redis-cli'],
  });
}

/** Metric names of redis_exporter: https://github.com/oliver006/redis_exporter */
const REDIS_PANELS: readonly MetricsPanel[] = [
  { title: 'Memory', query: 'redis_memory_used_bytes{job="$job"}', legend: 'used', unit: 'bytes' },
  {
    title: 'Hit ratio',
    query:
      'rate(redis_keyspace_hits_total{job="$job"}[5m]) / (rate(redis_keyspace_hits_total{job="$job"}[5m]) + rate(redis_keyspace_misses_total{job="$job"}[5m]))',
    legend: 'hits',
    unit: 'percentunit',
  },
  {
    title: 'Evicted keys',
    query: 'rate(redis_evicted_keys_total{job="$job"}[5m])',
    legend: 'a second',
    unit: 'ops',
  },
];

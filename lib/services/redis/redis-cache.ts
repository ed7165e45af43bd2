import { Construct } from 'constructs';
import { checkOptions, listeningOn, type OptionShapes } from '../../options/options';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { Cpu } from '../../workload/units/cpu';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import type { ServerSettings } from '../server';
import { guardedEntrypoint, isAppendOnly } from './data-guard';
import { redisMetrics } from './metrics';
import {
  checkRedisSettings,
  defaultLimit,
  memoryForData,
  MINIMUM_MEMORY,
  portsOpenedBy,
  REDIS_PORT,
  type RedisPurpose,
  serverCommand,
  settingsFor,
} from './settings';

/** Properties of a {@link RedisCache}. */
export interface RedisCacheProps extends WorkloadOptions {
  /** @default Image.fromRegistry('redis:7.4-alpine') */
  readonly image?: Image;
  /** @default RedisPurpose.CACHE */
  readonly purpose?: RedisPurpose;
  /**
   * Memory for data. The container's limit has to be a third larger: while Redis saves to disk, it keeps copies of what
   * changes.
   * @default - 70 % of the memory limit
   */
  readonly maxMemory?: Size;
  /**
   * Whether every write goes to an append-only file, so that keys survive a restart. Data that was written without one
   * has to be converted first: until then the server refuses to start, and its log says how.
   * @default true
   */
  readonly appendOnly?: boolean;
  /**
   * Settings of the server, named as in `redis.conf`: `{ loglevel: 'verbose' }`; `{ save: '' }` disables snapshots. They
   * are visible on the command line, so put secret ones into a file and name it in `include`.
   * @default - only those that follow from the other options
   */
  readonly settings?: ServerSettings;
  /** @default - a generated password */
  readonly password?: Secret;
  /**
   * Volume of the data.
   * @default - Volume.retained('<id>_data')
   */
  readonly volume?: Volume;
}

const OPTIONS: OptionShapes<RedisCacheProps> = {
  ...WORKLOAD_OPTIONS,
  image: Image,
  purpose: 'string',
  maxMemory: Size,
  appendOnly: 'boolean',
  settings: 'object',
  password: Secret,
  volume: Volume,
};

const DATA_FOLDER = '/data';

/**
 * Redis with a password, memory for data below its limit, and an eviction policy that fits its purpose.
 * A consumer gets `REDIS_URL_FILE`, or the variables that it picks from {@link RedisCache.endpoint}.
 *
 * @example
 * const cache = new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE, maxMemory: Size.mebibytes(512) });
 */
export class RedisCache extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;

  /** @throws TradingStackError for an invalid option, a reserved setting, or too little memory beyond the data */
  constructor(scope: Construct, id: string, props: RedisCacheProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(OPTIONS, REDIS_PORT), where);
    checkRedisSettings(props, where);
    this.password = (props.password ?? Secret.generated(this, 'password')).readBy('server');
    const image = props.image ?? Image.fromRegistry('redis:7.4-alpine');
    const limit = props.resources?.memory ?? defaultLimit(props.maxMemory);
    const settings = settingsFor(memoryForData(props.maxMemory, limit, where), props);
    const configuration = this.passwordConfiguration();
    const volume = props.volume ?? Volume.retained(`${id}_data`);
    const data = { folder: DATA_FOLDER, volume: volume.nameOn(Platform.of(this)) };

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        secretFiles: [this.password, configuration],
        imageEntrypoint: ['docker-entrypoint.sh'],
        commandCarries:
          'its password, its memory for data, its eviction policy and the check of its volume; `settings` adds to them',
        volumes: [volume.mountExclusivelyAt(DATA_FOLDER)],
        holdsData: true,
        knownPorts: portsOpenedBy(settings),
        minimum: { memory: MINIMUM_MEMORY },
        defaults: {
          // A command from the user may start a server without append-only files.
          ...(props.command === undefined &&
            isAppendOnly(settings) && { entrypoint: guardedEntrypoint(data, settings) }),
          command: serverCommand(configuration.path, settings),
          healthCheck: pingCheck(this.password),
          resources: { cpus: Cpu.cores(1), memory: limit },
          runAs: 'redis',
        },
      },
    );

    this.endpoint = new Endpoint(this, {
      scheme: 'redis',
      host: this.workload.host,
      port: REDIS_PORT,
      envPrefix: 'REDIS',
      password: this.password,
      startAfter: [this.workload.address],
    });
    this.metrics = redisMetrics(id, this.workload, this.password);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /** Redis reads no password from a variable, and one on its command line would be visible in `docker inspect`. */
  private passwordConfiguration(): Secret {
    return Secret.derived(this, 'auth.conf', {
      parts: { password: this.password },
      // The characters that Redis interprets in a quoted string, and those that end its line.
      compose: ({ password }) =>
        `requirepass "${password.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"\n`,
    });
  }
}

function pingCheck(password: Secret): HealthCheck {
  // redis-cli exits with 0 even if the server rejects it, so its answer has to be checked.
  return HealthCheck.shell(`REDISCLI_AUTH="$(cat ${password.path})" redis-cli ping | grep -q PONG`, {
    requires: ['redis-cli'],
  });
}

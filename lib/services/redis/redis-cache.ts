import { Construct } from 'constructs';
import { type BackedUpServer, Backup } from '../../backup/backup';
import type { BackupOptions } from '../../backup/backup-options';
import { TradingStackError } from '../../errors';
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
import { type ServerSettings, warnOfPlainSettings } from '../server';
import { backupVariables } from './backup';
import { guardedEntrypoint, isAppendOnly } from './data-guard';
import { type RedisLayout, redisLayout } from './layout';
import { redisMetrics } from './metrics';
import { passwordChange } from './password-change';
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
  settingOf,
} from './settings';

/** Properties of a {@link RedisCache}. */
export interface RedisCacheProps extends WorkloadOptions {
  /**
   * An image of redis or valkey/valkey, from Docker Hub or a mirror, or one built on it.
   * @default Image.fromRegistry('redis:7.4-alpine')
   */
  readonly image?: Image;
  /** @default RedisPurpose.CACHE */
  readonly purpose?: RedisPurpose;
  /**
   * Memory for data, at most 60 % of the container's limit: while Redis saves to disk, it keeps copies of what changes.
   * A server that never saves (`appendOnly: false, settings: { save: '' }`) may use 75 %.
   * @default - half of the memory limit, or 70 % if it never saves
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
   * Lets every container on its networks read and write all data, for programs that can only be given a host and a port.
   * It can then be published on loopback only.
   * @default false
   */
  readonly withoutPassword?: boolean;
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
  withoutPassword: 'boolean',
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
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  /**
   * Whether keys are evicted when memory is full, although nothing in its options asks for it.
   * @internal
   */
  readonly evictsByDefault: boolean;
  private readonly knownPassword: Secret | undefined;
  private readonly backedUp: () => BackedUpServer;

  /**
   * @throws TradingStackError for an invalid option, an image of unknown layout, a reserved setting, or too little memory
   * beyond the data
   */
  constructor(scope: Construct, id: string, props: RedisCacheProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(OPTIONS, REDIS_PORT), where);
    checkRedisSettings(props, where);
    warnOfPlainSettings(this, props.settings);
    this.evictsByDefault =
      props.purpose === undefined && settingOf(props.settings ?? {}, 'maxmemory-policy') === undefined;
    this.knownPassword = this.createPassword(props);
    const password = this.knownPassword;
    const image = props.image ?? Image.fromRegistry('redis:7.4-alpine');
    const layout = redisLayout(image, this);
    const limit = props.resources?.memory ?? defaultLimit(props);
    const settings = {
      ...settingsFor(memoryForData(props, limit, where), props),
      // Otherwise it answers programs in its own container only.
      ...(password === undefined && { 'protected-mode': 'no' }),
    };
    const configuration = password && this.passwordConfiguration(password);
    const own = [password, configuration].flatMap((secret) => secret ?? []);
    const volume = props.volume ?? Volume.retained(`${id}_data`);
    const data = { folder: DATA_FOLDER, volume: volume.nameOn(Platform.of(this)) };

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        secretFiles: own,
        rotatedInPlace: own,
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
          command: serverCommand(layout.server, configuration?.path, settings),
          healthCheck: pingCheck(layout, password),
          resources: { cpus: Cpu.cores(1), memory: limit },
          runAs: layout.user,
        },
      },
    );

    this.endpoint = new Endpoint(this, {
      scheme: 'redis',
      host: this.workload.host,
      port: REDIS_PORT,
      envPrefix: 'REDIS',
      ...(password && { password }),
      startAfter: [this.workload.address],
    });
    this.metrics = redisMetrics(id, this.workload, password);
    this.backedUp = () => ({
      script: 'redis',
      image,
      runAs: props.runAs ?? layout.user,
      server: this.workload,
      placement: props.placement,
      environment: backupVariables(this.workload.host, settings),
      secrets: password === undefined ? {} : { REDIS_PASSWORD: password },
      restoredStopped: true,
      volumes: [volume.mountForBackupAt(DATA_FOLDER)],
      // A throw-away server has the data once, and a copy of what changes while it writes its append-only file.
      memory: limit,
    });
    password?.changes.push(passwordChange(this.workload.address, layout));
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * Backs up all keys, as the server sends them to a replica. Writes go on meanwhile.
   * @throws TradingStackError for an invalid option, a second backup, and an image that is built with the stack
   */
  backup(options: BackupOptions): Backup {
    return new Backup(this, this.backedUp(), options);
  }

  /** @throws TradingStackError `option-conflict` for a server without one */
  get password(): Secret {
    if (this.knownPassword !== undefined) return this.knownPassword;
    const what = 'it has no password, as withoutPassword is set';
    throw new TradingStackError(
      'option-conflict',
      this.node.path,
      what,
      'Use its endpoint alone, or remove withoutPassword',
    );
  }

  private createPassword({
    withoutPassword = false,
    password,
    ports = [],
    networkMode,
  }: RedisCacheProps): Secret | undefined {
    if (!withoutPassword) return (password ?? Secret.generated(this, 'password')).readBy('server');
    const isPublic = ports.some((port) => port.toSpec().scope !== 'loopback');
    const conflicts = { password: password !== undefined, ports: isPublic, networkMode: networkMode === 'host' };
    const [option] = Object.entries(conflicts).find(([, isSet]) => isSet) ?? [];
    if (option === undefined) return undefined;
    const what = {
      password: 'withoutPassword and password are both set',
      ports: 'it has no password, and a port is published for other machines',
      networkMode: 'it has no password, and is on the network of the host',
    }[option];
    const fix = `Remove withoutPassword${option === 'ports' ? ', or use PublishedPort.loopback' : ''}`;
    throw new TradingStackError('option-conflict', this.node.path, String(what), fix);
  }

  /** Redis reads no password from a variable, and one on its command line would be visible in `docker inspect`. */
  private passwordConfiguration(known: Secret): Secret {
    return Secret.derived(this, 'auth.conf', {
      parts: { password: known },
      // The characters that Redis interprets in a quoted string, and those that end its line.
      compose: ({ password }) =>
        `requirepass "${password.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"\n`,
    });
  }
}

function pingCheck({ client }: RedisLayout, password: Secret | undefined): HealthCheck {
  const authorization = password === undefined ? '' : `REDISCLI_AUTH="$(cat ${password.path})" `;
  // The client exits with 0 even if the server rejects it, so its answer has to be checked. MISCONF means that a save to
  // disk has failed: reads work, and on a Swarm, which kills what is unhealthy, everything since the last save would be lost.
  return HealthCheck.shell(`${authorization}${client} ping | grep -qE 'PONG|MISCONF'`, {
    requires: [client],
  });
}

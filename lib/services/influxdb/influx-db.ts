import { Construct } from 'constructs';
import { alreadyTaken, invalidValue, TradingStackError } from '../../errors';
import { checkBoolean, checkText } from '../../platform/plain-values';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Cpu } from '../../workload/units/cpu';
import { type Volume, serverVolume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { Endpoint } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { checkSecret, Secret } from '../../workload/secrets/secret';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadOptions } from '../../workload/workload-props';
import { InfluxToken, InfluxTokenConnection } from './token';
import { checkBucketList, checkBuckets, checkInfluxName, type InfluxBucket, InfluxBuckets } from './buckets';
import type { InfluxJobProps } from './job';
import { influxMetrics } from './metrics';
import { checkVariables, type Reserved } from '../server-settings';

/** Properties of an {@link InfluxDb}. */
export interface InfluxDbProps extends WorkloadOptions {
  /** @default Image.fromRegistry('influxdb:2.9-alpine') */
  readonly image?: Image;
  /**
   * Organization that the buckets belong to. Counts on an empty volume only.
   * @default - the stack's name
   */
  readonly organization?: string;
  /**
   * Name of the first bucket.
   * @default - the stack's name
   */
  readonly bucket?: string;
  /**
   * How long the first bucket keeps points; an hour or more.
   * @default - for ever, or as long as was said before
   */
  readonly retention?: Duration;
  /**
   * Buckets beside the first one.
   * @default - none
   */
  readonly buckets?: readonly InfluxBucket[];
  /**
   * Name of the first user, for people. Counts on an empty volume only.
   * @default 'admin'
   */
  readonly user?: string;
  /**
   * Password of the first user. Counts on an empty volume only.
   * @default - a generated one
   */
  readonly password?: Secret;
  /**
   * Token that may do everything, for backups and for people. Counts on an empty volume only.
   * @default - a generated one
   */
  readonly operatorToken?: Secret;
  /**
   * Where the data is.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
  /**
   * Where the configuration of the command line in the container is; it has the operator's token.
   * @default - a kept volume with the id in its name
   */
  readonly configurationVolume?: Volume;
  /**
   * Limits, log, labels and so on of the jobs that make buckets and tokens.
   * @default - half a CPU and 128 MiB
   */
  readonly jobs?: ServerJobOptions;
}

/** Options of {@link InfluxDb.connectWith}. */
export interface InfluxConnectionOptions {
  /** @default - the first bucket */
  readonly bucket?: string;
  /**
   * Start of the names of the consumer's variables.
   * @default 'INFLUXDB'
   */
  readonly envPrefix?: string;
}

/** Options of {@link InfluxDb.token}: at least one of `read` and `write`. */
export interface InfluxTokenOptions extends InfluxConnectionOptions {
  /** @default false */
  readonly read?: boolean;
  /** @default false */
  readonly write?: boolean;
}

const PORT = 8086;
const DEFAULT_MEMORY = Size.gibibytes(1);
/** The access of everybody who names the server itself in `uses`. */
const SHARED = 'shared';
/** Names that no access can have: its job and the construct's own would be called the same. */
const NAMES_TAKEN: ReadonlyMap<string, string> = new Map([
  [SHARED, 'those who use the server itself'],
  ['buckets', 'the job that makes buckets'],
]);

/** Variables that others rely on. */
const RESERVED: readonly Reserved[] = [
  {
    names: /^INFLUXD_((BOLT|ENGINE|SQLITE)_PATH|STORE)$/,
    instead: 'Leave it out, or give volume: elsewhere the data goes with the container',
  },
  {
    names: /^INFLUXD_(HTTP_BIND_ADDRESS|INIT_PORT)$/,
    instead: 'Leave it out: others are told of 8086, and `ports` gives it another one outside',
  },
  {
    names: /^INFLUXD_TLS_(CERT|KEY)$/,
    instead: 'Leave it out: others are told of http. A proxy can end TLS before it',
  },
  {
    names: /^DOCKER_INFLUXDB_INIT_(USERNAME|PASSWORD|ORG|BUCKET|RETENTION|ADMIN_TOKEN)(_FILE)?$/,
    instead: 'Give user, password, organization, bucket, retention or operatorToken',
  },
];

/**
 * InfluxDB 2 for points over time. A consumer gets `INFLUXDB_URL`, `INFLUXDB_ORG`, `INFLUXDB_BUCKET` and
 * `INFLUXDB_TOKEN_FILE`. Who names the server itself in `uses` gets a token that reads and writes the first bucket and
 * that others may have too; {@link InfluxDb.token} makes one with rights of its own. Nobody gets the operator's token.
 *
 * @example
 * const influx = new InfluxDb(stack, 'influxdb', { bucket: 'market-data', retention: Duration.days(90) });
 * new StrategyRunner(stack, 'strategy', { image, uses: [influx.token('strategy', { read: true, write: true })] });
 */
export class InfluxDb extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** Token that may do everything. */
  readonly operatorToken: Secret;
  /** Its address, without a token. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  /** The job that makes further buckets and sets how long points are kept, if either is asked for. */
  readonly buckets: InfluxBuckets | undefined;
  private readonly names: readonly [string, ...string[]];
  private readonly user: string;
  private readonly job: InfluxJobProps;
  private readonly accesses = new Map<string, InfluxToken>();

  /** @throws TradingStackError if a name is impossible, others rely on a variable, or the image is not InfluxDB 2 */
  constructor(scope: Construct, id: string, props: InfluxDbProps = {}) {
    super(scope, id);
    const { prefix } = Platform.of(this);
    const { organization = prefix, bucket = prefix, user = 'admin', retention, buckets = [] } = props;
    checkBucketList(buckets, 'buckets', this.node.path);
    const image = props.image ?? Image.fromRegistry('influxdb:2.9-alpine');
    const all = [{ name: bucket, ...(retention !== undefined && { retention }) }, ...buckets];
    this.checkVersion(image);
    checkVariables(props, RESERVED, this.node.path);
    checkInfluxName(organization, 'organization', this.node.path);
    checkInfluxName(user, 'user', this.node.path);
    checkBuckets(all, this.node.path);
    this.names = [bucket, ...buckets.map(({ name }) => name)];
    this.user = user;
    this.password = props.password ?? Secret.generated(this, 'password', { boundToData: true });
    this.operatorToken = props.operatorToken ?? Secret.generated(this, 'operator_token', { boundToData: true });
    const volume = serverVolume(props.volume, `${id}_data`, 'volume', this.node.path);
    const configuration = serverVolume(
      props.configurationVolume,
      `${id}_configuration`,
      'configurationVolume',
      this.node.path,
    );

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        knownPorts: [PORT],
        environment: {
          DOCKER_INFLUXDB_INIT_MODE: 'setup',
          DOCKER_INFLUXDB_INIT_USERNAME: user,
          DOCKER_INFLUXDB_INIT_ORG: organization,
          DOCKER_INFLUXDB_INIT_BUCKET: bucket,
          // It would tell its maker about itself.
          INFLUXD_REPORTING_DISABLED: true,
        },
        secrets: {
          DOCKER_INFLUXDB_INIT_PASSWORD: this.password,
          DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: this.operatorToken,
        },
        imageEntrypoint: ['/entrypoint.sh'],
        volumes: [volume.mountExclusivelyAt('/var/lib/influxdb2'), configuration.mountExclusivelyAt('/etc/influxdb2')],
        minimum: { memory: Size.mebibytes(256) },
        defaults: {
          // While the image sets it up, the server is on another port.
          healthCheck: HealthCheck.http(PORT, { interval: Duration.seconds(5), startPeriod: Duration.seconds(60) }),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY },
          runAs: 'influxdb',
        },
      },
    );
    const { host, addresses: startAfter } = this.workload;
    this.endpoint = new Endpoint(this, { scheme: 'http', host, port: PORT, envPrefix: 'INFLUXDB', startAfter });
    this.metrics = influxMetrics(id, host, PORT);
    const { operatorToken } = this;
    const after = [this.workload];
    const job = { image, after, url: `http://${host}:${PORT}`, organization, operatorToken, options: props.jobs ?? {} };
    const isSetUp = buckets.length === 0 && retention === undefined;
    this.buckets = isSetUp ? undefined : new InfluxBuckets(this, `${id}_buckets`, { ...job, buckets: all });
    this.job = { ...job, after: this.buckets === undefined ? after : [this.buckets.workload] };
  }

  /**
   * The access of everybody who names the server itself in `uses`: it reads and writes the first bucket. Its job and its
   * volume are there once somebody asks for it, so a stack in which everybody has an access of its own has none of it.
   */
  get sharedAccess(): InfluxToken {
    return this.accesses.get(SHARED) ?? this.createAccess(SHARED, { read: true, write: true });
  }

  /** That of {@link InfluxDb.sharedAccess}. Address and start order alone are those of {@link InfluxDb.endpoint}. */
  connection(): Connection {
    return this.sharedAccess.connection();
  }

  /**
   * A token that may read or write one bucket, for one consumer.
   * @throws TradingStackError if it may do nothing, its name is impossible or taken, or there is no such bucket
   */
  token(name: string, options: InfluxTokenOptions): InfluxToken {
    const by = NAMES_TAKEN.get(name) ?? (this.accesses.has(name) ? 'another one' : undefined);
    if (by !== undefined) {
      throw alreadyTaken(
        'invalid-value',
        this.node.path,
        'access',
        name,
        by,
        'Give each consumer an access of its own',
      );
    }
    return this.createAccess(name, options);
  }

  /**
   * For a consumer whose token was made by hand: on a cluster no job can hand one over. There can be none before the
   * first deploy, so write any text into the secret's file for that; then make the token (`influx auth create` in the
   * server's container), write it into the file and deploy again.
   * @throws TradingStackError if there is no such bucket
   */
  connectWith(token: Secret, options: InfluxConnectionOptions = {}): InfluxTokenConnection {
    const { bucket = this.names[0], envPrefix = 'INFLUXDB' } = options;
    checkSecret(token, 'the token', this.node.path);
    checkText(envPrefix, 'envPrefix', this.node.path);
    return new InfluxTokenConnection({ ...this.job, bucket: this.checkBucket(bucket), envPrefix }, this, token);
  }

  private createAccess(name: string, options: InfluxTokenOptions | undefined): InfluxToken {
    const [first] = this.names;
    const { read = false, write = false, bucket = first, envPrefix = 'INFLUXDB' } = options ?? {};
    checkText(name, 'the name of the access', this.node.path);
    checkText(envPrefix, 'envPrefix', this.node.path);
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
      throw invalidValue(this.node.path, 'the name of the access', name, 'lower-case letters, digits, _ and -');
    }
    checkBoolean(read, `read of the access '${name}'`, this.node.path);
    checkBoolean(write, `write of the access '${name}'`, this.node.path);
    if (!read && !write) {
      throw new TradingStackError(
        'invalid-value',
        this.node.path,
        `the access '${name}' may do nothing`,
        'Give read or write, or both',
      );
    }
    const props = { ...this.job, name, bucket: this.checkBucket(bucket), read, write, envPrefix, user: this.user };
    const access = new InfluxToken(this, `${this.node.id}_${name}`, props);
    this.accesses.set(name, access);
    return access;
  }

  private checkBucket(bucket: string): string {
    if (this.names.includes(bucket)) return bucket;
    const fix = `Name one of its buckets (${this.names.join(', ')}), or add it to \`buckets\``;
    throw new TradingStackError('invalid-value', this.node.path, `there is no bucket '${bucket}'`, fix);
  }

  private checkVersion(image: Image): void {
    const [base = ''] = image.baseImages(Platform.of(this), this.node.path);
    const tag = /(^|\/)influxdb:(.+)$/.exec(base)?.[2];
    if (tag === undefined || /^2(\D|$)/.test(tag)) return;
    throw new TradingStackError(
      'invalid-value',
      this.node.path,
      `the image ${base} is not InfluxDB 2: version 1 and version 3 have other interfaces, variables and folders`,
      "Give an image of version 2, such as 'influxdb:2.9-alpine'; another version is a Workload",
    );
  }
}

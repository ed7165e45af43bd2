import { Construct } from 'constructs';
import { type BackedUpServer, Backup } from '../../backup/backup';
import type { BackupOptions } from '../../backup/backup-options';
import { alreadyTaken, invalidName, TradingStackError } from '../../errors';
import { checkOptions, listeningOn, required } from '../../options/options';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { Cpu } from '../../workload/units/cpu';
import { Duration } from '../../workload/units/duration';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { checkBuckets, InfluxBuckets } from './buckets';
import {
  CONNECTION_OPTIONS,
  INFLUX_DB_OPTIONS,
  type InfluxConnectionOptions,
  type InfluxDbProps,
  type InfluxTokenOptions,
  TOKEN_OPTIONS,
} from './influx-db-props';
import type { InfluxJobProps } from './job';
import { influxMetrics } from './metrics';
import { recordRotations } from './password-change';
import { checkInfluxName, checkInfluxVariables, checkInfluxImage, INFLUX_PORT, INFLUX_USER } from './settings';
import { InfluxToken, InfluxTokenConnection, InfluxTokenFile, type InfluxTokenProps } from './token';

const DEFAULT_MEMORY = Size.gibibytes(1);
/** Name of the token for consumers that list the server itself in `uses`. */
const SHARED = 'shared';
const SHARED_OPTIONS: InfluxTokenOptions = { read: true, write: true };
/** Names whose job would collide with one of the construct itself. */
const NAMES_TAKEN: ReadonlyMap<string, string> = new Map([
  [SHARED, 'consumers that use the server itself'],
  ['buckets', 'the job that creates buckets'],
]);

/**
 * InfluxDB 2 for time series. A consumer gets `INFLUXDB_URL`, `INFLUXDB_ORG`, `INFLUXDB_BUCKET` and
 * `INFLUXDB_TOKEN_FILE`. Consumers that list the server itself in `uses` share one token, which can read and write the
 * first bucket; {@link InfluxDb.token} issues one with permissions of its own. No consumer gets the operator token.
 *
 * @example
 * const influx = new InfluxDb(stack, 'influxdb', { bucket: 'market-data', retention: Duration.days(90) });
 * new StrategyRunner(stack, 'strategy', { image, uses: [influx.token('strategy', { read: true, write: true })] });
 */
export class InfluxDb extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** Token with all permissions. */
  readonly operatorToken: Secret;
  /** Its address, without a token. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  /** The job that creates further buckets and sets retentions; `undefined` if it has nothing to do. */
  readonly buckets: InfluxBuckets | undefined;
  private readonly names: readonly [string, ...string[]];
  private readonly user: string;
  private readonly job: InfluxJobProps;
  private readonly tokens = new Map<string, InfluxToken>();
  private readonly sharedFile: InfluxTokenFile;
  private readonly backedUp: BackedUpServer;

  /**
   * @throws TradingStackError for an invalid option, a variable that the construct manages, an image of unknown layout, or
   * an InfluxDB version other than 2
   */
  constructor(scope: Construct, id: string, props: InfluxDbProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(INFLUX_DB_OPTIONS, INFLUX_PORT), where);
    const { prefix } = Platform.of(this);
    const { organization = prefix, bucket = prefix, user = 'admin', retention, buckets = [] } = props;
    const image = props.image ?? Image.fromRegistry('influxdb:2.9-alpine');
    const all = [{ name: bucket, ...(retention !== undefined && { retention }) }, ...buckets];
    checkInfluxImage(image, this);
    checkInfluxVariables(props, where);
    checkInfluxName(organization, 'organization', where);
    checkInfluxName(user, 'user', where);
    checkBuckets(all, where);
    this.names = [bucket, ...buckets.map(({ name }) => name)];
    this.user = user;
    this.password = (props.password ?? Secret.generated(this, 'password', { boundToData: true })).readBy('server');
    this.operatorToken = (
      props.operatorToken ?? Secret.generated(this, 'operator_token', { boundToData: true })
    ).readBy('server');
    const volume = props.volume ?? Volume.retained(`${id}_data`);
    const configuration = props.configurationVolume ?? Volume.retained(`${id}_configuration`);

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        holdsData: true,
        knownPorts: [INFLUX_PORT],
        environment: {
          DOCKER_INFLUXDB_INIT_MODE: 'setup',
          DOCKER_INFLUXDB_INIT_USERNAME: user,
          DOCKER_INFLUXDB_INIT_ORG: organization,
          DOCKER_INFLUXDB_INIT_BUCKET: bucket,
          // Otherwise it sends telemetry to InfluxData.
          INFLUXD_REPORTING_DISABLED: true,
        },
        secrets: {
          DOCKER_INFLUXDB_INIT_PASSWORD: this.password,
          DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: this.operatorToken,
        },
        rotatedInPlace: [this.password],
        imageEntrypoint: ['/entrypoint.sh'],
        volumes: [volume.mountExclusivelyAt('/var/lib/influxdb2'), configuration.mountExclusivelyAt('/etc/influxdb2')],
        minimum: { memory: Size.mebibytes(256) },
        defaults: {
          // During setup the server listens on another port.
          healthCheck: HealthCheck.http(INFLUX_PORT, {
            interval: Duration.seconds(5),
            startPeriod: Duration.seconds(60),
          }),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY },
          runAs: INFLUX_USER,
        },
      },
    );
    recordRotations(this, user);
    const { host, addresses: startAfter } = this.workload;
    this.endpoint = new Endpoint(this, { scheme: 'http', host, port: INFLUX_PORT, envPrefix: 'INFLUXDB', startAfter });
    this.metrics = influxMetrics(id, host);
    const url = `http://${host}:${INFLUX_PORT}`;
    const { operatorToken, workload } = this;
    const job = { image, after: [workload], url, organization, operatorToken, options: props.jobs ?? {} };
    const isSetUp = buckets.length === 0 && retention === undefined;
    this.buckets = isSetUp ? undefined : new InfluxBuckets(this, `${id}_buckets`, { ...job, buckets: all });
    this.job = { ...job, after: [this.buckets?.workload ?? workload] };
    this.sharedFile = new InfluxTokenFile(this.idOf(SHARED), this.propsOf(SHARED, SHARED_OPTIONS));
    this.backedUp = {
      script: 'influxdb',
      image,
      runAs: props.runAs ?? INFLUX_USER,
      server: workload,
      placement: props.placement,
      environment: { INFLUX_HOST: url },
      secrets: { INFLUX_TOKEN: operatorToken },
      restoredStopped: false,
      jobsRunAgain: true,
      volumes: [],
      memory: Size.mebibytes(512),
    };
  }

  /**
   * Backs up everything with `influx backup`: points, buckets, users, tokens and dashboards. Writes go on meanwhile. A restore
   * replaces everything, while what uses the server is stopped, and keeps a copy of what was there. Then the jobs that
   * create buckets and tokens run again.
   * @throws TradingStackError for an invalid option, a second backup, and an image that is built with the stack
   */
  backup(options: BackupOptions): Backup {
    return new Backup(this, this.backedUp, options);
  }

  /**
   * A token for the first bucket, shared by all consumers that list the server itself. For address and start order alone
   * use {@link InfluxDb.endpoint}.
   */
  connection(): Connection {
    // The job is created with the first consumer: it is not needed if every consumer has a token of its own.
    return { ...this.sharedFile.connectionFrom(this), provision: () => this.sharedToken().workload.addresses };
  }

  /**
   * A token that can read or write one bucket, for one consumer.
   * @throws TradingStackError if it has no permission, its name is invalid or taken, or the bucket is not declared
   */
  token(name: string, options: InfluxTokenOptions): InfluxToken {
    const { path: where } = this.node;
    checkOptions(options, TOKEN_OPTIONS, `${where}.token('${name}')`);
    if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
      throw invalidName(where, 'the name of the token', name, 'lower-case letters, digits, _ and -');
    }
    const takenBy = NAMES_TAKEN.get(name) ?? (this.tokens.has(name) ? 'another one' : undefined);
    if (takenBy !== undefined) {
      throw alreadyTaken('duplicate-name', where, 'token', name, takenBy, 'Create one token for each consumer');
    }
    if (options.read !== true && options.write !== true) {
      const fix = 'Set read: true, write: true, or both';
      throw new TradingStackError('missing-option', where, `the token '${name}' has no permission`, fix);
    }
    return this.createToken(name, options);
  }

  /**
   * For a consumer whose token is created by hand: on a Swarm of several nodes a job cannot deliver one. A token can
   * only be created after the first deploy, so put a placeholder into the secret's file first; then create the token
   * (`influx auth create` in the server's container), write it to the file and deploy again.
   * @throws TradingStackError if the bucket is not declared
   */
  connectWith(token: Secret, options: InfluxConnectionOptions = {}): InfluxTokenConnection {
    const where = `${this.node.path}.connectWith`;
    checkOptions({ token }, { token: required(Secret) }, where);
    checkOptions(options, CONNECTION_OPTIONS, where);
    const { bucket = this.names[0], envPrefix = 'INFLUXDB' } = options;
    return new InfluxTokenConnection({ ...this.job, bucket: this.checkBucket(bucket), envPrefix }, this, token);
  }

  private sharedToken(): InfluxToken {
    const existing = this.tokens.get(SHARED);
    return existing ?? this.createToken(SHARED, SHARED_OPTIONS);
  }

  private createToken(name: string, options: InfluxTokenOptions): InfluxToken {
    const token = new InfluxToken(this, this.idOf(name), this.propsOf(name, options));
    this.tokens.set(name, token);
    return token;
  }

  private idOf(token: string): string {
    return `${this.node.id}_${token}`;
  }

  private propsOf(name: string, options: InfluxTokenOptions): InfluxTokenProps {
    const { read = false, write = false, bucket = this.names[0], envPrefix = 'INFLUXDB' } = options;
    return { ...this.job, name, bucket: this.checkBucket(bucket), read, write, envPrefix, user: this.user };
  }

  private checkBucket(bucket: string): string {
    if (this.names.includes(bucket)) return bucket;
    const fix = `Use one of ${this.names.join(', ')}, or add it to \`buckets\``;
    throw new TradingStackError('unknown-reference', this.node.path, `there is no bucket '${bucket}'`, fix);
  }
}

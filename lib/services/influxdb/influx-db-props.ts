import type { OptionShapes } from '../../options/options';
import { Image } from '../../workload/images/image';
import { SERVER_JOB_OPTIONS, type ServerJobOptions } from '../../workload/job';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { INFLUX_BUCKET, type InfluxBucket } from './buckets';

/** Properties of an `InfluxDb`. */
export interface InfluxDbProps extends WorkloadOptions {
  /**
   * An image of influxdb, version 2, from Docker Hub or a mirror, or one built on it.
   * @default Image.fromRegistry('influxdb:2.9-alpine')
   */
  readonly image?: Image;
  /**
   * Organization that owns the buckets. Takes effect on an empty volume only.
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
   * @default - forever, or the retention that the bucket already has
   */
  readonly retention?: Duration;
  /**
   * Further buckets.
   * @default - none
   */
  readonly buckets?: readonly InfluxBucket[];
  /**
   * Name of the first user, for people. Takes effect on an empty volume only.
   * @default 'admin'
   */
  readonly user?: string;
  /**
   * Password of the first user. Takes effect on an empty volume only.
   * @default - a generated password
   */
  readonly password?: Secret;
  /**
   * Token with all permissions, for backups and for people. Takes effect on an empty volume only.
   * @default - a generated token
   */
  readonly operatorToken?: Secret;
  /**
   * Volume of the data.
   * @default - Volume.retained('<id>_data')
   */
  readonly volume?: Volume;
  /**
   * Volume of the `influx` program's configuration in the container, which contains the operator token.
   * @default - Volume.retained('<id>_configuration')
   */
  readonly configurationVolume?: Volume;
  /**
   * Limits, logging, labels and so on of the jobs that create buckets and tokens.
   * @default - half a CPU and 128 MiB
   */
  readonly jobs?: ServerJobOptions;
}

/** The shapes of {@link InfluxDbProps}. */
export const INFLUX_DB_OPTIONS: OptionShapes<InfluxDbProps> = {
  ...WORKLOAD_OPTIONS,
  image: Image,
  organization: 'string',
  bucket: 'string',
  retention: Duration,
  buckets: [INFLUX_BUCKET],
  user: 'string',
  password: Secret,
  operatorToken: Secret,
  volume: Volume,
  configurationVolume: Volume,
  jobs: SERVER_JOB_OPTIONS,
};

/** Options of `InfluxDb.connectWith`. */
export interface InfluxConnectionOptions {
  /** @default - the first bucket */
  readonly bucket?: string;
  /**
   * Prefix of the consumer's variables.
   * @default 'INFLUXDB'
   */
  readonly envPrefix?: string;
}

/** The shapes of {@link InfluxConnectionOptions}. */
export const CONNECTION_OPTIONS: OptionShapes<InfluxConnectionOptions> = { bucket: 'string', envPrefix: 'string' };

/** Options of `InfluxDb.token`: at least one of `read` and `write`. */
export interface InfluxTokenOptions extends InfluxConnectionOptions {
  /** @default false */
  readonly read?: boolean;
  /** @default false */
  readonly write?: boolean;
}

/** The shapes of {@link InfluxTokenOptions}. */
export const TOKEN_OPTIONS: OptionShapes<InfluxTokenOptions> = {
  ...CONNECTION_OPTIONS,
  read: 'boolean',
  write: 'boolean',
};

import { each, type OptionShapes } from '../../options/options';
import { Image } from '../../workload/images/image';
import { SERVER_JOB_OPTIONS, type ServerJobOptions } from '../../workload/job';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { POSTGRES_DATABASE, POSTGRES_ROLE, type PostgresDatabase, type PostgresRole } from './roles';
import type { PostgresSettings } from './settings';

/** Properties of a `PostgresDb`. */
export interface PostgresDbProps extends WorkloadOptions {
  /**
   * An image of postgres, postgis/postgis, pgvector/pgvector, timescale/timescaledb or timescale/timescaledb-ha, from Docker
   * Hub or a mirror, or one built on it. Any other one needs `dataDirectory` and `runAs`, and has to take the variables
   * and the `docker-entrypoint.sh` of the official image.
   * @default Image.fromRegistry('postgres:17-alpine')
   */
  readonly image?: Image;
  /**
   * Major version inside the image, which decides where the volume is mounted.
   * @default - from the tag of the image that is used or built upon
   */
  readonly majorVersion?: number;
  /**
   * Name of the first database.
   * @default 'postgres'
   */
  readonly database?: string;
  /**
   * Name of the first role, a superuser.
   * @default - the name of the database
   */
  readonly user?: string;
  /** @default - a generated password */
  readonly password?: Secret;
  /**
   * Further databases; consumers connect to them through `PostgresDb.endpointFor`.
   * @default - none
   */
  readonly databases?: readonly PostgresDatabase[];
  /**
   * Further roles, for consumers that should not be superusers. They may connect to the first database. While `roles` or
   * `databases` is set, owners of other databases and roles that were created by hand may not.
   * @default - none
   */
  readonly roles?: readonly PostgresRole[];
  /**
   * A role for the metrics exporter only; it becomes a member of `pg_monitor`.
   * @default - the exporter logs in as the first role
   */
  readonly metricsRole?: string;
  /**
   * Scripts that run once, on an empty volume, ordered by name: `{ '10-schema.sql': 'CREATE TABLE …' }`. If one fails, the
   * server refuses to start on that volume. Use a migration job for a schema that changes.
   * @default - none
   */
  readonly initScripts?: Readonly<Record<string, string>>;
  /** @default 100 */
  readonly maxConnections?: number;
  /**
   * Settings of the server; they override those derived from its memory: `{ log_statement: 'ddl' }`. Addresses, port and
   * data directory cannot be set here.
   * @default - none
   */
  readonly settings?: PostgresSettings;
  /**
   * Folder of the data inside the container. With an image whose layout is not known, the volume is mounted there: it
   * should be a folder of the image, whose owner a new volume gets.
   * @default - the image's own
   */
  readonly dataDirectory?: string;
  /**
   * Volume of the data.
   * @default - Volume.retained('<id>_data')
   */
  readonly volume?: Volume;
  /**
   * Limits, logging, labels and so on of the jobs that create further databases, roles and extensions.
   * @default - half a CPU and 64 MiB
   */
  readonly jobs?: ServerJobOptions;
}

/** Options of `PostgresDb.endpointFor`. */
export interface PostgresEndpointOptions {
  /** Name of the first or of a further database. */
  readonly database: string;
  /**
   * Role that the consumer logs in as.
   * @default - the owner of the database
   */
  readonly role?: string;
}

/** The shapes of {@link PostgresDbProps}. */
export const POSTGRES_OPTIONS: OptionShapes<PostgresDbProps> = {
  ...WORKLOAD_OPTIONS,
  image: Image,
  majorVersion: 'number',
  database: 'string',
  user: 'string',
  password: Secret,
  databases: [POSTGRES_DATABASE],
  roles: [POSTGRES_ROLE],
  metricsRole: 'string',
  initScripts: each('string'),
  maxConnections: 'number',
  settings: 'object',
  dataDirectory: 'string',
  volume: Volume,
  jobs: SERVER_JOB_OPTIONS,
};

/** For clients, inside the container. */
export const POSTGRES_PORT = 5432;

import { Construct } from 'constructs';
import { TradingStackError } from '../../errors';
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
import { memoryLimit } from '../../workload/policies/resources';
import { checkSecret, Secret } from '../../workload/secrets/secret';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadOptions } from '../../workload/workload-props';
import { checkPostgresOptions } from './checks';
import { checkDataDirectory, dataMountPoint, guardedEntrypoint, initScriptFiles, majorVersionOf } from './data-guard';
import {
  checkIdentifier,
  checkRole,
  ownerOf,
  type PostgresDatabase,
  type PostgresRole,
  PostgresRoles,
  type PostgresRolesProps,
} from './roles';
import { postgresMetrics } from './metrics';
import { checkPostgresSettings, checkPostgresVariables, type PostgresSettings, settingsFor } from './settings';

/** Properties of a {@link PostgresDb}. */
export interface PostgresDbProps extends WorkloadOptions {
  /** @default Image.fromRegistry('postgres:17-alpine') */
  readonly image?: Image;
  /**
   * Major version inside the image; it decides where the volume is mounted.
   * @default - from the tag of the `postgres` image that it is, or starts from
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
  /** @default - a generated one */
  readonly password?: Secret;
  /**
   * Databases beside the first one; each is reached through {@link PostgresDb.databaseEndpoint}.
   * @default - none
   */
  readonly databases?: readonly PostgresDatabase[];
  /**
   * Roles beside the first one and the owners of databases, for consumers that should not be superusers. They may
   * connect to the first database, to which an owner of another one, or a role that was made by hand, may not while
   * there are such roles or databases.
   * @default - none
   */
  readonly roles?: readonly PostgresRole[];
  /**
   * A role for the exporter of its metrics alone, which is made a member of `pg_monitor`.
   * @default - the exporter logs in as the first role
   */
  readonly metricsRole?: string;
  /**
   * Scripts that run once, on an empty volume, in the order of their names: `{ '10-schema.sql': 'CREATE TABLE …' }`.
   * After one that failed the server starts no more on that volume. A schema that changes belongs in a job.
   * @default - none
   */
  readonly initScripts?: Readonly<Record<string, string>>;
  /** @default 100 */
  readonly maxConnections?: number;
  /**
   * Settings of the server, over those that follow from its memory: `{ log_statement: 'ddl' }`. Where it listens and
   * where its data is are none of them.
   * @default - none
   */
  readonly settings?: PostgresSettings;
  /**
   * Folder of the data inside the container.
   * @default - the image's own
   */
  readonly dataDirectory?: string;
  /**
   * Where the data is.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
  /**
   * Limits, log, labels and so on of the job that makes further databases and roles.
   * @default - half a CPU and 64 MiB
   */
  readonly jobs?: ServerJobOptions;
}

const PORT = 5432;
const DEFAULT_MEMORY = Size.gibibytes(1);

/**
 * PostgreSQL with settings that fit its memory. Others get `DATABASE_URL_FILE`, or what {@link PostgresDb.endpoint}
 * offers. A variable such as `POSTGRES_DB` only counts on an empty volume.
 *
 * @example
 * const database = new PostgresDb(stack, 'db', {
 *   database: 'mt5',
 *   user: 'mt5_user',
 *   resources: { cpus: Cpu.cores(2), memory: Size.gibibytes(4) },
 * });
 * @example
 * // Who names `database` in `uses` logs in as its first role, a superuser. A role of its own, with its own password:
 * const database = new PostgresDb(stack, 'db', {
 *   database: 'mt5',
 *   roles: [{ name: 'reports', memberOf: ['pg_read_all_data'] }],
 *   metricsRole: 'exporter',
 * });
 * new AppService(stack, 'reports', { image, uses: [database.databaseEndpoint('mt5', 'reports')] });
 */
export class PostgresDb extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** The first database, as the first role. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  /** The job that makes further databases and roles, if there are any. */
  readonly roles: PostgresRoles | undefined;
  private readonly databases: readonly PostgresDatabase[];
  private readonly user: string;
  private readonly endpoints = new Map<string, Endpoint>();

  /** @throws TradingStackError if a name is impossible, the version cannot be told, or the memory is too small */
  constructor(scope: Construct, id: string, props: PostgresDbProps = {}) {
    super(scope, id);
    checkPostgresOptions(props, this.node.path);
    const { database = 'postgres', databases = [], metricsRole } = props;
    const roles = [...(props.roles ?? []), ...rolesForMetrics(metricsRole, this.node.path)];
    checkPostgresVariables(props, this.node.path);
    checkIdentifier(database, 'database', this.node.path);
    const called = props.user === undefined ? 'user, which is called like the database,' : 'user';
    const user = checkRole(props.user ?? database, called, this.node.path);
    this.user = user;
    const image = props.image ?? Image.fromRegistry('postgres:17-alpine');
    const memory = memoryLimit(props.resources, DEFAULT_MEMORY, this.node.path);
    const { maxConnections = 100, settings = {} } = props;
    checkPostgresSettings(settings, memory, maxConnections, this.node.path);
    const volume = serverVolume(props.volume, `${id}_data`, 'volume', this.node.path);
    this.password = props.password ?? Secret.generated(this, 'password', { boundToData: true });
    checkSecret(this.password, 'password', this.node.path);
    const first = { name: database, owner: user, users: roles.map((role) => role.name) };
    this.databases = [first, ...databases];
    const dataDirectory = props.dataDirectory ?? props.environment?.PGDATA;
    const mountPoint = dataMountPoint(majorVersionOf(image, props.majorVersion, this));

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        environment: {
          POSTGRES_DB: database,
          POSTGRES_USER: user,
          ...(dataDirectory !== undefined && {
            PGDATA: checkDataDirectory(String(dataDirectory), mountPoint, this.node.path),
          }),
        },
        secrets: { POSTGRES_PASSWORD: this.password },
        files: initScriptFiles(props.initScripts ?? {}, this.node.path),
        volumes: [volume.mountExclusivelyAt(mountPoint)],
        commandCarries: 'its settings and the look at its volume; `settings` adds to them',
        knownPorts: [PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          entrypoint: guardedEntrypoint(mountPoint, volume.nameOn(Platform.of(this))),
          command: serverCommand({ ...settingsFor(memory, maxConnections), ...settings }),
          healthCheck: readyCheck(user, database),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY, shmSize: sharedMemory(memory) },
          runAs: 'postgres',
          // A fast shutdown writes everything to disk first; killed before, the next start has to recover.
          stopGracePeriod: Duration.seconds(60),
        },
      },
    );

    const administrator = { user, password: this.password, database: first };
    this.roles = this.createRoles({ image, administrator, databases, roles, options: props.jobs ?? {} });
    this.endpoint = this.createEndpoint(this, database, user, this.password, this.workload.address);
    this.endpoints.set(`${database}_as_${user}`, this.endpoint);
    this.metrics = postgresMetrics(id, this.workload, {
      database,
      user: metricsRole ?? user,
      password: this.passwordOf(metricsRole ?? user),
      after: this.afterRole(metricsRole ?? user),
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * One of its databases, as its owner or as another role that may connect.
   * @throws TradingStackError if there is no such database, or the role may not connect to it
   */
  databaseEndpoint(name: string, role?: string): Endpoint {
    const database = this.databases.find((one) => one.name === name);
    if (database === undefined) {
      const known = this.databases.map((one) => one.name).join(', ');
      const fix = `Name one of its databases (${known})`;
      throw new TradingStackError('invalid-value', this.node.path, `there is no database '${name}'`, fix);
    }
    const user = role ?? ownerOf(database);
    if (user !== ownerOf(database) && !database.users?.includes(user)) {
      const fix = `Add '${user}' to the users of the database`;
      throw new TradingStackError(
        'invalid-value',
        this.node.path,
        `the role '${user}' may not connect to '${name}'`,
        fix,
      );
    }
    return this.endpointOf(name, user);
  }

  private endpointOf(database: string, user: string): Endpoint {
    const id = `${database}_as_${user}`;
    const existing = this.endpoints.get(id);
    if (existing !== undefined) return existing;
    const { workload = this.workload } = this.roles ?? {};
    const owner = new Construct(this, `${this.node.id}_${id}`);
    const endpoint = this.createEndpoint(owner, database, user, this.passwordOf(user), workload.address);
    this.endpoints.set(id, endpoint);
    return endpoint;
  }

  private passwordOf(role: string): Secret {
    return role === this.user ? this.password : (this.roles?.password(role) ?? this.password);
  }

  /** What has to be up before a role can log in: the first one is there with the server. */
  private afterRole(role: string): Workload {
    return role === this.user ? this.workload : (this.roles?.workload ?? this.workload);
  }

  private createRoles(props: Omit<PostgresRolesProps, 'server' | 'host'>): PostgresRoles | undefined {
    if (props.databases.length + props.roles.length === 0) return undefined;
    const { host } = this.workload;
    return new PostgresRoles(this, `${this.node.id}_roles`, { ...props, server: this.workload, host });
  }

  private createEndpoint(
    owner: Construct,
    database: string,
    user: string,
    password: Secret,
    startAfter: string,
  ): Endpoint {
    const { host } = this.workload;
    const props = { scheme: 'postgresql', host, port: PORT, envPrefix: 'DATABASE', path: database };
    return new Endpoint(owner, { ...props, user, password, startAfter: [startAfter] });
  }
}

function rolesForMetrics(name: string | undefined, where: string): PostgresRole[] {
  return name === undefined ? [] : [{ name: checkRole(name, 'metricsRole', where), memberOf: ['pg_monitor'] }];
}

/** The engine's 64 MiB are too little for parallel queries. */
function sharedMemory(memory: Size): Size {
  const quarter = memory.fraction(0.25);
  return quarter.isLessThan(Size.mebibytes(64)) ? Size.mebibytes(64) : quarter;
}

function serverCommand(settings: PostgresSettings): string[] {
  return ['postgres', ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`])];
}

function readyCheck(user: string, database: string): HealthCheck {
  // Over TCP: on its first start the image runs a server that listens on the socket only, before it is set up.
  return HealthCheck.command(['pg_isready', '-q', '-h', '127.0.0.1', '-U', user, '-d', database]);
}

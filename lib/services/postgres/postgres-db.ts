import { Construct } from 'constructs';
import { Backup } from '../../backup/backup';
import { TradingStackError } from '../../errors';
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
import { warnOfPlainSettings } from '../server';
import { backupOptionsOf, type PostgresBackupOptions } from './backup';
import { guardedEntrypoint, initScriptFiles } from './data-guard';
import { PostgresExtension } from './extension';
import { postgresLayout } from './layout';
import { postgresMetrics } from './metrics';
import {
  POSTGRES_OPTIONS,
  POSTGRES_PORT,
  type PostgresDbProps,
  type PostgresEndpointOptions,
} from './postgres-db-props';
import {
  checkIdentifier,
  checkRole,
  ownerOf,
  type PostgresDatabase,
  type PostgresJobProps,
  type PostgresRole,
  PostgresRoles,
} from './roles';
import { passwordChange } from './password-change';
import {
  checkPostgresSettings,
  checkPostgresVariables,
  type PostgresSettings,
  serverCommand,
  settingsFor,
  sharedMemory,
} from './settings';

const DEFAULT_MEMORY = Size.gibibytes(1);

/**
 * PostgreSQL with settings derived from its memory. A consumer gets `DATABASE_URL_FILE`, or the variables that it picks
 * from {@link PostgresDb.endpoint}. The name of the first database, its role and its password only take effect on an
 * empty volume.
 *
 * @example
 * const database = new PostgresDb(stack, 'db', {
 *   database: 'mt5',
 *   user: 'mt5_user',
 *   resources: { cpus: Cpu.cores(2), memory: Size.gibibytes(4) },
 * });
 * @example
 * // With `uses: [database]` a consumer logs in as the first role, a superuser. This one has a role of its own:
 * const database = new PostgresDb(stack, 'db', {
 *   database: 'mt5',
 *   roles: [{ name: 'reports', memberOf: ['pg_read_all_data'] }],
 *   metricsRole: 'exporter',
 * });
 * new AppService(stack, 'reports', { image, uses: [database.endpointFor({ database: 'mt5', role: 'reports' })] });
 */
export class PostgresDb extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** The first database, as the first role. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  /** The job that creates further databases and roles; `undefined` without any. */
  readonly roles: PostgresRoles | undefined;
  private readonly databases: readonly PostgresDatabase[];
  private readonly user: string;
  private readonly extension: PostgresExtension | undefined;
  private readonly endpoints = new Map<string, Endpoint>();
  private readonly job: PostgresJobProps;
  private readonly placement: PostgresDbProps['placement'];
  private readonly settings: PostgresSettings;

  /** @throws TradingStackError for an invalid option, an image of unknown layout or version, or too little memory */
  constructor(scope: Construct, id: string, props: PostgresDbProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(POSTGRES_OPTIONS, POSTGRES_PORT), where);
    const { database = 'postgres', databases = [], metricsRole, maxConnections = 100, settings = {} } = props;
    if (metricsRole !== undefined) checkRole(metricsRole, 'metricsRole', where);
    const metricsRoles = metricsRole === undefined ? [] : [{ name: metricsRole, memberOf: ['pg_monitor'] }];
    const roles: readonly PostgresRole[] = [...(props.roles ?? []), ...metricsRoles];
    checkPostgresVariables(props, where);
    checkIdentifier(database, 'database', where);
    const user = checkRole(props.user ?? database, props.user === undefined ? 'user (from database)' : 'user', where);
    this.user = user;
    const image = props.image ?? Image.fromRegistry('postgres:17-alpine');
    const memory = props.resources?.memory ?? DEFAULT_MEMORY;
    checkPostgresSettings(settings, memory, maxConnections, where);
    warnOfPlainSettings(this, settings);
    this.settings = settings;
    const volume = props.volume ?? Volume.retained(`${id}_data`);
    this.password = (props.password ?? Secret.generated(this, 'password', { boundToData: true })).readBy('server');
    const first = { name: database, owner: user, users: roles.map((role) => role.name) };
    this.databases = [first, ...databases];
    const dataDirectory = props.dataDirectory ?? props.environment?.PGDATA?.toString();
    const layout = postgresLayout(image, { ...props, dataDirectory }, this);
    const { mountPoint } = layout;
    const folder = dataDirectory === undefined ? {} : { PGDATA: dataDirectory };

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        environment: { POSTGRES_DB: database, POSTGRES_USER: user, ...folder },
        secrets: { POSTGRES_PASSWORD: this.password },
        rotatedInPlace: [this.password],
        files: initScriptFiles(props.initScripts ?? {}, where),
        volumes: [volume.mountExclusivelyAt(mountPoint)],
        commandCarries: 'its settings and the check of its volume; `settings` adds to them',
        holdsData: true,
        knownPorts: [POSTGRES_PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          entrypoint: guardedEntrypoint(mountPoint, volume.nameOn(Platform.of(this))),
          command: serverCommand({ ...settingsFor(memory, maxConnections), ...settings }),
          healthCheck: readyCheck(user, database),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY, shmSize: sharedMemory(memory) },
          runAs: layout.user,
          // A fast shutdown writes everything to disk first; after a kill the next start has to recover.
          stopGracePeriod: Duration.seconds(60),
        },
      },
    );

    const { host } = this.workload;
    const administrator = { user, password: this.password, database: first };
    this.placement = props.placement;
    const job = { image, runAs: layout.user, host, administrator, options: props.jobs ?? {} };
    this.job = job;
    const hasRoles = databases.length + roles.length > 0;
    this.roles = hasRoles
      ? new PostgresRoles(this, `${id}_roles`, { ...job, server: this.workload, databases, roles })
      : undefined;
    for (const role of [user, ...(this.roles?.names ?? [])]) {
      this.passwordOf(role).changes.push(passwordChange(this.workload.address, role, administrator));
    }
    this.extension = this.createExtension(job);
    this.endpoint = this.createEndpoint(this, database, user, this.password, this.afterExtension(this.workload));
    this.endpoints.set(`${database}_as_${user}`, this.endpoint);
    const exporter = metricsRole ?? user;
    const login = { database, user: exporter, password: this.passwordOf(exporter), after: this.afterRole(exporter) };
    this.metrics = postgresMetrics(id, this.workload, login);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * One of its databases, as its owner or as another role that may connect.
   * @throws TradingStackError if the database is not declared, or the role may not connect to it
   */
  endpointFor(options: PostgresEndpointOptions): Endpoint {
    const { path: where } = this.node;
    checkOptions(options, { database: required('string'), role: 'string' }, `${where}.endpointFor`);
    const database = this.databases.find(({ name }) => name === options.database);
    if (database === undefined) {
      const what = `there is no database '${options.database}'`;
      const fix = `Use one of ${this.databases.map(({ name }) => name).join(', ')}, or add it to \`databases\``;
      throw new TradingStackError('unknown-reference', where, what, fix);
    }
    const { name, users = [] } = database;
    const role = options.role ?? ownerOf(database);
    if (role !== ownerOf(database) && !users.includes(role)) {
      const what = `the role '${role}' may not connect to '${name}'`;
      const isFirst = database === this.databases[0];
      const fix = isFirst ? `Add { name: '${role}' } to \`roles\`` : `Add '${role}' to the \`users\` of the database`;
      throw new TradingStackError('unknown-reference', where, what, fix);
    }
    return this.endpointOf(name, role);
  }

  /**
   * Backs up all databases, each as it was at one moment, and the roles without their passwords, which the stack sets. The
   * container logs in as the first role: only a superuser reads everything, and creates databases and roles again.
   * @throws TradingStackError for an invalid option, a second backup, an image that is built with the stack, and settings
   *   that leave no write-ahead log for `recoveryPointEvery`
   */
  backup(options: PostgresBackupOptions): Backup {
    const { image, runAs, host } = this.job;
    const { recoveryPointEvery, common } = backupOptionsOf(options, this.settings, this.node.path);
    const server = {
      script: 'postgres',
      image,
      runAs,
      server: { connection: () => ({ ...this.workload.connection(), startAfter: [this.lastJob.address] }) },
      placement: this.placement,
      environment: { PGHOST: host, PGPORT: String(POSTGRES_PORT), PGUSER: this.user },
      secrets: { PGPASSWORD: this.password },
      volumes: [],
      restoredStopped: false,
      memory: Size.mebibytes(512),
      recoveryPointEvery,
    } as const;
    return new Backup(this, server, common);
  }

  /** The workload after which the server is as its construct says. */
  private get lastJob(): Workload {
    return this.extension?.workload ?? this.roles?.workload ?? this.workload;
  }

  private endpointOf(database: string, user: string): Endpoint {
    const id = `${database}_as_${user}`;
    const existing = this.endpoints.get(id);
    if (existing !== undefined) return existing;
    const { workload = this.workload } = this.roles ?? {};
    const owner = new Construct(this, `${this.node.id}_${id}`);
    const endpoint = this.createEndpoint(owner, database, user, this.passwordOf(user), this.afterExtension(workload));
    this.endpoints.set(id, endpoint);
    return endpoint;
  }

  private passwordOf(role: string): Secret {
    return role === this.user ? this.password : (this.roles?.password(role) ?? this.password);
  }

  /** The workload that has to run before a role can log in: the image creates the first role, the job all others. */
  private afterRole(role: string): Workload {
    return role === this.user ? this.workload : (this.roles?.workload ?? this.workload);
  }

  /**
   * The extension that every database gets; a subclass names one.
   * @internal
   */
  protected get extensionName(): string | undefined {
    return undefined;
  }

  private createExtension(job: PostgresJobProps): PostgresExtension | undefined {
    const name = this.extensionName;
    if (name === undefined) return undefined;
    // In `postgres` the images create it themselves, and would leave it at its old version.
    const databases = [...new Set([...this.databases.map((database) => database.name), 'postgres'])];
    const server = this.roles?.workload ?? this.workload;
    return new PostgresExtension(this, `${this.node.id}_extension`, { ...job, server, databases, name });
  }

  /** What a consumer waits for that would otherwise wait for this workload. */
  private afterExtension(workload: Workload): string {
    return (this.extension?.workload ?? workload).address;
  }

  private createEndpoint(
    owner: Construct,
    database: string,
    user: string,
    password: Secret,
    startAfter: string,
  ): Endpoint {
    const { host } = this.workload;
    const props = { scheme: 'postgresql', host, port: POSTGRES_PORT, envPrefix: 'DATABASE', path: database };
    return new Endpoint(owner, { ...props, user, password, startAfter: [startAfter] });
  }
}

function readyCheck(user: string, database: string): HealthCheck {
  // Over TCP: during the first start the image runs a temporary server that listens on the socket only.
  return HealthCheck.command(['pg_isready', '-q', '-h', '127.0.0.1', '-U', user, '-d', database]);
}

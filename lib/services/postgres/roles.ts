import { Construct } from 'constructs';
import { invalidName, TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import type { IConnectable } from '../../workload/connections/connection';
import type { Image } from '../../workload/images/image';
import type { ServerJobOptions } from '../../workload/job';
import { Secret } from '../../workload/secrets/secret';
import type { Workload } from '../../workload/workload';
import { createJob } from './job';

/** A further database of a {@link PostgresDb}. */
export interface PostgresDatabase {
  readonly name: string;
  /**
   * Role that owns it; created if it is not one of the roles.
   * @default - a role with the name of the database
   */
  readonly owner?: string;
  /**
   * Roles that may connect, apart from the owner. What they may read is up to the owner.
   * @default - none
   */
  readonly users?: readonly string[];
}

/** How the options of a database are checked. */
export const POSTGRES_DATABASE: OptionShapes<PostgresDatabase> = {
  name: required('string'),
  owner: 'string',
  users: ['string'],
};

/** A role that can log in, with a password of its own. */
export interface PostgresRole {
  readonly name: string;
  /**
   * Roles whose privileges it inherits: `pg_monitor`, `pg_read_all_data`.
   * @default - none
   */
  readonly memberOf?: readonly string[];
}

/** How the options of a role are checked. */
export const POSTGRES_ROLE: OptionShapes<PostgresRole> = { name: required('string'), memberOf: ['string'] };

/** The first role, a superuser, and the first database, both created by the image. */
export interface PostgresAdministrator {
  /** Name of the role. */
  readonly user: string;
  readonly password: Secret;
  /** The first database, through which the jobs connect. */
  readonly database: PostgresDatabase;
}

/** What the jobs of a server have in common. */
export interface PostgresJobProps {
  /** The image of the server. */
  readonly image: Image;
  /** User of the image that runs `psql`. */
  readonly runAs: string;
  /** Name of the server on its network. */
  readonly host: string;
  readonly administrator: PostgresAdministrator;
  /** Additional options of the job, from the user. */
  readonly options: ServerJobOptions;
}

/** Properties of {@link PostgresRoles}. */
export interface PostgresRolesProps extends PostgresJobProps {
  /** The server on which it creates databases and roles. */
  readonly server: IConnectable;
  readonly databases: readonly PostgresDatabase[];
  readonly roles: readonly PostgresRole[];
}

/**
 * A job that creates the declared databases and roles, and sets owners, passwords and memberships. Unlike an init script
 * it also works on a volume that has data: it runs again whenever the declarations change. It drops nothing and revokes
 * no privilege that it granted before. Only the owner and the listed users of a database can connect to it, including the
 * first database: the job revokes CONNECT from PUBLIC, which PostgreSQL grants by default.
 */
export class PostgresRoles extends Construct {
  readonly workload: Workload;
  /** Path of the server, for messages: users do not write the job themselves. */
  private readonly where: string;
  private readonly passwords: ReadonlyMap<string, Secret>;

  /** @throws TradingStackError if a name is invalid or defined twice */
  constructor(scope: Construct, id: string, props: PostgresRolesProps) {
    super(scope, id);
    this.where = scope.node.path;
    this.checkNames(props);
    const roles = this.withOwners(props);
    this.passwords = new Map(
      roles.map((role) => [
        role.name,
        Secret.generated(this, `${role.name}_password`, {
          name: `${scope.node.id}_${role.name}_password`,
        }).readBy('server'),
      ]),
    );
    this.workload = createJob(this, props.server, props, {
      name: 'roles.sh',
      lines: this.script(props, roles),
      secretFiles: [...this.passwords.values()],
    });
  }

  /**
   * Names of the roles that it creates.
   * @internal
   */
  get names(): readonly string[] {
    return [...this.passwords.keys()];
  }

  /**
   * The password of a role.
   * @throws TradingStackError if the role is not declared
   */
  password(role: string): Secret {
    const password = this.passwords.get(role);
    if (password !== undefined) return password;
    const known = [...this.passwords.keys()].join(', ');
    throw new TradingStackError('unknown-reference', this.where, `there is no role '${role}'`, `Use one of ${known}`);
  }

  private withOwners({ databases, roles, administrator }: PostgresRolesProps): PostgresRole[] {
    const needed = databases.flatMap((database) => [ownerOf(database), ...(database.users ?? [])]);
    const missing = needed.filter((name) => name !== administrator.user && !roles.some((role) => role.name === name));
    const all: PostgresRole[] = [...roles, ...[...new Set(missing)].map((name) => ({ name }))];
    this.refuseDuplicates('role', [administrator.user, ...all.map((role) => role.name)]);
    this.refuseDuplicates(
      'database',
      [administrator.database, ...databases].map(({ name }) => name),
    );
    return all;
  }

  private checkNames({ databases, roles, administrator }: PostgresRolesProps): void {
    const { where } = this;
    databases.forEach((database, index) => {
      const option = `databases[${index}]`;
      checkIdentifier(database.name, `${option}.name`, where);
      if (ownerOf(database) !== administrator.user) checkRole(ownerOf(database), `${option}.owner`, where);
      database.users?.forEach((user, at) => checkRole(user, `${option}.users[${at}]`, where));
    });
    roles.forEach(({ name, memberOf = [] }, index) => {
      checkRole(name, `roles[${index}].name`, where);
      memberOf.forEach((group, at) => checkIdentifier(group, `roles[${index}].memberOf[${at}]`, where));
    });
  }

  private refuseDuplicates(kind: string, names: readonly string[]): void {
    const duplicate = names.find((name, index) => names.indexOf(name) !== index);
    if (duplicate === undefined) return;
    const what = `the ${kind} '${duplicate}' is defined twice`;
    throw new TradingStackError('duplicate-name', this.where, what, 'Remove or rename one of them');
  }

  private script(props: PostgresRolesProps, roles: readonly PostgresRole[]): string[] {
    const { user, database } = props.administrator;
    return [
      `psql -X -q -v ON_ERROR_STOP=1 -h ${props.host} -U ${user} -d ${database.name} <<'SQL'`,
      // A server that logs statements would log the passwords in them.
      "SET log_statement = 'none';",
      'SET log_min_duration_statement = -1;',
      "SET log_min_error_statement = 'panic';",
      // All roles before the memberships: a role may be a member of one that is declared after it.
      ...roles.flatMap((role) => roleStatements(role, this.password(role.name))),
      ...roles.flatMap(membershipStatements),
      ...props.databases.flatMap(databaseStatements),
      ...[database, ...props.databases].flatMap(connectStatements),
      'SQL',
    ];
  }
}

function roleStatements(role: PostgresRole, password: Secret): string[] {
  return [
    `SELECT 'CREATE ROLE "${role.name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role.name}') \\gexec`,
    // psql reads the file itself, so that no command line contains the password.
    `\\set password \`cat ${password.path}\``,
    `ALTER ROLE "${role.name}" PASSWORD :'password';`,
  ];
}

function membershipStatements({ name, memberOf = [] }: PostgresRole): string[] {
  return memberOf.map((group) => `GRANT "${group}" TO "${name}";`);
}

function databaseStatements(database: PostgresDatabase): string[] {
  const { name } = database;
  return [
    `SELECT 'CREATE DATABASE "${name}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`,
    `ALTER DATABASE "${name}" OWNER TO "${ownerOf(database)}";`,
  ];
}

function connectStatements({ name, users = [] }: PostgresDatabase): string[] {
  return [
    `REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC;`,
    ...users.map((user) => `GRANT CONNECT ON DATABASE "${name}" TO "${user}";`),
  ];
}

/** The role that owns a database. */
export function ownerOf({ name, owner = name }: PostgresDatabase): string {
  return owner;
}

/** @throws TradingStackError unless a role can have the name */
export function checkRole(name: string, property: string, where: string): string {
  if (name.startsWith('pg_')) {
    throw invalidName(where, property, name, "a name that does not start with 'pg_', which PostgreSQL reserves");
  }
  return checkIdentifier(name, property, where);
}

/** @throws TradingStackError unless the name needs no quoting in SQL and no escaping in a URL */
export function checkIdentifier(name: string, property: string, where: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw invalidName(where, property, name, 'lower-case letters, digits and underscores, at most 63');
  }
  return name;
}

import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../errors';
import type { IConnectable } from '../workload/connection';
import { ConfigFile } from '../workload/config-file';
import { Cpu } from '../workload/cpu';
import type { Image } from '../workload/image';
import { Secret } from '../workload/secret';
import { Size } from '../workload/size';
import { Workload } from '../workload/workload';

/** A database beside the first one. */
export interface PostgresDatabase {
  readonly name: string;
  /**
   * Role that owns it; created if it is not among the roles.
   * @default - a role with the name of the database
   */
  readonly owner?: string;
}

/** A role that can log in, with a password of its own. */
export interface PostgresRole {
  readonly name: string;
  /**
   * Roles whose rights it has: `pg_monitor`, `pg_read_all_data`.
   * @default - none
   */
  readonly memberOf?: readonly string[];
}

/** Properties of {@link PostgresRoles}. */
export interface PostgresRolesProps {
  readonly image: Image;
  /** The server that it works on. */
  readonly server: IConnectable;
  readonly host: string;
  /** The first role, its password and its database. */
  readonly administrator: { readonly user: string; readonly password: Secret; readonly database: string };
  readonly databases: readonly PostgresDatabase[];
  readonly roles: readonly PostgresRole[];
}

/**
 * A job that brings databases and roles to what the code says. Unlike an init script it also works on a volume that has
 * data: it runs again whenever they change, and creates what is missing. It drops nothing.
 */
export class PostgresRoles extends Construct {
  readonly workload: Workload;
  private readonly passwords: ReadonlyMap<string, Secret>;

  /** @throws TradingStackError if a name is none that PostgreSQL takes as it is, or stands twice */
  constructor(scope: Construct, id: string, props: PostgresRolesProps) {
    super(scope, id);
    const roles = this.withOwners(props);
    this.passwords = new Map(
      roles.map((role) => [
        role.name,
        Secret.generated(this, `${role.name}_password`, { name: `${scope.node.id}_${role.name}_password` }),
      ]),
    );
    this.workload = new Workload(
      this,
      'Default',
      { image: props.image },
      {
        kind: 'job',
        uses: [props.server],
        files: [ConfigFile.fromText(SCRIPT, this.script(props, roles))],
        secretFiles: [props.administrator.password, ...this.passwords.values()],
        defaults: {
          command: ['/bin/sh', SCRIPT],
          resources: { cpus: Cpu.cores(0.5), memory: Size.mebibytes(64) },
          runAs: 'postgres',
        },
      },
    );
  }

  /**
   * The password of a role.
   * @throws TradingStackError if there is no such role
   */
  password(role: string): Secret {
    const password = this.passwords.get(role);
    if (password === undefined) {
      const known = [...this.passwords.keys()].join(', ');
      throw new TradingStackError(this.node.path, `there is no role '${role}'`, `Name one of ${known}`);
    }
    return password;
  }

  private withOwners({ databases, roles, administrator }: PostgresRolesProps): PostgresRole[] {
    const owners = databases.map((database) => database.owner ?? database.name);
    const missing = owners.filter(
      (owner) => owner !== administrator.user && !roles.some((role) => role.name === owner),
    );
    const all = [...roles, ...[...new Set(missing)].map((name) => ({ name }))];
    const names = [...all.map((role) => role.name), ...databases.map((database) => `database ${database.name}`)];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new TradingStackError(this.node.path, `'${twice}' stands twice`, 'Leave one out');
    for (const name of [...all.map((role) => role.name), ...databases.map((database) => database.name)]) {
      checkIdentifier(name, this.node.path);
    }
    return all;
  }

  private script(props: PostgresRolesProps, roles: readonly PostgresRole[]): string {
    const { user, password, database } = props.administrator;
    return [
      'set -eu',
      `PGPASSWORD="$(cat ${password.path})"`,
      'export PGPASSWORD',
      `psql -X -q -v ON_ERROR_STOP=1 -h ${props.host} -U ${user} -d ${database} <<'SQL'`,
      ...roles.flatMap((role) => roleStatements(role, this.password(role.name))),
      ...props.databases.flatMap(databaseStatements),
      'SQL',
      '',
    ].join('\n');
  }
}

const SCRIPT = '/docker-entrypoint-initdb.d/roles.sh';

function roleStatements(role: PostgresRole, password: Secret): string[] {
  return [
    `SELECT 'CREATE ROLE "${role.name}" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role.name}') \\gexec`,
    // psql reads the file itself, so that the password is on no command line.
    `\\set password \`cat ${password.path}\``,
    `ALTER ROLE "${role.name}" PASSWORD :'password';`,
    ...(role.memberOf ?? []).map((group) => `GRANT "${group}" TO "${role.name}";`),
  ];
}

function databaseStatements({ name, owner = name }: PostgresDatabase): string[] {
  return [
    `SELECT 'CREATE DATABASE "${name}"' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '${name}') \\gexec`,
    `ALTER DATABASE "${name}" OWNER TO "${owner}";`,
    `REVOKE CONNECT ON DATABASE "${name}" FROM PUBLIC;`,
  ];
}

/** @throws TradingStackError unless the name can stand in SQL and in a URL as it is */
export function checkIdentifier(name: string, where: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw invalidValue(where, 'the name', name, 'lower-case letters, digits and underscores, at most 63');
  }
  return name;
}

import { FeatureApi, PostgresDb, type PostgresDbProps } from '../../../lib';
import { containerNamed, createStack, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { BOT, secretsOf, startOf } from '../fixtures';

const MT5 = { database: 'mt5', user: 'mt5_user' };

/** The job that brings databases and roles to what these properties say. */
function job(props: PostgresDbProps): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
    'desk-db-roles',
  );
}

/** What the job runs. */
function script(props: PostgresDbProps): string {
  const [file] = job(props).upload as readonly { readonly content: string }[];
  return file?.content ?? '';
}

function creating(props: PostgresDbProps): () => unknown {
  return () => createStack((stack) => new PostgresDb(stack, 'db', props));
}

describe('the job for databases and roles', () => {
  test('is not there when there is only the first database', () => {
    const terraform = synthesizeStack((stack) => new PostgresDb(stack, 'db', MT5));

    expect(Object.keys(terraform.resource.docker_container ?? {})).toEqual(['desk-db']);
  });

  test('silences a server that logs statements before it sets a password', () => {
    const lines = script({ ...MT5, roles: [{ name: 'reader' }], databases: [{ name: 'quotes' }] }).split('\n');
    const silences = [
      "SET log_statement = 'none';",
      'SET log_min_duration_statement = -1;',
      "SET log_min_error_statement = 'panic';",
    ];
    const started = lines.findIndex((line) => line.startsWith('psql '));

    expect(lines.slice(started + 1, started + 4)).toEqual(silences);
    expect(lines.findIndex((line) => line.includes('PASSWORD :'))).toBeGreaterThan(started + 3);
  });

  test('runs once, after the server is healthy, and must succeed', () => {
    expect(job({ ...MT5, databases: [{ name: 'quotes' }] })).toMatchObject({
      command: ['/bin/sh', '/docker-entrypoint-initdb.d/roles.sh'],
      depends_on: ['docker_container.desk-db'],
      restart: 'no',
      must_run: false,
      attach: true,
      lifecycle: { postcondition: [{ condition: '${self.exit_code == 0}' }] },
    });
  });

  test('creates what is missing and never prints a password', () => {
    const props: PostgresDbProps = {
      ...MT5,
      databases: [{ name: 'quotes' }, { name: 'fills', owner: 'executor', users: ['reader', 'auditor'] }],
      roles: [{ name: 'reader', memberOf: ['pg_read_all_data'] }],
    };

    expect(script(props)).toMatchSnapshot();
  });

  test('has the password of the first role and one for each of the others', () => {
    const container = job({ ...MT5, databases: [{ name: 'fills', owner: 'executor' }], roles: [{ name: 'reader' }] });

    expect(secretsOf(container)).toEqual([
      '/run/secrets/db_password',
      '/run/secrets/db_reader_password',
      '/run/secrets/db_executor_password',
    ]);
  });

  test('makes a role only once when it owns two databases', () => {
    const both = script({
      databases: [
        { name: 'quotes', owner: 'data' },
        { name: 'fills', owner: 'data' },
      ],
    });

    expect(both.match(/CREATE ROLE/g)).toHaveLength(1);
    expect(both.match(/CREATE DATABASE/g)).toHaveLength(2);
  });

  test('opens every database, the first one too, to its owner and to the roles that it names alone', () => {
    const text = script({
      ...MT5,
      databases: [{ name: 'quotes' }, { name: 'fills', users: ['reader'] }],
      roles: [{ name: 'reader' }],
      metricsRole: 'exporter',
    });
    const lines = text.split('\n').filter((line) => line.includes('CONNECT'));

    expect(lines).toEqual([
      'REVOKE CONNECT ON DATABASE "mt5" FROM PUBLIC;',
      'GRANT CONNECT ON DATABASE "mt5" TO "reader";',
      'GRANT CONNECT ON DATABASE "mt5" TO "exporter";',
      'REVOKE CONNECT ON DATABASE "quotes" FROM PUBLIC;',
      'REVOKE CONNECT ON DATABASE "fills" FROM PUBLIC;',
      'GRANT CONNECT ON DATABASE "fills" TO "reader";',
    ]);
  });

  test('makes every role before it grants one to another', () => {
    const text = script({ roles: [{ name: 'bot', memberOf: ['traders'] }, { name: 'traders' }] });

    expect(text.indexOf('CREATE ROLE "traders"')).toBeLessThan(text.indexOf('GRANT "traders" TO "bot"'));
  });
});

describe('names of databases and roles', () => {
  test.each(['Quotes', 'quotes"; DROP DATABASE mt5; --', "o'neill", '', 'q'.repeat(64)])('refuse %p', (name) => {
    const message = `cannot be '${name}'. Give lower-case letters, digits and underscores, at most 63.`;
    const databases = [{ name: 'fills' }, { name: 'quotes', users: ['reader', name] }];

    expect(creating({ databases: [{ name }] })).toThrow(`desk/db: databases[0].name ${message}`);
    expect(creating({ databases: [{ name: 'quotes', owner: name }] })).toThrow(
      `desk/db: databases[0].owner ${message}`,
    );
    expect(creating({ databases })).toThrow(`desk/db: databases[1].users[1] ${message}`);
    expect(creating({ roles: [{ name: 'reader' }, { name }] })).toThrow(`desk/db: roles[1].name ${message}`);
  });

  test('refuse a group that is none', () => {
    const memberOf = ['pg_monitor" TO mt5; DROP DATABASE mt5; --'];

    expect(creating({ roles: [{ name: 'reader', memberOf }] })).toThrow(
      `desk/db: roles[0].memberOf[0] cannot be '${memberOf.join()}'. Give lower-case letters, digits and underscores, at most 63.`,
    );
  });

  test('refuse a role that PostgreSQL keeps for itself', () => {
    const message = "cannot be 'pg_reader'. Give a name without 'pg_' at the start, which PostgreSQL keeps for itself.";

    expect(creating({ roles: [{ name: 'pg_reader' }] })).toThrow(`desk/db: roles[0].name ${message}`);
    expect(creating({ user: 'pg_reader' })).toThrow(`desk/db: user ${message}`);
    expect(creating({ database: 'pg_reader' })).toThrow(`desk/db: user, which is called like the database, ${message}`);
  });

  test('refuse to stand twice', () => {
    expect(creating({ databases: [{ name: 'quotes' }, { name: 'quotes' }] })).toThrow(
      "desk/db: the database 'quotes' stands twice. Leave one of them out.",
    );
    expect(creating({ roles: [{ name: 'reader' }, { name: 'reader' }] })).toThrow(
      "desk/db: the role 'reader' stands twice. Leave one of them out.",
    );
  });

  test('refuse to stand for the first database too, whose owner the job would change', () => {
    expect(creating({ ...MT5, databases: [{ name: 'mt5' }] })).toThrow(
      "desk/db: the database 'mt5' stands twice. Leave one of them out.",
    );
  });

  test('refuse to stand for the first role too, whose password the job would change', () => {
    expect(creating({ ...MT5, roles: [{ name: 'mt5_user' }] })).toThrow(
      "desk/db: the role 'mt5_user' stands twice. Leave one of them out.",
    );
  });
});

describe('the endpoint of another database', () => {
  test('gives a URL as the owner of the database and waits for the job', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes' }] });
      new FeatureApi(stack, 'api', { image: BOT, uses: [database.databaseEndpoint('quotes')] });
    });
    const [roles] = Object.entries(terraform.resource.docker_container ?? {}).find(
      ([, container]) => container.name === 'desk-db-roles',
    ) ?? [''];

    expect(startOf(terraform, 'desk-api')).toEqual({
      environment: { PORT: '8000', DATABASE_URL_FILE: '/run/secrets/db_quotes_as_quotes_url' },
      secrets: ['/run/secrets/db_quotes_as_quotes_url'],
      after: [`docker_container.${roles}`],
    });
  });

  test('gives its parts as another role that may connect', () => {
    const databases = [{ name: 'quotes', users: ['reader'] }];
    const terraform = synthesizeStack((stack) => {
      const endpoint = new PostgresDb(stack, 'db', { databases }).databaseEndpoint('quotes', 'reader');
      new FeatureApi(stack, 'api', { image: BOT, uses: [endpoint.parts()] });
    });

    expect(startOf(terraform, 'desk-api')).toMatchObject({
      environment: {
        DATABASE_HOST: 'db',
        DATABASE_PORT: '5432',
        DATABASE_NAME: 'quotes',
        DATABASE_USER: 'reader',
        DATABASE_PASSWORD_FILE: '/run/secrets/db_reader_password',
      },
      secrets: ['/run/secrets/db_reader_password'],
    });
  });

  test('gives the first database as a role beside the first one', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, roles: [{ name: 'exporter', memberOf: ['pg_monitor'] }] });
      new FeatureApi(stack, 'api', { image: BOT, uses: [database.databaseEndpoint('mt5', 'exporter').parts()] });
    });

    expect(startOf(terraform, 'desk-api')).toMatchObject({
      environment: { DATABASE_NAME: 'mt5', DATABASE_USER: 'exporter' },
      after: ['docker_container.desk-db-roles'],
    });
  });

  test('is of one server, beside another with a database of the same name', () => {
    const terraform = synthesizeStack((stack) => {
      const uses = ['live', 'archive'].map((id) =>
        new PostgresDb(stack, id, { databases: [{ name: 'quotes' }] }).databaseEndpoint('quotes'),
      );
      uses.forEach((endpoint, index) => new FeatureApi(stack, `api_${index}`, { image: BOT, uses: [endpoint] }));
    });

    expect(startOf(terraform, 'desk-api-0').secrets).toEqual(['/run/secrets/live_quotes_as_quotes_url']);
    expect(startOf(terraform, 'desk-api-1').secrets).toEqual(['/run/secrets/archive_quotes_as_quotes_url']);
  });

  test('can be asked for twice', () => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { databases: [{ name: 'quotes' }] });

      expect(database.databaseEndpoint('quotes')).toBe(database.databaseEndpoint('quotes'));
    });
  });

  test('of a database that the first role owns has the password of the first role, and its own URL', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes', owner: 'mt5_user' }] });
      const second = database.databaseEndpoint('quotes');
      new FeatureApi(stack, 'first', { image: BOT, uses: [database] });
      new FeatureApi(stack, 'second', { image: BOT, uses: [second] });
      new FeatureApi(stack, 'parts', { image: BOT, uses: [second.parts()] });
    });

    expect(startOf(terraform, 'desk-parts').environment).toMatchObject({
      DATABASE_USER: 'mt5_user',
      DATABASE_PASSWORD_FILE: '/run/secrets/db_password',
    });
    expect(startOf(terraform, 'desk-second').secrets).not.toEqual(startOf(terraform, 'desk-first').secrets);
  });

  test('refuses a database that is not there, and a role that may not connect', () => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes' }] });

      expect(() => database.databaseEndpoint('quotse')).toThrow(
        "desk/db: there is no database 'quotse'. Name one of its databases (mt5, quotes).",
      );
      expect(() => database.databaseEndpoint('quotes', 'reader')).toThrow(
        "desk/db: the role 'reader' may not connect to 'quotes'. Add 'reader' to the users of the database.",
      );
    });
  });
});

describe('the exporter of metrics', () => {
  function exporter(props: PostgresDbProps) {
    const { metrics, roles, workload } = monitored(props);
    if (metrics.target.kind !== 'exporter') throw new Error('a PostgresDb has an exporter');
    const [used] = metrics.target.uses;
    return { ...metrics.target, roles, workload, after: used?.connection().startAfter };
  }

  function monitored(props: PostgresDbProps): PostgresDb {
    return new PostgresDb(createStack(), 'db', props);
  }

  test('logs in as the first role, a superuser, unless it has one of its own', () => {
    const { environment, secrets, workload, after } = exporter(MT5);

    expect(environment).toMatchObject({ DATA_SOURCE_USER: 'mt5_user' });
    expect(secrets(workload)).toMatchObject({ DATA_SOURCE_PASS_FILE: { name: 'db_password' } });
    expect(after).toEqual(['docker_container.desk-db']);
  });

  test('logs in as a role that may look at statistics only, when that is there', () => {
    const { environment, secrets, workload, after } = exporter({ ...MT5, metricsRole: 'exporter' });

    expect(environment).toEqual({
      DATA_SOURCE_URI: 'db:5432/mt5?sslmode=disable',
      DATA_SOURCE_USER: 'exporter',
    });
    expect(secrets(workload)).toMatchObject({ DATA_SOURCE_PASS_FILE: { name: 'db_exporter_password' } });
    expect(after).toEqual(['docker_container.desk-db-roles']);
    expect(script({ ...MT5, metricsRole: 'exporter' })).toContain('GRANT "pg_monitor" TO "exporter";');
  });

  test('refuses a role that cannot be, or that others have', () => {
    expect(creating({ metricsRole: 'Exporter' })).toThrow("desk/db: metricsRole cannot be 'Exporter'. Give lower-case");
    expect(creating({ roles: [{ name: 'reader' }], metricsRole: 'reader' })).toThrow(
      "desk/db: the role 'reader' stands twice. Leave one of them out.",
    );
  });
});

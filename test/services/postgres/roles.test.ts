import { FeatureApi, PostgresDb, type PostgresDbProps } from '../../../lib';
import { containerNamed, createStack, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { BOT, secretsOf, startOf } from '../fixtures';

const MT5 = { database: 'mt5', user: 'mt5_user' };

/** The job that creates databases and roles. */
function job(props: PostgresDbProps): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
    'desk-db-roles',
  );
}

/** The script of the job. */
function script(props: PostgresDbProps): string {
  const [file] = job(props).upload as readonly { readonly content: string }[];
  return file?.content ?? '';
}

function creating(props: PostgresDbProps): () => unknown {
  return () => createStack((stack) => new PostgresDb(stack, 'db', props));
}

describe('job for databases and roles', () => {
  test('creates no job for the first database alone', () => {
    const terraform = synthesizeStack((stack) => new PostgresDb(stack, 'db', MT5));

    expect(Object.keys(terraform.resource.docker_container ?? {})).toEqual(['desk-db']);
  });

  test('disables statement logging before it sets a password', () => {
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

  test('the job runs once, after the server is healthy, and must succeed', () => {
    expect(job({ ...MT5, databases: [{ name: 'quotes' }] })).toMatchObject({
      command: ['/bin/sh', '/docker-entrypoint-initdb.d/roles.sh'],
      depends_on: ['docker_container.desk-db'],
      restart: 'no',
      must_run: false,
      attach: true,
      lifecycle: { postcondition: [{ condition: '${self.exit_code == 0}' }] },
    });
  });

  test('the job creates what is missing and never prints a password', () => {
    const props: PostgresDbProps = {
      ...MT5,
      databases: [{ name: 'quotes' }, { name: 'fills', owner: 'executor', users: ['reader', 'auditor'] }],
      roles: [{ name: 'reader', memberOf: ['pg_read_all_data'] }],
    };

    expect(script(props)).toMatchSnapshot();
  });

  test('the job has the passwords of the first role and of all others', () => {
    const container = job({ ...MT5, databases: [{ name: 'fills', owner: 'executor' }], roles: [{ name: 'reader' }] });

    expect(secretsOf(container)).toEqual([
      '/run/secrets/db_password',
      '/run/secrets/db_reader_password',
      '/run/secrets/db_executor_password',
    ]);
  });

  test('creates a role that owns two databases only once', () => {
    const both = script({
      databases: [
        { name: 'quotes', owner: 'data' },
        { name: 'fills', owner: 'data' },
      ],
    });

    expect(both.match(/CREATE ROLE/g)).toHaveLength(1);
    expect(both.match(/CREATE DATABASE/g)).toHaveLength(2);
  });

  test('only the owner and the listed users can connect to a database, including the first one', () => {
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

  test('creates all roles before it grants memberships', () => {
    const text = script({ roles: [{ name: 'bot', memberOf: ['traders'] }, { name: 'traders' }] });

    expect(text.indexOf('CREATE ROLE "traders"')).toBeLessThan(text.indexOf('GRANT "traders" TO "bot"'));
  });
});

describe('names', () => {
  test.each(['Quotes', 'quotes"; DROP DATABASE mt5; --', "o'neill", '', 'q'.repeat(64)])(
    'rejects %p as a name and says in which option it is',
    (name) => {
      const databases = [{ name: 'fills' }, { name: 'quotes', users: ['reader', name] }];

      expect(creating({ databases: [{ name }] })).toThrowCode('invalid-name', 'desk/db: databases[0].name');
      expect(creating({ databases: [{ name: 'quotes', owner: name }] })).toThrowCode(
        'invalid-name',
        'databases[0].owner',
      );
      expect(creating({ databases })).toThrowCode('invalid-name', 'databases[1].users[1]');
      expect(creating({ roles: [{ name: 'reader' }, { name }] })).toThrowCode('invalid-name', 'roles[1].name');
    },
  );

  test('rejects a group whose name would be executed as SQL', () => {
    const memberOf = ['pg_monitor" TO mt5; DROP DATABASE mt5; --'];

    expect(creating({ roles: [{ name: 'reader', memberOf }] })).toThrowCode('invalid-name', 'roles[0].memberOf[0]');
  });

  test('rejects role names that PostgreSQL reserves', () => {
    expect(creating({ roles: [{ name: 'pg_reader' }] })).toThrowCode('invalid-name', 'roles[0].name', "'pg_'");
    expect(creating({ user: 'pg_reader' })).toThrowCode('invalid-name', 'desk/db: user cannot', "'pg_'");
    expect(creating({ database: 'pg_reader' })).toThrowCode('invalid-name', 'user (from database)', "'pg_'");
  });

  test('rejects a database or role that is defined twice', () => {
    expect(creating({ databases: [{ name: 'quotes' }, { name: 'quotes' }] })).toThrowCode(
      'duplicate-name',
      "desk/db: the database 'quotes'",
    );
    expect(creating({ roles: [{ name: 'reader' }, { name: 'reader' }] })).toThrowCode(
      'duplicate-name',
      "desk/db: the role 'reader'",
    );
  });

  test('rejects the first database as a further one: the job would change its owner', () => {
    expect(creating({ ...MT5, databases: [{ name: 'mt5' }] })).toThrowCode('duplicate-name', "the database 'mt5'");
  });

  test('rejects the first role as a further one: the job would change its password', () => {
    expect(creating({ ...MT5, roles: [{ name: 'mt5_user' }] })).toThrowCode('duplicate-name', "the role 'mt5_user'");
  });
});

describe('endpointFor', () => {
  test('endpointFor returns a URL for the owner of the database and waits for the job', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes' }] });
      new FeatureApi(stack, 'api', { image: BOT, uses: [database.endpointFor({ database: 'quotes' })] });
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

  test('endpointFor returns the parts for another role that may connect', () => {
    const databases = [{ name: 'quotes', users: ['reader'] }];
    const terraform = synthesizeStack((stack) => {
      const endpoint = new PostgresDb(stack, 'db', { databases }).endpointFor({ database: 'quotes', role: 'reader' });
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

  test('endpointFor returns the first database for a further role', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, roles: [{ name: 'exporter', memberOf: ['pg_monitor'] }] });
      new FeatureApi(stack, 'api', {
        image: BOT,
        uses: [database.endpointFor({ database: 'mt5', role: 'exporter' }).parts()],
      });
    });

    expect(startOf(terraform, 'desk-api')).toMatchObject({
      environment: { DATABASE_NAME: 'mt5', DATABASE_USER: 'exporter' },
      after: ['docker_container.desk-db-roles'],
    });
  });

  test('two servers with a database of the same name have separate endpoints', () => {
    const terraform = synthesizeStack((stack) => {
      const uses = ['live', 'archive'].map((id) =>
        new PostgresDb(stack, id, { databases: [{ name: 'quotes' }] }).endpointFor({ database: 'quotes' }),
      );
      uses.forEach((endpoint, index) => new FeatureApi(stack, `api_${index}`, { image: BOT, uses: [endpoint] }));
    });

    expect(startOf(terraform, 'desk-api-0').secrets).toEqual(['/run/secrets/live_quotes_as_quotes_url']);
    expect(startOf(terraform, 'desk-api-1').secrets).toEqual(['/run/secrets/archive_quotes_as_quotes_url']);
  });

  test('endpointFor returns the same endpoint for the same database and role', () => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { databases: [{ name: 'quotes' }] });

      expect(database.endpointFor({ database: 'quotes' })).toBe(database.endpointFor({ database: 'quotes' }));
    });
  });

  test('a database that the first role owns has the password of the first role, and its own URL', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes', owner: 'mt5_user' }] });
      const second = database.endpointFor({ database: 'quotes' });
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

  test('endpointFor rejects an unknown database, and a role that may not connect', () => {
    createStack((stack) => {
      const database = new PostgresDb(stack, 'db', { ...MT5, databases: [{ name: 'quotes' }] });

      expect(() => database.endpointFor({ database: 'quotse' })).toThrowCode(
        'unknown-reference',
        "'quotse'",
        'mt5, quotes',
      );
      expect(() => database.endpointFor({ database: 'quotes', role: 'reader' })).toThrowCode(
        'unknown-reference',
        "Add 'reader' to the `users` of the database",
      );
    });
  });
});

describe('metrics exporter', () => {
  function exporter(props: PostgresDbProps) {
    const { metrics, roles, workload } = monitored(props);
    if (metrics.target.kind !== 'exporter') throw new Error('a PostgresDb has an exporter');
    const [used] = metrics.target.uses;
    return { ...metrics.target, roles, workload, after: used?.connection().startAfter };
  }

  function monitored(props: PostgresDbProps): PostgresDb {
    return new PostgresDb(createStack(), 'db', props);
  }

  test('the exporter logs in as the first role by default', () => {
    const { environment, secrets, workload, after } = exporter(MT5);

    expect(environment).toMatchObject({ DATA_SOURCE_USER: 'mt5_user' });
    expect(secrets(workload)).toMatchObject({ DATA_SOURCE_PASS_FILE: { name: 'db_password' } });
    expect(after).toEqual(['docker_container.desk-db']);
  });

  test('the exporter logs in as metricsRole, a member of pg_monitor', () => {
    const { environment, secrets, workload, after } = exporter({ ...MT5, metricsRole: 'exporter' });

    expect(environment).toEqual({
      DATA_SOURCE_URI: 'db:5432/mt5?sslmode=disable',
      DATA_SOURCE_USER: 'exporter',
    });
    expect(secrets(workload)).toMatchObject({ DATA_SOURCE_PASS_FILE: { name: 'db_exporter_password' } });
    expect(after).toEqual(['docker_container.desk-db-roles']);
    expect(script({ ...MT5, metricsRole: 'exporter' })).toContain('GRANT "pg_monitor" TO "exporter";');
  });

  test('rejects a metricsRole with an invalid name, or that is also a role', () => {
    expect(creating({ metricsRole: 'Exporter' })).toThrowCode('invalid-name', "metricsRole cannot be 'Exporter'");
    expect(creating({ roles: [{ name: 'reader' }], metricsRole: 'reader' })).toThrowCode('duplicate-name', "'reader'");
  });
});

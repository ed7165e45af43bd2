import { Duration, Image, Volume, PostgresDb, type PostgresDbProps, Secret, Size } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { createdBy, environmentOf, secretsOf, volumesOf, warningsOf } from '../fixtures';

/** The container of a database with these properties. */
function database(props: PostgresDbProps = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
    'desk-db',
  );
}

function creating(props: PostgresDbProps): () => unknown {
  return () => createStack((stack) => new PostgresDb(stack, 'db', props));
}

describe.each(ENGINES)('PostgresDb on $engineName', ({ createEngine }) => {
  test('creates one server with its password', () => {
    const terraform = synthesizeStack((stack) => new PostgresDb(stack, 'db'), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('the first database of a PostgresDb', () => {
  test('has the name and the role that were given', () => {
    expect(environmentOf(database({ database: 'mt5', user: 'mt5_user' }))).toEqual({
      POSTGRES_DB: 'mt5',
      POSTGRES_USER: 'mt5_user',
      POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
    });
  });

  test('has a role with its own name unless one was given', () => {
    expect(environmentOf(database({ database: 'mt5' }))).toMatchObject({ POSTGRES_DB: 'mt5', POSTGRES_USER: 'mt5' });
  });

  test('takes a password that a person provides', () => {
    const terraform = synthesizeStack((stack) => {
      const password = Secret.provided(stack, 'mt5_password', { description: 'the password of the old server' });
      new PostgresDb(stack, 'db', { password });
    });
    const container = containerNamed(terraform, 'desk-db');

    expect(environmentOf(container)).toMatchObject({ POSTGRES_PASSWORD_FILE: '/run/secrets/mt5_password' });
    expect(secretsOf(container)).toEqual(['/run/secrets/mt5_password']);
  });

  test.each(['Mt5', 'mt5-live', 'mt5;drop table', '1mt5', 'm"t5', '', 'm'.repeat(64)])(
    'refuses the name %p',
    (name) => {
      const message = `cannot be '${name}'. Give lower-case letters, digits and underscores, at most 63.`;

      expect(creating({ database: name })).toThrow(`desk/db: database ${message}`);
      expect(creating({ user: name })).toThrow(`desk/db: user ${message}`);
    },
  );
});

describe('the data of a PostgresDb', () => {
  test.each([
    ['postgres:16-alpine', '/var/lib/postgresql/data'],
    ['postgres:17.5-bookworm', '/var/lib/postgresql/data'],
    ['postgres:18-alpine', '/var/lib/postgresql'],
    ['docker.io/library/postgres:18.1', '/var/lib/postgresql'],
    ['registry.desk.example:5000/postgres:17-alpine', '/var/lib/postgresql/data'],
  ])('of the image %s is mounted at %s', (name, path) => {
    expect(volumesOf(database({ image: Image.fromRegistry(name) }))).toEqual({ [path]: 'desk_db_data' });
  });

  test.each([
    [17, '/var/lib/postgresql/data'],
    [18, '/var/lib/postgresql'],
  ])('is mounted where the given major version %d has it', (majorVersion, path) => {
    const image = Image.fromRegistry('timescale/timescaledb:2.21.1');

    expect(volumesOf(database({ image, majorVersion }))).toEqual({ [path]: 'desk_db_data' });
  });

  test.each([0, -1, 9, 17.5, Number.NaN])('refuses the major version %p', (majorVersion) => {
    expect(creating({ majorVersion })).toThrow(
      `desk/db: majorVersion cannot be ${majorVersion}. Give a whole number, 10 or more.`,
    );
  });

  test('refuses an image whose major version it cannot tell', () => {
    expect(creating({ image: Image.fromRegistry('timescale/timescaledb:2.21.1') })).toThrow(
      'desk/db: the major version of PostgreSQL cannot be told from the image timescale/timescaledb:2.21.1. ' +
        'Give majorVersion: it decides where the data has to be mounted.',
    );
  });

  test('is in the volume that was given', () => {
    expect(volumesOf(database({ volume: Volume.fromName('old_compose_data') }))).toEqual({
      '/var/lib/postgresql/data': 'old_compose_data',
    });
    expect(volumesOf(database({ volume: Volume.ephemeral('scratch') }))).toEqual({
      '/var/lib/postgresql/data': '${docker_volume.volume_desk_scratch.name}',
    });
  });

  test('is in the folder below the volume that was given', () => {
    const container = database({ dataDirectory: '/var/lib/postgresql/data/pgdata' });

    expect(environmentOf(container)).toMatchObject({ PGDATA: '/var/lib/postgresql/data/pgdata' });
  });

  test.each(['/srv/pgdata', 'pgdata', '/var/lib/postgresql/database'])(
    'refuses the folder %s, which is outside of the volume and would be lost with the container',
    (dataDirectory) => {
      expect(creating({ dataDirectory })).toThrow(
        `desk/db: dataDirectory cannot be '${dataDirectory}'. Give a folder below /var/lib/postgresql/data, ` +
          'where the volume is: elsewhere the data goes with the container.',
      );
    },
  );
});

describe('the health of a PostgresDb', () => {
  test('is asked over TCP, which the server of the first start does not listen on', () => {
    expect(database({ database: 'mt5', user: 'mt5_user' }).healthcheck).toMatchObject({
      test: ['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'mt5_user', '-d', 'mt5'],
      interval: '5s',
      retries: 5,
    });
  });

  test('is waited for', () => {
    expect(database()).toMatchObject({ wait: true, wait_timeout: 120 });
    expect(database({ startTimeout: Duration.minutes(10) })).toMatchObject({ wait_timeout: 600 });
  });

  test('is not lost in a stop: the server has a minute to write everything to disk', () => {
    expect(database()).toMatchObject({ stop_timeout: 60, destroy_grace_seconds: 60 });
    expect(database({ stopGracePeriod: Duration.minutes(5) })).toMatchObject({ stop_timeout: 300 });
  });
});

describe('the init scripts of a PostgresDb', () => {
  test('are put where the image runs them on an empty volume', () => {
    const container = database({ initScripts: { '10-schema.sql': 'CREATE TABLE fills ();', '20-seed.sh': 'true' } });

    expect(container.upload).toEqual([
      { file: '/docker-entrypoint-initdb.d/10-schema.sql', content: 'CREATE TABLE fills ();', permissions: '0444' },
      { file: '/docker-entrypoint-initdb.d/20-seed.sh', content: 'true', permissions: '0444' },
    ]);
  });

  test.each(['schema', '../etc/passwd.sql', 'schema.sql.txt', 'my schema.sql', ''])(
    'refuse the file name %p',
    (name) => {
      expect(creating({ initScripts: { [name]: 'SELECT 1;' } })).toThrow(
        `desk/db: the init script cannot be '${name}'. Give a file name that ends in .sql or .sh: '10-schema.sql'.`,
      );
    },
  );

  test('refuse an empty file, which the provider would refuse', () => {
    expect(creating({ initScripts: { '10-schema.sql': '' } })).toThrow(
      "desk/db: /docker-entrypoint-initdb.d/10-schema.sql cannot be ''. Give a content: the provider refuses an empty file.",
    );
  });
});

describe('the limits of a PostgresDb', () => {
  test('are enough to start with', () => {
    expect(creating({ resources: { memory: Size.mebibytes(127) } })).toThrow(
      'desk/db: the memory limit of 127 MiB is below the 128 MiB that this server needs. ' +
        'Raise resources.memory to 128 MiB or more.',
    );
    expect(database({ resources: { memory: Size.mebibytes(128) } })).toMatchObject({ memory: 128, memory_swap: 128 });
  });

  test.each([0, -1, 1.5, Number.NaN, 1, 3])('refuse %p connections', (maxConnections) => {
    expect(creating({ maxConnections })).toThrow(
      `desk/db: maxConnections cannot be ${maxConnections}. Give a whole number, 4 or more: the server keeps 3 for ` +
        'superusers and needs another one.',
    );
  });

  test.each([
    [{ superuser_reserved_connections: 5 }, 6],
    [{ 'superuser-reserved-connections': '0' }, 1],
    [{ reserved_connections: 2 }, 6],
    [{ superuser_reserved_connections: 1, reserved_connections: 2 }, 4],
    [{ log_statement: 'ddl' }, 4],
  ])('leave a connection beside those that %j keeps: %i', (settings, fewest) => {
    expect(database({ settings, maxConnections: fewest }).command).toContain(`max_connections=${fewest}`);
    expect(creating({ settings, maxConnections: fewest - 1 })).toThrow(`Give a whole number, ${fewest} or more`);
  });
});

describe('a command of the user’s own', () => {
  test.each([{ command: ['postgres'] }, { entrypoint: ['/app/postgres'] }])(
    'takes the place of that of a PostgresDb (%j), with a warning',
    (options) => {
      expect(warningsOf(createStack((stack) => new PostgresDb(stack, 'db', options)))).toEqual([
        '`command` or `entrypoint` replaces its settings and the look at its volume; `settings` adds to them',
      ]);
      expect(warningsOf(createStack((stack) => new PostgresDb(stack, 'db')))).toEqual([]);
    },
  );

  test('takes the place of the look at the volume, too, when it is the entry point', () => {
    const container = database({ entrypoint: ['/app/postgres'] });

    expect(container.entrypoint).toEqual(['/app/postgres']);
    expect(container).not.toHaveProperty('command');
  });
});

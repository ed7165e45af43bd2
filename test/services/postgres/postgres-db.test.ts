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

describe('first database', () => {
  test('the first database has the configured name and role', () => {
    expect(environmentOf(database({ database: 'mt5', user: 'mt5_user' }))).toEqual({
      POSTGRES_DB: 'mt5',
      POSTGRES_USER: 'mt5_user',
      POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
    });
  });

  test('the first role is named after the first database by default', () => {
    expect(environmentOf(database({ database: 'mt5' }))).toMatchObject({ POSTGRES_DB: 'mt5', POSTGRES_USER: 'mt5' });
  });

  test('the password can be a provided secret', () => {
    const terraform = synthesizeStack((stack) => {
      const password = Secret.provided(stack, 'mt5_password', { description: 'the password of the old server' });
      new PostgresDb(stack, 'db', { password });
    });
    const container = containerNamed(terraform, 'desk-db');

    expect(environmentOf(container)).toMatchObject({ POSTGRES_PASSWORD_FILE: '/run/secrets/mt5_password' });
    expect(secretsOf(container)).toEqual(['/run/secrets/mt5_password']);
  });

  test.each(['Mt5', 'mt5-live', 'mt5;drop table', '1mt5', 'm"t5', '', 'm'.repeat(64)])(
    'rejects %p as the name of a database or role',
    (name) => {
      expect(creating({ database: name })).toThrowCode('invalid-name', 'desk/db: database', `'${name}'`);
      expect(creating({ user: name })).toThrowCode('invalid-name', 'desk/db: user', `'${name}'`);
    },
  );
});

describe('data', () => {
  test.each([
    ['postgres:16-alpine', '/var/lib/postgresql/data'],
    ['postgres:17.5-bookworm', '/var/lib/postgresql/data'],
    ['postgres:18-alpine', '/var/lib/postgresql'],
    ['docker.io/library/postgres:18.1', '/var/lib/postgresql'],
    ['registry.desk.example:5000/postgres:17-alpine', '/var/lib/postgresql/data'],
  ])('the volume of the image %s is mounted at %s', (name, path) => {
    expect(volumesOf(database({ image: Image.fromRegistry(name) }))).toEqual({ [path]: 'desk_db_data' });
  });

  test.each([
    [17, '/var/lib/postgresql/data'],
    [18, '/var/lib/postgresql'],
  ])('majorVersion %d decides where the volume is mounted', (majorVersion, path) => {
    const image = Image.fromRegistry('timescale/timescaledb:2.21');

    expect(volumesOf(database({ image, majorVersion }))).toEqual({ [path]: 'desk_db_data' });
  });

  test.each([0, -1, 9, 17.5, Number.NaN])('rejects majorVersion %p', (majorVersion) => {
    expect(creating({ majorVersion })).toThrowCode('invalid-value', 'majorVersion', '10 or more');
  });

  test('rejects an image of unknown major version and asks for majorVersion', () => {
    expect(creating({ image: Image.fromRegistry('timescale/timescaledb:2.21') })).toThrowCode(
      'image-version-unknown',
      'timescale/timescaledb:2.21',
      'Set majorVersion',
    );
  });

  test('the data is in the configured volume', () => {
    expect(volumesOf(database({ volume: Volume.fromName('old_compose_data') }))).toEqual({
      '/var/lib/postgresql/data': 'old_compose_data',
    });
    expect(volumesOf(database({ volume: Volume.ephemeral('scratch') }))).toEqual({
      '/var/lib/postgresql/data': '${docker_volume.volume_desk_scratch.name}',
    });
  });

  test('the data can be in a folder of the volume', () => {
    const container = database({ dataDirectory: '/var/lib/postgresql/data/pgdata' });

    expect(environmentOf(container)).toMatchObject({ PGDATA: '/var/lib/postgresql/data/pgdata' });
  });

  test.each(['pgdata', '/var/lib/postgresql/./data', '/var/lib/postgresql/data/../other'])(
    'rejects the data directory %s, which the check of the volume could not compare',
    (dataDirectory) => {
      expect(creating({ dataDirectory })).toThrowCode('invalid-path', `'${dataDirectory}'`);
    },
  );

  test.each(['/srv/pgdata', '/var/lib/postgresql/database'])(
    'rejects the data directory %s, which is outside of the volume',
    (dataDirectory) => {
      expect(creating({ dataDirectory })).toThrowCode(
        'data-outside-volume',
        `'${dataDirectory}'`,
        'Use /var/lib/postgresql/data',
      );
    },
  );
});

describe('health check', () => {
  test('the health check connects over TCP, on which the temporary server of the first start does not listen', () => {
    expect(database({ database: 'mt5', user: 'mt5_user' }).healthcheck).toMatchObject({
      test: ['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'mt5_user', '-d', 'mt5'],
      interval: '5s',
      retries: 5,
    });
  });

  test('a deploy waits until the server is healthy', () => {
    expect(database()).toMatchObject({ wait: true, wait_timeout: 120 });
    expect(database({ startTimeout: Duration.minutes(10) })).toMatchObject({ wait_timeout: 600 });
  });

  test('a stop leaves the server a minute to write everything to disk', () => {
    expect(database()).toMatchObject({ stop_timeout: 60, destroy_grace_seconds: 60 });
    expect(database({ stopGracePeriod: Duration.minutes(5) })).toMatchObject({ stop_timeout: 300 });
  });
});

describe('init scripts', () => {
  test('init scripts are where the image runs them on an empty volume', () => {
    const container = database({ initScripts: { '10-schema.sql': 'CREATE TABLE fills ();', '20-seed.sh': 'true' } });

    expect(container.upload).toEqual([
      { file: '/docker-entrypoint-initdb.d/10-schema.sql', content: 'CREATE TABLE fills ();', permissions: '0444' },
      { file: '/docker-entrypoint-initdb.d/20-seed.sh', content: 'true', permissions: '0444' },
    ]);
  });

  test.each(['schema', '../etc/passwd.sql', 'schema.sql.txt', 'my schema.sql', ''])(
    'rejects %p as the file name of an init script',
    (name) => {
      expect(creating({ initScripts: { [name]: 'SELECT 1;' } })).toThrowCode(
        'invalid-name',
        `the init script cannot be '${name}'`,
      );
    },
  );

  test('rejects an empty init script, which the provider would reject', () => {
    expect(creating({ initScripts: { '10-schema.sql': '' } })).toThrowCode(
      'config-file-invalid',
      'desk/db',
      '10-schema.sql',
    );
  });
});

describe('limits', () => {
  test('rejects a memory limit below 128 MiB', () => {
    expect(creating({ resources: { memory: Size.mebibytes(127) } })).toThrowCode(
      'memory-too-small',
      '127 MiB',
      '128 MiB',
    );
    expect(database({ resources: { memory: Size.mebibytes(128) } })).toMatchObject({ memory: 128, memory_swap: 128 });
  });

  test.each([0, -1, 1.5, Number.NaN, 1, 3])('rejects %p as maxConnections', (maxConnections) => {
    expect(creating({ maxConnections })).toThrowCode('invalid-value', 'maxConnections', '4 or more');
  });

  test.each([
    [{ superuser_reserved_connections: 5 }, 6],
    [{ 'superuser-reserved-connections': '0' }, 1],
    [{ reserved_connections: 2 }, 6],
    [{ superuser_reserved_connections: 1, reserved_connections: 2 }, 4],
    [{ log_statement: 'ddl' }, 4],
  ])('maxConnections exceeds the connections that %j reserves: %i is enough', (settings, fewest) => {
    expect(database({ settings, maxConnections: fewest }).command).toContain(`max_connections=${fewest}`);
    expect(creating({ settings, maxConnections: fewest - 1 })).toThrowCode('invalid-value', `${fewest} or more`);
  });
});

describe('command of the user', () => {
  test.each([{ command: ['postgres'] }, { entrypoint: ['/app/postgres'] }])(
    'warns that %j replaces the settings and the check of the volume',
    (options) => {
      expect(warningsOf(createStack((stack) => new PostgresDb(stack, 'db', options)))).toEqual([
        expect.stringContaining('its settings and the check of its volume; `settings` adds to them'),
      ]);
      expect(warningsOf(createStack((stack) => new PostgresDb(stack, 'db')))).toEqual([]);
    },
  );

  test('an entry point of the user also replaces the check of the volume', () => {
    const container = database({ entrypoint: ['/app/postgres'] });

    expect(container.entrypoint).toEqual(['/app/postgres']);
    expect(container).not.toHaveProperty('command');
  });
});

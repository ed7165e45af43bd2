import { ApiGateway, DatabaseMigration, PostgresDb } from '../../../lib';
import { containerNamed, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, startOf } from '../fixtures';

describe.each(ENGINES)('DatabaseMigration on $engineName', ({ createEngine }) => {
  test('creates one job', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const database = new PostgresDb(stack, 'db');
        new DatabaseMigration(stack, 'migration', { image: BOT, command: ['alembic', 'upgrade', 'head'], database });
      },
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a DatabaseMigration', () => {
  const terraform = synthesizeStack((stack) => {
    const database = new PostgresDb(stack, 'db', { database: 'desk' });
    const migration = new DatabaseMigration(stack, 'migration', {
      image: BOT,
      database: database.endpoint.url({ driver: 'asyncpg' }),
    });
    new ApiGateway(stack, 'backend', { image: BOT, uses: [database, migration] });
  });

  test('gets the database in the form that its tool wants, and waits for it', () => {
    expect(startOf(terraform, 'desk-migration')).toMatchObject({
      environment: { DATABASE_URL_FILE: '/run/secrets/db_url_asyncpg' },
      after: ['docker_container.desk-db'],
    });
  });

  test('comes before those that use it', () => {
    expect(startOf(terraform, 'desk-backend').after).toEqual([
      'docker_container.desk-db',
      'docker_container.desk-migration',
    ]);
  });

  test('has to end with 0', () => {
    expect(containerNamed(terraform, 'desk-migration')).toMatchObject({ must_run: false, attach: true, restart: 'no' });
  });
});

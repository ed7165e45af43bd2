import { ApiGateway, DatabaseMigration, Job, PostgresDb } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, startOf } from '../fixtures';

describe.each(ENGINES)('DatabaseMigration on $engineName', ({ createEngine }) => {
  test('is a job that uses the database', () => {
    createStack(
      (stack) => {
        const database = new PostgresDb(stack, 'db');
        const command = ['alembic', 'upgrade', 'head'];
        const { workload } = new DatabaseMigration(stack, 'migration', { image: BOT, command, database });
        const { workload: job } = new Job(stack, 'job', { image: BOT, command, uses: [database] });
        const { path, name, aliases, labels } = workload.spec;

        expect(workload.spec).toEqual({ ...job.spec, path, name, aliases, labels });
        expect(workload.spec).toMatchObject({ kind: 'job', dependsOn: [database.workload.address] });
      },
      { engine: createEngine() },
    );
  });
});

describe('DatabaseMigration', () => {
  const terraform = synthesizeStack((stack) => {
    const database = new PostgresDb(stack, 'db', { database: 'desk' });
    const migration = new DatabaseMigration(stack, 'migration', {
      image: BOT,
      database: database.endpoint.url({ driver: 'asyncpg' }),
    });
    new ApiGateway(stack, 'backend', { image: BOT, uses: [database, migration] });
  });

  test('waits for the database and gets its URL with the requested driver', () => {
    expect(startOf(terraform, 'desk-migration')).toMatchObject({
      environment: { DATABASE_URL_FILE: '/run/secrets/db_url_asyncpg' },
      after: ['docker_container.desk-db'],
    });
  });

  test('runs before the services that use it', () => {
    expect(startOf(terraform, 'desk-backend').after).toEqual([
      'docker_container.desk-db',
      'docker_container.desk-migration',
    ]);
  });

  test('has to exit with code 0', () => {
    expect(containerNamed(terraform, 'desk-migration')).toMatchObject({ must_run: false, attach: true, restart: 'no' });
  });

  test('rejects a missing database, which only untyped code can pass', () => {
    const create = () => createStack((stack) => new DatabaseMigration(stack, 'migration', { image: BOT } as never));

    expect(create).toThrowCode('missing-option', 'desk/migration', 'database');
  });
});

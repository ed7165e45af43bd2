import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSchema, type OwnSchema } from './support/own-schema';
import { createProcess, type Process } from './support/processes';
import { withServer } from './support/server';

const NEWEST = '0003-strategies';

describe('the schema', () => {
  withServer('DATABASE_TEST_URL', (url) => {
    let schema: OwnSchema;
    const processes: Process[] = [];

    beforeEach(async () => {
      schema = await createSchema(url);
    });

    afterEach(async () => {
      for (const process of processes.splice(0)) await process.stop();
      await schema.drop();
    });

    async function use(url = schema.url): Promise<void> {
      const process = await createProcess({ DATABASE_URL: url });
      processes.push(process);
      await process.service.database?.run('SELECT count(*) FROM fills');
    }

    async function values(statement: string): Promise<unknown[]> {
      const { rows } = await schema.client.query<unknown[]>({ text: statement, rowMode: 'array' });
      return rows.map(([value]) => value);
    }

    it('is created by the first process, even if several start at the same time', async () => {
      await Promise.all(Array.from({ length: 6 }, () => use()));
      assert.deepEqual((await values('SELECT id FROM schema_migrations ORDER BY id')).at(-1), NEWEST);
    });

    it('is updated if an earlier version created it, and keeps its data', async () => {
      await use();
      await schema.client.query(
        "INSERT INTO alerts (severity, source, message, created_at) VALUES ('info', 'a', 'b', now())",
      );
      await schema.client.query(`
        DROP TABLE schema_migrations, circuit_breaks;
        DROP INDEX fills_in_order;
        CREATE INDEX fills_filled_at ON fills (filled_at)`);
      await use();
      assert.deepEqual(await values('SELECT message FROM alerts'), ['b']);
      assert.deepEqual(await values('SELECT count(*)::int FROM circuit_breaks'), [0]);
      const indexes = await values(
        `SELECT indexname FROM pg_indexes WHERE schemaname = '${schema.name}' AND tablename = 'fills'`,
      );
      assert.deepEqual(indexes.sort(), ['fills_in_order', 'fills_pkey']);
    });

    it('is not changed by later processes, which do not need the permission to do so', async () => {
      await use();
      const applied = await values('SELECT applied_at::text FROM schema_migrations');
      const user = `user_${schema.name}`;
      await schema.client
        .query(`CREATE ROLE ${user} LOGIN PASSWORD 'password'; GRANT USAGE ON SCHEMA ${schema.name} TO ${user};
        GRANT SELECT ON ALL TABLES IN SCHEMA ${schema.name} TO ${user}`);
      const theirs = new URL(schema.url);
      [theirs.username, theirs.password] = [user, 'password'];
      await use(theirs.href);
      assert.deepEqual(await values('SELECT applied_at::text FROM schema_migrations'), applied);
      for (const process of processes.splice(0)) await process.stop();
      await schema.client.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
    });

    it('may take longer to change than the timeout of a request', async () => {
      await schema.client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtext('schema'))");
      const used = use();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await schema.client.query('COMMIT');
      await used;
    });
  });
});

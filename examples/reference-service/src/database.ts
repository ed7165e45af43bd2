import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import type { Configuration } from './configuration';
import { changingNothing, nothingDone } from './nothing-done';
import { migrate } from './schema';
import type { Service } from './service';

/** Runs one statement and returns its rows. */
export type Query = <Row extends QueryResultRow>(statement: string, values?: readonly unknown[]) => Promise<Row[]>;

/** A pool of connections to PostgreSQL that outlives the server: it connects again, by name, after a failure. */
export class Database {
  private readonly pool: Pool;

  /** The database of `DATABASE_URL`, or `undefined` if that variable is not set. */
  static optional(service: Service, configuration: Configuration): Database | undefined {
    const url = configuration.optionalSecretUrl('DATABASE_URL', {
      schemes: ['postgresql', 'postgres'],
      example: 'postgresql://user:password@db:5432/trading',
    });
    return url === undefined ? undefined : new Database(url, service);
  }

  private constructor(url: string, service: Service) {
    this.pool = new Pool({
      connectionString: url,
      application_name: service.name,
      max: 4,
      // Short, because clients of this service wait for its writes.
      connectionTimeoutMillis: 1_000,
      query_timeout: 1_000,
      keepAlive: true,
      // On every new connection and not once at start, because the server may come up later than this service or be
      // replaced by an empty one.
      // The pool waits for the promise and drops the connection if it rejects, which its types do not show.
      // eslint-disable-next-line @typescript-eslint/no-misused-promises
      onConnect: async (client) => {
        const applied = await migrate(client);
        if (applied.length > 0) service.log.info(`changed the schema of the database: ${applied.join(', ')}`);
      },
    });
    // Without listeners, losing a connection would end the process, whether it is in use, so that its statements fail
    // too, or idle, so that the pool has already dropped it.
    this.pool.on('connect', (client) => {
      client.on('error', (error) => {
        service.log.warn({ err: error }, 'lost a database connection');
      });
    });
    this.pool.on('error', () => {});
    service.health.add('database', async () => {
      await this.rows('SELECT 1');
    });
  }

  async run(statement: string, values: readonly unknown[] = []): Promise<void> {
    await this.rows(statement, values);
  }

  /** The rows; a `numeric` or `bigint` column arrives as text. */
  readonly rows: Query = async <Row extends QueryResultRow>(statement: string, values: readonly unknown[] = []) =>
    (await this.pool.query<Row>(statement, [...values])).rows;

  /**
   * Runs the statements of the work in one transaction.
   *
   * @throws NothingDoneError if it was rolled back; after any other error it may have been committed
   */
  async transaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const client = await changingNothing(() => this.pool.connect());
    let result: Result;
    try {
      await client.query('BEGIN');
      const query: Query = async <Row extends QueryResultRow>(statement: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(statement, [...values])).rows;
      result = await work(query);
    } catch (error) {
      await rollBack(client);
      throw nothingDone(error);
    }
    try {
      await client.query('COMMIT');
    } catch (error) {
      // The server may have committed it, may still be doing so, or may never have received it.
      client.release(error as Error);
      throw error;
    }
    client.release();
    return result;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** A connection that cannot even roll back is not kept. */
async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
}

import { Pool } from 'pg';
import type { Configuration } from './configuration';
import type { Service } from './service';

/** A pool of connections to PostgreSQL that outlives the server: it connects again, by name, after a failure. */
export class Database {
  private readonly pool: Pool;

  /** The database of `DATABASE_URL`, or nothing when that variable was not given. */
  static optional(service: Service, configuration: Configuration, schema: string): Database | undefined {
    const url = configuration.optionalSecretUrl('DATABASE_URL', {
      schemes: ['postgresql', 'postgres'],
      example: 'postgresql://user:password@db:5432/trading',
    });
    return url === undefined ? undefined : new Database(url, schema, service);
  }

  private constructor(url: string, schema: string, service: Service) {
    this.pool = new Pool({
      connectionString: url,
      application_name: service.name,
      max: 4,
      // Short, because callers of this service wait for its writes.
      connectionTimeoutMillis: 1_000,
      query_timeout: 1_000,
      keepAlive: true,
      // On every new connection and not once at start, because the server may come up later than this service or be
      // replaced by an empty one. The lock is for replicas: two that create the same table at once make one fail.
      onConnect: async (client) => {
        await client.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('schema')); ${schema}; COMMIT`);
      },
    });
    // Without a listener the loss of an idle connection would end the process; the pool has already dropped it.
    this.pool.on('error', (error) => service.log.warn({ err: error }, 'lost a database connection'));
    service.health.add('database', () => this.run('SELECT 1'));
  }

  async run(statement: string, values: readonly unknown[] = []): Promise<void> {
    await this.pool.query(statement, [...values]);
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

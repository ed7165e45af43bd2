import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { ConfigurationError, type Configuration } from '../configuration';
import type { Database } from '../database';
import type { Service } from '../service';
import type { Role } from './role';

const RETRY_MS = 1_000;

/**
 * Applies the pending changes of the schema and ends. It waits for the database to start.
 */
export class Migration implements Role {
  private readonly database: Database;
  private readonly timeout: number;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    if (service.database === undefined) throw new ConfigurationError('DATABASE_URL is not set; the migration needs it');
    this.database = service.database;
    const limits = { min: 1, max: 3_600, default: 30 };
    this.timeout = configuration.wholeNumber('MIGRATION_TIMEOUT_SECONDS', limits) * 1_000;
  }

  async start(signal: AbortSignal): Promise<'finished'> {
    const deadline = performance.now() + this.timeout;
    for (;;) {
      try {
        // Each new connection applies the missing changes and logs them.
        await this.database.run('SELECT 1');
        this.service.log.info('all tables exist');
        return 'finished';
      } catch (error) {
        if (isAnswer(error) || signal.aborted || performance.now() > deadline) throw error;
        this.service.log.warn({ err: error }, 'the database is not ready');
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  }

  async stop(): Promise<void> {}
}

const STARTING_UP = '57P03'; // cannot_connect_now

/** Errors of the server about the schema or the user, which waiting does not solve. */
function isAnswer(error: unknown): boolean {
  return error instanceof DatabaseError && error.code !== STARTING_UP;
}

import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import type { Service } from '../service';

/** The work of a trading service, apart from `/health` and `/metrics`. */
export interface Role {
  /**
   * Starts the work, after HTTP and the bus have started. A role that ends by itself returns `finished`. A long start
   * rejects when the signal aborts it.
   */
  start(signal: AbortSignal): Promise<void> | Promise<'finished'>;
  /** At the start of a stop: starts no new work and rejects queued work. Everything else still works. */
  close?(): void;
  /** Accepts no more work and finishes what was started. HTTP is closed, the bus and the database are still open. */
  stop(): Promise<void>;
}

/** The constructor reads the whole configuration of the role, so that errors are found before the start. */
export type RoleConstructor = new (service: Service, configuration: Configuration, bus: Bus) => Role;

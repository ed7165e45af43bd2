import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import type { Service } from '../service';

/** What a trading service does beside answering `/health` and `/metrics`. */
export interface Role {
  /**
   * Begins to work. HTTP and the bus are started already. A role that has an end says `finished`. What takes long
   * rejects when the signal says that the service is to stop.
   */
  start(signal: AbortSignal): Promise<void> | Promise<'finished'>;
  /** At the beginning of a stop: begins nothing more of itself, and refuses what waits. Everything else works still. */
  close?(): void;
  /** Takes no more work and finishes what was begun. HTTP is closed already; the bus and the database are not yet. */
  stop(): Promise<void>;
}

/** The constructor reads the whole configuration of the role, so that a mistake in it is found before any work. */
export type RoleConstructor = new (service: Service, configuration: Configuration, bus: Bus) => Role;

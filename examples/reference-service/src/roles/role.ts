import type { Configuration } from '../configuration';
import type { Service } from '../service';

/** What a trading service does beside answering `/health` and `/metrics`. */
export interface Role {
  /** Opens sockets and begins to work. */
  start(): Promise<void>;
  /** Takes no more work, finishes what was begun and closes everything. HTTP is closed already. */
  stop(): Promise<void>;
}

/** The constructor reads the whole configuration of the role, so that a mistake in it is found before any work. */
export type RoleConstructor = new (service: Service, configuration: Configuration) => Role;

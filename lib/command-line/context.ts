import type { PortSpec } from '../index';
import type { Output } from './output/output';

/** What a command uses of the machine it runs on. Tests replace parts of it. */
export interface CommandContext {
  readonly output: Output;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether a question can be answered. */
  readonly isInteractive: boolean;
  /**
   * Asks a question that only `yes` affirms.
   * @param otherwise what any other answer means
   * @throws CommandError for any other answer
   */
  readonly confirm: (question: string, otherwise: string) => Promise<void>;
  /** Waits; ends early when the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Binds the port for a moment; returns the error code if that fails, such as `EADDRINUSE`. */
  readonly probePort: (port: PortSpec) => Promise<string | undefined>;
}

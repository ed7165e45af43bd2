import type { PortSpec } from '../internal';
import type { Terminal } from './engine/exec';
import type { Output } from './output/output';
import type { ProgramEnd, ProgramOptions } from './terraform/process';

/** The machine that a command runs on. Tests replace parts of it. */
export interface CommandContext {
  readonly output: Output;
  readonly environment: NodeJS.ProcessEnv;
  /** What a command in a container is connected to. */
  readonly terminal: Terminal;
  /** Whether a question can be answered. */
  readonly isInteractive: boolean;
  /**
   * Asks a question and accepts only `yes`.
   * @param otherwise what happens after any other answer
   * @throws CommandError for any other answer
   */
  readonly confirm: (question: string, otherwise: string) => Promise<void>;
  /** Waits; ends early when the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Runs a program, such as Terraform, to its end. */
  readonly runProgram: (program: string, command: readonly string[], options: ProgramOptions) => Promise<ProgramEnd>;
  /** Binds the port for a moment; returns the error code if that fails, such as `EADDRINUSE`. */
  readonly probePort: (port: PortSpec) => Promise<string | undefined>;
}

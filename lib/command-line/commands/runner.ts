import type { App } from 'cdktf';
import type { CommandContext } from '../context';

/** The option that decides how a command prints. */
export interface JsonFlag {
  readonly json?: boolean;
}

/** How a command is run. */
export interface CommandRunner {
  /** Runs the work on the app, and sets the exit code to its result. */
  readonly run: (flags: JsonFlag, work: (app: App, context: CommandContext) => Promise<number>) => Promise<void>;
}

/** Description of the argument of a command that takes the only stack of an app without its name. */
export const OPTIONAL_STACK = 'name of the stack; not needed if the app has only one';

/** Description of the option for passwords that may not fit existing data. */
export const NEW_SECRETS = 'generate missing passwords even if existing data cannot be ruled out';

import type { App } from 'cdktf';
import type { TradingStack } from '../../../lib';

/** An example of an error, for `docs/errors.md`. */
export type ErrorExample = CodeExample | CommandExample;

/** Code that raises the error; its text is shown together with the message that it really produced. */
export type CodeExample = (context: { readonly app: App; readonly stack: TradingStack }) => unknown;

/** A command that ends with the error; its cause is outside of the code, so the message is an example. */
export interface CommandExample {
  readonly command: string;
  readonly output: string;
}

import type { App } from 'cdktf';
import type { TradingStack } from '../../../lib';

/** Code that raises an error; its text goes into `docs/errors.md` together with the message that it really produced. */
export type ErrorExample = (context: { readonly app: App; readonly stack: TradingStack }) => unknown;

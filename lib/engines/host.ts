import type { IConstruct } from 'constructs';
import { checkEngineHost } from './provider';

/**
 * Key in the context of the app: the address of the engine for every stack whose code sets no `host`. The command line
 * passes a remote engine on, and `cdktf.json` can set one for plain `cdktf deploy`.
 */
export const HOST_CONTEXT = 'dockerHost';

/**
 * The address of the engine that the output is for; `undefined` for the one that the provider finds.
 * @param host the one in the code, which takes precedence
 * @throws TradingStackError for a context that is not an address
 */
export function hostFor(scope: IConstruct, host: string | undefined): string | undefined {
  return (
    host ?? checkEngineHost(scope.node.tryGetContext(HOST_CONTEXT) as string | undefined, 'the context', HOST_CONTEXT)
  );
}

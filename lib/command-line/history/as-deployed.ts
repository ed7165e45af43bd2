import type { TradingStack } from '../../index';
import type { RegisteredWorkload } from '../../internal';

/**
 * A stack with the workloads of an earlier deploy. Everything else is that of the code as it is: engine, names, secrets,
 * and where the state is.
 */
export function asDeployed(stack: TradingStack, workloads: readonly RegisteredWorkload[]): TradingStack {
  const platform = Object.create(stack.platform, { workloads: { value: workloads } }) as TradingStack['platform'];
  return Object.create(stack, { platform: { value: platform } }) as TradingStack;
}

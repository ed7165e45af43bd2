import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TradingStack } from '../../index';

/**
 * Makes the state and its backup readable only by their owner: they contain the environment of containers, and on a
 * Swarm the secrets. New files are created like that; Terraform keeps the mode of existing ones.
 * @param folder the stack's output folder
 */
export function protectState(folder: string, stack: TradingStack): void {
  const state = join(folder, stack.stateFile);
  for (const file of [state, `${state}.backup`]) {
    if (existsSync(file)) chmodSync(file, 0o600);
  }
}

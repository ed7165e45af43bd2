import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TradingStack } from '../../index';

/**
 * Takes the state, and Terraform's backup of it, from everybody but its owner: it holds the environment of containers,
 * and on a Swarm the secrets. New ones are made so; Terraform leaves the mode of one that is there.
 * @param folder the stack's output folder
 */
export function protectState(folder: string, stack: TradingStack): void {
  const state = join(folder, stack.stateFile);
  for (const file of [state, `${state}.backup`]) {
    if (existsSync(file)) chmodSync(file, 0o600);
  }
}

import type { Completed } from '../rollout/outcome';
import type { DeployRecord } from './deploy-record';

/**
 * What is said when nothing is left to change.
 * @param restores the deploy that a rollback went back to
 * @param stack its id
 */
export function completionOf(
  restores: DeployRecord | null,
  stack: string,
): Pick<Completed, 'title' | 'unchanged' | 'command'> {
  if (restores === null) {
    return { title: 'is deployed', unchanged: `Nothing to change: ${stack} is up to date.`, command: 'deploy' };
  }
  const { id } = restores;
  return { title: `is back at deploy ${id}`, unchanged: `${stack} already runs deploy ${id}.`, command: 'rollback' };
}

import type { Undertaking } from './deploy-record';
import type { History } from './history';

/** How to return to the last deploy that succeeded, after one that did not; `undefined` without one, or in a rollback. */
export function wayBack(stack: string, { deploys }: History, command: Undertaking['command']): string | undefined {
  const last = deploys.at(-1);
  if (last === undefined || command === 'rollback') return undefined;
  return `To go back to the deploy of ${last.time} (${last.reason}): npm run rollback -- ${stack}`;
}

import type { Problem } from '../output/output';

/**
 * What to say when another Terraform works on the same state, or has since the plan was made; `undefined` if nothing of
 * that kind was the reason.
 * @param errors what Terraform wrote
 * @param terraform how it is called for this state
 */
export function conflictIn(errors: string, terraform: string): Problem | undefined {
  if (errors.includes('Saved plan is stale')) {
    const message =
      'Another deploy of this stack ended after this plan was made, so the plan fits no more and was not applied. ' +
      'Run the command again.';
    return { code: 'plan-stale', message };
  }
  if (!errors.includes('Error acquiring the state lock')) return undefined;
  const fieldOf = (name: string): string => new RegExp(`\\b${name}: +(.*)`).exec(errors)?.[1]?.trim() ?? 'unknown';
  const message =
    `Another deploy of this stack is under way: ${fieldOf('Who')} has held the lock of its state since ` +
    `${fieldOf('Created')} (${fieldOf('Operation')}). Run the command again when that one has ended. If there is none, it ` +
    'was killed, and its lock stays until it is removed: ' +
    `${terraform} force-unlock ${fieldOf('ID')}`;
  return { code: 'state-locked', message };
}

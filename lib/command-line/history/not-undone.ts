import type { TradingStack } from '../../index';
import type { Output } from '../output/output';
import { type Change, resourceName } from '../plan/changes';

/**
 * Says which jobs a rollback runs, and what it leaves as it is.
 * @param stack with the workloads that it goes back to
 */
export function printNotUndone(changes: readonly Change[], { platform }: TradingStack, output: Output): void {
  const { workloads } = platform;
  const changed = new Map(changes.filter(({ isDeposed }) => !isDeposed).map((change) => [change.address, change]));
  const jobs = workloads.filter(({ spec }) => spec.kind === 'job');
  const isRun = (address: string): boolean => ['create', 'replace'].includes(changed.get(address)?.action ?? '');
  const runAgain = jobs.filter(({ address }) => isRun(address)).map(({ spec }) => spec.name);
  const removed = [...changed.values()].filter(({ action, before }) => action === 'delete' && before?.attach === true);
  const kept = [
    ...jobs.filter(({ address }) => !isRun(address)).map(({ spec }) => spec.name),
    ...removed.map((change) => resourceName(change, workloads)),
  ];
  const withData = workloads
    .filter(
      ({ spec, address }) => changed.has(address) && spec.volumes.some(({ lifetime }) => lifetime !== 'ephemeral'),
    )
    .map(({ spec }) => spec.name);
  if (runAgain.length > 0)
    output.warn(
      `\nThese jobs run again: ${runAgain.join(', ')}. They are not on the engine any more, or were interrupted. Check ` +
        'that the data of today does not stop them, such as the tables that a later migration has left.',
    );
  if (withData.length > 0)
    output.warn(`\nNot undone: the data in the volumes of ${withData.join(', ')} is kept as it is.`);
  if (kept.length > 0)
    output.warn(
      `\nNot undone: jobs are not run again (${kept.join(', ')}), and what they did, such as database migrations, stays.`,
    );
}

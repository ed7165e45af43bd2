import type { TradingStack } from '../../index';
import type { Output } from '../output/output';
import type { Change } from '../plan/changes';

/**
 * Says what a rollback leaves as it is.
 * @param stack with the workloads that it goes back to
 */
export function printNotUndone(changes: readonly Change[], { platform }: TradingStack, output: Output): void {
  const isChanged = (address: string): boolean => changes.some((change) => change.address === address);
  const jobs = platform.workloads.filter(({ spec, address }) => spec.kind === 'job' && !isChanged(address));
  const withData = platform.workloads.filter(
    ({ spec, address }) => isChanged(address) && spec.volumes.some(({ lifetime }) => lifetime !== 'ephemeral'),
  );
  const namesOf = (workloads: typeof jobs): string => workloads.map(({ spec }) => spec.name).join(', ');
  if (withData.length > 0) output.warn(`\nNot undone: the data in the volumes of ${namesOf(withData)} stays as it is.`);
  if (jobs.length > 0)
    output.warn(
      `\nNot undone: jobs do not run again (${namesOf(jobs)}), and what they have changed since stays, such as the tables of ` +
        'a database.',
    );
}

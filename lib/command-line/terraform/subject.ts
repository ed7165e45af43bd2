import type { RegisteredWorkload } from '../../internal';
import { type Change, resourceName } from '../plan/changes';
import type { Subject } from './messages';

/** What a resource is to its user. */
export function subjectOf(
  address: string,
  workloads: readonly RegisteredWorkload[],
  changes: readonly Change[],
): Subject {
  const workload = workloads.find((one) => one.address === address);
  if (workload !== undefined) return workload.spec;
  const change = changes.find((one) => one.address === address);
  if (change === undefined) return { name: address, kind: 'other' };
  const name = resourceName(change, workloads);
  if (change.kind === 'workload') return { name, kind: 'service' };
  if (change.kind === 'image') return { name, kind: 'image' };
  return { name: change.kind === 'other' ? name : `${change.kind} ${name}`, kind: 'other' };
}

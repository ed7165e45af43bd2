import type { TradingStack } from '../../index';
import { previousName, type WorkloadSpec } from '../../internal';
import type { Change, Replacement } from './changes';
import { volumesIn } from './resources';

/** `undefined` for everything else than the container of a service that is replaced. */
export function replacementOf(
  change: Change,
  changes: readonly Change[],
  { platform }: TradingStack,
): Replacement | undefined {
  if (change.action !== 'replace' || platform.engine.traits.carriesOutUpdates) return undefined;
  const workload = platform.workloads.find(({ address }) => address === change.address);
  if (workload?.spec.kind !== 'service') return undefined;
  const reasons = [...heldBy(change, changes), ...reasonsOf(workload.spec)];
  return { order: reasons.length === 0 ? 'start-first' : 'stop-first', reasons };
}

/** Whether the previous container of a service still runs, because an earlier deploy did not finish. */
export function hasPrevious(change: Change, changes: readonly Change[]): boolean {
  return removalOfPrevious(change, changes) !== undefined;
}

/** The removal of the previous container of a service; `undefined` unless an earlier deploy left one. */
export function removalOfPrevious({ address }: Change, changes: readonly Change[]): Change | undefined {
  return changes.find((one) => one.action === 'delete' && one.address === previousName(address));
}

/** What an earlier deploy that did not finish has to do with a change; `undefined` if nothing. */
export function unfinishedReason(
  change: Change,
  changes: readonly Change[],
  { platform }: TradingStack,
): string | undefined {
  const service = platform.workloads.find((one) => previousName(one.address) === change.address);
  if (service !== undefined) return `the previous version of ${service.spec.name}, from a deploy that did not finish`;
  const isMissing = change.action === 'create' && hasPrevious(change, changes);
  return isMissing ? 'its previous version serves until it is healthy' : undefined;
}

/** A network or a volume cannot be removed while a container uses it. */
function heldBy(change: Change, changes: readonly Change[]): string[] {
  const mounted = volumesIn(change.before);
  return changes
    .filter(({ action }) => action === 'replace' || action === 'delete')
    .filter(({ kind, before }) => kind === 'network' || (kind === 'volume' && mounted.includes(String(before?.name))))
    .map(({ kind, before }) => `the ${kind} ${String(before?.name)} is replaced`);
}

function reasonsOf({ updates, volumes, ports, hostPorts }: WorkloadSpec): string[] {
  if (updates === null || updates.order === 'start-first') return [];
  const exclusive = [
    ...volumes.filter(({ exclusive }) => exclusive).map(({ volume, path }) => `volume ${literalName(volume) ?? path}`),
    ...[...ports.map(({ host }) => host), ...hostPorts].map((port) => `port ${port}`),
  ];
  return exclusive.length > 0 ? exclusive : ['only one may run at a time'];
}

/** `undefined` for a volume that is a resource of the stack: its name is an expression. */
function literalName(volume: string): string | undefined {
  return volume.startsWith('${') ? undefined : volume;
}

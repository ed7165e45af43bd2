import type { TradingStack } from '../../index';
import { previousName, type RegisteredWorkload, type WorkloadSpec } from '../../internal';
import type { Change } from './changes';
import { volumesIn } from './resources';

/** How the container of a service is replaced, on an engine that does not do it by itself. */
export interface Replacement {
  readonly order: 'start-first' | 'stop-first';
  /** Why the old container has to stop first; empty if it does not. */
  readonly reasons: readonly string[];
}

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

/** The service whose previous container is at this address, because it went on serving while the new one started. */
export function serviceBefore(address: string, { platform }: TradingStack): RegisteredWorkload | undefined {
  return platform.workloads.find((one) => previousName(one.address) === address);
}

/** Whether the previous container of a service still runs, because an earlier deploy did not finish. */
export function hasPrevious({ address }: Change, changes: readonly Change[]): boolean {
  return changes.some((one) => one.action === 'delete' && one.address === previousName(address));
}

/** A network or a volume cannot be removed while a container uses it. */
function heldBy(change: Change, changes: readonly Change[]): string[] {
  const mounted = volumesIn(change.before);
  return changes
    .filter(({ action }) => action === 'replace' || action === 'delete')
    .filter(({ kind, before }) => kind === 'network' || (kind === 'volume' && mounted.includes(String(before?.name))))
    .map(({ kind, before }) => `the ${kind} ${String(before?.name)} is replaced`);
}

function reasonsOf({ updates, volumes, ports }: WorkloadSpec): string[] {
  if (updates === null || updates.order === 'start-first') return [];
  const exclusive = [
    ...volumes.filter(({ exclusive }) => exclusive).map(({ volume, path }) => `volume ${nameOf(volume) ?? path}`),
    ...ports.map(({ host }) => `port ${host}`),
  ];
  return exclusive.length > 0 ? exclusive : ['only one may run at a time'];
}

/** `undefined` for a volume that is a resource of the stack: its name is an expression. */
function nameOf(volume: string): string | undefined {
  return volume.startsWith('${') ? undefined : volume;
}

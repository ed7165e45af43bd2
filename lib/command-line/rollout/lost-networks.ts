import type { TradingStack } from '../../index';
import type { DockerWrites } from '../engine/docker-writes';
import { statesOf, type WorkloadState } from '../engine/workload-state';
import type { Change } from '../plan/changes';
import type { Output } from '../output/output';

/** A running container without a network: the one whose network it joined has been started again since. */
export interface LostNetwork {
  readonly name: string;
  /** Its Terraform address. */
  readonly address: string;
  /** Name of the container whose network it shares. */
  readonly owner: string;
  /** How long it may take to stop, in milliseconds. */
  readonly gracePeriodMilliseconds: number;
}

/**
 * The containers that have to be restarted to have a network, in the order in which they have to be. A container that is
 * started again gets a new network namespace, and those that joined the old one keep it, with nothing but `lo`.
 * @param states of all workloads of a stack
 */
export function lostNetworks(states: readonly WorkloadState[]): LostNetwork[] {
  const lost: LostNetwork[] = [];
  // A workload can only share the network of one that was created before it.
  for (const { workload, status, startedAt } of states) {
    const { name, namespaces, stopGracePeriodSeconds } = workload.spec;
    if (namespaces.network === null || typeof namespaces.network === 'string' || status !== 'running') continue;
    const owner = namespaces.network.name;
    const other = states.find((state) => state.workload.spec.name === owner);
    if (other?.status !== 'running') continue;
    const isOlder = Date.parse(startedAt ?? '') < Date.parse(other.startedAt ?? '');
    if (!isOlder && !lost.some((one) => one.name === owner)) continue;
    lost.push({ name, address: workload.address, owner, gracePeriodMilliseconds: stopGracePeriodSeconds * 1000 });
  }
  return lost;
}

/**
 * Says what a deploy restarts.
 * @param changes of the plan: a container that it replaces gets a network with that
 */
export function printLostNetworks(lost: readonly LostNetwork[], changes: readonly Change[], output: Output): void {
  for (const { name, address, owner } of lost) {
    if (changes.some((change) => change.address === address && change.action === 'replace')) continue;
    output.say(`\n${name}: no network, because ${owner}, whose network it shares, was started after it (restarted)`);
  }
}

/** For a JSON document. */
export function reportLostNetworks(lost: readonly LostNetwork[]): object[] {
  return lost.map(({ name, owner }) => ({ name, networkOf: owner }));
}

/**
 * Restarts the containers that have no network, also those that lost it during the deploy.
 * @returns what was restarted
 * @throws DockerApiError if the engine does not restart one
 */
export async function restoreNetworks(
  { platform }: TradingStack,
  docker: DockerWrites,
  output: Output,
): Promise<LostNetwork[]> {
  if (!platform.workloads.some(({ spec }) => typeof (spec.namespaces.network ?? '') !== 'string')) return [];
  const lost = lostNetworks(await statesOf(platform.workloads, docker.api));
  for (const { name, gracePeriodMilliseconds } of lost) {
    await output.during(`restart of ${name}`, docker.restartContainer(name, gracePeriodMilliseconds));
  }
  if (lost.length > 0) {
    const names = lost.map(({ name }) => name).join(', ');
    output.say(`Restarted, so that they have the network of another container again: ${names}`);
  }
  return lost;
}

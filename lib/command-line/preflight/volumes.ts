import type { TradingStack } from '../../index';
import type { RegisteredWorkload, VolumeMountSpec } from '../../internal';
import type { DockerApi } from '../engine/docker-api';
import { containerNameOf, type ContainerSummary, namesOf, swarmServiceOf } from '../engine/responses';
import type { Change } from '../plan/changes';
import { volumesIn } from '../plan/resources';
import { RemoteNodes } from '../engine/nodes';
import { hasTasks, isOf } from '../engine/workload-state';
import type { Output, Problem } from '../output/output';

/** Names of the volumes that belong to the stack and that Terraform does not manage, so that no destroy removes them. */
function keptVolumes(workloads: readonly RegisteredWorkload[]): string[] {
  return volumesOf(workloads, ({ lifetime }) => lifetime === 'retained');
}

/** The volumes with the data of a server, which no other server may use. */
export function dataVolumes({ spec }: RegisteredWorkload): VolumeMountSpec[] {
  return spec.volumes.filter(isData);
}

/** The retained volumes of the stack that exist on the engine. */
export async function remainingVolumes({ platform }: TradingStack, docker: DockerApi): Promise<string[]> {
  const own = keptVolumes(platform.workloads);
  const exist = await Promise.all(own.map((volume) => docker.volumeExists(volume)));
  return own.filter((_, index) => exist[index]);
}

/** A volume that may exist where it cannot be checked. */
export interface UnseenVolume {
  readonly volume: string;
  /** Host names of the nodes that may have it. */
  readonly nodes: readonly string[];
}

/** The stack's own volumes that may exist on other nodes. Terraform removes ephemeral ones on this node only. */
export async function unseenVolumes(stack: TradingStack, docker: DockerApi): Promise<UnseenVolume[]> {
  const remoteNodes = await RemoteNodes.of(stack, docker);
  const unseen = new Map<string, UnseenVolume>();
  for (const workload of stack.platform.workloads) {
    const nodes = remoteNodes.hostnamesFor(workload);
    if (nodes.length === 0) continue;
    for (const volume of volumesOf([workload], ({ lifetime }) => lifetime !== 'external')) {
      unseen.set(volume, { volume, nodes });
    }
  }
  return [...unseen.values()];
}

/** One problem for each missing volume of Volume.fromName: Docker would create an empty one instead. */
export async function missingVolumes(stack: TradingStack, docker: DockerApi): Promise<Problem[]> {
  // The volume may be on a node whose volumes the manager cannot list.
  if (stack.engine.traits.hasRemoteNodes && (await docker.swarmNodes()) > 1) return [];
  const problems: Problem[] = [];
  for (const volume of volumesOf(stack.platform.workloads, ({ lifetime }) => lifetime === 'external')) {
    if (await docker.volumeExists(volume)) continue;
    const message =
      `The volume ${volume} of Volume.fromName does not exist. ` +
      `Correct the name, or create an empty volume: ${docker.address.command} volume create ${volume}`;
    problems.push({ code: 'volume-missing', message });
  }
  return problems;
}

/**
 * A problem for every container that would share a server's volume with it. When a service was renamed, Terraform may
 * start its new container while the old one still runs.
 */
export async function heldVolumes({ platform }: TradingStack, docker: DockerApi): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const workload of platform.workloads) {
    for (const volume of volumesOf([workload], isData)) {
      // The container of a backup may use it too.
      const users = platform.workloads.filter(({ spec }) => spec.volumes.some((mount) => mount.volume === volume));
      for (const container of await docker.containersWith(volume)) {
        if (users.some((user) => isFrom(container, user))) continue;
        const { name, stop } = describeHolder(container, docker.address.command);
        const message =
          `${name} still uses the volume ${volume} of ${workload.spec.name}, and two servers would corrupt its data. ` +
          `Stop it first (${stop}) and run the command again.`;
        problems.push({ code: 'volume-in-use', message });
      }
    }
  }
  return problems;
}

/**
 * Warns if a new service starts on an empty volume while a removed one leaves its data behind: it may have been renamed.
 * Ephemeral volumes are resources of the plan.
 */
export async function warnOfEmptyVolumes(
  changes: readonly Change[],
  { platform }: TradingStack,
  docker: DockerApi,
  output: Output,
): Promise<void> {
  const removed = changes.filter(({ action, isDeposed }) => action === 'delete' && !isDeposed);
  const gone = removed.filter(({ kind }) => kind === 'volume').map(({ before }) => before?.name);
  const used = volumesOf(platform.workloads, () => true);
  const left = removed
    .flatMap(({ kind, before }) => (kind === 'workload' ? volumesIn(before) : []))
    .filter((volume) => !used.includes(volume) && !gone.includes(volume));
  if (left.length === 0) return;
  const isCreated = ({ address }: RegisteredWorkload): boolean =>
    changes.some((change) => change.address === address && change.action === 'create');
  for (const workload of platform.workloads.filter(isCreated)) {
    for (const volume of keptVolumes([workload])) {
      if (await docker.volumeExists(volume)) continue;
      const rest = `${left.join(', ')} ${left.length === 1 ? 'stays and is' : 'stay and are'} no longer used`;
      output.warn(`${workload.spec.name} starts on a new, empty volume ${volume}; ${rest}.`);
    }
  }
}

/** How to remove a volume together with the containers that use it, running or not: Docker refuses it while there are any. */
export async function volumeRemoval(volume: string, docker: DockerApi): Promise<string> {
  const { command } = docker.address;
  const users = (await docker.containers()).filter(({ Mounts }) => Mounts.some(({ Name }) => Name === volume));
  const { services, containers } = namesOf(users);
  const removal = `${command} volume rm ${volume}`;
  return [
    ...(containers.length > 0 ? [`${command} rm --force ${containers.join(' ')}`] : []),
    ...(services.length > 0 ? [`${command} service rm ${services.join(' ')}`] : []),
    // A Swarm removes the tasks of a service some time after the service.
    services.length > 0 ? `until ${removal}; do sleep 1; done` : removal,
  ].join(' && ');
}

function isData({ lifetime, exclusive }: VolumeMountSpec): boolean {
  return lifetime !== 'ephemeral' && exclusive;
}

function volumesOf(workloads: readonly RegisteredWorkload[], isMeant: (mount: VolumeMountSpec) => boolean): string[] {
  const mounts = workloads.flatMap(({ spec }) => spec.volumes);
  return [...new Set(mounts.filter(isMeant).map(({ volume }) => volume))];
}

/** Whether the container comes from this resource, and not from one of the same name on the other engine. */
function isFrom(container: ContainerSummary, workload: RegisteredWorkload): boolean {
  const service = swarmServiceOf(container);
  if (hasTasks(workload)) return service === workload.spec.name;
  return service === undefined && isOf(container, workload);
}

function describeHolder(container: ContainerSummary, docker: string): { name: string; stop: string } {
  const service = swarmServiceOf(container);
  // Swarm would replace a task that is stopped.
  if (service !== undefined) return { name: `The service ${service}`, stop: `${docker} service scale ${service}=0` };
  const name = containerNameOf(container);
  return { name: `The container ${name}`, stop: `${docker} stop ${name}` };
}

import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { TradingStackError } from '../../errors';
import type { ClusterSpec } from '../container-engine';
import { sortedEntries } from '../terraform-text';
import type { PlacementSpec, WorkloadSpec } from '../spec';

/**
 * Where the tasks of a service may run. What has data runs on the node that has the data, unless it says itself where
 * that is. Everything else may run on any node: a Swarm spreads the tasks of a service by itself.
 * @throws TradingStackError if it mounts what most nodes do not have
 */
export function placementOf(spec: WorkloadSpec, cluster: ClusterSpec | null): PlacementSpec {
  const { path, placement, volumes, bindMounts } = spec;
  if (cluster === null || placement.constraints.length > 0) return placement;
  const [mount] = bindMounts;
  if (mount !== undefined) {
    throw new TradingStackError(
      path,
      `it mounts a file or folder of the deploying host at ${mount.path}, which the nodes of a cluster do not have`,
      'Put it into the image or into a ConfigFile, or say with `placement` which node has it',
    );
  }
  const [volume] = volumes;
  if (volume === undefined) return placement;
  const labels = sortedEntries(cluster.dataNode);
  if (labels.length === 0) {
    throw new TradingStackError(
      path,
      `its volume ${volume.volume} would be another one, and empty, on each node of the cluster`,
      'Say which node has the data: cluster.dataNode for all of the stack, or `placement`',
    );
  }
  return { ...placement, constraints: labels.map(([label, value]) => `node.labels.${label} == ${value}`) };
}

/** @throws TradingStackError if a job on the manager would look for data that is on another node */
export function checkJobPlacement({ path, volumes }: WorkloadSpec, cluster: ClusterSpec | null): void {
  const [volume] = volumes;
  if (cluster === null || volume === undefined) return;
  throw new TradingStackError(
    path,
    `it mounts the volume ${volume.volume}, and a job runs on the manager, where that is another volume than on the data node`,
    'Reach the data over the network, through the service that has the volume',
  );
}

/** Whether a service may not run on every node, or not in any number. */
export function isPlaced({ constraints, replicasPerNode }: PlacementSpec): boolean {
  return constraints.length > 0 || replicasPerNode !== null;
}

/** The placement of a service, as far as it has one. */
export function renderPlacement(placement: PlacementSpec): Pick<ServiceConfig['taskSpec'], 'placement'> {
  if (!isPlaced(placement)) return {};
  const { constraints, replicasPerNode } = placement;
  return {
    placement: {
      ...(constraints.length > 0 && { constraints: [...constraints].sort() }),
      ...(replicasPerNode !== null && { maxReplicas: replicasPerNode }),
    },
  };
}

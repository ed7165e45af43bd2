import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { TradingStackError } from '../../errors';
import type { ClusterSpec } from '../../platform/container-engine';
import { sortedEntries } from '../../platform/terraform-text';
import type { PlacementConstraint, PlacementSpec, WorkloadSpec } from '../../platform/spec';

/**
 * Where the tasks of a service may run. What has data runs on the node that has the data, whatever else its placement
 * asks of a node, unless that is one node by its name. Everything else may run on any node: a Swarm spreads the tasks
 * of a service by itself.
 * @throws TradingStackError if nothing says on which node its data, its files or its ports are
 */
export function placementOf(spec: WorkloadSpec, cluster: ClusterSpec | null): PlacementSpec {
  const { placement } = spec;
  if (cluster === null || placement.constraints.some(({ on }) => on === 'hostname')) return placement;
  const dataNode = sortedEntries(cluster.dataNode).map(([name, value]): PlacementConstraint => ({
    on: 'label',
    name,
    value,
    equals: true,
  }));
  const constraints = [...(spec.volumes.length > 0 ? dataNode : []), ...placement.constraints];
  // A label that a node must not have leaves all others.
  if (constraints.every((one) => one.on === 'label' && !one.equals)) refuseAnywhere(spec);
  return { ...placement, constraints };
}

function refuseAnywhere({ path, volumes, bindMounts, ports }: WorkloadSpec): void {
  const [[volume], [mount], [port]] = [volumes, bindMounts, ports];
  if (volume !== undefined) {
    throw new TradingStackError(
      'invalid-value',
      path,
      `its volume ${volume.volume} would be another one, and empty, on each node of the cluster`,
      'Say which node has the data: cluster.dataNode for all of the stack, or `placement`',
    );
  }
  if (mount !== undefined) {
    throw new TradingStackError(
      'invalid-value',
      path,
      `it mounts a file or folder of the deploying host at ${mount.path}, which the nodes of a cluster do not have`,
      'Put it into the image or into a ConfigFile, or say with `placement` which node has it',
    );
  }
  if (port !== undefined) {
    throw new TradingStackError(
      'invalid-value',
      path,
      `it publishes the port ${port.host} on the node that it runs on, and on a cluster that is another one every time`,
      "Say with `placement` which node that is: Placement.node('desk-1'), or Placement.nodeLabel('edge', 'true')",
    );
  }
}

/** @throws TradingStackError if a job on the manager would look for data that is on another node */
export function checkJobPlacement({ path, volumes }: WorkloadSpec, cluster: ClusterSpec | null): void {
  const [volume] = volumes;
  if (cluster === null || volume === undefined) return;
  throw new TradingStackError(
    'invalid-value',
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
      ...(constraints.length > 0 && { constraints: [...new Set(constraints.map(renderConstraint))].sort() }),
      ...(replicasPerNode !== null && { maxReplicas: replicasPerNode }),
    },
  };
}

/** A constraint as Docker writes it: `node.labels.gpu == true`. */
export function renderConstraint(constraint: PlacementConstraint): string {
  switch (constraint.on) {
    case 'label':
      return `node.labels.${constraint.name} ${constraint.equals ? '==' : '!='} ${constraint.value}`;
    case 'hostname':
      return `node.hostname == ${constraint.value}`;
    case 'role':
      return `node.role == ${constraint.value}`;
  }
}

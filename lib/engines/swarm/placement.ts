import type { ServiceConfig } from '@cdktf/provider-docker/lib/service';
import { TradingStackError, unsupported } from '../../errors';
import type { ClusterSpec } from '../../platform/container-engine';
import { literal, sortedEntries } from '../../platform/terraform';
import type { PlacementConstraint, PlacementSpec, WorkloadSpec } from '../../platform/spec';

/**
 * The final placement of a service. A service with a volume runs on the node with the data in addition to its own
 * constraints, unless it names a node. Other services may run on any node: a Swarm spreads tasks by itself.
 * @throws TradingStackError `placement-missing` if no constraint selects the node that has its data, files or ports
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
  // A label that a node must not have still allows all other nodes.
  if (constraints.every((one) => one.on === 'label' && !one.equals)) refuseUnplaced(spec);
  return { ...placement, constraints };
}

function refuseUnplaced({ path, volumes, bindMounts, ports }: WorkloadSpec): void {
  const [[volume], [mount], [port]] = [volumes, bindMounts, ports];
  if (volume !== undefined) {
    throw new TradingStackError(
      'placement-missing',
      path,
      `the volume ${volume.volume} would be a different, empty one on each node of the cluster`,
      'Set cluster.dataNode of Engine.swarm for all services of the stack, or `placement` of this one',
    );
  }
  if (mount !== undefined) {
    throw new TradingStackError(
      'placement-missing',
      path,
      `it mounts a file or folder of the deploying host at ${mount.path}, which the other nodes do not have`,
      'Put it into the image or into a ConfigFile, or set `placement` to the node that has it',
    );
  }
  if (port !== undefined) {
    throw new TradingStackError(
      'placement-missing',
      path,
      `it publishes the port ${port.host} on the node that it runs on, which may be a different one after each deploy`,
      "Set `placement` to the node: [Placement.node('desk-1')], or [Placement.nodeLabel('edge', 'true')]",
    );
  }
}

/** @throws TradingStackError `unsupported-by-engine` if a job on the manager mounts a volume of the data node */
export function checkJobPlacement({ path, volumes }: WorkloadSpec, cluster: ClusterSpec | null): void {
  const [volume] = volumes;
  if (cluster === null || volume === undefined) return;
  throw unsupported(
    path,
    'swarm',
    `mounting the volume ${volume.volume} in a job, which runs on the manager and not on the data node`,
    'Access the data over the network, through the service that has the volume',
  );
}

/** Whether a service is restricted to some nodes, or to a number of replicas on each. */
export function isPlaced({ constraints, replicasPerNode }: PlacementSpec): boolean {
  return constraints.length > 0 || replicasPerNode !== null;
}

/** The placement of a service, if it has one. */
export function renderPlacement(placement: PlacementSpec): Pick<ServiceConfig['taskSpec'], 'placement'> {
  if (!isPlaced(placement)) return {};
  const { constraints, replicasPerNode } = placement;
  return {
    placement: {
      ...(constraints.length > 0 && {
        constraints: [...new Set(constraints.map((one) => literal(renderConstraint(one))))].sort(),
      }),
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

import type { TradingStack } from '../../index';
import { type ClusterSpec, type PlacementConstraint, type RegisteredWorkload, renderConstraint } from '../../internal';
import type { DockerApi } from './docker-api';
import type { SwarmNode } from './responses';
import type { Problem } from '../output/output';

/** A problem if the stack is for a Swarm, and the engine does not manage one. */
export async function managerProblems(stack: TradingStack, docker: DockerApi): Promise<Problem[]> {
  if (!stack.engine.traits.needsManager || (await docker.isSwarmManager())) return [];
  const message =
    `The engine is not a Swarm manager. Create a Swarm on it (${docker.address.command} swarm init), or set DOCKER_HOST to ` +
    'a manager of one.';
  return [{ code: 'not-swarm-manager', message }];
}

/** One problem for each task that the nodes of a Swarm would start away from its data, or not at all. */
export async function nodeProblems(stack: TradingStack, docker: DockerApi): Promise<Problem[]> {
  if (!stack.engine.traits.needsManager) return [];
  const nodes = await docker.nodes();
  const { cluster } = stack.platform.engine;
  const { command } = docker.address;
  const { workloads } = stack.platform;
  const problems = cluster === null ? severalNodes(nodes) : dataNodeProblems(nodes, cluster, command);
  const misplaced = problems.length > 0 ? problems : placementProblems(workloads, nodes);
  return [...misplaced, ...tooFewProcessors(workloads, nodes)];
}

/** A Swarm waits forever for a node that matches, and starts a service on any of several that do. */
function placementProblems(workloads: readonly RegisteredWorkload[], nodes: readonly SwarmNode[]): Problem[] {
  return workloads.flatMap(({ spec: { name, placement, volumes, bindMounts } }) => {
    const { constraints } = placement;
    if (constraints.length === 0) return [];
    const matching = nodes.filter((node) => constraints.every((constraint) => matches(node, constraint)));
    const wanted = constraints.map(renderConstraint).join(' and ');
    if (matching.length === 0) {
      return mismatch(
        `No node of the Swarm matches the placement of ${name} (${wanted}). Change \`placement\`, or the labels of a node.`,
      );
    }
    if (matching.length === 1 || volumes.length + bindMounts.length === 0) return [];
    return mismatch(
      `${matching.length} nodes match the placement of ${name} (${wanted}): ${hostnames(matching)}. Its data is on one ` +
        'node only, so the service has to stay there: use Placement.node.',
    );
  });
}

/** As Swarm evaluates a constraint: a missing label is empty, and case does not matter. */
function matches({ Spec, Description }: SwarmNode, constraint: PlacementConstraint): boolean {
  const is = (actual: string): boolean => actual.toLowerCase() === constraint.value.toLowerCase();
  switch (constraint.on) {
    case 'label':
      return is(Spec.Labels?.[constraint.name] ?? '') === constraint.equals;
    case 'hostname':
      return is(Description.Hostname);
    case 'role':
      return is(Spec.Role);
  }
}

/** A node rejects a task with a higher limit than it has processors, and Swarm tries again forever. */
function tooFewProcessors(workloads: readonly RegisteredWorkload[], nodes: readonly SwarmNode[]): Problem[] {
  const most = Math.max(...nodes.map(({ Description }) => (Description.Resources?.NanoCPUs ?? Infinity) / 1e9));
  return workloads.flatMap(({ spec: { kind, name, resources } }): Problem[] => {
    const limit = (resources.cpuMillis ?? 0) / 1000;
    // A job is a container, whose share of CPU time may exceed the number of processors.
    if (kind === 'job' || limit <= most) return [];
    const message =
      `The CPU limit of ${name} is ${limit}, and no node of the Swarm has more than ${most} CPUs, so none would start it. ` +
      `Lower it: resources: { cpus: Cpu.cores(${most}) }`;
    return [{ code: 'cpu-limit-too-high', message }];
  });
}

function severalNodes(nodes: readonly SwarmNode[]): Problem[] {
  if (nodes.length === 1) return [];
  return mismatch(
    `The Swarm has ${nodes.length} nodes, and the stack is configured for one: a task that moves to another node would ` +
      "find an empty volume. Set the node with the data: Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } }).",
  );
}

function dataNodeProblems(nodes: readonly SwarmNode[], { dataNode }: ClusterSpec, docker: string): Problem[] {
  const labels = Object.entries(dataNode);
  if (labels.length === 0) return [];
  const labeled = nodes.filter(({ Spec }) => labels.every(([label, value]) => Spec.Labels?.[label] === value));
  if (labeled.length === 1) return [];
  const wanted = labels.map(([label, value]) => `${label}=${value}`);
  if (labeled.length === 0) {
    const command = `${docker} node update ${wanted.map((one) => `--label-add ${one}`).join(' ')} <node>`;
    return mismatch(`No node has the label ${wanted.join(' and ')} of cluster.dataNode. Add it to one: ${command}`);
  }
  return mismatch(
    `${labeled.length} nodes have the label ${wanted.join(' and ')} of cluster.dataNode (${hostnames(labeled)}), and the ` +
      `data is on one node only. Keep it on that node: ${docker} node update --label-rm ${labels[0]?.[0] ?? ''} <node>`,
  );
}

function mismatch(message: string): Problem[] {
  return [{ code: 'placement-mismatch', message }];
}

function hostnames(nodes: readonly SwarmNode[]): string {
  return nodes.map(({ Description }) => Description.Hostname).join(', ');
}

/** The nodes of a Swarm other than this engine: what is on them cannot be checked from here. */
export class RemoteNodes {
  static async of(stack: TradingStack, docker: DockerApi): Promise<RemoteNodes> {
    if (!stack.engine.traits.hasRemoteNodes) return new RemoteNodes([]);
    const here = await docker.nodeId();
    return new RemoteNodes((await docker.nodes()).filter(({ ID }) => ID !== here));
  }

  private constructor(private readonly nodes: readonly SwarmNode[]) {}

  /** Host names of the nodes that may have volumes of a service. */
  hostnamesFor({ spec: { kind, placement } }: RegisteredWorkload): string[] {
    // A job is a container on the manager.
    if (kind === 'job') return [];
    return this.nodes
      .filter((node) => placement.constraints.every((constraint) => matches(node, constraint)))
      .map(({ Description }) => Description.Hostname);
  }
}

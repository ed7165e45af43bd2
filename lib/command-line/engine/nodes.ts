import type { ClusterSpec, RegisteredWorkload, TradingStack } from '../../index';
import { type PlacementConstraint, renderConstraint } from '../../internal';
import type { DockerApi, SwarmNode } from './docker-api';

/** One sentence for everything about the nodes of the Swarm that would put a task where its data is not, or nowhere. */
export async function nodeProblems(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  if (!stack.engine.traits.needsManager) return [];
  if (!(await docker.isSwarmManager())) {
    return [
      'This engine is no manager of a Swarm. Make it one with `docker swarm init`, or name a manager in DOCKER_HOST.',
    ];
  }
  const nodes = await docker.nodes();
  const { cluster } = stack.platform.engine;
  const { workloads } = stack.platform;
  const problems = cluster === null ? severalNodes(nodes) : dataNodeProblems(nodes, cluster);
  const misplaced = problems.length > 0 ? problems : placementProblems(workloads, nodes);
  return [...misplaced, ...tooFewProcessors(workloads, nodes)];
}

/** A Swarm waits without an end for a node that a task may run on, and gives data to whichever it finds first. */
function placementProblems(workloads: readonly RegisteredWorkload[], nodes: readonly SwarmNode[]): string[] {
  return workloads.flatMap(({ spec: { name, placement, volumes, bindMounts } }) => {
    const { constraints } = placement;
    if (constraints.length === 0) return [];
    const fitting = nodes.filter((node) => constraints.every((constraint) => fits(node, constraint)));
    const wanted = constraints.map(renderConstraint).join(' and ');
    if (fitting.length === 0) {
      return [`No node fits the placement of ${name} (${wanted}). Change \`placement\`, or the labels of a node.`];
    }
    if (fitting.length === 1 || volumes.length + bindMounts.length === 0) return [];
    const names = fitting.map(({ Description }) => Description.Hostname).join(', ');
    return [
      `${fitting.length} nodes fit the placement of ${name} (${wanted}): ${names}. Its data would be on any of them. ` +
        'Name one with Placement.node.',
    ];
  });
}

/** As the Swarm reads a constraint: a label that is not there is empty, and capitals are no difference. */
export function fits({ Spec, Description }: SwarmNode, constraint: PlacementConstraint): boolean {
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

/** An engine refuses a task that may use more than it has, and the Swarm starts another one, again and again. */
function tooFewProcessors(workloads: readonly RegisteredWorkload[], nodes: readonly SwarmNode[]): string[] {
  const most = Math.max(...nodes.map(({ Description }) => (Description.Resources?.NanoCPUs ?? Infinity) / 1e9));
  return workloads.flatMap(({ spec: { kind, name, resources } }) => {
    const asked = (resources.cpuMillis ?? 0) / 1000;
    // A job is a container with a share of time, which may be larger than there is.
    if (kind === 'job' || asked <= most) return [];
    const has = `no node of the Swarm has more than ${most}`;
    return [`${name} may use ${asked} CPU, and ${has}, so none would start it. Give it a lower limit: resources.cpus.`];
  });
}

function severalNodes(nodes: readonly SwarmNode[]): string[] {
  if (nodes.length === 1) return [];
  return [
    `This Swarm has ${nodes.length} nodes, and the stack is for one: a task that moves would find an empty volume. ` +
      'Say what the stack has to know of the others with `cluster` of Engine.swarm.',
  ];
}

function dataNodeProblems(nodes: readonly SwarmNode[], { dataNode }: ClusterSpec): string[] {
  const labels = Object.entries(dataNode);
  if (labels.length === 0) return [];
  const having = nodes.filter(({ Spec }) => labels.every(([label, value]) => Spec.Labels?.[label] === value));
  if (having.length === 1) return [];
  const wanted = labels.map(([label, value]) => `${label}=${value}`);
  if (having.length === 0) {
    const command = `docker node update ${wanted.map((one) => `--label-add ${one}`).join(' ')} <node>`;
    return [`No node has the label ${wanted.join(' and ')}, which cluster.dataNode names. Give it to one: ${command}`];
  }
  const names = having.map(({ Description }) => Description.Hostname).join(', ');
  return [
    `${having.length} nodes have the label ${wanted.join(' and ')} (${names}), and the data would be on any of them. ` +
      `Leave it to one: docker node update --label-rm ${labels[0]?.[0] ?? ''} <node>`,
  ];
}

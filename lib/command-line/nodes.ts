import type { ClusterSpec, RegisteredWorkload, TradingStack } from '../index';
import type { DockerApi, SwarmNode } from './docker-api';
import { needsManager } from './engine-traits';

/** One sentence for everything about the nodes of the Swarm that would put a task where its data is not, or nowhere. */
export async function nodeProblems(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  if (!needsManager(stack)) return [];
  if (!(await docker.isSwarmManager())) {
    return [
      'This engine is no manager of a Swarm. Make it one with `docker swarm init`, or name a manager in DOCKER_HOST.',
    ];
  }
  const nodes = await docker.nodes();
  const { cluster } = stack.platform.engine;
  const problems = cluster === null ? severalNodes(nodes) : dataNodeProblems(nodes, cluster);
  return [...problems, ...tooFewProcessors(stack.platform.workloads, nodes)];
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

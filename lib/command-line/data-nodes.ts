import type { RegisteredWorkload, TradingStack } from '../index';
import type { DockerApi, SwarmNode } from './docker-api';
import { canHaveOtherNodes } from './engine-traits';

/** The nodes of a Swarm that may have the volumes of its services. Only those of this engine can be looked at. */
export class DataNodes {
  static async of(stack: TradingStack, docker: DockerApi): Promise<DataNodes> {
    const { cluster } = stack.platform.engine;
    const labels = Object.entries(cluster?.dataNode ?? {}).map(([label, value]) => `node.labels.${label} == ${value}`);
    if (!canHaveOtherNodes(stack)) return new DataNodes([], labels);
    const here = await docker.nodeId();
    return new DataNodes(
      (await docker.nodes()).filter(({ ID }) => ID !== here),
      labels,
    );
  }

  private constructor(
    private readonly others: readonly SwarmNode[],
    /** The constraints of what says nothing itself of its place. */
    private readonly usual: readonly string[],
  ) {}

  /** Host names of the nodes beside this one where volumes of a service may be. */
  besideThis({ spec: { kind, placement } }: RegisteredWorkload): string[] {
    // A job is a container on the manager.
    if (kind === 'job') return [];
    const constraints = placement.constraints.length > 0 ? placement.constraints : this.usual;
    const fitting = this.others.filter((node) => constraints.every((constraint) => fits(node, constraint)));
    return fitting.map(({ Description }) => Description.Hostname);
  }
}

/** As the Swarm reads a constraint: a label that is not there is empty, and capitals are no difference. */
function fits({ Spec, Description }: SwarmNode, constraint: string): boolean {
  const [, attribute = '', operator, value = ''] = /^(\S+) (==|!=) (.*)$/.exec(constraint) ?? [];
  const label = /^node\.labels\.(.+)$/.exec(attribute)?.[1];
  const known = { 'node.hostname': Description.Hostname, 'node.role': Spec.Role }[attribute];
  const actual = label === undefined ? known : (Spec.Labels?.[label] ?? '');
  // What is not known here may be so.
  if (actual === undefined) return true;
  return (actual.toLowerCase() === value.toLowerCase()) === (operator === '==');
}

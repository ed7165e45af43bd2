import type { RegisteredWorkload, TradingStack } from '../../index';
import type { DockerApi, SwarmNode } from './docker-api';
import { canHaveOtherNodes } from './engine-traits';
import { matches } from './nodes';

/** The nodes of a Swarm that may have the volumes of its services. Only those of this engine can be looked at. */
export class DataNodes {
  static async of(stack: TradingStack, docker: DockerApi): Promise<DataNodes> {
    if (!canHaveOtherNodes(stack)) return new DataNodes([]);
    const here = await docker.nodeId();
    return new DataNodes((await docker.nodes()).filter(({ ID }) => ID !== here));
  }

  private constructor(private readonly others: readonly SwarmNode[]) {}

  /** Host names of the nodes beside this one where volumes of a service may be. */
  besideThis({ spec: { kind, placement } }: RegisteredWorkload): string[] {
    // A job is a container on the manager.
    if (kind === 'job') return [];
    const { constraints } = placement;
    return this.others
      .filter((node) => constraints.every((constraint) => matches(node, constraint)))
      .map(({ Description }) => Description.Hostname);
  }
}

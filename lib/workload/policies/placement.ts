import { invalidValue } from '../../errors';
import { hasForm } from '../../options/form';
import type { PlacementConstraint, PlacementSpec } from '../../platform/spec';

/**
 * Where in a Swarm of several nodes a workload may run. A node has to meet all placements of the workload.
 *
 * @example
 * placement: [Placement.nodeLabel('gpu', 'true'), Placement.replicasPerNode(1)]
 */
export class Placement {
  /**
   * On nodes with a label: `docker node update --label-add gpu=true <node>`.
   * @throws TradingStackError for a name or a value with characters other than letters, digits, `.`, `-` and `_`
   */
  static nodeLabel(name: string, value: string): Placement {
    return Placement.where({
      on: 'label',
      name: checkPart(name, 'the label'),
      value: checkPart(value, 'the value'),
      equals: true,
    });
  }

  /**
   * On nodes that do not have a label with this value.
   * @throws TradingStackError for a name or a value with characters other than letters, digits, `.`, `-` and `_`
   */
  static withoutNodeLabel(name: string, value: string): Placement {
    return Placement.where({
      on: 'label',
      name: checkPart(name, 'the label'),
      value: checkPart(value, 'the value'),
      equals: false,
    });
  }

  /**
   * On one node, by its host name.
   * @throws TradingStackError for an invalid host name
   */
  static node(hostname: string): Placement {
    return Placement.where({ on: 'hostname', value: checkPart(hostname, 'the value') });
  }

  /** On manager nodes. */
  static manager(): Placement {
    return Placement.where({ on: 'role', value: 'manager' });
  }

  /** On worker nodes. */
  static worker(): Placement {
    return Placement.where({ on: 'role', value: 'worker' });
  }

  /**
   * At most this many of its replicas on one node. A Swarm spreads replicas over the nodes in any case; with this
   * limit it runs fewer of them rather than too many on one node. An update then stops a replica before it starts the
   * new one: with `UpdatePolicy.startFirst` it would need a spare node, and wait for one forever.
   * @throws TradingStackError unless it is a whole number, 1 or more
   */
  static replicasPerNode(maximum: number): Placement {
    if (!Number.isInteger(maximum) || maximum < 1) {
      throw invalidValue('Placement.replicasPerNode', 'the number of replicas', maximum, 'a whole number, 1 or more');
    }
    return new Placement({ constraints: [], replicasPerNode: maximum });
  }

  /**
   * Where another workload may run, whose volumes are only there.
   * @internal
   */
  static like({ constraints }: PlacementSpec): Placement {
    return new Placement({ constraints, replicasPerNode: null });
  }

  /** All placements combined, for the engines. */
  static toSpec(placements: readonly Placement[]): PlacementSpec {
    const most = placements.flatMap(({ spec }) => spec.replicasPerNode ?? []);
    return {
      constraints: placements.flatMap(({ spec }) => spec.constraints),
      replicasPerNode: most.length === 0 ? null : Math.min(...most),
    };
  }

  private static where(constraint: PlacementConstraint): Placement {
    return new Placement({ constraints: [constraint], replicasPerNode: null });
  }

  private constructor(private readonly spec: PlacementSpec) {}
}

/** @throws TradingStackError for characters that would change the meaning of a constraint */
function checkPart(text: string, what: string): string {
  if (hasForm(text, /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)) return text;
  throw invalidValue('Placement', what, text, 'letters, digits, dots, hyphens and underscores');
}

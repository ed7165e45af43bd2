import { invalidValue, wrongSpelling } from '../../errors';
import { hasForm } from '../../platform/plain-values';
import type { PlacementConstraint, PlacementSpec } from '../../platform/spec';
import { isA } from '../is-a';

/**
 * Where in a Swarm of several nodes a workload may run. Several of them all hold.
 *
 * @example
 * placement: [Placement.nodeLabel('gpu', 'true'), Placement.replicasPerNode(1)]
 */
export class Placement {
  /**
   * On nodes with a label: `docker node update --label-add gpu=true <node>`.
   * @throws TradingStackError for a name or a value with other signs than letters, digits, `.`, `-` and `_`
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
   * On nodes without a label, or with another value of it.
   * @throws TradingStackError for a name or a value with other signs than letters, digits, `.`, `-` and `_`
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
   * @throws TradingStackError for what is no host name
   */
  static node(hostname: string): Placement {
    return Placement.where({ on: 'hostname', value: checkPart(hostname, 'the value') });
  }

  /** On managers. */
  static manager(): Placement {
    return Placement.where({ on: 'role', value: 'manager' });
  }

  /** On nodes that are no managers. */
  static worker(): Placement {
    return Placement.where({ on: 'role', value: 'worker' });
  }

  /**
   * At most so many of its replicas on one node. A Swarm spreads replicas over the nodes anyway; this keeps it from
   * putting two on one when there are too few nodes, where it would rather run fewer. An update stops the old one
   * before it starts the new one: with `UpdatePolicy.startFirst` it needs a node to spare, and waits for one without end.
   * @throws TradingStackError if it is no whole number from 1
   */
  static replicasPerNode(most: number): Placement {
    if (!Number.isInteger(most) || most < 1) {
      throw invalidValue('Placement.replicasPerNode', 'the number', most, 'a whole number, 1 or more');
    }
    return new Placement({ constraints: [], replicasPerNode: most });
  }

  /** All of them together, as the engines take it. */
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

/** @throws TradingStackError for what a constraint would be read wrongly with */
function checkPart(text: string, what: string): string {
  if (hasForm(text, /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)) return text;
  throw invalidValue('Placement', what, text, 'letters, digits, dots, hyphens and underscores');
}

/** @throws TradingStackError for what only plain JavaScript can give: `'node.role == manager'` */
export function checkPlacement(given: unknown, property: string, where: string): void {
  if (isA(Placement, given)) return;
  throw wrongSpelling(where, property, given, "placement: [Placement.nodeLabel('gpu', 'true')]");
}

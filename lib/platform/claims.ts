import type { IConstruct } from 'constructs';
import { alreadyTaken } from '../errors';

/**
 * What may exist only once on one engine, over all stacks of an app: names of containers and networks, host ports.
 * Terraform does not notice a collision before it is half-way through a deploy.
 */
export class Claims {
  /** The claims on the engine at one address, shared by every stack under the same root. */
  static on(engineHost: string | undefined, construct: IConstruct): Claims {
    const { root } = construct.node;
    const engines = claimsOf.get(root) ?? new Map<string | undefined, Claims>();
    claimsOf.set(root, engines);
    const claims = engines.get(engineHost) ?? new Claims();
    engines.set(engineHost, claims);
    return claims;
  }

  private readonly owners = new Map<string, string>();

  /**
   * Takes one value of a kind for an owner, who may do so again.
   * @throws TradingStackError if another construct has taken it before
   */
  take(kind: string, value: string, owner: string, fix: string): void {
    const key = `${kind} ${value}`;
    const takenBy = this.owners.get(key);
    if (takenBy === owner) return;
    if (takenBy !== undefined) throw alreadyTaken(owner, kind, value, takenBy, fix);
    this.owners.set(key, owner);
  }

  /** Every value of a kind that is taken, with its owner. */
  taken(kind: string): { readonly value: string; readonly owner: string }[] {
    const prefix = `${kind} `;
    return [...this.owners]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, owner]) => ({ value: key.slice(prefix.length), owner }));
  }
}

const claimsOf = new WeakMap<IConstruct, Map<string | undefined, Claims>>();

import type { IConstruct } from 'constructs';
import { alreadyTaken, type ErrorCode } from '../errors';

/**
 * Values that only one owner in all stacks of an app may have: on one engine, such as container names and host ports,
 * or in the project. Terraform would notice a collision only in the middle of a deploy.
 */
export class Claims {
  /** The claims on the engine at one address, shared by every stack under the same root. */
  static on(engineHost: string | undefined, construct: IConstruct): Claims {
    return Claims.shared(engineHost, construct);
  }

  /** The claims on the project's folder, shared by every stack under the same root, whatever its engine. */
  static onProject(construct: IConstruct): Claims {
    return Claims.shared(PROJECT, construct);
  }

  private static shared(place: Place, construct: IConstruct): Claims {
    const { root } = construct.node;
    const places = claimsOf.get(root) ?? new Map<Place, Claims>();
    claimsOf.set(root, places);
    const claims = places.get(place) ?? new Claims();
    places.set(place, claims);
    return claims;
  }

  private readonly sharers = new Map<string, Set<string>>();
  private readonly ownersByKind = new Map<string, Map<string, string>>();

  /**
   * Takes one value of a kind for an owner; the same owner may take it repeatedly.
   * @throws TradingStackError with the code if another owner has taken it
   */
  take({ code, kind, value, owner, fix, within = '' }: Claim): void {
    const key = `${within} ${kind}`;
    const owners = this.ownersByKind.get(key) ?? new Map<string, string>();
    this.ownersByKind.set(key, owners);
    const takenBy = owners.get(value);
    if (takenBy === owner) return;
    if (takenBy !== undefined) throw alreadyTaken(code, owner, kind, value, takenBy, fix);
    owners.set(value, owner);
  }

  /** Adds an owner to a value that several may share, and returns all of them. */
  share(kind: string, value: string, owner: string): ReadonlySet<string> {
    const key = `${kind} ${value}`;
    const sharers = (this.sharers.get(key) ?? new Set<string>()).add(owner);
    this.sharers.set(key, sharers);
    return sharers;
  }

  /** Every taken value of a kind, with its owner. */
  taken(kind: string): ReadonlyMap<string, string> {
    return this.ownersByKind.get(` ${kind}`) ?? new Map<string, string>();
  }
}

/** One owner's claim on a value. */
export interface Claim {
  /** Code of the error if another owner has taken the value. */
  readonly code: ErrorCode;
  /** Kind of the value, for the message: `container name`. */
  readonly kind: string;
  readonly value: string;
  /** Construct path of the owner, or its description. */
  readonly owner: string;
  readonly fix: string;
  /**
   * The scope in which the value is unique, such as a stack.
   * @default - the engine, or the project's folder
   */
  readonly within?: string;
}

const PROJECT = Symbol('the folder of the project');

/** Address of an engine, or the project's folder. */
type Place = string | undefined | typeof PROJECT;

const claimsOf = new WeakMap<IConstruct, Map<Place, Claims>>();

import { invalidValue, TradingStackError } from '../../errors';
import type { ExtraHostSpec } from '../../platform/spec';
import type { VolumeMount } from '../storage/volume';
import type { DeliveredSecret } from '../secrets/secret';

/** What a consumer gets from one thing that it uses. */
export interface Connection {
  /** Construct path of what is used, for messages and reports. */
  readonly from: string;
  /** Construct path of the stack in which it is reachable; `null` for anywhere. */
  readonly within: string | null;
  /** Variables and their values. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables and the secrets behind them. */
  readonly secrets: Readonly<Record<string, DeliveredSecret>>;
  /** Terraform addresses of what has to be up, and healthy if it has a health check, before the consumer starts. */
  readonly startAfter: readonly string[];
  /** Names that the consumer's container has to resolve beside those of its network. */
  readonly extraHosts: readonly ExtraHostSpec[];
  /**
   * Volumes that the consumer mounts: what it needs and what only a running program can make, such as a token.
   * @default - none
   */
  readonly volumes?: readonly VolumeMount[];
}

/** Something that a workload can name in `uses`. */
export interface IConnectable {
  /** What a consumer gets from it. */
  connection(): Connection;
}

/**
 * Marks what a workload can do without: it gets the same variables, and starts without waiting.
 *
 * @example
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [features, Dependency.optional(database)] });
 */
export class Dependency implements IConnectable {
  /** The same connection, without the wait. */
  static optional(target: IConnectable): Dependency {
    return new Dependency(checkConnectable(target, 'what is used', 'Dependency.optional'));
  }

  private constructor(private readonly target: IConnectable) {}

  connection(): Connection {
    return { ...this.target.connection(), startAfter: [] };
  }
}

/**
 * What a workload gets from everything that it uses.
 * @throws TradingStackError for what cannot be used, such as a variable whose construct is created further down
 */
export function connectionsOf(uses: readonly IConnectable[], where: string): Connection[] {
  return uses.map((used, index) => checkConnectable(used, `uses[${index}]`, where).connection());
}

/** @throws TradingStackError for what cannot be used, such as a variable whose construct is created further down */
export function checkConnectable(
  used: Partial<IConnectable> | undefined | null,
  property: string,
  where: string,
): IConnectable {
  if (used === undefined || used === null) {
    const fix = 'Create what it uses before it: a variable has no value before its line was run';
    throw new TradingStackError('invalid-value', where, `${property} is ${String(used)}`, fix);
  }
  if (typeof used.connection === 'function') return used as IConnectable;
  throw invalidValue(where, property, used, 'a service, a job or an endpoint');
}

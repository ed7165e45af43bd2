import type { ExtraHostSpec } from '../platform/spec';
import type { VolumeMount } from './data-volume';
import type { DeliveredSecret } from './secret';

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
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [features, Optional.of(database)] });
 */
export class Optional implements IConnectable {
  /** The same connection, without the wait. */
  static of(target: IConnectable): Optional {
    return new Optional(target);
  }

  private constructor(private readonly target: IConnectable) {}

  connection(): Connection {
    return { ...this.target.connection(), startAfter: [] };
  }
}

import { checkOptions, type OptionShapes, required } from '../../options/options';
import type { ConnectionSpec, ExtraHostSpec } from '../../platform/spec';
import type { VolumeMount } from '../storage/volume';
import type { DeliveredSecret } from '../secrets/secret';

/** What a workload gets from one thing that it uses. It is plain data: reading it creates nothing. */
export interface Connection {
  /** Construct path of what is used, for messages and reports. */
  readonly from: string;
  /** Construct path of the stack in which it is reachable; `null` for anywhere. */
  readonly within: string | null;
  /**
   * Host name under which the consumer connects to it in the stack.
   * @default - it is not connected to over the network of the stack
   */
  readonly host?: string;
  /**
   * Where and how it is reached, for reports.
   * @default - it is not reached over a network, or not on a known port
   */
  readonly endpoint?: ConnectionSpec;
  /** Environment variables and their values. */
  readonly environment: Readonly<Record<string, string>>;
  /** Environment variables and the secrets behind them. A secret may be a recipe, which the workload creates. */
  readonly secrets: Readonly<Record<string, DeliveredSecret>>;
  /**
   * Whether every other source of the same variable wins, as it does over an env file.
   * @default false
   */
  readonly overridable?: boolean;
  /** Terraform addresses of what must be running, and healthy if it has a health check, before the consumer starts. */
  readonly startAfter: readonly string[];
  /** Host names that the consumer's container resolves in addition to those of its network. */
  readonly extraHosts: readonly ExtraHostSpec[];
  /**
   * Volumes that the consumer mounts, for content that only a running program can produce, such as a token.
   * @default - none
   */
  readonly volumes?: readonly VolumeMount[];
  /**
   * Creates the resources that exist for consumers only, such as the job that issues a token, and returns their
   * Terraform addresses, which the consumer starts after. Each workload that uses the connection calls it once; it must
   * return the same resources every time.
   * @default - nothing has to be created
   */
  readonly provision?: () => readonly string[];
}

/** Something that a workload can list in `uses`. */
export interface IConnectable {
  /** What a consumer gets. Creates nothing, so it can be called any number of times. */
  connection(): Connection;
}

/**
 * Marks a dependency that a workload can start without: it gets the same variables and secrets, and does not wait.
 *
 * @example
 * new StrategyRunner(stack, 'strategy_runner', { image, uses: [features, Dependency.optional(database)] });
 */
export class Dependency<Target extends IConnectable = IConnectable> implements IConnectable {
  /**
   * The same connection, without the wait.
   * @throws TradingStackError if the target is undefined, such as a variable that is assigned further down
   */
  static optional<Target extends IConnectable>(target: Target): Dependency<Target> {
    checkOptions<{ readonly target: IConnectable }>({ target }, OPTIONAL_TARGET, 'Dependency.optional');
    return new Dependency(target);
  }

  /** @param target what the workload uses */
  private constructor(readonly target: Target) {}

  connection(): Connection {
    const { provision, ...connection } = this.target.connection();
    return { ...connection, startAfter: [], ...(provision && { provision: withoutWait(provision) }) };
  }
}

const OPTIONAL_TARGET: OptionShapes<{ readonly target: IConnectable }> = { target: required('object') };

function withoutWait(provision: () => readonly string[]): () => readonly string[] {
  return () => {
    provision();
    return [];
  };
}

/** Creates what the connections of a workload need, and returns the Terraform addresses that it starts after. */
export function provisionAll(connections: readonly Connection[]): string[] {
  const addresses = connections.flatMap(({ startAfter, provision }) => [...startAfter, ...(provision?.() ?? [])]);
  return [...new Set(addresses)];
}

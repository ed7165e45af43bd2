import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import { alreadyTaken, invalidValue, TradingStackError } from '../errors';
import type { Claims } from './claims';
import { checkDockerName } from './naming';
import { checkBoolean } from './plain-values';
import type { NetworkSpec, WorkloadSpec } from './spec';
import { Subnet } from './subnet';

/** The network that every workload of a stack is on. */
export interface NetworkOptions {
  /**
   * Name of the network on the engine.
   * @default - the stack's name prefix
   */
  readonly name?: string;
  /**
   * Private IPv4 range in CIDR notation, for example `172.16.28.0/24`. Docker chooses the ranges of other networks out
   * of 172.17.0.0 to 172.31.255.255 and 192.168.0.0/16, unless it is told others: one of those may be taken on the next
   * engine. Source: https://docs.docker.com/engine/network/#subnet-allocation
   * @default - the engine chooses one
   */
  readonly subnet?: string;
  /**
   * Cuts the network off from the outside: workloads reach each other only, and no port can be published.
   * @default false
   */
  readonly internal?: boolean;
}

/** What a network takes from its stack. */
interface Surroundings {
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly claims: Claims;
}

/** The network of a stack. No other stack of the app on that engine has its name, or one of its addresses. */
export class StackNetwork {
  readonly spec: NetworkSpec;
  private readonly subnet: Subnet | undefined;

  /** @throws TradingStackError if the name or the subnet is impossible or taken */
  constructor(stack: Construct, options: NetworkOptions, { prefix, labels, claims }: Surroundings) {
    const where = stack.node.path;
    checkOptions(options, where);
    this.subnet = claimSubnet(options.subnet, stack, claims);
    const name = checkDockerName(options.name ?? prefix, 'network.name', where);
    claims.take('network-taken', 'network name', name, where, 'Set network.name on one of the stacks');
    this.spec = {
      name,
      addresses: this.subnet ? { subnet: this.subnet.cidr, gateway: this.subnet.gateway } : null,
      internal: options.internal ?? false,
      labels,
    };
  }

  /**
   * @param taken how many addresses the workloads before it have
   * @throws TradingStackError if there is none left for the workload
   */
  checkRoom(taken: number, { path, replicas }: WorkloadSpec): void {
    if (this.subnet === undefined || taken + replicas <= this.subnet.capacity) return;
    throw new TradingStackError(
      'network-full',
      path,
      `the subnet ${this.subnet.cidr} has addresses for ${this.subnet.capacity} workloads, and this makes ${taken + replicas}`,
      'Give network.subnet a larger range',
    );
  }
}

/** @throws TradingStackError for what only plain JavaScript can give */
function checkOptions(options: unknown, where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw invalidValue(where, 'network', options, "options: { subnet: '172.16.28.0/24' }");
  const { internal = false } = options as { readonly internal?: unknown };
  checkBoolean(internal, 'network.internal', where);
}

function claimSubnet(text: string | undefined, stack: Construct, claims: Claims): Subnet | undefined {
  if (text === undefined) return undefined;
  const where = stack.node.path;
  const subnet = Subnet.parse(text, where);
  for (const [other, owner] of claims.taken('subnet')) {
    if (subnet.overlaps(Subnet.parse(other, owner))) {
      throw alreadyTaken(
        'subnet-taken',
        where,
        'subnet',
        text,
        `${owner} (${other})`,
        'Give one of the stacks another',
      );
    }
  }
  claims.take('subnet-taken', 'subnet', text, where, 'Give one of the stacks another');
  if (!subnet.isPrivate) {
    Annotations.of(stack).addWarning(
      `network.subnet ${text} is in no private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, ` +
        '100.64.0.0/10), so its workloads do not reach hosts elsewhere that have these addresses: keep it only if ' +
        'they are yours',
    );
  }
  return subnet;
}

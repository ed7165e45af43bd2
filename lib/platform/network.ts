import type { Construct } from 'constructs';
import { IPv4 } from 'ipaddr.js';
import { alreadyTaken, invalidSubnet, invalidValue, TradingStackError, raise } from '../errors';
import { each, type Hint, HINTS, type OptionShapes } from '../options/options';
import type { Claims } from './claims';
import { checkDockerName } from './naming';
import type { NetworkSpec, WorkloadSpec } from './spec';
import { warn } from './warnings';

/** Options of the network of a stack, and of a further network. */
export interface NetworkOptions {
  /**
   * Name of the network on the engine.
   * @default - the name of the stack, and for a further network, `<name of the stack>-<id>`
   */
  readonly name?: string;
  /**
   * Private IPv4 range in CIDR notation, for example `172.16.28.0/24`. By default, Docker chooses the ranges of other
   * networks from 172.17.0.0 to 172.31.255.255 and from 192.168.0.0/16, so one of those may be taken on another engine.
   * Source: https://docs.docker.com/engine/network/#subnet-allocation
   * @default - the engine chooses one
   */
  readonly subnet?: string;
  /**
   * Isolates the network from the outside: workloads reach only each other, and no port can be published.
   * @default false
   */
  readonly internal?: boolean;
  /**
   * Largest packet in bytes, 576 to 65535, if the path to the outside takes less than the default. A VPN, PPPoE or the
   * network of a cloud takes less than 1500: WireGuard 1420. With a value that is too large, connections open, and hang
   * as soon as much data is sent. A Swarm needs 50 bytes of each packet for itself. A change replaces the network.
   * @default - the engine's own, 1500
   */
  readonly mtu?: number;
  /**
   * Further options of the network driver, as for `docker network create --opt`:
   * `{ 'com.docker.network.bridge.name': 'desk0' }`. A change replaces the network.
   * @default - none
   */
  readonly driverOptions?: Readonly<Record<string, string>>;
}

const MTU_OPTION = 'com.docker.network.driver.mtu';
const DRIVER_OPTIONS_CODE = "driverOptions: { 'com.docker.network.bridge.name': 'desk0' }";
const DRIVER_OPTIONS_HINT: Hint = {
  text: `Use \`${DRIVER_OPTIONS_CODE}\`, and \`mtu: 1420\` for ${MTU_OPTION}`,
  code: [DRIVER_OPTIONS_CODE, 'mtu: 1420'],
};

/** The shape of {@link NetworkOptions}. */
export const NETWORK_OPTIONS: OptionShapes<NetworkOptions> = {
  name: 'string',
  subnet: 'string',
  internal: 'boolean',
  mtu: 'number',
  driverOptions: each('string'),
  [HINTS]: {
    unknown: new Map(['driver_opts', 'driverOpts', 'options'].map((name) => [name, DRIVER_OPTIONS_HINT])),
    wrongType: new Map(),
  },
};

/** What a network depends on apart from its options. */
interface NetworkContext {
  /** What precedes the names of its options where they are set. */
  readonly optionsOf: 'network.' | '';
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly claims: Claims;
}

/** A network of a stack. No other network of the app on that engine has its name or one of its addresses. */
export class StackNetwork {
  readonly spec: NetworkSpec;
  private readonly subnet: Subnet | undefined;

  /** @throws TradingStackError if the name or the subnet is invalid or taken */
  constructor(
    private readonly owner: Construct,
    options: NetworkOptions,
    private readonly context: NetworkContext,
  ) {
    const { prefix, labels, claims, optionsOf } = context;
    const where = owner.node.path;
    this.subnet = claimSubnet(options.subnet, owner, context);
    const name = checkDockerName(options.name ?? prefix, `${optionsOf}name`, where);
    const fix = `Set a different ${optionsOf}name on one of them`;
    claims.take({ code: 'network-taken', kind: 'network name', value: name, owner: where, fix });
    this.spec = {
      name,
      addresses: this.subnet ? { subnet: this.subnet.cidr, gateway: this.subnet.gateway } : null,
      internal: options.internal ?? false,
      driverOptions: driverOptions(options, where, optionsOf),
      labels,
    };
  }

  /**
   * Checks that the subnet has addresses for a workload.
   * @param taken number of addresses of the workloads before it
   * @throws TradingStackError `network-full` if it has not
   */
  reserveAddresses(taken: number, { path, replicas }: WorkloadSpec): void {
    if (this.subnet === undefined || taken + replicas <= this.subnet.capacity) return;
    throw new TradingStackError(
      'network-full',
      path,
      `the subnet ${this.subnet.cidr} is too small for ${taken + replicas} containers: its limit is ${this.subnet.capacity}`,
      `Set ${this.context.optionsOf}subnet of ${this.owner.node.path} to a larger range`,
    );
  }
}

/** The options of the driver, with the MTU. */
function driverOptions(
  { mtu, driverOptions: given = {} }: NetworkOptions,
  where: string,
  optionsOf: string,
): Readonly<Record<string, string>> {
  if (MTU_OPTION in given) {
    const what = `${optionsOf}driverOptions sets ${MTU_OPTION}, which ${optionsOf}mtu is for`;
    throw new TradingStackError('option-conflict', where, what, 'Use `mtu` instead, such as mtu: 1420');
  }
  if (mtu === undefined) return given;
  if (!Number.isInteger(mtu) || mtu < SMALLEST_MTU || mtu > LARGEST_MTU) {
    throw invalidValue(where, `${optionsOf}mtu`, mtu, `a whole number from ${SMALLEST_MTU} to ${LARGEST_MTU}`);
  }
  return { ...given, [MTU_OPTION]: String(mtu) };
}

// What every host must be able to receive (RFC 791), and the longest IP packet, which is also the limit of Linux.
const SMALLEST_MTU = 576;
const LARGEST_MTU = 65_535;

function claimSubnet(
  text: string | undefined,
  construct: Construct,
  { claims, optionsOf }: NetworkContext,
): Subnet | undefined {
  if (text === undefined) return undefined;
  const where = construct.node.path;
  const option = `${optionsOf}subnet`;
  const subnet = Subnet.parse(text, where, option);
  const fix = `Change ${option} of one of them`;
  for (const [other, owner] of claims.taken('subnet')) {
    if (subnet.overlaps(Subnet.parse(other, owner, option))) {
      raise(alreadyTaken('subnet-taken', where, 'subnet', text, `${owner} (${other})`, fix));
      return subnet;
    }
  }
  claims.take({ code: 'subnet-taken', kind: 'subnet', value: text, owner: where, fix });
  if (!subnet.isPrivate) {
    warn(construct, 'subnet-public', `${option} ${text}`);
  }
  return subnet;
}

// The network address, the broadcast address and the gateway of a subnet are not available to containers.
const RESERVED_ADDRESSES = 3;
// As ipaddr.js names them; the private ones are those of RFC 1918 and RFC 6598.
const PRIVATE_RANGES = ['private', 'carrierGradeNat'];
const RANGES_WITHOUT_HOSTS = ['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback'];

/** The range of IPv4 addresses of a network. */
export class Subnet {
  /**
   * @param text in CIDR notation: `172.28.0.0/16`
   * @param option where it is set
   * @throws TradingStackError `invalid-subnet` unless it starts with the first address of an IPv4 range that is available to hosts, and
   * has an address for a container
   */
  static parse(text: string, where: string, option: string): Subnet {
    const invalid = (allowed: string): TradingStackError => invalidSubnet(where, option, text, allowed);
    const wanted = "an IPv4 subnet in CIDR notation, for example '172.28.0.0/24'";
    if (!IPv4.isValidCIDRFourPartDecimal(text)) throw invalid(wanted);
    const first = IPv4.networkAddressFromCIDR(text).toString();
    const [address = '', prefix = ''] = text.split('/');
    if (address !== first) {
      throw invalid(`the first address of the range, '${first}/${prefix}'`);
    }
    if (rangesOf(text).some((range) => RANGES_WITHOUT_HOSTS.includes(range))) {
      const allowed = "a range that is available to hosts, for example '172.28.0.0/24'";
      throw invalid(allowed);
    }
    const subnet = new Subnet(text, Number(prefix));
    if (subnet.capacity < 1) throw invalid('a range of /29 or larger');
    return subnet;
  }

  private constructor(
    readonly cidr: string,
    private readonly prefixLength: number,
  ) {}

  /** Whether all its addresses are private. */
  get isPrivate(): boolean {
    return rangesOf(this.cidr).every((range) => PRIVATE_RANGES.includes(range));
  }

  /** Number of addresses for containers. */
  get capacity(): number {
    return 2 ** (32 - this.prefixLength) - RESERVED_ADDRESSES;
  }

  /** The first address after that of the network, which is Docker's default for the gateway, too. */
  get gateway(): string {
    const bytes = IPv4.networkAddressFromCIDR(this.cidr).toByteArray();
    return new IPv4([...bytes.slice(0, 3), (bytes[3] ?? 0) + 1]).toString();
  }

  /** Whether the two ranges share an address. */
  overlaps(other: Subnet): boolean {
    const shorter = Math.min(this.prefixLength, other.prefixLength);
    return IPv4.parse(this.cidr.split('/')[0] ?? '').match(IPv4.parse(other.cidr.split('/')[0] ?? ''), shorter);
  }
}

/** The ranges that its first and its last address are in. */
function rangesOf(cidr: string): string[] {
  return [IPv4.networkAddressFromCIDR(cidr), IPv4.broadcastAddressFromCIDR(cidr)].map((end) => end.range());
}

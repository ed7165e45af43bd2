import { IPv4 } from 'ipaddr.js';
import { invalidValue } from '../errors';

// Of every subnet the network's own address, its broadcast address and the gateway are not for workloads.
const RESERVED_ADDRESSES = 3;
// In the words of ipaddr.js; the private ones are those of RFC 1918 and RFC 6598.
const PRIVATE_RANGES = ['private', 'carrierGradeNat'];
const RANGES_WITHOUT_HOSTS = ['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback'];

/** The range of IPv4 addresses of a network. */
export class Subnet {
  /**
   * @param text in CIDR notation: `172.28.0.0/16`
   * @throws TradingStackError if it is not the first address of an IPv4 range that hosts can be in, or has no room for
   * a workload
   */
  static parse(text: string, where: string): Subnet {
    const wanted = "an IPv4 subnet in CIDR notation, for example '172.28.0.0/24'";
    if (typeof text !== 'string' || !IPv4.isValidCIDRFourPartDecimal(text))
      throw invalidValue(where, 'network.subnet', text, wanted);
    const first = IPv4.networkAddressFromCIDR(text).toString();
    const [address = '', prefix = ''] = text.split('/');
    if (address !== first) {
      throw invalidValue(where, 'network.subnet', text, `the first address of the range, '${first}/${prefix}'`);
    }
    if (rangesOf(text).some((range) => RANGES_WITHOUT_HOSTS.includes(range))) {
      const allowed = "a range whose addresses hosts can have, for example '172.28.0.0/24'";
      throw invalidValue(where, 'network.subnet', text, allowed);
    }
    const subnet = new Subnet(text, Number(prefix));
    if (subnet.capacity < 1) throw invalidValue(where, 'network.subnet', text, 'a range of /29 or larger');
    return subnet;
  }

  private constructor(
    readonly cidr: string,
    private readonly prefixLength: number,
  ) {}

  /** Whether nobody on the internet has its addresses. */
  get isPrivate(): boolean {
    return rangesOf(this.cidr).every((range) => PRIVATE_RANGES.includes(range));
  }

  /** How many workloads can have an address. */
  get capacity(): number {
    return 2 ** (32 - this.prefixLength) - RESERVED_ADDRESSES;
  }

  /** The first address after the network's own, which Docker takes for the gateway too. */
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

import { isIP } from 'node:net';
import { invalidHost, invalidValue } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { publishedPortCode } from '../../platform/ports';
import type { PortScope, PortSpec } from '../../platform/spec';

/** Options of a {@link PublishedPort}. */
export interface PublishedPortOptions {
  /**
   * Port on the host.
   * @default - the same as inside the container
   */
  readonly hostPort?: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  /**
   * Whether the port stays unpublished on an engine that cannot publish it on this address, which is an error
   * otherwise: a Swarm publishes on every address of a node, or not at all.
   * @default false
   */
  readonly optional?: boolean;
}

const OPTIONS: OptionShapes<PublishedPortOptions> = { hostPort: 'number', protocol: 'string', optional: 'boolean' };

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

/**
 * A port of a workload that is reachable from outside the network of its stack. Workloads of a stack reach each other
 * without it.
 *
 * @example
 * ports: [PublishedPort.loopback(8000, { hostPort: 18000 })]
 */
export class PublishedPort {
  /**
   * For programs on the host only: bound to 127.0.0.1.
   * @throws TradingStackError if a port or the protocol is invalid
   */
  static loopback(port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, 'loopback', options);
  }

  /**
   * For one network of the host: bound to one of its addresses. Docker does not start the container if the address is
   * missing, and does not try again: after a reboot it stays `exited`, whatever its restart policy, if Docker starts
   * before a VPN. With `net.ipv4.ip_nonlocal_bind=1` on the host it starts, and is reachable when the address appears.
   * @throws TradingStackError if the address, a port or the protocol is invalid
   */
  static on(address: string, port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, scopeOf(address), options);
  }

  /**
   * For every client that can reach the host. Docker's rules come before those of most host firewalls, so a firewall
   * that closes the port does not protect it.
   * @throws TradingStackError if a port or the protocol is invalid
   */
  static allInterfaces(port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, 'all', options);
  }

  private readonly port: PortSpec;

  private constructor(port: number, scope: PortScope, options: PublishedPortOptions) {
    checkOptions(options, OPTIONS, 'PublishedPort');
    const { hostPort = port, protocol = 'tcp', optional = false } = options;
    if (!PROTOCOLS.includes(protocol)) {
      throw invalidValue('PublishedPort', 'protocol', protocol, `one of ${PROTOCOLS.join(', ')}`);
    }
    this.port = {
      container: checkPort(port, 'PublishedPort'),
      host: checkPort(hostPort, 'PublishedPort', 'hostPort'),
      scope,
      protocol,
      optional,
    };
  }

  /** The port as the engines take it. */
  toSpec(): PortSpec {
    return this.port;
  }
}

function scopeOf(address: string): PortScope {
  if (isIP(address) === 0) throw invalidHost('PublishedPort', 'the address', address, 'an IP address of the host');
  if (address === '127.0.0.1') return 'loopback';
  return address === '0.0.0.0' ? 'all' : { address };
}

/** @throws TradingStackError if it is not a port */
export function checkPort(port: number, where: string, property = 'the port'): number {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidValue(where, property, port, 'a whole number from 1 to 65535');
  }
  return port;
}

/** A published port that nothing in the container is known to listen on. */
export interface UnservedPort {
  readonly port: number;
  /** Code that publishes the port that was probably meant. */
  readonly replacement: string;
}

/**
 * Published ports that are not among the known ones. TCP only: UDP listeners are not known.
 * @param knownPorts ports that the program listens on; without any, nothing is known
 */
export function unservedPorts(published: readonly PortSpec[], knownPorts: readonly number[]): UnservedPort[] {
  const [first] = knownPorts;
  if (first === undefined) return [];
  return published
    .filter(({ container, protocol }) => protocol === 'tcp' && !knownPorts.includes(container))
    .map(({ container, host, scope }) => ({
      port: container,
      // With a host port that the program listens on, the two were probably swapped.
      replacement: knownPorts.includes(host)
        ? publishedPortCode({ scope, container: host, host: container, protocol: 'tcp' })
        : publishedPortCode({ scope, container: first, host, protocol: 'tcp' }),
    }));
}

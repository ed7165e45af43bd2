import { isIP } from 'node:net';
import { invalidValue, wrongSpelling } from '../../errors';
import type { PortScope, PortSpec } from '../../platform/spec';
import { isA } from '../is-a';
import { checkPort } from './port';

/** Options of an {@link PublishedPort}. */
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

const PROTOCOLS: readonly string[] = ['tcp', 'udp', 'sctp'];

/**
 * A port of a workload that is reachable from outside of the stack's network. Nothing is, unless asked: workloads
 * reach each other without it.
 *
 * @example
 * ports: [PublishedPort.loopback(8000, { hostPort: 18000 })]
 */
export class PublishedPort {
  /** For programs on the host itself: bound to 127.0.0.1. */
  static loopback(port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, 'loopback', options);
  }

  /** For one network of the host: bound to one of its addresses. */
  static on(address: string, port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, scopeOf(address), options);
  }

  /**
   * For everybody who can reach the host. Docker's rules come before those of most host firewalls, so a firewall that
   * closes the port does not close this.
   */
  static allInterfaces(port: number, options: PublishedPortOptions = {}): PublishedPort {
    return new PublishedPort(port, 'all', options);
  }

  private readonly port: PortSpec;

  private constructor(port: number, scope: PortScope, options: PublishedPortOptions) {
    const { protocol = 'tcp', optional = false } = options;
    if (!PROTOCOLS.includes(protocol)) {
      throw invalidValue('PublishedPort', 'the protocol', protocol, `one of ${PROTOCOLS.join(', ')}`);
    }
    this.port = {
      container: checkPort(port, 'PublishedPort'),
      host: checkPort(options.hostPort ?? port, 'PublishedPort'),
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
  if (isIP(address) === 0) throw invalidValue('PublishedPort', 'the address', address, 'an IP address of the host');
  if (address === '127.0.0.1') return 'loopback';
  return address === '0.0.0.0' ? 'all' : { address };
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'8080:80'` */
export function checkExposure(given: unknown, property: string, where: string): void {
  if (!isA(PublishedPort, given)) throw wrongSpelling(where, property, given, `ports: [${spellingOf(given)}]`);
}

function spellingOf(given: unknown): string {
  const text = typeof given === 'number' ? String(given) : given;
  const parts = typeof text === 'string' ? COMPOSE_PORT.exec(text)?.groups : undefined;
  if (parts?.port === undefined) return 'PublishedPort.loopback(8000)';
  const { address = '127.0.0.1', host = parts.port, port, protocol = 'tcp' } = parts;
  const options = [
    ...(host === port ? [] : [`hostPort: ${host}`]),
    ...(protocol === 'tcp' ? [] : [`protocol: '${protocol}'`]),
  ];
  const last = options.length === 0 ? '' : `, { ${options.join(', ')} }`;
  return address === '127.0.0.1'
    ? `PublishedPort.loopback(${port}${last})`
    : `PublishedPort.on('${address}', ${port}${last})`;
}

/** `80`, `8080:80`, `10.0.0.7:8080:80/udp` */
const COMPOSE_PORT =
  /^(?:(?<address>\d+(?:\.\d+){3}):)?(?:(?<host>\d+):)?(?<port>\d+)(?:\/(?<protocol>tcp|udp|sctp))?$/;

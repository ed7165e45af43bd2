import { isIP } from 'node:net';
import { invalidValue } from '../errors';
import type { PortSpec } from '../platform/spec';
import { checkPort } from './port';

/** Options of an {@link Exposure}. */
export interface ExposureOptions {
  /**
   * Port on the host.
   * @default - the same as inside the container
   */
  readonly hostPort?: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
}

/**
 * A port of a workload that is reachable from outside of the stack's network. Nothing is, unless asked: workloads
 * reach each other without it.
 *
 * @example
 * publish: [Exposure.onLoopback(8000, { hostPort: 18000 })]
 */
export class Exposure {
  /** For programs on the host itself: bound to 127.0.0.1. */
  static onLoopback(port: number, options: ExposureOptions = {}): Exposure {
    return new Exposure(port, '127.0.0.1', options);
  }

  /** For one network of the host: bound to one of its addresses. */
  static onAddress(address: string, port: number, options: ExposureOptions = {}): Exposure {
    return new Exposure(port, address, options);
  }

  /**
   * For everybody who can reach the host. Docker's rules come before those of most host firewalls, so a firewall that
   * closes the port does not close this.
   */
  static onEveryAddress(port: number, options: ExposureOptions = {}): Exposure {
    return new Exposure(port, '0.0.0.0', options);
  }

  private readonly port: PortSpec;

  private constructor(port: number, address: string, options: ExposureOptions) {
    if (isIP(address) === 0) throw invalidValue('Exposure', 'the address', address, 'an IP address of the host');
    this.port = {
      container: checkPort(port, 'Exposure'),
      host: checkPort(options.hostPort ?? port, 'Exposure'),
      address,
      protocol: options.protocol ?? 'tcp',
    };
  }

  /** The port as the engines take it. */
  toSpec(): PortSpec {
    return this.port;
  }
}

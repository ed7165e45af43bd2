import type { PortSpec } from '../../platform/spec';

/** A published port behind which nothing is known to listen. */
export interface UnservedPort {
  readonly port: number;
  /** Ports on which something listens, in words. */
  readonly listensOn: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** Of TCP alone: nobody tells on which ports a program takes datagrams. */
export function unservedPorts(published: readonly PortSpec[], listensOn: readonly number[]): UnservedPort[] {
  const [first] = listensOn;
  if (first === undefined) return [];
  return published
    .filter(({ container, protocol }) => protocol === 'tcp' && !listensOn.includes(container))
    .map((port) => ({
      port: port.container,
      listensOn: listensOn.join(' and '),
      // A host's port that is one of its own stands where the container's should.
      instead: listensOn.includes(port.host)
        ? exposure(port.address, port.host, port.container)
        : exposure(port.address, first, port.host),
    }));
}

const FACTORIES: Readonly<Record<string, string>> = { '127.0.0.1': 'loopback(', '0.0.0.0': 'allInterfaces(' };

function exposure(address: string, port: number, hostPort: number): string {
  const factory = FACTORIES[address] ?? `on('${address}', `;
  return `PublishedPort.${factory}${port}${hostPort === port ? '' : `, { hostPort: ${hostPort} }`})`;
}

import type { PortScope, PortSpec } from '../../platform/spec';

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
        ? exposure(port.scope, port.host, port.container)
        : exposure(port.scope, first, port.host),
    }));
}

function exposure(scope: PortScope, port: number, hostPort: number): string {
  const factory = { loopback: 'loopback(', all: 'allInterfaces(' };
  const start = typeof scope === 'string' ? factory[scope] : `on('${scope.address}', `;
  return `PublishedPort.${start}${port}${hostPort === port ? '' : `, { hostPort: ${hostPort} }`})`;
}

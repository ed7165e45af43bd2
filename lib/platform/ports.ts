import { alreadyTaken, invalidValue, raise } from '../errors';
import type { Claims } from './claims';
import type { PortSpec } from './spec';

/** The address of the host that a port is bound to: `127.0.0.1`. */
export function bindAddress({ scope }: Pick<PortSpec, 'scope'>): string {
  if (scope === 'loopback') return '127.0.0.1';
  return scope === 'all' ? '0.0.0.0' : scope.address;
}

/** Address and port of the host at which a port is published: `127.0.0.1:8000`. */
export function publishedAt(port: Pick<PortSpec, 'scope' | 'host'>): string {
  return `${bindAddress(port)}:${port.host}`;
}

/** Whether only programs on the host reach it; ssh forwards no other protocol than TCP. */
export function isLoopback({ scope, protocol }: Pick<PortSpec, 'scope' | 'protocol'>): boolean {
  return scope === 'loopback' && protocol === 'tcp';
}

/** The port of a program on the network of the host, which may listen on every address of it. */
export function onHost(port: number): PortSpec {
  return { container: port, host: port, scope: 'all', protocol: 'tcp', optional: false };
}

/**
 * The port, with the offset of its stack added to the host port.
 * @throws TradingStackError `invalid-value` if there is no such port
 */
export function withOffset(port: PortSpec, offset: number, path: string): PortSpec {
  const host = port.host + offset;
  if (host <= 65_535) return { ...port, host };
  throw invalidValue(
    path,
    'the host port',
    `${port.host} + ${offset}`,
    'at most 65535 with the `hostPortOffset` of the stack',
  );
}

/** Whether a port bound to this address is bound to every address of the host. */
export function isEveryAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** Whether two ports with the same number cannot be bound to these addresses at the same time. */
export function addressesOverlap(one: string, other: string): boolean {
  return one === other || isEveryAddress(one) || isEveryAddress(other);
}

/** @throws TradingStackError `port-taken` if another workload on the engine publishes the host port */
export function claimPort(claims: Claims, path: string, port: PortSpec): void {
  const { host, protocol } = port;
  const address = bindAddress(port);
  const kind = `address of the host port ${host}/${protocol}`;
  const fix = 'Publish one of them on another host port';
  for (const [other, owner] of claims.taken(kind)) {
    if (addressesOverlap(other, address)) {
      raise(alreadyTaken('port-taken', path, 'host port', `${address}:${host}/${protocol}`, owner, fix));
      return;
    }
  }
  claims.take({ code: 'port-taken', kind, value: address, owner: path, fix });
}

/** Code that publishes a port, for a message that says what to write. */
export function publishedPortCode({ scope, container, host, protocol }: Omit<PortSpec, 'optional'>): string {
  const factories = { loopback: 'loopback(', all: 'allInterfaces(' };
  const start = typeof scope === 'string' ? factories[scope] : `on('${scope.address}', `;
  const options = [
    ...(host === container ? [] : [`hostPort: ${host}`]),
    ...(protocol === 'tcp' ? [] : [`protocol: '${protocol}'`]),
  ];
  return `PublishedPort.${start}${container}${options.length === 0 ? '' : `, { ${options.join(', ')} }`})`;
}

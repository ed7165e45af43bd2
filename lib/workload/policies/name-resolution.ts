import { isIP } from 'node:net';
import { Token } from 'cdktf';
import { invalidHost } from '../../errors';
import { hasForm } from '../../options/form';
import type { WorkloadOptions } from '../workload-props';

const LABEL = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
/** Labels of up to 63 characters with dots between them. */
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);
/** Docker's name for the host that a container runs on. */
const HOST_GATEWAY = 'host-gateway';

/** Whether it is an IP address or a host name; four numbers that are not an address are neither. */
export function isHost(given: string): boolean {
  return isAddress(given) || (hasForm(given, HOST_NAME) && !/(^|\.)\d+$/.test(given));
}

/** @throws TradingStackError if the host name, a name server or an extra host is invalid */
export function checkNameResolution({ hostname, dns = [], extraHosts = [] }: WorkloadOptions, where: string): void {
  // The kernel takes 64 bytes, names on a network have at most 63.
  const isTooLong = hostname !== undefined && hostname.length > 63 && !Token.isUnresolved(hostname);
  if (hostname !== undefined && (isTooLong || !hasForm(hostname, HOST_NAME))) {
    const allowed = "a host name of up to 63 letters, digits, hyphens and dots: 'trader-1'";
    throw invalidHost(where, 'hostname', hostname, allowed);
  }
  for (const [index, server] of dns.entries()) {
    if (isAddress(server)) continue;
    throw invalidHost(where, `dns[${index}]`, server, "the IP address of a name server: '10.0.0.2'");
  }
  for (const [index, { name, address }] of extraHosts.entries()) {
    const property = `extraHosts[${index}]`;
    if (!hasForm(name, HOST_NAME)) throw invalidHost(where, `${property}.name`, name, "a host name: 'broker'");
    if (address === HOST_GATEWAY || isAddress(address)) continue;
    throw invalidHost(where, `${property}.address`, address, `an IP address, or '${HOST_GATEWAY}'`);
  }
}

function isAddress(given: unknown): given is string {
  return typeof given === 'string' && (isIP(given) !== 0 || Token.isUnresolved(given));
}

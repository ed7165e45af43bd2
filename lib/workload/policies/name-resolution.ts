import { isIP } from 'node:net';
import { Token } from 'cdktf';
import { invalidValue, wrongSpelling } from '../../errors';
import { hasForm } from '../../platform/plain-values';
import type { ExtraHostSpec } from '../../platform/spec';

const LABEL = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
/** Labels of up to 63 characters with dots between them. */
const HOST_NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);
/** The engine's own word for the host that a container runs on. */
const HOST_GATEWAY = 'host-gateway';

/** Whether it is an IP address, or a name that a name server may know; four numbers that are no address are neither. */
export function isHost(given: unknown): given is string {
  return isAddress(given) || (hasForm(given, HOST_NAME) && !/(^|\.)\d+$/.test(given));
}

/** @throws TradingStackError unless a container can be called so */
export function checkHostname(given: unknown, property: string, where: string): void {
  // The kernel takes 64 bytes, names on a network have at most 63.
  if (hasForm(given, HOST_NAME) && (given.length <= 63 || Token.isUnresolved(given))) return;
  throw invalidValue(where, property, given, "a host name of up to 63 letters, digits, hyphens and dots: 'trader-1'");
}

/** @throws TradingStackError unless it is the address of a name server */
export function checkNameServer(given: unknown, property: string, where: string): void {
  if (!isAddress(given)) throw invalidValue(where, property, given, "the IP address of a name server: '10.0.0.2'");
}

/** @throws TradingStackError unless it is a name and an address, also for Compose's `'broker:10.0.0.7'` */
export function checkExtraHost(given: unknown, property: string, where: string): void {
  const { name, address } = (given ?? {}) as Partial<ExtraHostSpec>;
  if (typeof given !== 'object' || given === null) {
    const [, asked = 'broker', to = '10.0.0.7'] = /^([^:=\s]+)[:=](\S+)$/.exec(String(given)) ?? [];
    throw wrongSpelling(where, property, given, `extraHosts: [{ name: '${asked}', address: '${to}' }]`);
  }
  if (!hasForm(name, HOST_NAME)) throw invalidValue(where, `${property}.name`, name, "a host name: 'broker'");
  if (address === HOST_GATEWAY || isAddress(address)) return;
  throw invalidValue(where, `${property}.address`, address, `an IP address, or '${HOST_GATEWAY}'`);
}

function isAddress(given: unknown): given is string {
  return typeof given === 'string' && (isIP(given) !== 0 || Token.isUnresolved(given));
}

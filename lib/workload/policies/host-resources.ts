import { invalidValue, wrongSpelling } from '../../errors';
import { hasForm } from '../../platform/plain-values';
import type { DeviceSpec, UlimitSpec } from '../../platform/spec';

/** Those that Docker knows: https://github.com/docker/go-units/blob/master/ulimit.go */
const ULIMITS = [
  ...['core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio'],
  ...['rttime', 'sigpending', 'stack'],
];
const UNLIMITED = -1;

/** @throws TradingStackError unless it is a device, its place in the container and its permissions */
export function checkDevice(given: unknown, property: string, where: string): void {
  const { hostPath, containerPath, permissions } = (given ?? {}) as Partial<DeviceSpec>;
  if (typeof given !== 'object' || given === null) {
    const [host = '', inside, may] = String(given).split(':');
    const path = host.startsWith('/') ? host : '/dev/ttyUSB0';
    const spelled = `{ hostPath: '${path}', containerPath: '${inside ?? path}', permissions: '${may ?? 'rwm'}' }`;
    throw wrongSpelling(where, property, given, `devices: [${spelled}]`);
  }
  for (const [name, path] of Object.entries({ hostPath, containerPath })) {
    if (!hasForm(path, /^\//)) throw invalidValue(where, `${property}.${name}`, path, 'an absolute path');
  }
  if (hasForm(permissions, /^(?!.*(.).*\1)[rwm]+$/)) return;
  throw invalidValue(
    where,
    `${property}.permissions`,
    permissions,
    "letters of 'rwm', each once: read, write, make nodes",
  );
}

/** @throws TradingStackError unless it is a limit that the kernel has, whose soft one is not above the hard one */
export function checkUlimit(given: unknown, property: string, where: string): void {
  const { name, soft, hard } = (given ?? {}) as Partial<UlimitSpec>;
  if (name === undefined) {
    throw wrongSpelling(where, property, given, "ulimits: [{ name: 'nofile', soft: 65536, hard: 65536 }]");
  }
  if (!ULIMITS.includes(name)) throw invalidValue(where, `${property}.name`, name, `one of ${ULIMITS.join(', ')}`);
  for (const [end, limit] of Object.entries({ soft, hard })) {
    if (limit !== undefined && Number.isInteger(limit) && limit >= UNLIMITED) continue;
    throw invalidValue(where, `${property}.${end}`, limit, `a whole number, 0 or more, or ${UNLIMITED} for no limit`);
  }
  if (asNumber(soft) > asNumber(hard)) {
    throw invalidValue(where, `${property}.soft`, soft, `at most the hard limit of ${String(hard)}`);
  }
}

/** @throws TradingStackError for anything but all of them: the engine's API is asked for no single one */
export function checkGpus(given: unknown, property: string, where: string): void {
  if (given !== 'all') throw invalidValue(where, property, given, "'all'");
}

function asNumber(limit: number | undefined): number {
  return limit === UNLIMITED ? Infinity : (limit ?? 0);
}

import { posix } from 'node:path';
import { invalidValue, TradingStackError } from '../../errors';
import type { WorkloadSpec } from '../../platform/spec';

/** The one spelling of a place in a container that Docker makes of `/tmp/`, `//tmp` and `/tmp/.` as well. */
export function mountPoint(path: string): string {
  return posix.isAbsolute(path) ? posix.resolve(path) : path;
}

/** @throws TradingStackError where two things would be mounted over each other, or at no absolute path */
export function checkMountPoints(spec: WorkloadSpec): void {
  const seen = new Set<string>();
  const { volumes, bindMounts, secrets, tmpfs: inMemory, files } = spec;
  for (const { path } of [...volumes, ...bindMounts, ...secrets, ...inMemory, ...files]) {
    if (!path.startsWith('/')) throw invalidValue(spec.path, 'the mount point', path, 'an absolute path');
    if (seen.has(path)) {
      throw new TradingStackError(
        'invalid-value',
        spec.path,
        `two things are put at ${path}`,
        'Put one of them elsewhere',
      );
    }
    seen.add(path);
  }
}

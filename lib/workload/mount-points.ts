import { invalidValue, TradingStackError, wrongSpelling } from '../errors';
import type { TemporaryFileSystemSpec, WorkloadSpec } from '../platform/spec';
import { checkSize } from './size';
import { mountPoint } from './mount-point';
import type { TemporaryFileSystem } from './workload-options';

/** With a read-only root there is a `/tmp` in memory, unless something else is mounted there. */
export function temporaryFileSystems(
  asked: readonly TemporaryFileSystem[],
  mountedOnReadOnlyRoot: readonly { readonly path: string }[] | undefined,
): TemporaryFileSystemSpec[] {
  const inMemory = asked.map(({ path, size }) => ({ path: mountPoint(path), sizeBytes: size?.toBytes() ?? null }));
  const needsTmp =
    mountedOnReadOnlyRoot && ![...inMemory, ...mountedOnReadOnlyRoot].some(({ path }) => path === '/tmp');
  return needsTmp ? [{ path: '/tmp', sizeBytes: null }, ...inMemory] : inMemory;
}

/** @throws TradingStackError where two things would be mounted over each other, or at no absolute path */
export function checkMountPoints(spec: WorkloadSpec): void {
  const seen = new Set<string>();
  const { volumes, bindMounts, secrets, temporaryFileSystems: inMemory, files } = spec;
  for (const { path } of [...volumes, ...bindMounts, ...secrets, ...inMemory, ...files]) {
    if (!path.startsWith('/')) throw invalidValue(spec.path, 'the mount point', path, 'an absolute path');
    if (seen.has(path)) {
      throw new TradingStackError(spec.path, `two things are put at ${path}`, 'Put one of them elsewhere');
    }
    seen.add(path);
  }
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'/run'` */
export function checkTemporaryFileSystem(given: unknown, property: string, where: string): void {
  const { path, size } = (given ?? {}) as Partial<TemporaryFileSystem>;
  if (typeof path !== 'string') {
    const asked = typeof given === 'string' ? given.replace(/:.*$/, '') : '/run';
    throw wrongSpelling(where, property, given, `temporaryFileSystems: [{ path: '${asked}' }]`);
  }
  checkSize(size, `the size of ${property}`, where);
  if (size?.toBytes() === 0)
    throw invalidValue(where, `the size of ${property}`, '0', 'more: Linux takes 0 for no limit');
}

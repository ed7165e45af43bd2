import { invalidValue, wrongSpelling } from '../../errors';
import type { TmpfsSpec } from '../../platform/spec';
import { mountPoint } from './mounts';
import { checkSize } from '../units/size';
import type { Tmpfs } from '../workload-props';

/** With a read-only root there is a `/tmp` in memory, unless something else is mounted there. */
export function resolveTmpfs(
  asked: readonly Tmpfs[],
  mountedOnReadOnlyRoot: readonly { readonly path: string }[] | undefined,
): TmpfsSpec[] {
  const inMemory = asked.map(({ path, size }) => ({ path: mountPoint(path), sizeBytes: size?.toBytes() ?? null }));
  const needsTmp =
    mountedOnReadOnlyRoot && ![...inMemory, ...mountedOnReadOnlyRoot].some(({ path }) => path === '/tmp');
  return needsTmp ? [{ path: '/tmp', sizeBytes: null }, ...inMemory] : inMemory;
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'/run'` */
export function checkTmpfs(given: unknown, property: string, where: string): void {
  const { path, size } = (given ?? {}) as Partial<Tmpfs>;
  if (typeof path !== 'string') {
    const asked = typeof given === 'string' ? given.replace(/:.*$/, '') : '/run';
    throw wrongSpelling(where, property, given, `tmpfs: [{ path: '${asked}' }]`);
  }
  checkSize(size, `the size of ${property}`, where);
  if (size?.toBytes() === 0)
    throw invalidValue(where, `the size of ${property}`, '0', 'more: Linux takes 0 for no limit');
}

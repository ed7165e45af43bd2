import { posix } from 'node:path';
import { invalidPath, invalidValue, TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import type { TmpfsSpec, WorkloadSpec } from '../../platform/spec';
import { Size } from '../units/size';

/** A file system in memory. */
export interface Tmpfs {
  /** Absolute path inside the container. */
  readonly path: string;
  /** @default - half of the host's memory; its content counts towards the memory limit */
  readonly size?: Size;
  /**
   * Whether programs in it can be started and native libraries loaded, which Docker forbids by default. Java and Python
   * programs that unpack libraries into `/tmp` need it: `tmpfs: [{ path: '/tmp', exec: true }]`.
   * @default false
   */
  readonly exec?: boolean;
}

/** The shapes of a {@link Tmpfs}. */
export const TMPFS: OptionShapes<Tmpfs> = { path: required('string'), size: Size, exec: 'boolean' };

/** The path in the form that Docker reports: `/tmp` for `/tmp/`, `//tmp` and `/tmp/.`. */
export function mountPoint(path: string): string {
  return posix.isAbsolute(path) ? posix.resolve(path) : path;
}

/** Whether a path in a container is that of a folder, or below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? folder : `${folder}/`);
}

/**
 * The file systems in memory. A read-only root gets a `/tmp`, unless something is mounted there.
 * @param mountedOnReadOnlyRoot what else is mounted; `undefined` if the root file system is writable
 * @throws TradingStackError if a size is zero
 */
export function resolveTmpfs(
  asked: readonly Tmpfs[],
  mountedOnReadOnlyRoot: readonly { readonly path: string }[] | undefined,
  where: string,
): TmpfsSpec[] {
  const inMemory = asked.map(({ path, size, exec = false }, index) => {
    if (size?.toBytes() === 0) {
      throw invalidValue(where, `tmpfs[${index}].size`, '0', 'a size above zero: Linux reads 0 as no limit');
    }
    return { path: mountPoint(path), sizeBytes: size?.toBytes() ?? null, exec };
  });
  const needsTmp =
    mountedOnReadOnlyRoot && ![...inMemory, ...mountedOnReadOnlyRoot].some(({ path }) => path === '/tmp');
  return needsTmp ? [{ path: '/tmp', sizeBytes: null, exec: false }, ...inMemory] : inMemory;
}

/** @throws TradingStackError if two mounts or files have the same path, or one has a relative path */
export function checkMountPoints(spec: WorkloadSpec): void {
  const seen = new Set<string>();
  const { volumes, bindMounts, secrets, tmpfs, files } = spec;
  for (const { path } of [...volumes, ...bindMounts, ...secrets, ...tmpfs, ...files]) {
    if (!path.startsWith('/')) throw invalidPath(spec.path, 'the mount path', path, 'an absolute path');
    if (seen.has(path)) {
      const what = `two mounts or files have the path ${path}`;
      throw new TradingStackError('mount-conflict', spec.path, what, 'Move one of them to another path');
    }
    seen.add(path);
  }
}

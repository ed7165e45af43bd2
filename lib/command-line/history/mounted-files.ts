import { resolve } from 'node:path';
import { hashOfMounted, pathFromWorkingDirectory, type RegisteredWorkload } from '../../internal';

/**
 * The mounted files and folders of a workload whose content is no longer what it was.
 * @param folder the stack's output folder
 * @returns their paths
 */
export function changedMounts({ spec }: RegisteredWorkload, folder: string): string[] {
  return spec.bindMounts.flatMap(({ source, contentHash }) => {
    if (contentHash === null) return [];
    const path = resolve(folder, pathFromWorkingDirectory(source) ?? source);
    return hashNow(path) === contentHash ? [] : [path];
  });
}

/** `undefined` for what is missing or cannot be read. */
function hashNow(path: string): string | undefined {
  try {
    return hashOfMounted(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return undefined;
  }
}

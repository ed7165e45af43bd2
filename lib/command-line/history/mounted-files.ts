import { resolve } from 'node:path';
import { hashOfMounted, type RegisteredWorkload } from '../../internal';

/** A path as the configuration has it: absolute, or from the folder of the configuration. */
const EXPRESSION = /^\$\{abspath\("(?:\$\{path\.root\}\/)?(.*)"\)\}$/;

/**
 * The mounted files and folders of a workload whose content is no longer what it was.
 * @param folder the stack's output folder
 * @returns their paths
 */
export function changedMounts({ spec }: RegisteredWorkload, folder: string): string[] {
  return spec.bindMounts.flatMap(({ source, contentHash }) => {
    if (contentHash === null) return [];
    const path = resolve(folder, EXPRESSION.exec(source)?.[1] ?? source);
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

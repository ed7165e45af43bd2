import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { IgnoreRules, Matches } from './dockerignore/ignore-rules';

/**
 * Hash of files: paths, contents, executable bits and links. Times and owners do not count, so it is the same in every
 * checkout.
 * @param paths from the folder
 */
export function hashFiles(directory: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(directory, path);
    const stat = lstatSync(full);
    const content = stat.isSymbolicLink() ? readlinkSync(full) : readFileSync(full);
    const executable = (stat.mode & 0o111) !== 0;
    hash.update(`${path}\0${stat.isSymbolicLink() ? 'link' : executable ? 'program' : 'file'}\0`);
    hash.update(createHash('sha256').update(content).digest());
  }
  return hash.digest('hex');
}

/** Hash of everything in a folder, whatever `.dockerignore` excludes. */
export function hashFolder(directory: string): string {
  return hashFiles(directory, walk(directory, '', null).sort());
}

/**
 * Sorted paths of the files that the builder gets from a folder, relative to it. It also gets empty folders, which do not
 * count, because git does not keep them.
 */
export function listBuildContext(directory: string, rules: IgnoreRules): string[] {
  return walk(directory, '', rules).sort();
}

function walk(directory: string, below: string, rules: IgnoreRules | null, within?: Matches): string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const { isLeftOut = false, matches } = rules?.decide(path, within) ?? {};
    if (!entry.isDirectory()) return (entry.isFile() || entry.isSymbolicLink()) && !isLeftOut ? [path] : [];
    return isLeftOut && rules?.mayContainExceptions(path) !== true ? [] : walk(directory, path, rules, matches);
  });
}

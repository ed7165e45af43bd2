import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import createIgnore, { type Ignore } from '@balena/dockerignore';

/**
 * Hash of everything that a build can see of a folder: paths, contents, executable bits and links, without what
 * `.dockerignore` leaves out. Times and owners do not count, so it is the same in every checkout.
 * @param paths what {@link listBuildContext} found
 */
export function hashBuildContext(directory: string, paths = listBuildContext(directory)): string {
  return hashFiles(directory, paths);
}

/** The same of everything in a folder. */
export function hashFolder(directory: string): string {
  return hashFiles(directory, walk(directory, '', createIgnore(), false).sort());
}

function hashFiles(directory: string, paths: readonly string[]): string {
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

/** Paths of the files that a build can see, from the folder, sorted. */
export function listBuildContext(directory: string): string[] {
  const rules = readRules(directory);
  const ignore = createIgnore({ ignorecase: false }).add(rules);
  // A rule that starts with `!` may bring back a file of an ignored folder, so only without one is a folder skipped.
  const bringsBack = rules.split('\n').some((rule) => rule.trim().startsWith('!'));
  return walk(directory, '', ignore, !bringsBack).sort();
}

/** Whether a build does not see the file of that path from the folder, be it there or not. */
export function isLeftOut(directory: string, path: string): boolean {
  return createIgnore({ ignorecase: false }).add(readRules(directory)).ignores(path);
}

function readRules(directory: string): string {
  const file = join(directory, '.dockerignore');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function walk(directory: string, below: string, ignore: Ignore, skipFolders: boolean): string[] {
  return readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (!entry.isDirectory()) return (entry.isFile() || entry.isSymbolicLink()) && !ignore.ignores(path) ? [path] : [];
    return skipFolders && ignore.ignores(path) ? [] : walk(directory, path, ignore, skipFolders);
  });
}

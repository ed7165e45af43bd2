import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import createIgnore, { type Ignore } from '@balena/dockerignore';

/**
 * Hash of a build context: paths, contents, executable bits and links, without what `.dockerignore` excludes. Times and
 * owners do not count, so it is the same in every checkout.
 * @param paths result of {@link listBuildContext}
 */
export function hashBuildContext(directory: string, paths = listBuildContext(directory)): string {
  return hashFiles(directory, paths);
}

/** Hash of everything in a folder, whatever `.dockerignore` excludes. */
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

/** Sorted paths of the files in a build context, relative to the folder. */
export function listBuildContext(directory: string): string[] {
  const rules = readRules(directory);
  const ignore = createIgnore({ ignorecase: false }).add(rules);
  // A rule that starts with `!` may include a file of an ignored folder, so folders are skipped only without such a rule.
  const hasExceptions = rules.split('\n').some((rule) => rule.trim().startsWith('!'));
  return walk(directory, '', ignore, !hasExceptions).sort();
}

/** Whether `.dockerignore` excludes a path relative to the folder, which need not exist. */
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

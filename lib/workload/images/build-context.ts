import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TradingStackError } from '../../errors';
import type { Platform } from '../../platform/platform';
import { warn } from '../../platform/warnings';
import { refusePrivateFilesInBuild } from '../secrets/leak-guards';
import { IgnoreRules, type Matches } from './dockerignore/ignore-rules';

/** A folder that an image is built from. */
export interface BuildFolder {
  /** Absolute path. */
  readonly directory: string;
  /** Its path in the code, for messages. */
  readonly given: string;
  /** Absolute path of the Dockerfile, which need not be in the folder. */
  readonly dockerfile: string;
}

/**
 * Hash of everything that the builder gets from a folder.
 * @throws TradingStackError for invalid rules in `.dockerignore`, for files that the builder would leave out although no
 *   rule says so, and for private files that it would get
 */
export function hashBuildContext(build: BuildFolder, platform: Platform, where: string): string {
  const { directory, dockerfile } = build;
  const inside = relative(directory, dockerfile);
  const sentDockerfile = inside.startsWith('..') ? null : inside;
  const rules = IgnoreRules.ofFolder(directory, sentDockerfile, where);
  warnAboutOtherRules(build, platform);
  return readable(build, where, () => {
    const files = listBuildContext(directory, rules);
    refusePrivateFilesInBuild(build, files, (path) => rules.leaveOut(path), platform, where);
    if (sentDockerfile !== null && !files.includes(sentDockerfile)) throw leftOut(sentDockerfile, directory, where);
    return hashFiles(directory, files);
  });
}

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

/** The builder leaves out what it cannot read and says nothing, and a change of it would go unnoticed. */
function readable<T>(build: BuildFolder, where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (path === undefined || !['EACCES', 'EPERM', 'ENOENT'].includes(code ?? '')) throw error;
    throw new TradingStackError(
      'path-unreadable',
      where,
      `${path} of the build folder '${build.given}' cannot be read (${code ?? ''})`,
      `Make it readable for the user that runs the app, or exclude it in ${resolve(build.directory, '.dockerignore')}`,
    );
  }
}

/** Docker's own builder prefers the rules next to the Dockerfile, and the provider's does not read them. */
function warnAboutOtherRules({ directory, dockerfile }: BuildFolder, platform: Platform): void {
  const unread = `${dockerfile}.dockerignore`;
  const used = resolve(directory, '.dockerignore');
  const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  if (!existsSync(unread) || textOf(unread) === textOf(used)) return;
  // Workloads with the same image share the build, so the warning is not about one of them.
  warn(platform.node.scope ?? platform, 'ignore-file-unread', `${unread}; the builder reads ${used}`);
}

function leftOut(dockerfile: string, directory: string, where: string): TradingStackError {
  const file = resolve(directory, '.dockerignore');
  const what = `the rules in ${file} exclude the folder of ${dockerfile}, so the builder would not get its Dockerfile`;
  return new TradingStackError(
    'build-folder-invalid',
    where,
    what,
    `Add the line '!${dockerfile}' at the end of the file`,
  );
}

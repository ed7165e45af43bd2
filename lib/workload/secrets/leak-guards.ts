import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { App } from 'cdktf';
import { TradingStackError } from '../../errors';
import type { Platform } from '../../platform/platform';
import { isStateFile, SECRETS_FOLDER, STATE_FILES_PATTERN, stateFileName } from '../../platform/project';

/** Something private that a project keeps next to its sources, relative to one folder. */
interface PrivateKind {
  /** Path of one of its files if the project keeps it in that folder. The file need not exist yet. */
  readonly expected: string | undefined;
  /** Whether a file of the folder is part of it. */
  readonly holds: (path: string) => boolean;
  /** Line of a `.dockerignore` in the folder that excludes all of it. */
  readonly rule: string;
}

/**
 * Refuses to build an image from the project's secrets, its output or its Terraform state. Apart from leaking them, the
 * image would be rebuilt each time, because they change with every synth or deploy.
 * @param files paths of the files that the build sees, from the folder
 * @param isIgnored whether the build would not see the file of that path
 * @throws TradingStackError also before the files exist: the first deploy writes them
 */
export function refusePrivateFilesInBuild(
  build: { readonly directory: string; readonly given: string },
  files: readonly string[],
  isIgnored: (path: string) => boolean,
  platform: Platform,
  where: string,
): void {
  const seen = privateKinds(realpathSync(build.directory), platform).flatMap(({ expected, holds, rule }) => {
    const exposed = expected === undefined || isIgnored(expected) ? undefined : expected;
    const file = files.find(holds) ?? exposed;
    return file === undefined ? [] : [{ file, rule }];
  });
  if (seen.length === 0) return;
  const lines = seen.map(({ rule }) => `'${rule}'`);
  throw new TradingStackError(
    'private-file-exposed',
    where,
    `the build of '${build.given}' would include ${listed(seen.map(({ file }) => file))}. Such files do ` +
      'not belong in an image, and change with every deploy',
    `Add the line${lines.length === 1 ? '' : 's'} ${listed(lines)} to ${resolve(build.directory, '.dockerignore')}, ` +
      'or build a folder that contains only the sources',
  );
}

/**
 * Refuses to give a container a private file of the project.
 * @throws TradingStackError for a secret's file, a file of the output, a state, and a folder of these
 */
export function refusePrivateFile(source: string, given: string, platform: Platform, where: string): void {
  refusePrivatePath(realpathSync(source), given, platform, where);
}

function refusePrivatePath(path: string, given: string, platform: Platform, where: string): void {
  const folders = [SECRETS_FOLDER, App.of(platform).outdir].map((folder) => resolve(rootOf(platform), folder));
  const isInside = folders.some((folder) => path === folder || path.startsWith(`${folder}${sep}`));
  if (!isInside && !isStateFile(path)) return;
  throw new TradingStackError(
    'private-file-exposed',
    where,
    `'${given}' belongs to the project's secrets, its output or its Terraform state: these do not ` +
      'belong in a container, and change with every deploy',
    'Pass secrets with `secrets`, and copy anything else that the program needs to another file',
  );
}

/**
 * Refuses to mount a private file of the project, or a folder in which the project keeps its secrets, its output or its
 * Terraform state.
 * @param path absolute, without links; it need not exist
 * @throws TradingStackError also before the files exist
 */
export function refusePrivateFilesInMount(path: string, given: string, platform: Platform, where: string): void {
  refusePrivatePath(path, given, platform, where);
  const seen = privateKinds(path, platform).flatMap(({ expected }) => expected ?? []);
  if (seen.length === 0) return;
  throw new TradingStackError(
    'private-file-exposed',
    where,
    `the mounted folder '${given}' would expose ${listed(seen)}. Such files do not belong in a container, and ` +
      'change with every deploy',
    'Mount only the files or folders that the program needs, and pass secrets with `secrets`',
  );
}

function privateKinds(from: string, platform: Platform): PrivateKind[] {
  const root = rootOf(platform);
  const seen = (path: string): string => relative(from, resolve(root, path)).split(sep).join('/');
  const inside = (path: string): string | undefined => (/^(\.\.(\/|$)|$)/.test(seen(path)) ? undefined : seen(path));
  const below = (directory: string, file: string): PrivateKind => {
    const rule = inside(directory);
    const holds = (path: string): boolean => rule !== undefined && path.startsWith(`${rule}/`);
    return { expected: inside(`${directory}/${file}`), holds, rule: rule === undefined ? '**' : ruleFor(rule) };
  };
  return [
    below(SECRETS_FOLDER, relative(SECRETS_FOLDER, platform.secretStore.versionsFile)),
    below(App.of(platform).outdir, 'manifest.json'),
    // This includes the state of other projects, which contains passwords as well.
    {
      expected: inside(stateFileName(platform.node.scope?.node.id ?? '')),
      holds: isStateFile,
      rule: STATE_FILES_PATTERN,
    },
  ];
}

/** The line of a `.dockerignore` for exactly one path. */
function ruleFor(path: string): string {
  return path.replace(/[\\*?[\]{}|^]/g, '\\$&').replace(/^[#!]/, '\\$&');
}

function rootOf(platform: Platform): string {
  return realpathSync(platform.projectDirectory.locate('.'));
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

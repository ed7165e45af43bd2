import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { App } from 'cdktf';
import { TradingStackError } from '../../errors';
import type { Platform } from '../../platform/platform';
import { isStateFile, SECRETS_FOLDER, STATE_FILES_PATTERN, stateFileName } from '../../platform/project';

/** What a project keeps beside its sources that belongs in no container, as seen from a folder. */
interface PrivateKind {
  /** Path of one file of it, if the folder is where the project keeps it. It need not be there yet. */
  readonly expected: string | undefined;
  /** Whether a file of the folder is one of it. */
  readonly holds: (path: string) => boolean;
  /** Line of a `.dockerignore` in the folder that leaves all of it out. */
  readonly rule: string;
}

/**
 * Refuses to build an image from the project's secrets, its output or its Terraform state. Beside what it gives away,
 * they change with every synth or deploy, so that there would be another image each time.
 * @param files paths of the files that the build sees, from the folder
 * @param isLeftOut whether the build would not see the file of that path
 * @throws TradingStackError also before the files are there: the first deploy writes them
 */
export function refusePrivateFilesInBuild(
  build: { readonly directory: string; readonly given: string },
  files: readonly string[],
  isLeftOut: (path: string) => boolean,
  platform: Platform,
  where: string,
): void {
  const seen = privateKinds(build.directory, platform).flatMap(({ expected, holds, rule }) => {
    const exposed = expected === undefined || isLeftOut(expected) ? undefined : expected;
    const file = files.find(holds) ?? exposed;
    return file === undefined ? [] : [{ file, rule }];
  });
  if (seen.length === 0) return;
  const lines = seen.map(({ rule }) => `'${rule}'`);
  throw new TradingStackError(
    'invalid-value',
    where,
    `the build of '${build.given}' would get ${listed(seen.map(({ file }) => file))}, which belong in no image and ` +
      'change with every deploy',
    `Add to ${resolve(build.directory, '.dockerignore')} the line${lines.length === 1 ? '' : 's'} ${listed(lines)}, ` +
      'or build a folder that has the sources alone',
  );
}

/**
 * Refuses to give a container what the project keeps beside its sources.
 * @throws TradingStackError for a secret's file, for one of the output, for a state, and for a folder of these
 */
export function refusePrivateFile(source: string, given: string, platform: Platform, where: string): void {
  const path = realpathSync(source);
  const folders = [SECRETS_FOLDER, App.of(platform).outdir].map((folder) => resolve(rootOf(platform), folder));
  const isInside = folders.some((folder) => path === folder || path.startsWith(`${folder}${sep}`));
  if (!isInside && !isStateFile(path)) return;
  throw new TradingStackError(
    'invalid-value',
    where,
    `'${given}' is among the project's secrets, its output or its Terraform state, which belong in no container and ` +
      'change with every deploy',
    'Give the program its secrets with `secrets`, and another file of what else it needs',
  );
}

/**
 * Refuses to mount a folder in which the project keeps its secrets, its output or its Terraform state.
 * @throws TradingStackError also before the files are there
 */
export function refusePrivateFilesInMount(source: string, given: string, platform: Platform, where: string): void {
  refusePrivateFile(source, given, platform, where);
  const seen = privateKinds(source, platform).flatMap(({ expected }) => expected ?? []);
  if (seen.length === 0) return;
  throw new TradingStackError(
    'invalid-value',
    where,
    `the mounted folder '${given}' would show ${listed(seen)}, which belong in no container and change with every deploy`,
    'Mount the files or folders of it that the program needs, and give it secrets with `secrets`',
  );
}

function privateKinds(folder: string, platform: Platform): PrivateKind[] {
  const root = rootOf(platform);
  const from = realpathSync(folder);
  const seen = (path: string): string => relative(from, resolve(root, path)).split(sep).join('/');
  const inside = (path: string): string | undefined => (/^(\.\.(\/|$)|$)/.test(seen(path)) ? undefined : seen(path));
  const below = (directory: string, file: string): PrivateKind => {
    const rule = inside(directory);
    const holds = (path: string): boolean => rule !== undefined && path.startsWith(`${rule}/`);
    return { expected: inside(`${directory}/${file}`), holds, rule: rule ?? '**' };
  };
  return [
    below(SECRETS_FOLDER, relative(SECRETS_FOLDER, platform.secretStore.versionsFile)),
    below(App.of(platform).outdir, 'manifest.json'),
    // That of another project as well: it has passwords in it, too.
    {
      expected: inside(stateFileName(platform.node.scope?.node.id ?? '')),
      holds: isStateFile,
      rule: STATE_FILES_PATTERN,
    },
  ];
}

function rootOf(platform: Platform): string {
  return realpathSync(platform.projectDirectory.locate('.'));
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

import { posix } from 'node:path';
import type { TradingStack } from '../../index';
import { isWithin, SERVICE_LABEL } from '../../internal';
import { type DockerApi, DockerApiError } from '../engine/docker-api';
import { ChangeKind, type FileChange } from '../engine/responses';
import type { Output } from '../output/output';
import { type Change, resourceName } from '../plan/changes';
import { type ContainerFiles, containerFilesOf } from '../plan/resources';

/** Files that a program wrote into its container, and that are lost when the container is replaced or removed. */
export interface UnsavedFiles {
  readonly container: string;
  /** A few absolute paths; that of a folder ends in a slash. */
  readonly paths: readonly string[];
  /** How many more there are. */
  readonly more: number;
  /** Why the engine did not list them; `null` if it did. */
  readonly unknown: string | null;
  readonly isReplaced: boolean;
  /** Whether it is replaced for another reason than its image, which may turn out to be the same. */
  readonly isCertain: boolean;
  /** Code that keeps the files of the next container; `undefined` if the container is not replaced. */
  readonly volume: string | undefined;
}

/** More paths than this are folded into their folders. */
const MOST_PATHS = 4;

/** Sockets, caches, logs, configuration that is generated at the start, and packages. */
const PASSING = ['/dev', '/etc', '/proc', '/run', '/sys', '/tmp', '/var/cache', '/var/log', '/var/run', '/var/tmp'];
const PROGRAMS = ['/bin', '/lib', '/lib64', '/sbin', '/usr/bin', '/usr/lib', '/usr/local/bin', '/usr/local/lib'];
const PACKAGES = ['/usr/sbin', '/usr/share', '/var/lib/apt', '/var/lib/dpkg'];
const IGNORED = [...PASSING, ...PROGRAMS, ...PACKAGES];

/** Caches of Python, npm and others, and what shells leave. */
const IGNORED_NAMES = /^(\.cache|\.npm|__pycache__|.*\.py[co]|.*\.pid|.*\.sock|\..*_history)$/;

/**
 * What the containers that a plan replaces or removes have written outside of their mounts. A container with a read-only
 * root file system is not asked, nor one of a server that keeps everything in volumes: the engine takes up to two seconds
 * to compare a container with its image.
 */
export async function unsavedFiles(
  changes: readonly Change[],
  stack: TradingStack,
  docker: DockerApi,
): Promise<readonly UnsavedFiles[]> {
  const leaving = changes.filter(({ action, isGone }) => !isGone && (action === 'replace' || action === 'delete'));
  const found = await Promise.all(leaving.map((change) => unsavedIn(change, stack, docker)));
  return found.filter((one) => one !== undefined);
}

/** Warns about files that are lost. */
export function warnOfUnsavedFiles(found: readonly UnsavedFiles[], { address }: DockerApi, output: Output): void {
  for (const { container, paths, more, unknown, isReplaced, isCertain, volume } of found) {
    if (unknown !== null) {
      const command = `${address.command} diff ${container}`;
      output.warn(`Files that ${container} wrote into its container are lost. To list them: ${command} (${unknown})`);
      continue;
    }
    const what = `${paths.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    const end = `${isReplaced ? 'replaced' : 'removed'}${isCertain ? '' : ', which it is if its image changes'}`;
    const copies = paths.map((path) => `${address.command} cp ${container}:${path} .`).join(' && ');
    output.warn(
      `${container} wrote ${what} into its container instead of a volume. This is lost when it is ${end}. ` +
        `To save it first: ${copies}${volume === undefined ? '' : `\n  To keep it in future: ${volume}`}`,
    );
  }
}

/** For a JSON document. */
export function reportUnsavedFiles(found: readonly UnsavedFiles[]): object[] {
  return found.map(({ container, paths, more, unknown }) => ({ container, paths, more, unknown }));
}

async function unsavedIn(change: Change, stack: TradingStack, docker: DockerApi): Promise<UnsavedFiles | undefined> {
  const files = containerFilesOf(change.type, change.before ?? {});
  const { platform } = stack;
  const registered = platform.workloads.find(({ address }) => address === change.address);
  if (files === undefined || registered?.spec.keepsFilesInVolumes === true) return undefined;
  const written = await changesIn(files.container, docker);
  const unknown = typeof written === 'string' ? written : null;
  const changed = typeof written === 'string' ? [] : written;
  const leaves = writtenFiles(changed, files);
  if (leaves.length === 0 && unknown === null) return undefined;
  const folded = fold(leaves);
  const id = change.action === 'replace' ? registered?.spec.labels[SERVICE_LABEL] : undefined;
  return {
    container: resourceName(change, platform.workloads),
    paths: folded.slice(0, MOST_PATHS),
    more: Math.max(0, folded.length - MOST_PATHS),
    unknown,
    isReplaced: change.action === 'replace',
    isCertain: !change.dependsOnImage,
    volume: id === undefined ? undefined : volumeFor(id, folded[0] ?? '', changed),
  };
}

/** Returns the reason if the engine cannot list them, or not in time: that is no reason to refuse a deploy. */
async function changesIn(container: string, docker: DockerApi): Promise<readonly FileChange[] | string> {
  try {
    return await docker.fileChanges(container);
  } catch (error) {
    if (error instanceof DockerApiError) return error.reason;
    throw error;
  }
}

/** The files that were added or changed, without the folders above them. */
function writtenFiles(written: readonly FileChange[], { mounts, uploads }: ContainerFiles): string[] {
  const folders = new Set(written.map(({ Path }) => posix.dirname(Path)));
  return (
    written
      .filter(({ Kind, Path }) => Kind !== ChangeKind.DELETED && !folders.has(Path))
      .map(({ Path }) => Path)
      .filter((path) => !IGNORED.some((ignored) => isWithin(path, ignored)))
      .filter((path) => !path.split('/').some((name) => IGNORED_NAMES.test(name)))
      // The mount point itself, and the folders that Docker creates for it, are in the container.
      .filter((path) => !mounts.some((mount) => isWithin(mount, path)))
      .filter((path) => !uploads.includes(path))
  );
}

/** Replaces the deepest files and folders by the folder that they are in, until few are left. */
function fold(files: readonly string[]): string[] {
  let paths = [...files];
  while (paths.length > MOST_PATHS) {
    const folders = paths.map(folderOf).filter((folder) => folder !== '/');
    const [deepest] = folders.sort((one, other) => depthOf(other) - depthOf(one));
    if (deepest === undefined) break;
    paths = [...new Set(paths.map((path) => (path.startsWith(deepest) ? deepest : path)))];
  }
  return paths;
}

/** `/srv/bot/` of `/srv/bot/trades` and of `/srv/bot/data/`. */
function folderOf(path: string): string {
  return `${posix.dirname(path)}/`.replace('//', '/');
}

function depthOf(folder: string): number {
  return folder.split('/').length;
}

/** A volume that is mounted over a folder of the image hides what later versions of the image have there. */
function volumeFor(id: string, path: string, written: readonly FileChange[]): string {
  const folder = path.endsWith('/') ? path.slice(0, -1) : posix.dirname(path);
  const isOfProgram = written.some(({ Path, Kind }) => Path === folder && Kind === ChangeKind.ADDED);
  const target = isOfProgram ? folder : posix.join(folder, 'data');
  const code = `volumes: [Volume.retained('${id}_data').mountAt('${target}')]`;
  return isOfProgram ? code : `let it write to a folder of its own, and mount a volume there: ${code}`;
}

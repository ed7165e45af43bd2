import { posix } from 'node:path';
import {
  isWithin,
  type RegisteredWorkload,
  runsAsRoot,
  SERVICE_LABEL,
  userOf,
  type WorkloadSpec,
} from '../../../internal';
import type { LogTail } from '../../engine/log-tail';
import { hasTasks } from '../../engine/workload-state';
import { createFolder, type UnwritableVolume } from './unwritable-volumes';

/** What is refused to a program. */
interface Refusal {
  readonly spec: WorkloadSpec;
  /** Whether it runs as the tasks of a Swarm. */
  readonly isTask: boolean;
  /** The line of the log. */
  readonly line: string;
  /** The path in it; `undefined` without an absolute one. */
  readonly path: string | undefined;
}

interface Rule {
  readonly pattern: RegExp;
  /** Options as they are pasted, the best one first; none if all of them are in effect already. */
  readonly fixes: (refusal: Refusal) => string[];
}

/** What programs that start as root do before they become another user. */
const CHANGE_OF_OWNER = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID'];
const CHANGE_OF_USER = ['SETGID', 'SETUID'];

const REFUSED = /permission denied|EACCES/i;

/** The first rule that has a fix for one of the last lines counts. */
const RULES: readonly Rule[] = [
  {
    // https://github.com/sudo-project/sudo/blob/main/src/sudo.c
    pattern: /no new privileges/i,
    fixes: ({ spec }) => (spec.security.noNewPrivileges ? ['noNewPrivileges: false'] : []),
  },
  {
    // https://man7.org/linux/man-pages/man8/mount.8.html, noexec
    pattern: /failed to map segment from shared object|permission denied|operation not permitted|EACCES/i,
    fixes: executableFolder,
  },
  { pattern: /read-only file system|EROFS/i, fixes: writableFolder },
  {
    pattern: /(ch(own|grp|mod)\b|changing (ownership|permissions)).*(operation not permitted|EPERM)/i,
    fixes: ({ spec }) => asRoot(spec, CHANGE_OF_OWNER),
  },
  {
    pattern: /(set(e|re|res)?[ug]ids?\b|(set|init)groups|su-exec|setpriv|switching to).*operation not permitted/i,
    fixes: ({ spec, line }) => {
      const [, user] = /switching to ["']?([a-z_][a-z0-9_-]*)/i.exec(line) ?? [];
      const canBe = spec.user === null && isRoot(spec) && user !== undefined && isRestricted(spec);
      return [...asRoot(spec, CHANGE_OF_USER), ...(canBe ? [`runAs: '${user}'`] : [])];
    },
  },
  {
    // A program with a file capability that the container must not have: Caddy, pgAdmin.
    pattern: /\bexec\b.*operation not permitted|cannot execute: operation not permitted/i,
    fixes: ({ spec }) => [
      ...(isRestricted(spec) && spec.hardening.includes('capabilities') ? [NOT_HARDENED] : []),
      ...withCapabilities(spec, ['NET_BIND_SERVICE']),
    ],
  },
  {
    pattern: /(\bping\b|raw socket|SOCK_RAW).*(operation not permitted|permission denied)/i,
    fixes: ({ spec }) => asRoot(spec, ['NET_RAW']),
  },
  {
    pattern: /operation not permitted|EPERM/i,
    fixes: ({ spec }) => asRoot(spec, []),
  },
  {
    pattern: REFUSED,
    fixes: (refusal) => {
      const { spec, line } = refusal;
      // The file itself is not executable.
      if (/\bexec\b/.test(line)) return [];
      if (refusedFolder(refusal) !== undefined) return [];
      return isRoot(spec) ? asRoot(spec, ['DAC_OVERRIDE']) : [...memoryAt(refusal), ...asRoot(spec, [])];
    },
  },
];

const NOT_HARDENED = 'hardened: false';

/**
 * A line for each set of fixes, with the names of the services that it is for.
 * @param unwritable volumes whose own message says the same about a folder
 */
export function describePermissionFixes(
  tails: readonly LogTail[],
  workloads: readonly RegisteredWorkload[],
  unwritable: readonly Pick<UnwritableVolume, 'service' | 'path'>[],
): string[] {
  const namesOf = new Map<string, string[]>();
  for (const { name, log } of tails) {
    const workload = workloads.find(({ spec }) => spec.name === name);
    if (workload === undefined) continue;
    const known = unwritable.filter(({ service }) => service === name).map(({ path }) => path);
    const advice = adviceOf(permissionFixesOf(log, workload), workload) ?? ownerAdvice(log, workload, known);
    if (advice === undefined) continue;
    namesOf.set(advice, [...(namesOf.get(advice) ?? []), name]);
  }
  return [...namesOf].map(([advice, names]) => {
    const wasRefused =
      names.length === 1 ? 'was refused a permission (see its log)' : 'were refused a permission (see their logs)';
    return `${names.join(', ')} ${wasRefused}. ${advice}`;
  });
}

function adviceOf(fixes: readonly string[], { spec }: RegisteredWorkload): string | undefined {
  if (fixes.length === 0) return undefined;
  const options = fixes.map((fix) => `\`${fix}\``).join('; or ');
  const inMemory = fixes
    .map((fix) => /^tmpfs: \[\{ path: '([^']+)' \}/.exec(fix)?.[1])
    .find((path) => path !== undefined);
  return `Set ${options}.${inMemory === undefined ? '' : ` ${keptInVolume(inMemory, spec)}`}`;
}

function keptInVolume(folder: string, spec: WorkloadSpec): string {
  const user = userOf(spec);
  const isLost = 'What is in a tmpfs is lost when the container stops: data needs a volume';
  return user === null || isRoot(spec)
    ? `${isLost}.`
    : `${isLost}, and in the Dockerfile the folder for it: ${createFolder(folder, user)}`;
}

/** For a mounted folder of another user, to which no option gives access. */
function ownerAdvice(
  log: readonly string[],
  workload: RegisteredWorkload,
  known: readonly string[],
): string | undefined {
  const { spec } = workload;
  const folders = log
    .filter((line) => REFUSED.test(line))
    .map((line) => refusedFolder({ spec, path: pathIn(line) }))
    .filter((folder) => folder !== undefined);
  const folder = folders.at(-1);
  const user = userOf(spec);
  if (folder === undefined || user === null || known.includes(folder)) return undefined;
  const runs = `It runs as ${user}, and the folder mounted at ${folder} belongs to another user.`;
  return spec.volumes.some(({ path }) => path === folder)
    ? `${runs} Create it in the Dockerfile; an empty volume gets its owner from there: ${createFolder(folder, user)}`
    : `${runs} Give that user the folder on the host.`;
}

/** The writable mount of a user other than root that contains the path. */
function refusedFolder({ spec, path }: Pick<Refusal, 'spec' | 'path'>): string | undefined {
  if (isRoot(spec) || path === undefined) return undefined;
  return [...spec.volumes, ...spec.bindMounts]
    .filter(({ readOnly }) => !readOnly)
    .map((mount) => mount.path)
    .sort((one, other) => other.length - one.length)
    .find((folder) => isWithin(path, folder));
}

/**
 * The options that let a program do what its last lines say it was refused.
 * @param log the last lines, without secrets
 * @returns options as they are pasted, the best one first; none if nothing is known that helps
 */
export function permissionFixesOf(log: readonly string[], workload: RegisteredWorkload): string[] {
  const { spec } = workload;
  for (const { pattern, fixes } of RULES) {
    for (const line of log.filter((one) => pattern.test(one)).reverse()) {
      const found = fixes({ spec, isTask: hasTasks(workload), line, path: pathIn(line) });
      if (found.length > 0) return found;
    }
  }
  return [];
}

/** The last absolute path in a line, before which most programs write their own name. */
function pathIn(line: string): string | undefined {
  const paths = [...line.matchAll(/(?<=^|[\s"'`‘(=])\/[\w.@+/-]+/g)].map(([path]) => posix.resolve(path));
  return paths.filter((path) => path !== '/').at(-1);
}

function isRoot(spec: WorkloadSpec): boolean {
  const user = userOf(spec);
  return user === null || runsAsRoot(user);
}

function isRestricted({ security }: WorkloadSpec): boolean {
  return security.dropCapabilities.includes('ALL') && !security.privileged;
}

/** For what root with the capabilities that Docker gives every container can do. */
function asRoot(spec: WorkloadSpec, capabilities: readonly string[]): string[] {
  const mayBeRoot = isRoot(spec) || spec.hardening.includes('runAs');
  const mayHaveAll = !isRestricted(spec) || spec.hardening.includes('capabilities');
  const isHardened = isRestricted(spec) || !isRoot(spec);
  return [
    ...(isHardened && mayBeRoot && mayHaveAll ? [NOT_HARDENED] : []),
    ...(isRoot(spec) ? withCapabilities(spec, capabilities) : []),
  ];
}

function withCapabilities(spec: WorkloadSpec, capabilities: readonly string[]): string[] {
  const { addCapabilities } = spec.security;
  const all = [...new Set([...addCapabilities, ...capabilities])].sort();
  if (!isRestricted(spec) || addCapabilities.includes('ALL') || all.length === addCapabilities.length) return [];
  return [`capabilities: [${all.map((one) => `'${one}'`).join(', ')}]`];
}

/** For a program or a library in a file system in memory. */
function executableFolder({ spec, isTask, path }: Refusal): string[] {
  const folder = spec.tmpfs.find((one) => !one.exec && path?.startsWith(`${one.path}/`))?.path;
  if (folder === undefined) return [];
  // A Swarm cannot mount it in this way.
  if (isTask) return [`volumes: [Volume.ephemeral('unpacked').mountAt('${folder}')]`];
  return [`tmpfs: [{ path: '${folder}', exec: true }]`];
}

function writableFolder(refusal: Refusal): string[] {
  const { spec, path } = refusal;
  const isMount = [...spec.volumes, ...spec.bindMounts, ...spec.files, ...spec.secrets].some((mount) =>
    isWithin(path ?? '', mount.path),
  );
  if (isMount || !spec.readOnlyRootFilesystem) return [];
  const folder = isRoot(spec) ? folderOf(refusal) : undefined;
  return [
    // The home of a user that the image does not know is the root folder.
    ...(path?.startsWith('/.') && !('HOME' in spec.environment)
      ? ["environment: { HOME: '/tmp' }"]
      : memoryAt(refusal)),
    ...(folder === undefined ? [] : [volumeAt(folder, spec)]),
    spec.hardening.includes('readOnlyRootFilesystem') ? NOT_HARDENED : 'readOnlyRootFilesystem: false',
  ];
}

function volumeAt(folder: string, { labels }: WorkloadSpec): string {
  const name = `${labels[SERVICE_LABEL] ?? 'service'}_${posix.basename(folder).replace(/[^\w.-]/g, '_')}`;
  return `volumes: [Volume.retained('${name}').mountAt('${folder}')]`;
}

/** Every user can write to a file system in memory. */
function memoryAt(refusal: Refusal): string[] {
  const folder = folderOf(refusal);
  const { volumes, bindMounts, tmpfs, files, secrets } = refusal.spec;
  const hides = [...volumes, ...bindMounts, ...tmpfs, ...files, ...secrets].some(
    ({ path }) => folder !== undefined && (isWithin(path, folder) || isWithin(folder, path)),
  );
  return folder === undefined || hides ? [] : [`tmpfs: [{ path: '${folder}' }]`];
}

const SYSTEM_FOLDERS = /^\/(bin|boot|dev|etc|lib\d*|proc|sbin|sys|usr)\//;

/** The folder that is written to, unless a mount there could hide the program itself. */
function folderOf({ line, path }: Refusal): string | undefined {
  if (path === undefined) return undefined;
  const folder = /mkdir|directory|folder/i.test(line) ? path : posix.dirname(path);
  return folder.split('/').length > 2 && !SYSTEM_FOLDERS.test(folder) ? folder : undefined;
}

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, posix, sep } from 'node:path';
import { invalidPath, invalidValue, missingPath, TradingStackError, type WarningCode } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { contentHash } from '../../platform/content-hash';
import type { Platform } from '../../platform/platform';
import { type BindMountSpec, userOf, type WorkloadSpec } from '../../platform/spec';
import { literal } from '../../platform/terraform';
import { hashFolder } from '../images/build-context';
import { runsAsRoot } from '../policies/isolation';
import { mountPoint } from './mounts';
import { refusePrivateFilesInMount } from '../secrets/leak-guards';

/** Options of {@link BindMount.writable}. */
export interface WritableBindMountOptions {
  /**
   * What happens if the source, an absolute path, is missing on the engine's host: the engine creates an empty folder,
   * which belongs to root, or the container does not start. In both cases the source is not checked at synthesis, so
   * that the stack can be synthesized elsewhere, such as in a test. A program that does not run as root cannot write to a
   * folder that the engine has created.
   * @default - it has to exist at synthesis; 'fail' on a remote engine, for `docker.sock`, and in `/dev`, `/proc`,
   *   `/run`, `/sys` and `/var/run`
   */
  readonly ifMissing?: 'create' | 'fail';
}

/** Options of {@link BindMount.readOnly}. */
export interface BindMountOptions {
  /**
   * `'fail'` if the source, an absolute path, is not checked at synthesis: the container does not start without it.
   * Changes of its content are then not noticed.
   * @default - it has to exist at synthesis; 'fail' on a remote engine, for `docker.sock`, and in `/dev`, `/proc`,
   *   `/run`, `/sys` and `/var/run`
   */
  readonly ifMissing?: 'fail';
  /**
   * Whether the container is replaced when the content changes. Otherwise a program that reads its files at start keeps
   * the old ones. The content of `/`, `/dev`, `/proc`, `/run`, `/sys`, `/var/lib/docker` and `/var/log`, which the host
   * itself changes, and of sockets, devices and named pipes never counts.
   * @default - true, unless `ifMissing` is set
   */
  readonly restartOnChange?: boolean;
}

const OPTIONS: OptionShapes<BindMountOptions> = { ifMissing: 'string', restartOnChange: 'boolean' };
const WRITABLE_OPTIONS: OptionShapes<WritableBindMountOptions> = { ifMissing: 'string' };

/**
 * A file or folder of the engine's host inside a container. On a remote engine it is one of that machine, with an
 * absolute path: this machine cannot read it, so nothing is replaced when its content changes. To send a file along, use
 * {@link ConfigFile.fromFile}.
 *
 * @example
 * bindMounts: [BindMount.readOnly('config', '/app/config')]
 * @example
 * bindMounts: [BindMount.readOnly('/', '/rootfs'), BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')]
 */
export class BindMount {
  /**
   * The container can only read it. It can still connect to sockets in it: a program that runs as root has the Docker
   * Engine's socket in `/`, and with it control of the host.
   * @param source path on the engine's host; on this machine it may be relative to the project's folder
   * @param path absolute path inside the container
   * @throws TradingStackError if the source is empty, or if `restartOnChange` is set along with `ifMissing`
   */
  static readOnly(source: string, path: string, options: BindMountOptions = {}): BindMount {
    checkOptions(options, OPTIONS, 'BindMount.readOnly');
    checkIfMissing(options.ifMissing, ['fail'], 'BindMount.readOnly');
    if (options.ifMissing !== undefined && options.restartOnChange === true) {
      throw new TradingStackError(
        'option-conflict',
        'BindMount.readOnly',
        "restartOnChange has no effect with ifMissing: 'fail', as this machine does not read the source",
        'Remove one of them',
      );
    }
    return new BindMount(source, path, true, options.restartOnChange ?? true, options.ifMissing);
  }

  /**
   * The container reads and writes it, as its own user.
   * @param source path on the engine's host; on this machine it may be relative to the project's folder
   * @param path absolute path inside the container
   * @throws TradingStackError if the source is empty
   */
  static writable(source: string, path: string, options: WritableBindMountOptions = {}): BindMount {
    checkOptions(options, WRITABLE_OPTIONS, 'BindMount.writable');
    checkIfMissing(options.ifMissing, ['fail', 'create'], 'BindMount.writable');
    return new BindMount(source, path, false, false, options.ifMissing);
  }

  private constructor(
    /** Path on the engine's host. */
    readonly source: string,
    private readonly path: string,
    private readonly isReadOnly: boolean,
    private readonly restartOnChange: boolean,
    private readonly ifMissing: 'create' | 'fail' | undefined,
  ) {
    if (source === '') throw invalidPath('BindMount', 'the source', source, "a path: 'config'");
  }

  /**
   * The mount on a platform.
   * @throws TradingStackError if the source does not exist, where Docker would create an empty folder; if it contains
   *   the project's secrets, output or Terraform state; if a change of it replaces the container and it cannot be read;
   *   if it is relative on a remote engine; if the path inside the container is relative
   */
  bind(platform: Platform, where: string): BindMountSpec {
    if (!posix.isAbsolute(this.path)) throw this.relativePath(where);
    if (platform.engine.isRemote) return this.onRemoteHost(platform.engine.host ?? '', where);
    if (this.ifMissing !== undefined) return this.unchecked(this.ifMissing, platform, where);
    if (this.isOfEveryHost(platform)) return this.unchecked('fail', platform, where);
    const kind = 'mounted file or folder';
    const location = platform.projectDirectory.locate(this.source);
    const fix = this.remedy(platform);
    if (fix !== undefined && !existsSync(location)) throw missingPath(where, kind, this.source, location, fix);
    const source = platform.projectDirectory.locateExisting(this.source, kind, where);
    // Monitoring agents mount the whole host on purpose.
    if (!isWholeHost(source)) refusePrivateFilesInMount(realpathSync(source), this.source, platform, where);
    return {
      source: platform.projectDirectory.absoluteExpression(this.source),
      path: mountPoint(this.path),
      readOnly: this.isReadOnly,
      contentHash: this.restartOnChange && hasContent(source, platform) ? this.hashOf(source, where) : null,
      ifMissing: 'checked',
    };
  }

  /**
   * The warnings about what it gives to a container, and what a container of this user cannot do with it.
   * @internal
   */
  warnings(spec: Pick<WorkloadSpec, 'user' | 'imageUser' | 'groups'>): { code: WarningCode; about: string }[] {
    const { groups } = spec;
    const user = userOf(spec);
    const path = posix.resolve('/', this.source);
    const unprivileged = user === null || runsAsRoot(user) ? undefined : user;
    // The whole folder contains it too.
    const socket = ['/run', '/var/run'].includes(path) ? `${path}/docker.sock` : path;
    if (posix.basename(socket) === 'docker.sock') {
      const needsGroup = unprivileged !== undefined && groups.length === 0;
      const hint = needsGroup ? `, which ${unprivileged} cannot open: ${groupHint(socket)}` : '';
      return [{ code: 'docker-socket-mounted', about: `${this.source}${hint}` }];
    }
    if (this.isReadOnly) return [];
    if (isWholeHost(path)) return [{ code: 'host-root-writable', about: this.source }];
    if (this.ifMissing !== 'create' || unprivileged === undefined) return [];
    return [
      { code: 'folder-not-writable', about: `${path} for ${unprivileged}: \`${installCommand(path, unprivileged)}\`` },
    ];
  }

  /** Whether it is an interface of Linux or Docker, which a machine that only synthesizes need not have. */
  private isOfEveryHost({ projectDirectory }: Platform): boolean {
    if (!posix.isAbsolute(this.source)) return false;
    const isIn = (folder: string): boolean => isInside(posix.resolve(this.source), folder);
    // A project may be on a removable drive in /run.
    return (
      (providedByHost(this.source) || posix.basename(this.source) === 'docker.sock') &&
      !isIn(projectDirectory.locate('.'))
    );
  }

  /** What to do if the source is missing, unless it is probably misspelt. */
  private remedy({ prefix, engine }: Platform): string | undefined {
    const { source, path, isReadOnly } = this;
    if (posix.isAbsolute(source)) {
      const created = isReadOnly ? '' : "'create' if Docker should create the folder, or ";
      return `set ifMissing: ${created}'fail' if only the engine's host has it`;
    }
    // Docker creates folders only, and with a name like this it was probably to be a file.
    if (isReadOnly || posix.extname(source) !== '') return undefined;
    const folder = posix.basename(source);
    const name = /^[A-Za-z0-9][\w-]+$/.test(folder) ? folder : 'data';
    const volume = `use a volume: volumes: [Volume.retained('${name}').mountAt('${path}')]`;
    // A Swarm creates no folders.
    if (engine.traits.hasRemoteNodes) return volume;
    const created = `BindMount.writable('/srv/${prefix}/${name}', '${path}', { ifMissing: 'create' })`;
    return `${volume}, or a folder that Docker creates, which belongs to root: ${created}`;
  }

  /** In a `ConfigFile` the path inside the container comes first, so it is easily passed first here, too. */
  private relativePath(where: string): TradingStackError {
    const { source, path } = this;
    const factory = this.isReadOnly ? 'BindMount.readOnly' : 'BindMount.writable';
    const fix =
      posix.isAbsolute(source) && path !== ''
        ? `Swap the arguments: ${factory}('${path}', '${source}')`
        : `Pass an absolute path: ${factory}('${source}', '/${path === '' ? posix.basename(source) : path}')`;
    const what = `${factory} takes the absolute path inside the container second, got '${path}'`;
    return new TradingStackError('invalid-path', where, what, fix);
  }

  private onRemoteHost(engineHost: string, where: string): BindMountSpec {
    if (!posix.isAbsolute(this.source)) {
      throw new TradingStackError(
        'invalid-path',
        where,
        `the bind mount '${this.source}' is relative to the project's folder, but the engine at ${engineHost} may be on ` +
          'another machine, which does not have that folder',
        `Send the file along with files: [ConfigFile.fromFile('${this.path}', '${this.source}')], or set the absolute ` +
          'path of a file or folder on that machine',
      );
    }
    return this.onHost(this.ifMissing ?? 'fail');
  }

  private unchecked(ifMissing: 'create' | 'fail', platform: Platform, where: string): BindMountSpec {
    if (!posix.isAbsolute(this.source)) {
      const allowed = "an absolute path next to ifMissing: '/srv/desk/data'";
      throw invalidPath(where, 'the source of the bind mount', this.source, allowed);
    }
    const path = posix.resolve(this.source);
    if (!isWholeHost(path)) refusePrivateFilesInMount(path, this.source, platform, where);
    return this.onHost(ifMissing);
  }

  private onHost(ifMissing: 'create' | 'fail'): BindMountSpec {
    return {
      source: literal(posix.resolve(this.source)),
      path: mountPoint(this.path),
      readOnly: this.isReadOnly,
      contentHash: null,
      ifMissing,
    };
  }

  private hashOf(source: string, where: string): string {
    try {
      return hashOfMounted(source);
    } catch (error) {
      const { code, path = source } = error as NodeJS.ErrnoException;
      // A folder that a program writes to can lose a file while it is being read.
      if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT') throw error;
      throw new TradingStackError(
        'path-unreadable',
        where,
        `${path} of the mount '${this.source}' cannot be read (${code}), so changes to it would go unnoticed`,
        'Make it readable for the user that runs the app, or mount it with ' +
          `BindMount.readOnly('${this.source}', '${this.path}', { restartOnChange: false })`,
      );
    }
  }
}

/** The hash of what a mount has; the same for the same content. */
export function hashOfMounted(source: string): string {
  return contentHash(statSync(source).isDirectory() ? hashFolder(source) : readFileSync(source, 'base64'));
}

function checkIfMissing(given: string | undefined, allowed: readonly string[], where: string): void {
  if (given === undefined || allowed.includes(given)) return;
  throw invalidValue(where, 'ifMissing', given, allowed.map((value) => `'${value}'`).join(' or '));
}

/** Folders that the host itself writes to. Some files there are endless, and the hash would change all the time. */
const HOST_FOLDERS = ['/dev', '/proc', '/run', '/sys', '/var/lib/docker', '/var/log'];

/** Whether it has content that only changes on purpose. */
function hasContent(source: string, platform: Platform): boolean {
  const path = realpathSync(source);
  const kind = statSync(path);
  if (isWholeHost(path) || !(kind.isFile() || kind.isDirectory())) return false;
  const isIn = (folder: string): boolean => isInside(path, folder);
  // Removable drives are mounted in /run, and a project may be on one.
  return isIn(realpathSync(platform.projectDirectory.locate('.'))) || !HOST_FOLDERS.some(isIn);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

/** Whether a path is in a folder that Linux fills, and that cannot be created. */
export function providedByHost(source: string): boolean {
  return ['/dev', '/proc', '/run', '/sys', '/var/run'].some((folder) => isInside(posix.resolve('/', source), folder));
}

function groupHint(socket: string): string {
  return `set \`groups\` to the number that \`stat -c %g ${shellWord(socket)}\` prints on the host`;
}

/** The command of the host that creates a folder for a user. Without a known number, the reader has to insert it. */
function installCommand(path: string, user: string): string {
  const [owner = '', group] = user.split(':');
  const number = (name: string, otherwise: string): string => (/^\d+$/.test(name) ? name : otherwise);
  const ofGroup = group === undefined ? '' : ` -g ${number(group, 'GID')}`;
  return `install -d -o ${number(owner, 'UID')}${ofGroup} ${shellWord(path)}`;
}

function shellWord(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function isWholeHost(path: string): boolean {
  return path === dirname(path);
}

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { contentHash } from '../../platform/content-hash';
import type { Platform } from '../../platform/platform';
import type { BindMountSpec } from '../../platform/spec';
import { hashFolder } from '../images/build-context';
import { mountPoint } from './mounts';
import { refusePrivateFilesInMount } from '../secrets/leak-guards';

/** Options of {@link BindMount.readOnly}. */
export interface BindMountOptions {
  /**
   * Whether the container is replaced when the content changes. Otherwise a program that reads its files at start keeps
   * the old ones. The content of `/`, `/dev`, `/proc`, `/run`, `/sys`, `/var/lib/docker` and `/var/log`, which the host
   * itself changes, and of sockets, devices and named pipes never counts.
   * @default true
   */
  readonly restartOnChange?: boolean;
}

const OPTIONS: OptionShapes<BindMountOptions> = { restartOnChange: 'boolean' };

/**
 * A file or folder of the deploying host inside a container.
 *
 * @example
 * bindMounts: [BindMount.readOnly('config', '/app/config')]
 * @example
 * bindMounts: [BindMount.readOnly('/', '/rootfs'), BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')]
 */
export class BindMount {
  /**
   * The container can only read it.
   * @param source path on the host, relative to the project's folder
   * @param path absolute path inside the container
   * @throws TradingStackError if the source is empty
   */
  static readOnly(source: string, path: string, options: BindMountOptions = {}): BindMount {
    checkOptions(options, OPTIONS, 'BindMount.readOnly');
    return new BindMount(source, path, true, options.restartOnChange ?? true);
  }

  /**
   * The container reads and writes it, as its own user.
   * @param source path on the host, relative to the project's folder
   * @param path absolute path inside the container
   * @throws TradingStackError if the source is empty
   */
  static writable(source: string, path: string): BindMount {
    return new BindMount(source, path, false, false);
  }

  private constructor(
    private readonly source: string,
    private readonly path: string,
    private readonly isReadOnly: boolean,
    private readonly restartOnChange: boolean,
  ) {
    if (source === '') throw invalidValue('BindMount', 'the source', source, "a path: 'config'");
  }

  /**
   * The mount on a platform.
   * @throws TradingStackError if the source does not exist, where Docker would create an empty folder; if it contains
   *   the project's secrets, output or Terraform state; if a change of it replaces the container and it cannot be read
   */
  bind(platform: Platform, where: string): BindMountSpec {
    const source = platform.projectDirectory.locateExisting(this.source, 'mounted file or folder', where);
    // Monitoring agents mount the whole host on purpose.
    if (!isWholeHost(source)) refusePrivateFilesInMount(source, this.source, platform, where);
    return {
      source: platform.projectDirectory.absoluteExpression(this.source),
      path: mountPoint(this.path),
      readOnly: this.isReadOnly,
      contentHash: this.restartOnChange && hasContent(source, platform) ? this.hashOf(source, where) : null,
    };
  }

  private hashOf(source: string, where: string): string {
    try {
      return contentHash(statSync(source).isDirectory() ? hashFolder(source) : readFileSync(source, 'base64'));
    } catch (error) {
      const { code, path = source } = error as NodeJS.ErrnoException;
      if (code !== 'EACCES' && code !== 'EPERM') throw error;
      throw new TradingStackError(
        'path-unreadable',
        where,
        `${path} of the mount '${this.source}' cannot be read (${code}), so changes of it would go unnoticed`,
        'Make it readable for the user that runs the app, or mount it with ' +
          `BindMount.readOnly('${this.source}', '${this.path}', { restartOnChange: false })`,
      );
    }
  }
}

/** What the host itself writes to. Some files there never end, and the hash would change all the time. */
const HOST_FOLDERS = ['/dev', '/proc', '/run', '/sys', '/var/lib/docker', '/var/log'];

/** Whether it has content that only changes on purpose. */
function hasContent(source: string, platform: Platform): boolean {
  const path = realpathSync(source);
  const kind = statSync(path);
  if (isWholeHost(path) || !(kind.isFile() || kind.isDirectory())) return false;
  const isIn = (folder: string): boolean => path === folder || path.startsWith(`${folder}${sep}`);
  // Removable drives are mounted in /run, and a project may be on one.
  return isIn(realpathSync(platform.projectDirectory.locate('.'))) || !HOST_FOLDERS.some(isIn);
}

function isWholeHost(path: string): boolean {
  return path === dirname(path);
}

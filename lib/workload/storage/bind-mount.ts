import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { TradingStackError, wrongSpelling } from '../../errors';
import { contentHash } from '../../platform/content-hash';
import { checkBoolean, checkFilledText, checkText } from '../../platform/plain-values';
import type { Platform } from '../../platform/platform';
import type { BindMountSpec } from '../../platform/spec';
import { hashFolder } from '../images/build-context';
import { isA } from '../is-a';
import { mountSpelling } from './mount-spelling';
import { mountPoint } from './mounts';
import { refusePrivateFilesInMount } from '../secrets/leak-guards';

/** Options of {@link BindMount.readOnly}. */
export interface BindMountOptions {
  /**
   * Whether the container is replaced when the content changes. Without it a program that reads its files at start
   * keeps the old ones. The content of `/` and of what the host itself keeps in `/dev`, `/proc`, `/run`, `/sys`,
   * `/var/lib/docker` and `/var/log` never counts, nor that of sockets, devices and named pipes: only their path does.
   * @default true
   */
  readonly restartOnChange?: boolean;
}

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
   * The container reads it.
   * @param source path on the host, from the project's folder
   * @param path absolute path inside the container
   */
  static readOnly(source: string, path: string, options: BindMountOptions = {}): BindMount {
    return new BindMount(source, path, true, options.restartOnChange ?? true);
  }

  /** The container reads and writes it, as its own user. */
  static writable(source: string, path: string): BindMount {
    return new BindMount(source, path, false, false);
  }

  private constructor(
    private readonly source: string,
    private readonly path: string,
    private readonly isReadOnly: boolean,
    private readonly restartOnChange: boolean,
  ) {
    checkFilledText(source, 'the source', 'BindMount');
    checkText(path, 'the path', 'BindMount');
    checkBoolean(restartOnChange, 'restartOnChange', 'BindMount');
  }

  /**
   * The mount on a platform.
   * @throws TradingStackError if the source is not there: Docker would make an empty folder in its place; if it is where
   *   the project has its secrets, its output or its Terraform state; if a change of it would replace the container, and
   *   it cannot be read
   */
  bind(platform: Platform, where: string): BindMountSpec {
    const source = platform.projectDirectory.locateExisting(this.source, 'mounted file or folder', where);
    // Who watches a host mounts the whole of it, and on purpose.
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
        'invalid-value',
        where,
        `${path} of the mount '${this.source}' cannot be read (${code}), and a change of it replaces the container`,
        'Let the user that runs the app read it, or mount it with ' +
          `BindMount.readOnly('${this.source}', '${this.path}', { restartOnChange: false })`,
      );
    }
  }
}

/** What the host itself writes while it runs. Some files in these never end, and a hash would always be another one. */
const HOST_FOLDERS = ['/dev', '/proc', '/run', '/sys', '/var/lib/docker', '/var/log'];

/** Whether it has content that stays the same until it is changed on purpose. */
function hasContent(source: string, platform: Platform): boolean {
  const path = realpathSync(source);
  const kind = statSync(path);
  if (isWholeHost(path) || !(kind.isFile() || kind.isDirectory())) return false;
  const isIn = (folder: string): boolean => path === folder || path.startsWith(`${folder}${sep}`);
  // Removable drives are in /run, and a project may be on one.
  return isIn(realpathSync(platform.projectDirectory.locate('.'))) || !HOST_FOLDERS.some(isIn);
}

function isWholeHost(path: string): boolean {
  return path === dirname(path);
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'./config:/app/config:ro'` */
export function checkBindMount(given: unknown, property: string, where: string): void {
  if (isA(BindMount, given)) return;
  const spelling = mountSpelling(given) ?? "bindMounts: [BindMount.readOnly('config', '/app/config')]";
  throw wrongSpelling(where, property, given, spelling);
}

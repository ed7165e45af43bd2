import { readFileSync, statSync } from 'node:fs';
import { wrongSpelling } from '../../errors';
import { dirname } from 'node:path';
import { contentHash } from '../../platform/content-hash';
import { checkBoolean, checkFilledText, checkText } from '../../platform/plain-values';
import type { Platform } from '../../platform/platform';
import type { BindMountSpec } from '../../platform/spec';
import { hashFolder } from '../images/build-context';
import { isA } from '../is-a';
import { mountSpelling } from './mount-spelling';
import { mountPoint } from './mounts';
import { refusePrivateFilesInMount } from '../secrets/private-files';

/** Options of {@link BindMount.readOnly}. */
export interface BindMountOptions {
  /**
   * Whether the container is replaced when the content changes. Without it a program that reads its files at start
   * keeps the old ones.
   * @default true
   */
  readonly restartOnChange?: boolean;
}

/**
 * A file or folder of the deploying host inside a container.
 *
 * @example
 * bindMounts: [BindMount.readOnly('config', '/app/config')]
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
   *   the project has its secrets, its output or its Terraform state
   */
  bind(platform: Platform, where: string): BindMountSpec {
    const source = platform.projectDirectory.locateExisting(this.source, 'mounted file or folder', where);
    // Who watches a host mounts the whole of it, and on purpose.
    const isHost = source === dirname(source) && !this.restartOnChange;
    if (!isHost) refusePrivateFilesInMount(source, this.source, platform, where);
    return {
      source: platform.projectDirectory.absoluteExpression(this.source),
      path: mountPoint(this.path),
      readOnly: this.isReadOnly,
      contentHash: this.restartOnChange ? hashOf(source) : null,
    };
  }
}

function hashOf(source: string): string {
  return contentHash(statSync(source).isDirectory() ? hashFolder(source) : readFileSync(source, 'base64'));
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `'./config:/app/config:ro'` */
export function checkBindMount(given: unknown, property: string, where: string): void {
  if (isA(BindMount, given)) return;
  const spelling = mountSpelling(given) ?? "bindMounts: [BindMount.readOnly('config', '/app/config')]";
  throw wrongSpelling(where, property, given, spelling);
}

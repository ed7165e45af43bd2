import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { missingPath } from '../errors';
import { quoted } from './terraform';

/** Folder of the project that holds the secrets of all its stacks. */
export const SECRETS_FOLDER = '.secrets';

/** Name of the local state of a stack. */
export function stateFileName(stackId: string): string {
  return `terraform.${stackId}.tfstate`;
}

/** The file in which Terraform keeps the state from before the last change. */
export function backupOf(state: string): string {
  return `${state}.backup`;
}

/** Whether a path is that of a local state, of any project: its backups and its lock included. */
export function isStateFile(path: string): boolean {
  return /\.tfstate(\.[^/]*)?$/.test(path);
}

/** Pattern of an ignore file for the local states, their backups and their locks. */
export const STATE_FILES_PATTERN = '**/*.tfstate*';

/**
 * The folder that relative paths start from: the one with `cdktf.json`, in which the app runs. The output refers to its
 * files by their path from the stack's own output folder, so it is the same wherever the project was checked out.
 */
export class ProjectDirectory {
  /**
   * @param fromOutput path from the stack's output folder (`cdktf.out/stacks/<stack>`) to the project's folder
   * @param root absolute path of the project's folder while synthesizing
   */
  constructor(
    private readonly fromOutput: string,
    private readonly root: string = process.cwd(),
  ) {}

  /** The absolute path while synthesizing, for reading the file. */
  locate(path: string): string {
    return resolve(this.root, path);
  }

  /**
   * The absolute path of a file or folder that has to exist while synthesizing.
   * @throws TradingStackError `path-missing` if it does not
   */
  locateExisting(path: string, kind: string, where: string): string {
    const location = this.locate(path);
    if (existsSync(location)) return location;
    const fix = isAbsolute(path)
      ? 'set another path'
      : `set its path relative to ${this.root}, the folder that the app runs in`;
    throw missingPath(where, kind, path, location, fix);
  }

  /** The path from Terraform's working directory. An absolute path outside the project stays absolute. */
  fromWorkingDirectory(path: string): string {
    const inside = relative(this.root, this.locate(path));
    if (isAbsolute(path) && (inside === '..' || inside.startsWith(`..${sep}`))) return path;
    return join(this.fromOutput, inside).split(sep).join('/');
  }

  /** The expression of the absolute path when Terraform runs. */
  absoluteExpression(path: string): string {
    const target = this.fromWorkingDirectory(path);
    return isAbsolute(target)
      ? `\${abspath(${quoted(target)})}`
      : `\${abspath("\${path.root}/${quoted(target).slice(1)})}`;
  }
}

const EXPRESSION = /^\$\{abspath\("(?:\$\{path\.root\}\/)?(.*)"\)\}$/;

/**
 * The path in an expression of {@link ProjectDirectory.absoluteExpression}: absolute, or from Terraform's working directory.
 * @returns `undefined` for every other string
 */
export function pathFromWorkingDirectory(text: string): string | undefined {
  return EXPRESSION.exec(text)?.[1];
}

/** The same path from the project, if it is inside of it. */
export function pathInExpression(text: string): string | undefined {
  return pathFromWorkingDirectory(text)?.replace(/^(?:\.\.\/)+/, '');
}

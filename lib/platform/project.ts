import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { missingPath } from '../errors';

/**
 * The folder that relative paths start from: the one with `cdktf.json`, in which the app runs. The output names files
 * of it relative to the stack's own output folder, so it is the same wherever the project was checked out.
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

  /** Where the file is now, for reading it. */
  locate(path: string): string {
    return resolve(this.root, path);
  }

  /**
   * Where something is now that has to be there.
   * @throws TradingStackError if it is not
   */
  locateExisting(path: string, kind: string, where: string): string {
    const location = this.locate(path);
    if (existsSync(location)) return location;
    const fix = isAbsolute(path)
      ? 'give another path'
      : `give its path from ${this.root}, the folder that the app runs in`;
    throw missingPath(where, kind, path, location, fix);
  }

  /** The path from Terraform's working directory. A path outside of the project that was given whole stays whole. */
  fromWorkingDirectory(path: string): string {
    const inside = relative(this.root, this.locate(path));
    if (isAbsolute(path) && (inside === '..' || inside.startsWith(`..${sep}`))) return path;
    return join(this.fromOutput, inside).split(sep).join('/');
  }

  /** The expression of the absolute path when Terraform runs. */
  absoluteExpression(path: string): string {
    const target = this.fromWorkingDirectory(path);
    return isAbsolute(target) ? `\${abspath("${target}")}` : `\${abspath("\${path.root}/${target}")}`;
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TradingStackError } from '../../../errors';
import { BadRule } from './bad-rule';
import { Pattern, trimmedRule } from './pattern';

/** Which rules match a path or a folder that contains it: one value for each rule. */
export type Matches = readonly boolean[];

/** What the rules say about a path. */
export interface Decision {
  readonly isLeftOut: boolean;
  /** For the paths in it. */
  readonly matches: Matches;
}

const FILE = '.dockerignore';

/**
 * The rules of a build folder, as the provider's builder applies them: it packs the folder itself, with the packages
 * github.com/moby/patternmatcher and github.com/moby/go-archive. It does not read `<Dockerfile>.dockerignore`.
 */
export class IgnoreRules {
  /**
   * @param dockerfile path from the folder, or `null` if it is not in it
   * @throws TradingStackError `build-folder-invalid` for a rule that Docker refuses, and a file that cannot be read
   */
  static ofFolder(folder: string, dockerfile: string | null, where: string): IgnoreRules {
    const file = join(folder, FILE);
    if (!existsSync(file)) return new IgnoreRules([]);
    // The provider ignores these errors: it sends nothing, or only the files before the first failure.
    const patterns = readText(file, where)
      .replace(/^\ufeff/, '')
      .split('\n')
      .flatMap((line, index) => parse(line, `${file}:${index + 1}`, where));
    return [FILE, ...(dockerfile === null ? [] : [dockerfile])].reduce(
      (rules, path) => rules.keeping(path, file, where),
      new IgnoreRules(patterns),
    );
  }

  private constructor(private readonly patterns: readonly Pattern[]) {}

  /** @param within the matches of the folder that contains the path; none at the top */
  decide(path: string, within?: Matches): Decision {
    let isLeftOut = false;
    const matches = this.patterns.map((pattern, index) => {
      // A rule that would change nothing is not applied, and so does not count for the paths below either.
      const matched = within?.[index] === true || (pattern.isException === isLeftOut && pattern.matches(path));
      if (matched) isLeftOut = !pattern.isException;
      return matched;
    });
    return { isLeftOut, matches };
  }

  /** Whether the builder looks into a folder that is left out. It does not if the exception starts with a wildcard. */
  mayContainExceptions(folder: string): boolean {
    return this.patterns.some(({ isException, text }) => isException && `${text}/`.startsWith(`${folder}/`));
  }

  /** Whether a file would be left out. It need not exist. */
  leaveOut(path: string): boolean {
    let within: Matches | undefined;
    for (const folder of foldersOf(path)) {
      const { isLeftOut, matches } = this.decide(folder, within);
      if (isLeftOut && !this.mayContainExceptions(folder)) return true;
      within = matches;
    }
    return this.decide(path, within).isLeftOut;
  }

  /**
   * The rules with an exception for a file that the builder needs, if they exclude it.
   * Source: https://github.com/docker/cli/blob/v28.5.2/cli/command/image/build/dockerignore.go
   */
  private keeping(path: string, file: string, where: string): IgnoreRules {
    const folders = foldersOf(path);
    let isLeftOut = false;
    for (const { isException, text, matches } of this.patterns) {
      if (isException !== isLeftOut) continue;
      // Docker checks one folder: the one that is as deep as the pattern.
      const folder = folders[text.split('/').length - 1];
      if (matches(path) || (folder !== undefined && matches(folder))) isLeftOut = !isException;
    }
    return isLeftOut ? new IgnoreRules([...this.patterns, ...parse(`!${path}`, file, where)]) : this;
  }
}

function parse(line: string, at: string, where: string): Pattern[] {
  const rule = trimmedRule(line.replace(/\r$/, ''));
  if (rule === undefined) return [];
  try {
    return [Pattern.of(rule)];
  } catch (error) {
    if (!(error instanceof BadRule)) throw error;
    const what = `Docker cannot read the rule '${rule}' in ${at}: ${error.message}`;
    throw new TradingStackError('build-folder-invalid', where, what, error.fix);
  }
}

function readText(file: string, where: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const what = `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    throw new TradingStackError(
      'build-folder-invalid',
      where,
      what,
      'Make it a file that the user may read, or remove it',
    );
  }
}

/** The folders that contain a path, from the outside in. */
function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' || folder === path ? [] : [...foldersOf(folder), folder];
}

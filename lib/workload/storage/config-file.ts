import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { Lazy } from 'cdktf';
import { invalidPath, invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import type { FileSpec } from '../../platform/spec';
import type { Platform } from '../../platform/platform';
import { mountPoint } from './mounts';
import { refusePrivateFile } from '../secrets/leak-guards';
import { literal } from '../../platform/terraform';
import { jsonText } from './json-text';
import { yamlText } from './yaml-text';

/** Options of a {@link ConfigFile}. */
export interface ConfigFileOptions {
  /**
   * Permissions in octal. The owner is root, so a server that runs as another user needs the last digit.
   * @default '0444'
   */
  readonly mode?: string;
}

const OPTIONS: OptionShapes<ConfigFileOptions> = { mode: 'string' };

/**
 * A configuration file that is put into the container before it starts. Its content is part of the plan and of the
 * state, so never put a secret into it. A change of the content replaces the container. Every factory takes the path
 * inside the container first.
 *
 * @example
 * files: [ConfigFile.fromYaml('/app/config/strategies.yaml', { strategies: ['momentum'] })]
 * @example
 * files: [ConfigFile.fromFile('/app/config/risk.yaml', 'config/risk.yaml')]
 */
export class ConfigFile {
  /**
   * The text as it is.
   * @param path absolute path inside the container
   * @throws TradingStackError for an unknown option
   */
  static fromText(path: string, text: string, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, () => text, options);
  }

  /**
   * A string that is computed when the app synthesizes, and so contains everything that constructs have added by then.
   * @param path absolute path inside the container
   * @internal
   */
  static fromLateText(path: string, text: () => string, options: ConfigFileOptions = {}): ConfigFile {
    const read = (_platform: Platform, where: string): string =>
      Lazy.stringValue({ produce: () => literal(contentOf(text(), path, where)) });
    return new ConfigFile(path, read, options);
  }

  /**
   * A value, written as YAML that YAML 1.1 (PyYAML) and YAML 1.2 read back as the same value: strings such as `ON`,
   * `10:30` or `2026-01-02` are quoted. `NaN` and `Infinity` are written as `.nan` and `.inf`, and a property that is
   * `undefined` is left out. A `Date`, a function, a symbol, a regular expression and `undefined` in a list are refused
   * at synthesis: pass the string that the program reads.
   * @param path absolute path inside the container
   * @throws TradingStackError for an unknown option
   */
  static fromYaml(path: string, value: unknown, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, (_platform, where) => yamlText(value, path, where), options);
  }

  /**
   * A value, written as JSON that reads back as the same value. A `Date` is written as its ISO string, as are the values
   * of other `toJSON` methods. A property that is `undefined` or a method is left out. `NaN`, `Infinity`, a `Map`, a
   * `Set`, a symbol, a regular expression, a cycle, and a function or `undefined` in a list are refused at synthesis.
   * @param path absolute path inside the container
   * @throws TradingStackError for an unknown option
   */
  static fromJson(path: string, value: unknown, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, (_platform, where) => jsonText(value, path, where), options);
  }

  /**
   * A text file of the project in UTF-8, read at synthesis.
   * @param path absolute path inside the container
   * @param source path of the file, relative to the project's folder
   * @throws TradingStackError for an unknown option
   */
  static fromFile(path: string, source: string, options: ConfigFileOptions = {}): ConfigFile {
    const read = (platform: Platform, where: string): string => {
      if (!path.startsWith('/')) throw relativePath(path, source, where);
      const file = platform.projectDirectory.locateExisting(source, 'configuration file', where);
      refusePrivateFile(file, source, platform, where);
      return textOf(file, source, where);
    };
    return new ConfigFile(path, read, options);
  }

  private constructor(
    private readonly path: string,
    private readonly read: (platform: Platform, where: string) => string | undefined,
    private readonly options: ConfigFileOptions,
  ) {
    checkOptions(options, OPTIONS, 'ConfigFile');
  }

  /**
   * The file on a platform.
   * @throws TradingStackError if its path, mode or content is invalid, or if it is one of the project's secrets, its
   *   output or its state
   */
  bind(platform: Platform, where: string): FileSpec {
    const { mode = '0444' } = this.options;
    if (!/^0[0-7]{3}$/.test(mode)) {
      throw invalidValue(where, `the mode of ${this.path}`, mode, "four octal digits: '0444'");
    }
    const content = contentOf(this.read(platform, where), this.path, where);
    if (!this.path.startsWith('/')) {
      throw invalidPath(where, 'the path of a configuration file', this.path, 'an absolute path inside the container');
    }
    return { path: mountPoint(this.path), content, mode };
  }
}

/** The source comes first in a `BindMount` and in `docker cp`, so it is easily passed first here, too. */
function relativePath(path: string, source: string, where: string): TradingStackError {
  const fix = source.startsWith('/')
    ? `Swap the arguments: ConfigFile.fromFile('${source}', '${path}')`
    : `Start the path with /: ConfigFile.fromFile('/${path}', '${source}')`;
  const what = `ConfigFile.fromFile takes the absolute path inside the container first, got '${path}'`;
  return new TradingStackError('invalid-path', where, what, fix);
}

function contentOf(content: string | undefined, path: string, where: string): string {
  if (typeof content === 'string' && content !== '') return content;
  throw new TradingStackError(
    'config-file-invalid',
    where,
    content === '' ? `${path} is empty, which the Terraform provider refuses` : `${path} has no content`,
    `Write something to ${path}, or remove the file`,
  );
}

/** Plan and state hold text: other bytes would arrive changed. */
function textOf(file: string, source: string, where: string): string {
  const content = readFileSync(file);
  if (isUtf8(content)) return content.toString();
  throw new TradingStackError(
    'config-file-invalid',
    where,
    `the configuration file '${source}' is not UTF-8 text`,
    'Save it as UTF-8, copy it into the image, or mount it with BindMount.readOnly',
  );
}

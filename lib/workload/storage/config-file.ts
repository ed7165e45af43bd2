import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { Lazy } from 'cdktf';
import { invalidValue, TradingStackError, wrongSpelling } from '../../errors';
import type { FileSpec } from '../../platform/spec';
import { checkText } from '../../platform/plain-values';
import type { Platform } from '../../platform/platform';
import { isA } from '../is-a';
import { mountPoint } from './mounts';
import { refusePrivateFile } from '../secrets/private-files';
import { literal } from '../../platform/terraform';
import { yamlText } from './yaml-text';

/** Options of a {@link ConfigFile}. */
export interface ConfigFileOptions {
  /**
   * Permissions in octal. The owner is root, so a server that runs as another user needs the last digit.
   * @default '0444'
   */
  readonly mode?: string;
}

/**
 * A configuration file that is put into the container before it starts. Its content is part of the plan and of the
 * state, so it is no place for a secret. A change of the content replaces the container.
 *
 * @example
 * files: [ConfigFile.fromYaml('/app/config/strategies.yaml', { strategies: ['momentum'] })]
 * @example
 * files: [ConfigFile.fromFile('config/risk.yaml', '/app/config/risk.yaml')]
 */
export class ConfigFile {
  /** The text as it is. */
  static fromText(path: string, text: string, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, () => text, options);
  }

  /** A text that is complete when the app synthesizes: one that tells of constructs which are created later. */
  static fromLateText(path: string, text: () => string, options: ConfigFileOptions = {}): ConfigFile {
    const read = (_platform: Platform, where: string): string =>
      Lazy.stringValue({ produce: () => literal(contentOf(text(), path, where)) });
    return new ConfigFile(path, read, options);
  }

  /**
   * A value, written as YAML that YAML 1.1 (PyYAML) and YAML 1.2 read back as the same value: strings such as `ON`,
   * `10:30` or `2026-01-02` are quoted. `NaN` and `Infinity` are written as `.nan` and `.inf`, and a property that is
   * `undefined` is left out. A `Date`, a function, a symbol, a regular expression and `undefined` in a list are refused
   * when the stack is synthesized: give the string that the program reads.
   */
  static fromYaml(path: string, value: unknown, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, (_platform, where) => yamlText(value, path, where), options);
  }

  /** A value, written as JSON. */
  static fromJson(path: string, value: unknown, options: ConfigFileOptions = {}): ConfigFile {
    return new ConfigFile(path, () => jsonOf(value), options);
  }

  /**
   * A text file of the project in UTF-8, read while synthesizing. The source comes first, as it does in a `BindMount`.
   * @param source path of the file, from the project's folder
   * @param path absolute path inside the container
   */
  static fromFile(source: string, path: string, options: ConfigFileOptions = {}): ConfigFile {
    const read = (platform: Platform, where: string): string => {
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
  ) {}

  /**
   * The file on a platform.
   * @throws TradingStackError if it is empty, no text in UTF-8, one of the project's secrets, its output or its state, or
   *   has an impossible path or mode
   */
  bind(platform: Platform, where: string): FileSpec {
    const { mode = '0444' } = this.options;
    if (!this.path.startsWith('/'))
      throw invalidValue(where, 'the file', this.path, 'an absolute path inside the container');
    if (!/^0[0-7]{3}$/.test(mode))
      throw invalidValue(where, `the mode of ${this.path}`, mode, "four octal digits: '0444'");
    const content = contentOf(this.read(platform, where), this.path, where);
    return { path: mountPoint(this.path), content, mode };
  }
}

/** @throws TradingStackError for what only plain JavaScript can give: a path */
export function checkConfigFile(given: unknown, property: string, where: string): void {
  if (isA(ConfigFile, given)) return;
  throw wrongSpelling(where, property, given, "files: [ConfigFile.fromFile('config/app.yaml', '/app/config.yaml')]");
}

function contentOf(content: unknown, path: string, where: string): string {
  checkText(content, `the content of ${path}`, where);
  if (content === '') throw invalidValue(where, path, content, 'a content: the provider refuses an empty file');
  return content;
}

/** Nothing for what JSON has no words for. */
function jsonOf(value: unknown): string | undefined {
  const text = JSON.stringify(value, null, 2) as string | undefined;
  return text && `${text}\n`;
}

/** Plan and state hold texts: other bytes would arrive as something else. */
function textOf(file: string, source: string, where: string): string {
  const content = readFileSync(file);
  if (isUtf8(content)) return content.toString();
  throw new TradingStackError(
    'invalid-value',
    where,
    `the configuration file '${source}' is no text in UTF-8`,
    'Mount it with BindMount.readOnly, put it into the image, or save it as UTF-8',
  );
}

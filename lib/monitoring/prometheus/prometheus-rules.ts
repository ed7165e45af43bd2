import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { invalidName, TradingStackError } from '../../errors';
import type { Platform } from '../../platform/platform';
import { ConfigFile } from '../../workload/storage/config-file';
import { checkAlertTemplate } from './alert-template';
import { checkDurationText } from './duration-text';
import { isMapping } from './prometheus-configuration';

/** Where Prometheus looks for its rules. */
const FOLDER = '/etc/prometheus/rules';

/** A rule as Prometheus writes it: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule */
export interface PrometheusRule {
  /**
   * Name of the alert. A rule has either this or `record`.
   * @default - none
   */
  readonly alert?: string;
  /**
   * Name of the metric that the result is stored as.
   * @default - none
   */
  readonly record?: string;
  /** PromQL. */
  readonly expr: string;
  /**
   * How long it has to be true before the alert fires: `5m`.
   * @default - it fires at once
   */
  readonly for?: string;
  /**
   * How long the alert stays after it is no longer true: `5m`.
   * @default - it ends at once
   */
  readonly keep_firing_for?: string;
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Rules that Prometheus evaluates one after another. */
export interface PrometheusRuleGroup {
  /** Unique in its file. */
  readonly name: string;
  /**
   * Time between two evaluations: `30s`.
   * @default - `evaluation_interval` of Prometheus, 1 minute
   */
  readonly interval?: string;
  readonly rules: readonly PrometheusRule[];
}

/**
 * A rule file of Prometheus, with alerts or recorded metrics. Prometheus refuses to start with one that is invalid: keys,
 * names, durations and the structure of templates are checked at synthesis, the PromQL is not.
 *
 * @example
 * prometheus: { rules: [PrometheusRules.fromFile('alerts/desk.yml')] }
 */
export class PrometheusRules {
  /**
   * A rule file of the project.
   * @param source path, relative to the project's folder
   */
  static fromFile(source: string): PrometheusRules {
    return new PrometheusRules(
      basename(source),
      (platform, where) =>
        parseYaml(
          readFileSync(platform.projectDirectory.locateExisting(source, 'rule file', where), 'utf8'),
          where,
          source,
        ),
      (path) => ConfigFile.fromFile(path, source),
    );
  }

  /**
   * Groups of rules that are written in the app.
   * @param name of the file in the container, without a path: `desk.yml`
   */
  static fromGroups(name: string, groups: readonly PrometheusRuleGroup[]): PrometheusRules {
    return new PrometheusRules(
      name,
      () => ({ groups }),
      (path) => ConfigFile.fromYaml(path, { groups }),
    );
  }

  private constructor(
    /** Name of the file in the container. */
    readonly name: string,
    private readonly content: (platform: Platform, where: string) => unknown,
    private readonly fileAt: (path: string) => ConfigFile,
  ) {}

  /**
   * The file in the container.
   * @throws TradingStackError if the file does not exist, or is not a rule file
   */
  file(platform: Platform, where: string): ConfigFile {
    if (!/^[\w.-]+\.ya?ml$/.test(this.name)) {
      throw invalidName(where, 'the name of a rule file', this.name, "a name that ends with .yml: 'desk.yml'");
    }
    checkRules(this.content(platform, where), `${where}: the rule file ${this.name}`);
    return this.fileAt(`${FOLDER}/${this.name}`);
  }

  /** The path in the container. */
  get path(): string {
    return `${FOLDER}/${this.name}`;
  }
}

function parseYaml(text: string, where: string, source: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw wrongRules(`${where}: the rule file '${source}'`, `it is not YAML: ${(error as Error).message}`);
  }
}

const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules'];
const RULE_KEYS = ['alert', 'record', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/**
 * Refuses the likely mistakes: keys, names, durations, and the structure of templates. PromQL is not read, and neither is
 * what is inside of templates beyond the names of functions and variables.
 */
function checkRules(content: unknown, where: string): void {
  const file = mapping(content, where, 'the file');
  onlyKeys(file, ['groups'], where, 'the file');
  const names = new Set<string>();
  for (const [index, given] of list(file.groups, where, 'groups').entries()) {
    const at = `groups[${index}]`;
    const group = mapping(given, where, at);
    onlyKeys(group, GROUP_KEYS, where, at);
    const { name } = group;
    if (typeof name !== 'string' || name === '') throw wrongRules(where, `${at} has no name`);
    if (names.has(name)) throw wrongRules(where, `two groups have the name '${name}'`);
    names.add(name);
    checkDuration(group.interval, where, `${at}.interval`);
    for (const [number, rule] of list(group.rules, where, `${at}.rules`).entries()) {
      checkRule(mapping(rule, where, `${at}.rules[${number}]`), where, `${at}.rules[${number}]`);
    }
  }
}

function checkRule(rule: Readonly<Record<string, unknown>>, where: string, at: string): void {
  onlyKeys(rule, RULE_KEYS, where, at);
  const { alert, record, expr, labels, annotations } = rule;
  if ((alert === undefined) === (record === undefined)) {
    throw wrongRules(where, `${at} needs either \`alert\` or \`record\``);
  }
  if (typeof expr !== 'string' && typeof expr !== 'number') throw wrongRules(where, `${at} has no expr`);
  if (String(expr).trim() === '') throw wrongRules(where, `${at} has no expr`);
  if (record !== undefined) {
    for (const key of ['for', 'keep_firing_for', 'annotations']) {
      if (rule[key] !== undefined) throw wrongRules(where, `${at} has \`${key}\`, which only an alert can have`);
    }
  }
  checkDuration(rule.for, where, `${at}.for`);
  checkDuration(rule.keep_firing_for, where, `${at}.keep_firing_for`);
  for (const [key, strings] of Object.entries({ labels, annotations })) {
    if (strings === undefined || strings === null) continue;
    for (const [name, value] of Object.entries(mapping(strings, where, `${at}.${key}`))) {
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        throw invalidName(where, `${at}.${key}`, name, 'letters, digits and underscores');
      }
      if (typeof value === 'object') throw wrongRules(where, `${at}.${key}.${name} is not a string`);
      // Those of a recorded metric are no templates.
      if (alert !== undefined && typeof value === 'string') {
        checkAlertTemplate({ text: value, property: `${at}.${key}.${name}`, where });
      }
    }
  }
}

function checkDuration(given: unknown, where: string, property: string): void {
  if (given !== undefined && given !== null) checkDurationText(given, property, where);
}

function mapping(given: unknown, where: string, at: string): Readonly<Record<string, unknown>> {
  if (isMapping(given)) return given;
  throw wrongRules(where, `${at} is not a mapping`);
}

function list(given: unknown, where: string, at: string): readonly unknown[] {
  if (Array.isArray(given)) return given as unknown[];
  throw wrongRules(where, `${at} is not a list`);
}

/** Prometheus refuses to start with a key that it does not know. */
function onlyKeys(given: object, known: readonly string[], where: string, at: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw wrongRules(where, `${at} has an unknown key '${unknown}': known are ${known.join(', ')}`);
}

function wrongRules(where: string, what: string): TradingStackError {
  const fix = 'Follow https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/';
  return new TradingStackError('config-file-invalid', where, what, fix);
}

import { invalidValue, TradingStackError } from '../../errors';
import { mostSimilar } from '../../options/options';
import { checkDurationText, millisecondsOf } from '../prometheus/duration-text';
import { isMapping } from '../prometheus/prometheus-configuration';
import type { AlertmanagerFileProps } from './alertmanager-configuration';
import { isMatchers } from './matchers';

type Mapping = Readonly<Record<string, unknown>>;

/** Alertmanager does not start with another key: https://prometheus.io/docs/alerting/latest/configuration/ */
const KEYS = {
  file: 'global route inhibit_rules receivers templates mute_time_intervals time_intervals tracing event_recorder',
  route:
    'receiver group_by match match_re matchers mute_time_intervals active_time_intervals continue routes group_wait ' +
    'group_interval repeat_interval labels',
  inhibitRule: 'name source_match source_match_re source_matchers target_match target_match_re target_matchers equal',
  receiver:
    'name labels discord_configs email_configs incidentio_configs jira_configs mattermost_configs msteams_configs ' +
    'msteamsv2_configs opsgenie_configs pagerduty_configs pushover_configs rocketchat_configs slack_configs sns_configs ' +
    'telegram_configs victorops_configs webex_configs webhook_configs wechat_configs',
  timeInterval: 'name time_intervals',
};

const OWN_RECEIVERS = ['critical', 'warning', 'info', 'watchdog'];

/** What Alertmanager refuses in the first route. */
const FOR_OTHER_ROUTES = ['match', 'match_re', 'matchers', 'mute_time_intervals', 'active_time_intervals', 'continue'];

/** What routes can name. */
interface Known {
  readonly receivers: ReadonlySet<string>;
  readonly intervals: ReadonlySet<string>;
  readonly where: string;
}

/**
 * Checks the likely mistakes with which Alertmanager would not start, also in a file that was read: keys, names, durations,
 * `group_by` and matchers. The settings in `global`, of each channel of a receiver and of a time interval are not checked,
 * and neither are regular expressions.
 * @throws TradingStackError for an unknown key, a section of another type, a name that is taken or is not there, and a
 *   duration, a list of labels or a matcher that is invalid
 */
export function checkAlertmanagerConfiguration(
  { configuration, watchdog }: Omit<AlertmanagerFileProps, 'channels'>,
  where: string,
): void {
  const { route = {}, receivers = [], inhibit_rules: inhibitRules = [], global, templates } = configuration;
  onlyKeys(configuration, KEYS.file, 'configuration', where);
  refuseNoNumbers(configuration, 'configuration', where);
  if (!isMapping(route)) throw wrongSection(where, 'route is not a mapping');
  for (const rule of mappings(inhibitRules, 'inhibit_rules', where)) {
    onlyKeys(rule, KEYS.inhibitRule, 'configuration.inhibit_rules', where);
    checkMatchers(rule.source_matchers, 'inhibit_rules: source_matchers', where);
    checkMatchers(rule.target_matchers, 'inhibit_rules: target_matchers', where);
  }
  const names = checkReceivers(mappings(receivers, 'receivers', where), where);
  if (watchdog === undefined) names.delete('watchdog');
  mappings(route.routes ?? [], 'route.routes', where);
  const matcher = FOR_OTHER_ROUTES.find((key) => key in route);
  if (matcher !== undefined) {
    throw wrongSection(where, `route has '${matcher}', and the first route is that of all alerts`);
  }
  if (!list(templates, 'templates', where).every((path) => typeof path === 'string')) {
    throw wrongSection(where, 'templates is not a list of paths');
  }
  if (isMapping(global)) checkDuration(global.resolve_timeout, 'global.resolve_timeout', where);
  checkRoute(route, 'route', { receivers: names, intervals: timeIntervalsOf(configuration, where), where });
}

function checkReceivers(receivers: readonly Mapping[], where: string): Set<string> {
  const names = new Set(OWN_RECEIVERS);
  for (const receiver of receivers) {
    const { name } = receiver;
    if (typeof name !== 'string' || name === '') throw wrongSection(where, 'receivers has an entry without a name');
    if (names.has(name)) {
      const owner = OWN_RECEIVERS.includes(name) ? 'that of a severity' : 'that of another one';
      const what = `configuration.receivers has the name '${name}', which is ${owner}`;
      throw new TradingStackError('option-conflict', where, what, 'Use `channels`, or another name');
    }
    names.add(name);
    onlyKeys(receiver, KEYS.receiver, `configuration.receivers: ${name}`, where);
    for (const key of Object.keys(receiver).filter((one) => one.endsWith('_configs'))) {
      list(receiver[key], `receivers: ${name}.${key}`, where);
    }
  }
  return names;
}

function timeIntervalsOf(configuration: Mapping, where: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const section of ['time_intervals', 'mute_time_intervals']) {
    for (const interval of mappings(configuration[section] ?? [], section, where)) {
      const { name } = interval;
      onlyKeys(interval, KEYS.timeInterval, `configuration.${section}`, where);
      if (typeof name !== 'string' || name === '') throw wrongSection(where, `${section} has an entry without a name`);
      if (names.has(name))
        throw invalidValue(where, `configuration.${section}: name`, name, 'a name for each interval');
      names.add(name);
    }
  }
  return names;
}

function checkRoute(route: Mapping, at: string, known: Known): void {
  const { where } = known;
  const { receiver, routes = [] } = route;
  onlyKeys(route, KEYS.route, `configuration.${at}`, where);
  if (receiver !== undefined) checkKnown(receiver, 'receiver', known.receivers, at, where);
  checkGroupBy(list(route.group_by, `${at}.group_by`, where), `configuration.${at}.group_by`, where);
  checkDuration(route.group_wait, `${at}.group_wait`, where);
  for (const key of ['group_interval', 'repeat_interval']) {
    checkDuration(route[key], `${at}.${key}`, where);
    if (millisecondsOf(route[key]) !== 0) continue;
    throw invalidValue(where, `configuration.${at}.${key}`, route[key], "a duration above zero: '5m'");
  }
  checkMatchers(route.matchers, `${at}.matchers`, where);
  for (const key of ['mute_time_intervals', 'active_time_intervals']) {
    for (const name of list(route[key], `${at}.${key}`, where)) {
      checkKnown(name, 'time interval', known.intervals, `${at}.${key}`, where);
    }
  }
  for (const [index, nested] of mappings(routes, `${at}.routes`, where).entries()) {
    checkRoute(nested, `${at}.routes[${index}]`, known);
  }
}

function checkKnown(given: unknown, kind: string, known: ReadonlySet<string>, at: string, where: string): void {
  const name = typeof given === 'string' ? given : JSON.stringify(given);
  if (known.has(name)) return;
  const what = `configuration.${at} names '${name}', and there is no such ${kind}`;
  const fix = known.size === 0 ? `Add the ${kind} to the configuration` : `Use one of ${[...known].join(', ')}`;
  throw new TradingStackError('unknown-reference', where, what, fix);
}

/** Any text in UTF-8 is the name of a label, and '...' stands for all of them. */
function checkGroupBy(labels: readonly unknown[], property: string, where: string): void {
  const named = labels.filter((label) => label !== '...').map(String);
  const repeated = named.find((label, index) => named.indexOf(label) < index);
  if (repeated !== undefined) throw invalidValue(where, property, repeated, 'each label once');
  if (labels.some((label) => label === '' || typeof label === 'object')) {
    throw invalidValue(where, property, labels, 'names of labels, such as stack and job');
  }
  if (named.length > 0 && named.length < labels.length) {
    throw invalidValue(where, property, labels, "either '...' alone, for all labels, or names of labels");
  }
}

function checkMatchers(given: unknown, at: string, where: string): void {
  for (const matcher of list(given, at, where)) {
    if (typeof matcher === 'string' && isMatchers(matcher)) continue;
    throw invalidValue(
      where,
      `configuration.${at}`,
      matcher,
      `a label, = != =~ or !~, and a value: 'severity="critical"'`,
    );
  }
}

function checkDuration(given: unknown, at: string, where: string): void {
  if (given !== undefined && given !== null) checkDurationText(given, `configuration.${at}`, where);
}

/** YAML has numbers such as NaN, and Alertmanager has no setting for them. */
function refuseNoNumbers(value: unknown, at: string, where: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidValue(where, at, value, 'a finite number');
  if (typeof value !== 'object' || value === null) return;
  for (const [key, nested] of Object.entries(value)) {
    refuseNoNumbers(nested, Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`, where);
  }
}

function onlyKeys(given: Mapping, known: string, at: string, where: string): void {
  const keys = known.split(' ');
  const unknown = Object.keys(given).find((key) => given[key] !== undefined && !keys.includes(key));
  if (unknown === undefined) return;
  const similar = mostSimilar(unknown, keys);
  const fix = similar === undefined ? `Known keys are ${keys.join(', ')}` : `Did you mean '${similar}'?`;
  throw new TradingStackError('unknown-option', where, `${at} has the unknown key '${unknown}'`, fix);
}

function mappings(given: unknown, at: string, where: string): readonly Mapping[] {
  if (!Array.isArray(given)) throw wrongSection(where, `${at} is not a list`);
  if (!given.every(isMapping)) throw wrongSection(where, `${at} has an entry that is not a mapping`);
  return given;
}

/** A list that may be left out. */
function list(given: unknown, at: string, where: string): readonly unknown[] {
  const entries = given ?? [];
  if (!Array.isArray(entries)) throw wrongSection(where, `${at} is not a list`);
  return entries as unknown[];
}

function wrongSection(where: string, what: string): TradingStackError {
  const fix = 'Follow https://prometheus.io/docs/alerting/latest/configuration/';
  return new TradingStackError('wrong-type', where, `configuration.${what}`, fix);
}

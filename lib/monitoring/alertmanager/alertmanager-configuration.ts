import { TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import { isMapping } from '../prometheus/prometheus-configuration';
import { AlertChannel } from './alert-channel';
import { WATCHDOG } from './metrics';

/** Who is notified, by the severity of an alert. */
export interface SeverityChannels {
  /** For alerts that need a person now, and for those without a severity of this library. */
  readonly critical: readonly AlertChannel[];
  /**
   * For alerts that need a person today.
   * @default - those of `critical`
   */
  readonly warning?: readonly AlertChannel[];
  /**
   * For alerts that need no person.
   * @default - none
   */
  readonly info?: readonly AlertChannel[];
}

/** How {@link SeverityChannels} are checked. */
export const SEVERITY_CHANNELS: OptionShapes<SeverityChannels> = {
  critical: required([AlertChannel]),
  warning: [AlertChannel],
  info: [AlertChannel],
};

/**
 * Further content of `alertmanager.yml`, as Alertmanager names it:
 * https://prometheus.io/docs/alerting/latest/configuration/. It is part of the plan and of the state, so never put a secret
 * into it: mount it with `secrets`, and set its path, such as `api_url_file`.
 */
export interface AlertmanagerConfiguration {
  /**
   * Settings of the first route, and `routes` that are tried before those of the severities. Receivers of the severities
   * are `critical`, `warning` and `info`.
   * @default - only the routes of the severities
   */
  readonly route?: Readonly<Record<string, unknown>> & { readonly routes?: readonly object[] };
  /** @default - only those of the severities */
  readonly receivers?: readonly object[];
  /** @default - a service that is down causes no other alerts, and a fast burn rate no slow one */
  readonly inhibit_rules?: readonly object[];
  /** Any other section: `global`, `templates`, `time_intervals`. */
  readonly [section: string]: unknown;
}

/** What `alertmanager.yml` is made of. */
export interface AlertmanagerFileProps {
  readonly channels: SeverityChannels;
  readonly watchdog: AlertChannel | undefined;
  readonly configuration: AlertmanagerConfiguration;
}

/** The content of `alertmanager.yml`. */
export function alertmanagerFile({ channels, watchdog, configuration }: AlertmanagerFileProps): object {
  const { route = {}, receivers = [], inhibit_rules: inhibitRules = [], ...sections } = configuration;
  const { routes = [], ...settings } = route;
  const { critical, warning = critical, info = [] } = channels;
  return {
    ...sections,
    route: {
      receiver: 'critical',
      // What happens to one service is one message.
      group_by: ['stack', 'job'],
      group_wait: '10s',
      group_interval: '1m',
      repeat_interval: '4h',
      ...settings,
      routes: [
        ...(watchdog === undefined ? [] : [WATCHDOG_ROUTE]),
        ...routes,
        { receiver: 'warning', matchers: ['severity="warning"'], ...LESS_URGENT },
        { receiver: 'info', matchers: ['severity="info"'], ...LESS_URGENT },
      ],
    },
    receivers: [
      receiver('critical', critical),
      receiver('warning', warning),
      receiver('info', info),
      // A message that the signal has ended would be a signal.
      ...(watchdog === undefined ? [] : [receiver('watchdog', [watchdog], { send_resolved: false })]),
      ...receivers,
    ],
    inhibit_rules: [...INHIBIT_RULES, ...inhibitRules],
  };
}

const LESS_URGENT = { group_wait: '30s', group_interval: '5m', repeat_interval: '12h' };

const WATCHDOG_ROUTE = {
  receiver: 'watchdog',
  matchers: [`alertname="${WATCHDOG}"`],
  group_wait: '0s',
  group_interval: '30s',
  repeat_interval: '1m',
};

const INHIBIT_RULES = [
  {
    source_matchers: ['alertname="ServiceDown"'],
    target_matchers: [`alertname!~"ServiceDown|${WATCHDOG}"`],
    equal: ['stack', 'job'],
  },
  ...['HttpErrors', 'HttpLatency'].map((name) => ({
    source_matchers: [`alertname="${name}Fast"`],
    target_matchers: [`alertname="${name}Slow"`],
    equal: ['stack', 'job'],
  })),
];

/** The defaults of Alertmanager send the end of an alert through some channels only. */
function receiver(name: string, channels: readonly AlertChannel[], settings: object = { send_resolved: true }): object {
  const kinds = [...new Set(channels.map(({ kind }) => kind))];
  const lists = kinds.map((kind) => [
    kind,
    channels.filter((channel) => channel.kind === kind).map((channel) => ({ ...settings, ...channel.settings })),
  ]);
  return { name, ...(Object.fromEntries(lists) as object) };
}

const OWN_RECEIVERS = ['critical', 'warning', 'info', 'watchdog'];

/**
 * Checks what Alertmanager would not start with, and the types of what is merged, which do not hold for a file that was
 * read.
 * @throws TradingStackError if a section is no mapping or list, and if a receiver has a name that is taken or is not there
 */
export function checkAlertmanagerConfiguration(
  { configuration, watchdog }: Omit<AlertmanagerFileProps, 'channels'>,
  where: string,
): void {
  const { route = {}, receivers = [], inhibit_rules: inhibitRules = [] } = configuration;
  if (!isMapping(route)) throw wrongSection(where, 'route is not a mapping');
  const lists = { receivers, inhibit_rules: inhibitRules, 'route.routes': route.routes ?? [] };
  for (const [name, list] of Object.entries<unknown>(lists)) {
    if (!Array.isArray(list)) throw wrongSection(where, `${name} is not a list`);
    if (!list.every(isMapping)) throw wrongSection(where, `${name} has an entry that is not a mapping`);
  }
  const names = new Set(OWN_RECEIVERS);
  for (const { name } of receivers as readonly { readonly name?: unknown }[]) {
    if (typeof name !== 'string' || name === '') throw wrongSection(where, 'receivers has an entry without a name');
    if (names.has(name)) {
      const owner = OWN_RECEIVERS.includes(name) ? 'that of a severity' : 'that of another one';
      const what = `configuration.receivers has the name '${name}', which is ${owner}`;
      throw new TradingStackError('option-conflict', where, what, 'Use `channels`, or another name');
    }
    names.add(name);
  }
  const matcher = FOR_OTHER_ROUTES.find((key) => key in route);
  if (matcher !== undefined) {
    throw wrongSection(where, `route has '${matcher}', and the first route is that of all alerts`);
  }
  if (watchdog === undefined) names.delete('watchdog');
  checkReceivers(route, 'route', { names, where });
}

/** What Alertmanager refuses in the first route. */
const FOR_OTHER_ROUTES = ['match', 'match_re', 'matchers', 'mute_time_intervals', 'active_time_intervals', 'continue'];

function checkReceivers(
  route: Readonly<Record<string, unknown>>,
  at: string,
  known: { readonly names: ReadonlySet<string>; readonly where: string },
): void {
  const { receiver, routes = [] } = route;
  const name = typeof receiver === 'string' ? receiver : JSON.stringify(receiver);
  if (receiver !== undefined && !known.names.has(name)) {
    const what = `configuration.${at} names '${name}', and there is no such receiver`;
    throw new TradingStackError('unknown-reference', known.where, what, `Use one of ${[...known.names].join(', ')}`);
  }
  if (!Array.isArray(routes)) throw wrongSection(known.where, `${at}.routes is not a list`);
  for (const [index, nested] of routes.entries()) {
    if (isMapping(nested)) checkReceivers(nested, `${at}.routes[${index}]`, known);
  }
}

function wrongSection(where: string, what: string): TradingStackError {
  const fix = 'Follow https://prometheus.io/docs/alerting/latest/configuration/';
  return new TradingStackError('wrong-type', where, `configuration.${what}`, fix);
}

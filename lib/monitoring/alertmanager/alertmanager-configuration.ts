import { TradingStackError } from '../../errors';
import { type OptionShapes, required } from '../../options/options';
import { isMapping } from '../prometheus/prometheus-configuration';
import { AlertChannel } from './alert-channel';

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
  matchers: ['alertname="Watchdog"'],
  group_wait: '0s',
  group_interval: '30s',
  repeat_interval: '1m',
};

const INHIBIT_RULES = [
  {
    source_matchers: ['alertname="ServiceDown"'],
    target_matchers: ['alertname!~"ServiceDown|Watchdog"'],
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
 * @throws TradingStackError if a section is no mapping or list, and if a receiver has the name of one of this library
 */
export function checkAlertmanagerConfiguration(configuration: AlertmanagerConfiguration, where: string): void {
  const { route = {}, receivers = [], inhibit_rules: inhibitRules = [] } = configuration;
  if (!isMapping(route)) throw wrongSection(where, 'route is not a mapping');
  const lists = { receivers, inhibit_rules: inhibitRules, 'route.routes': route.routes ?? [] };
  for (const [name, list] of Object.entries(lists)) {
    if (!Array.isArray(list)) throw wrongSection(where, `${name} is not a list`);
  }
  for (const [index, receiver] of receivers.entries()) {
    if (!isMapping(receiver)) throw wrongSection(where, `receivers[${index}] is not a mapping`);
    const { name } = receiver;
    if (!OWN_RECEIVERS.includes(String(name))) continue;
    const what = `configuration.receivers has the name '${String(name)}', which is that of a severity`;
    throw new TradingStackError('option-conflict', where, what, 'Use `channels`, or another name');
  }
}

function wrongSection(where: string, what: string): TradingStackError {
  const fix = 'Follow https://prometheus.io/docs/alerting/latest/configuration/';
  return new TradingStackError('wrong-type', where, `configuration.${what}`, fix);
}

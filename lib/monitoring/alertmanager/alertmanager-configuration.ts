import { type OptionShapes, required } from '../../options/options';
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

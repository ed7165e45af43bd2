import { parse } from 'yaml';
import {
  AlertChannel,
  type AlertmanagerConfiguration,
  type AlertmanagerOptions,
  MonitoringStack,
  type MonitoringStackProps,
  Secret,
  type TradingStack,
} from '../../lib';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { warningsOf } from '../services/fixtures';
import { everyChannel } from './alerts/stack';
import { type Deployed, deployedAs } from './fixtures';

const PAGER = AlertChannel.webhook({ url: 'http://pager:8080/alerts' });
const CHAT = AlertChannel.webhook({ url: 'http://chat:8080/alerts' });

interface Route extends Record<string, unknown> {
  readonly receiver: string;
  readonly matchers?: readonly string[];
  readonly routes?: readonly Route[];
}

interface Configuration extends Record<string, unknown> {
  readonly route: Route;
  readonly receivers: readonly (Record<string, unknown> & { readonly name: string })[];
  readonly inhibit_rules: readonly object[];
}

type Create = (stack: TradingStack) => AlertmanagerOptions;

function monitor(create: Create, props: Partial<MonitoringStackProps> = {}) {
  return (stack: TradingStack): void => {
    new MonitoringStack(stack, 'monitoring', { watch: [], alertmanager: create(stack), ...props });
  };
}

const configured = (configuration: AlertmanagerConfiguration): AlertmanagerOptions => ({
  channels: { critical: [PAGER] },
  configuration,
});

function configurationOf(create: Create): Configuration {
  const { files } = deployedAs(synthesizeStack(monitor(create)), 'desk-alertmanager');
  return parse(files['/etc/alertmanager/alertmanager.yml'] ?? '') as Configuration;
}

function receiver(configuration: Configuration, name: string): Record<string, unknown> {
  const { name: _name, ...lists } = configuration.receivers.find((one) => one.name === name) ?? { name };
  return lists;
}

describe.each(ENGINES)('Alertmanager on $engineName', ({ createEngine }) => {
  const synthesize = (create: Create, props: Partial<MonitoringStackProps> = {}): Terraform =>
    synthesizeStack(monitor(create, props), { engine: createEngine() });
  const prometheus = (terraform: Terraform): Record<string, unknown> =>
    parse(deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/prometheus.yml'] ?? '') as Record<
      string,
      unknown
    >;

  test('Prometheus sends its alerts there, and scrapes it', () => {
    const written = prometheus(synthesize(() => ({ channels: { critical: [PAGER] } })));
    expect(written.alerting).toEqual({ alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }] });
    expect(JSON.stringify(written.scrape_configs)).toContain('"alertmanager:9093"');
  });

  test('Prometheus sends its alerts to an Alertmanager elsewhere too', () => {
    const other = { static_configs: [{ targets: ['10.0.0.7:9093'] }] };
    const alerting = { alert_relabel_configs: [{ target_label: 'desk', replacement: 'fx' }], alertmanagers: [other] };
    const written = prometheus(
      synthesize(() => ({ channels: { critical: [PAGER] } }), { prometheus: { configuration: { alerting } } }),
    );
    expect(written.alerting).toEqual({
      ...alerting,
      alertmanagers: [{ static_configs: [{ targets: ['alertmanager:9093'] }] }, other],
    });
  });

  test('notifications link to the URLs under which people open Alertmanager and Prometheus', () => {
    const terraform = synthesize(
      () => ({ channels: { critical: [PAGER] }, externalUrl: 'https://desk.example/alertmanager' }),
      { prometheus: { externalUrl: 'http://localhost:9091', flags: ['--web.enable-lifecycle'] } },
    );
    // The health check and the metrics have no such path.
    expect(deployedAs(terraform, 'desk-alertmanager').command).toEqual(
      expect.arrayContaining(['--web.external-url=https://desk.example/alertmanager', '--web.route-prefix=/']),
    );
    expect(deployedAs(terraform, 'desk-prometheus').command).toEqual(
      expect.arrayContaining(['--web.external-url=http://localhost:9091', '--web.enable-lifecycle']),
    );
  });

  test('it keeps silences in a volume, has no peers, and is probed', () => {
    const deployed: Deployed = deployedAs(
      synthesize(() => ({ channels: { critical: [PAGER] } })),
      'desk-alertmanager',
    );
    expect(deployed.volumes).toEqual({ '/alertmanager': expect.stringMatching(/alertmanager_data$/) as string });
    expect(deployed.command).toEqual([
      '--config.file=/etc/alertmanager/alertmanager.yml',
      '--storage.path=/alertmanager',
      '--cluster.listen-address=',
    ]);
    expect(deployed.probe).toContain('9093/-/ready');
  });

  test('secrets are files that it reads, once each, and are nowhere in its configuration', () => {
    const terraform = synthesize((stack) => ({ channels: { critical: everyChannel(stack) } }));
    const names = ['smtp_password', 'slack_webhook', 'telegram_token', 'discord_webhook', 'pager_token', 'pager_url'];
    const { files } = deployedAs(terraform, 'desk-alertmanager');
    for (const name of names) {
      expect(files['/etc/alertmanager/alertmanager.yml']).toContain(`_file: /run/secrets/${name}\n`);
    }
    const mounted = JSON.stringify(terraform.resource).match(/"[^"]*\/run\/secrets\/slack_webhook"/g);
    expect(mounted).not.toBeNull();
  });
});

describe('Alertmanager', () => {
  test('critical alerts, and those without a severity of this library, go to the channels of `critical`', () => {
    const configuration = configurationOf(() => ({ channels: { critical: [PAGER], warning: [CHAT] } }));
    const { route } = configuration;
    expect(route).toMatchObject({ receiver: 'critical', group_by: ['stack', 'job'] });
    expect(route.routes).toMatchObject([
      { receiver: 'warning', matchers: ['severity="warning"'] },
      { receiver: 'info', matchers: ['severity="info"'] },
    ]);
    expect(receiver(configuration, 'critical')).toEqual({
      webhook_configs: [{ send_resolved: true, url: 'http://pager:8080/alerts' }],
    });
    expect(receiver(configuration, 'warning')).toEqual({
      webhook_configs: [{ send_resolved: true, url: 'http://chat:8080/alerts' }],
    });
    expect(receiver(configuration, 'info')).toEqual({});
  });

  test('warnings go to the channels of critical alerts unless they have their own', () => {
    const configuration = configurationOf(() => ({ channels: { critical: [PAGER] } }));
    expect(receiver(configuration, 'warning')).toEqual(receiver(configuration, 'critical'));
  });

  test('every channel reports the end of an alert, and reads its secret from a file', () => {
    const configuration = configurationOf((stack) => ({ channels: { critical: everyChannel(stack) } }));
    expect(receiver(configuration, 'critical')).toEqual({
      email_configs: [
        {
          send_resolved: true,
          to: 'desk@desk.example, pager@desk.example',
          from: 'alerts@desk.example',
          smarthost: 'smtp.desk.example:587',
          auth_username: 'alerts',
          auth_password_file: '/run/secrets/smtp_password',
          require_tls: true,
        },
      ],
      slack_configs: [
        {
          send_resolved: true,
          api_url_file: '/run/secrets/slack_webhook',
          channel: '#desk',
          text: expect.stringMatching(/"resolved" }}Resolved{{ else }}Firing{{.*\.Annotations\.description/) as string,
        },
      ],
      telegram_configs: [
        {
          send_resolved: true,
          bot_token_file: '/run/secrets/telegram_token',
          chat_id: -1001234567890,
          parse_mode: '',
        },
      ],
      discord_configs: [{ send_resolved: true, webhook_url_file: '/run/secrets/discord_webhook' }],
      webhook_configs: [
        {
          send_resolved: true,
          url: 'http://pager:8080/alerts',
          http_config: { authorization: { type: 'Bearer', credentials_file: '/run/secrets/pager_token' } },
        },
        { send_resolved: true, url_file: '/run/secrets/pager_url' },
      ],
    });
  });

  test('the watchdog gets a signal every minute, and no message that it has ended', () => {
    const configuration = configurationOf(() => ({ channels: { critical: [PAGER] }, watchdog: CHAT }));
    expect(configuration.route.routes?.[0]).toMatchObject({
      receiver: 'watchdog',
      matchers: ['alertname="Watchdog"'],
      repeat_interval: '1m',
    });
    expect(receiver(configuration, 'watchdog')).toEqual({
      webhook_configs: [{ send_resolved: false, url: 'http://chat:8080/alerts' }],
    });
  });

  test('without a watchdog there is no alert that always fires', () => {
    const withWatchdog = (watchdog?: AlertChannel): string => {
      const channels = { critical: [PAGER] };
      const terraform = synthesizeStack(monitor(() => ({ channels, ...(watchdog && { watchdog }) })));
      return deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/rules/desk-alerts.yml'] ?? '';
    };
    expect(withWatchdog(CHAT)).toContain('alert: Watchdog');
    expect(withWatchdog()).not.toContain('alert: Watchdog');
  });

  test('a service that is down causes no other messages', () => {
    expect(configurationOf(() => ({ channels: { critical: [PAGER] } })).inhibit_rules[0]).toEqual({
      source_matchers: ['alertname="ServiceDown"'],
      target_matchers: ['alertname!~"ServiceDown|Watchdog"'],
      equal: ['stack', 'job'],
    });
  });

  test('routes, receivers and sections of yours come in addition, and settings of the first route win', () => {
    const weekend = { name: 'weekend', time_intervals: [{ weekdays: ['saturday', 'sunday'] }] };
    const quiet = { receiver: 'warning', matchers: ['alertname=~"MarketData.*"'], mute_time_intervals: ['weekend'] };
    const configuration = configurationOf(() => ({
      channels: { critical: [PAGER] },
      configuration: {
        time_intervals: [weekend],
        route: { group_interval: '5s', routes: [quiet] },
        receivers: [{ name: 'none' }],
        inhibit_rules: [{ source_matchers: ['a="b"'] }],
      },
    }));
    expect(configuration.time_intervals).toEqual([weekend]);
    expect(configuration.route).toMatchObject({ receiver: 'critical', group_interval: '5s', group_wait: '10s' });
    expect(configuration.route.routes?.[0]).toEqual(quiet);
    expect(configuration.receivers.at(-1)).toEqual({ name: 'none' });
    expect(configuration.inhibit_rules.at(-1)).toEqual({ source_matchers: ['a="b"'] });
  });

  test.each<[string, AlertmanagerOptions, string, string]>([
    ['no channel for critical alerts', { channels: { critical: [] } }, 'invalid-value', 'channels.critical'],
    [
      'a receiver with the name of a severity',
      { channels: { critical: [PAGER] }, configuration: { receivers: [{ name: 'warning' }] } },
      'option-conflict',
      "'warning'",
    ],
    [
      'receivers that are not a list',
      { channels: { critical: [PAGER] }, configuration: { receivers: {} as never } },
      'wrong-type',
      'configuration.receivers is not a list',
    ],
    [
      'a route that is not a mapping',
      { channels: { critical: [PAGER] }, configuration: { route: [] as never } },
      'wrong-type',
      'configuration.route is not a mapping',
    ],
    ['a route of a file that is empty', configured({ route: null as never }), 'wrong-type', 'configuration.route'],
    ['a receiver that is empty', configured({ receivers: [null as never] }), 'wrong-type', 'configuration.receivers'],
    ['a receiver without a name', configured({ receivers: [{}] }), 'wrong-type', 'without a name'],
    [
      'two receivers of a name',
      configured({ receivers: [{ name: 'phone' }, { name: 'phone' }] }),
      'option-conflict',
      "'phone', which is that of another one",
    ],
    [
      'a receiver that is not there',
      configured({ receivers: [{ name: 'phone' }], route: { routes: [{ routes: [{ receiver: 'fone' }] }] } }),
      'unknown-reference',
      "configuration.route.routes[0].routes[0] names 'fone'",
    ],
    [
      'an external URL without http',
      { channels: { critical: [PAGER] }, externalUrl: 'localhost:9093' },
      'invalid-value',
      'externalUrl',
    ],
    [
      'an external URL with a command, which replaces the flag',
      { channels: { critical: [PAGER] }, externalUrl: 'http://localhost:9093', command: ['--log.level=debug'] },
      'option-conflict',
      '--web.external-url=http://localhost:9093',
    ],
    [
      'the watchdog as a receiver without one',
      configured({ route: { receiver: 'watchdog' } }),
      'unknown-reference',
      'Use one of critical, warning, info',
    ],
    [
      'a condition of the first route',
      configured({ route: { matchers: ['severity="critical"'] } }),
      'wrong-type',
      "route has 'matchers'",
    ],
    ...(
      [
        ['unknown-option', "'receiver'", { receiver: 'critical' }],
        ['unknown-option', "'group_wait'", { route: { group_wiat: '5s' } }],
        [
          'unknown-option',
          "routes[0] has the unknown key 'match_regexp'",
          { route: { routes: [{ match_regexp: {} }] } },
        ],
        ['unknown-option', "'slack_configs'", { receivers: [{ name: 'chat', slack_config: [] }] }],
        ['unknown-option', "'source_matchers'", { inhibit_rules: [{ source_matcher: [] }] }],
        ['unknown-option', "'time_intervals'", { time_intervals: [{ name: 'a', time_interval: [] }] }],
        ['wrong-type', 'receivers: chat.slack_configs is not', { receivers: [{ name: 'chat', slack_configs: {} }] }],
        ['wrong-type', 'templates', { templates: '/etc/alertmanager/*.tmpl' }],
        ['wrong-type', 'templates', { templates: [{}] }],
        ['wrong-type', 'route.routes[0].routes', { route: { routes: [{ routes: [[]] }] } }],
        ['invalid-value', 'route.group_by', { route: { group_by: [''] } }],
        ['invalid-value', 'route.group_by', { route: { group_by: ['job', 'stack', 'job'] } }],
        ['invalid-value', 'route.group_by', { route: { group_by: ['...', 'job'] } }],
        ['wrong-type', 'route.group_by', { route: { group_by: 'job' } }],
        ['invalid-value', 'route.group_interval', { route: { group_interval: '0s' } }],
        ['invalid-value', 'routes[0].repeat_interval', { route: { routes: [{ repeat_interval: 0 }] } }],
        ['invalid-value', "route.group_wait cannot be '5 minutes'", { route: { group_wait: '5 minutes' } }],
        ['invalid-value', 'route.group_wait cannot be 30', { route: { group_wait: 30 } }],
        ['invalid-value', '292 years', { route: { repeat_interval: '300y' } }],
        ['invalid-value', 'global.resolve_timeout', { global: { resolve_timeout: '5' } }],
        ['unknown-reference', "'weekend'", { route: { routes: [{ mute_time_intervals: ['weekend'] }] } }],
        [
          'unknown-reference',
          'Use one of a',
          { time_intervals: [{ name: 'a' }], route: { routes: [{ active_time_intervals: ['b'] }] } },
        ],
        ['invalid-value', "'a'", { time_intervals: [{ name: 'a' }], mute_time_intervals: [{ name: 'a' }] }],
        ['wrong-type', 'without a name', { time_intervals: [{}] }],
        [
          'invalid-value',
          'configuration.receivers[0].webhook_configs[0].max_alerts cannot be NaN',
          { receivers: [{ name: 'a', webhook_configs: [{ max_alerts: NaN }] }] },
        ],
        ['wrong-type', 'route.routes[0].matchers', { route: { routes: [{ matchers: 'a="b"' }] } }],
        [
          'invalid-value',
          'target_matchers',
          { inhibit_rules: [{ target_matchers: ['{{'], source_matchers: ['a=='] }] },
        ],
        ...[
          '=',
          '{{',
          'bad matcher"',
          'a',
          '"a"',
          'a="b',
          'a=b"c"',
          'a=b,,c=d',
          ',',
          '{"a"="b"',
          'a b=c',
          '!a=b',
          null,
        ].map((matcher) => ['invalid-value', 'routes[0].matchers', { route: { routes: [{ matchers: [matcher] }] } }]),
      ] as [string, string, AlertmanagerConfiguration][]
    ).map(([code, fact, configuration]): [string, AlertmanagerOptions, string, string] => [
      JSON.stringify(configuration),
      configured(configuration),
      code,
      fact,
    ]),
  ])('rejects %s', (_, options, code, fact) => {
    expect(() => createStack(monitor(() => options))).toThrowCode(code as never, 'desk/monitoring', fact);
  });

  test.each([
    ...[
      '',
      '{}',
      'a=',
      'a=b',
      ' a = b ',
      'a!~"b|c"',
      '{a="b",c=~d,}',
      'a=b\\',
      'a="\\"\\n"',
      'a=b,c="d,e"',
      'a=b}',
      'a=~(b|c d)',
    ],
    ...['"a.b"="c"', 'größe=x', '{ "a" != b , c!=d , }', '"😀"=~".*"', 'a:b=c', 'a={{ x }}'],
  ])('the matcher %j is one of Alertmanager', (matcher) => {
    const routes = [{ matchers: [matcher] }];
    const { route } = configurationOf(() => configured({ route: { routes } }));
    expect(route.routes?.[0]).toEqual({ matchers: [matcher] });
  });

  test('every key of Alertmanager can be used, in every form that it takes', () => {
    const configuration: AlertmanagerConfiguration = {
      global: { resolve_timeout: '1h30m', smtp_hello: 'desk' },
      templates: ['/etc/alertmanager/*.tmpl'],
      time_intervals: [{ name: 'weekend', time_intervals: [{ weekdays: ['saturday'] }] }],
      mute_time_intervals: [{ name: 'night', time_intervals: [{ times: [] }] }],
      tracing: {},
      event_recorder: {},
      route: {
        group_by: ['...'],
        group_wait: 0,
        labels: { team: 'fx' },
        routes: [
          {
            receiver: 'phone',
            continue: true,
            match: { a: 'b' },
            match_re: { a: '.+' },
            matchers: null,
            group_by: ['desk.name', 'größe'],
            mute_time_intervals: ['night'],
            active_time_intervals: ['weekend'],
            group_interval: '1w2d',
            repeat_interval: '292y',
          },
        ],
      },
      receivers: [{ name: 'phone', labels: { a: 'b' }, pushover_configs: null, msteamsv2_configs: [] }],
      inhibit_rules: [{ name: 'a', source_match: { a: 'b' }, target_match_re: { a: 'b' }, equal: ['a'] }],
    };
    const written = configurationOf(() => configured(configuration));
    expect(written.route.routes?.[0]).toEqual(configuration.route?.routes?.[0]);
    expect(written).toMatchObject({ global: configuration.global, event_recorder: {} });
  });

  test('rejects the external URL of Prometheus as an option and as a flag', () => {
    const prometheus = { externalUrl: 'http://localhost:9091', flags: ['--web.external-url=http://desk.example'] };
    const failure = (): unknown => createStack(monitor(() => ({ channels: { critical: [PAGER] } }), { prometheus }));
    expect(failure).toThrowCode('option-conflict', '--web.external-url');
  });

  test('what looks like a secret in a configuration of yours causes a warning, and the path of a file does not', () => {
    const configuration = {
      global: { smtp_auth_password: 'hunter22', slack_api_url_file: '/run/secrets/slack' },
      receivers: [{ name: 'chat', slack_configs: [{ api_url: 'https://hooks.slack.com/services/T0/B0/x' }] }],
    };
    expect(warningsOf(createStack(monitor(() => configured(configuration))))).toEqual([
      'configuration.global.smtp_auth_password [plain-secret]',
      'configuration.receivers.0.slack_configs.0.api_url [plain-secret]',
    ]);
  });

  test.each([
    ['pagerduty_configs', 'routing_key', 'hunter22'],
    ['pagerduty_configs', 'service_key', 'hunter22'],
    ['opsgenie_configs', 'api_key', 'abc'],
    ['pushover_configs', 'token', 'abc'],
    ['pushover_configs', 'user_key', 'hunter22'],
    ['telegram_configs', 'bot_token', '12345'],
    ['webhook_configs', 'http_config', { authorization: { credentials: 'abc' } }],
    ['webhook_configs', 'http_config', { basic_auth: { password: 12345 } }],
  ])('a plain secret of a receiver in %s, %s, causes a warning that does not show it', (kind, key, value) => {
    const receivers = [{ name: 'phone', [kind]: [{ [key]: value, [`${key}_file`]: '/run/secrets/a', message: 'up' }] }];
    const warnings = warningsOf(createStack(monitor(() => configured({ receivers }))));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`configuration.receivers.0.${kind}.0.${key}`);
    expect(warnings[0]).toContain('[plain-secret]');
    expect(warnings[0]).not.toMatch(/hunter22|abc|12345/);
  });

  test('rejects an `alerting` section of Prometheus that is not a mapping', () => {
    const props = { prometheus: { configuration: { alerting: [] } } };
    const failure = (): unknown => createStack(monitor(() => ({ channels: { critical: [PAGER] } }), props));
    expect(failure).toThrowCode('invalid-value', 'configuration.alerting');
  });
});

describe('alert channels', () => {
  const stack = createStack();
  const secret = Secret.provided(stack, 'secret', { description: 'a secret' });
  const email = { to: 'a@desk.example', from: 'b@desk.example', server: 'smtp.desk.example:587' };

  test.each<[string, () => unknown, string, string]>([
    ['a mail server without a port', () => AlertChannel.email({ ...email, server: 'smtp' }), 'invalid-host', 'server'],
    ['a user without a password', () => AlertChannel.email({ ...email, username: 'a' }), 'invalid-value', 'password'],
    [
      'a password without a user',
      () => AlertChannel.email({ ...email, password: secret }),
      'invalid-value',
      'username',
    ],
    [
      'a plain string instead of a secret',
      () => AlertChannel.slack({ webhookUrl: 'https://hooks.slack.com/services/T0/B0/x' as never }),
      'wrong-type',
      'webhookUrl',
    ],
    ['a chat by its name', () => AlertChannel.telegram({ botToken: secret, chatId: NaN }), 'invalid-value', 'chatId'],
    ['a URL without http', () => AlertChannel.webhook({ url: 'pager:8080' }), 'invalid-value', 'url'],
    ['a URL with a space', () => AlertChannel.webhook({ url: 'http://pager 8080' }), 'invalid-value', 'url'],
    [
      'a URL with a port that is none',
      () => AlertChannel.webhook({ url: 'http://pager:80801' }),
      'invalid-value',
      'url',
    ],
    [
      'a mail server with a port that is none',
      () => AlertChannel.email({ ...email, server: 'a:0' }),
      'invalid-value',
      'port',
    ],
    ['no recipient', () => AlertChannel.email({ ...email, to: '' }), 'invalid-value', 'to'],
    ...(['to', 'from'] as const).flatMap((option) =>
      [
        '{{ .x',
        '{{ .x }}@desk.example',
        'a@desk.example\nBcc: b@desk.example',
        'desk',
        'a@desk.example, desk',
        ' , ',
      ].map((address): [string, () => unknown, string, string] => [
        `${JSON.stringify(address)} as ${option}`,
        () => AlertChannel.email({ ...email, [option]: address }),
        'invalid-value',
        option,
      ]),
    ),
    [
      'a template as a mail server',
      () => AlertChannel.email({ ...email, server: '{{smtp:25' }),
      'invalid-host',
      'server',
    ],
    ...['{{ .x', '{{ .CommonLabels.team }}', '#desk\n'].map((channel): [string, () => unknown, string, string] => [
      `${JSON.stringify(channel)} as a channel`,
      () => AlertChannel.slack({ webhookUrl: secret, channel }),
      'invalid-value',
      'channel',
    ]),
    ['an unknown option', () => AlertChannel.discord({ url: secret } as never), 'unknown-option', 'url'],
  ])('rejects %s', (_, create, code, fact) => {
    expect(create).toThrowCode(code as never, 'AlertChannel', fact);
  });

  test.each(['a@desk.example,', '"Desk, FX" <fx@desk.example>, b@desk.example', 'a@desk.example (Desk, FX)'])(
    '%j are recipients',
    (to) => {
      expect(AlertChannel.email({ ...email, to }).settings).toMatchObject({ to });
    },
  );

  test('the error about a secret does not show it', () => {
    const failure = (): unknown => AlertChannel.slack({ webhookUrl: 'https://hooks.slack.com/x' as never });
    expect(failure).not.toThrow(/hooks\.slack/);
  });

  test.each(['http://desk:hunter22@pager:8080/', 'https://hooks.slack.com/services/T0/B0/hunter22'])(
    'a URL with a secret in it is rejected without showing it',
    (url) => {
      const create = (): unknown => AlertChannel.webhook({ url });
      expect(create).toThrowCode('invalid-value', 'AlertChannel.webhook', 'Pass a Secret');
      expect(create).not.toThrow(/hunter22/);
    },
  );
});

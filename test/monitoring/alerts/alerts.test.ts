import {
  AppService,
  Duration,
  Image,
  type MetricsAlert,
  MonitoringStack,
  type MonitoringStackProps,
  OrderExecutor,
  type PrometheusRule,
  PrometheusRules,
  RedisCache,
  RiskLimits,
  RiskManager,
  ScrapeTarget,
  type TradingStack,
} from '../../../lib';
import { consoleOf } from '../../../lib/command-line/commands/running/clients';
import { workloadsNamed } from '../../../lib/command-line/services/services';
import { meaningOf } from '../../../lib/workload/connections/metrics-alert';
import { createStack, synthesizeStack } from '../../setup/synthesize';
import { deployedAs } from '../fixtures';
import { CASES } from './cases';
import { alertGroups, alertsOfStack, watchEverything, WITH_LOG_STORE } from './stack';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

const QUEUE_LENGTH: MetricsAlert = {
  name: 'QueueLength',
  expr: 'queue_length{job="$job"} > $threshold',
  threshold: 100,
  for: Duration.minutes(2),
  severity: 'warning',
  summary: 'The queue of $job is long',
  description: '{{ $value }} orders wait in $job, more than $threshold.',
  runbook: 'https://wiki.desk.example/queue',
};

type Props = Omit<MonitoringStackProps, 'watch'>;

function watch(stack: TradingStack, props: Props = {}, alerts: readonly MetricsAlert[] = []): void {
  const watched = [new AppService(stack, 'api', { image, alerts }), new RedisCache(stack, 'queue')];
  new MonitoringStack(stack, 'monitoring', { watch: watched, ...props });
}

/** The alerts by job and name. */
function rulesOf(build: (stack: TradingStack) => void): ReadonlyMap<string, PrometheusRule> {
  return new Map(alertGroups(build).flatMap(({ name, rules }) => rules.map((rule) => [`${name}/${rule.alert}`, rule])));
}

const rules = (props: Props = {}, alerts: readonly MetricsAlert[] = []): ReadonlyMap<string, PrometheusRule> =>
  rulesOf((stack) => {
    watch(stack, props, alerts);
  });

describe('the alerts of this library', () => {
  const all = rulesOf((stack) => {
    watchEverything(stack);
  });

  test('each alert has series that make it fire and series that do not', () => {
    // The same alert of several services is tested with one of them.
    const general = ([key, { alert = '', expr }]: [string, PrometheusRule]): string =>
      `${alert}: ${expr.replaceAll(`job="${key.split('/')[0] ?? ''}"`, '').replace(/^\w+_up(?=\{)/, 'up')}`;
    const tested = new Set([...all].filter(([key]) => CASES.some(({ alert }) => alert === key)).map(general));
    expect([...all].map(general).filter((one) => !tested.has(one))).toEqual([]);
    expect(CASES.filter(({ alert }) => !all.has(alert))).toEqual([]);
  });

  test.each([...all])('%s says what is wrong, how to fix it and where to read more', (_, { labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels?.severity);
    expect(annotations?.summary).toMatch(/\w/);
    expect(annotations?.description).toMatch(/[\w`]\.$/);
    expect(annotations?.runbook_url).toMatch(/^node_modules\/cdktf-trading-stack\/docs\/guides\/alerts\.md#[a-z]+$/);
  });

  test('the commands in its text work when pasted', () => {
    const stack = createStack((created) => {
      watchEverything(created);
    }, WITH_LOG_STORE);
    const commands = [...all.values()].flatMap(({ annotations }) => [
      ...(annotations?.description ?? '').matchAll(/`npm run (\w+) -- desk(?: (\w+))?(?: [^`]*)?`/g),
    ]);

    expect(new Set(commands.map(([, name]) => name))).toEqual(
      new Set(['status', 'logs', 'console', 'backup', 'backups', 'rollback']),
    );
    for (const [, name, service] of commands) {
      if (service !== undefined) expect(workloadsNamed(stack, [service])).toHaveLength(1);
      if (name === 'console') expect(consoleOf(stack, service ?? '', [])).toContain('sh');
    }
    expect([...all.values()].filter((rule) => JSON.stringify(rule).includes('$stack'))).toEqual([]);
  });

  test('every threshold has a meaning, which its changes are checked against', () => {
    const stack = createStack((created) => {
      watchEverything(created);
    }, WITH_LOG_STORE);
    const known = [...alertsOfStack(stack).values()].filter(({ threshold }) => threshold !== undefined);
    expect(known.length).toBeGreaterThan(15);
    expect(known.filter((alert) => meaningOf(alert) === undefined)).toEqual([]);
  });

  test('an executor whose risk manager is not watched has no alert about it, which could not fire', () => {
    const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
    const names = (isWatched: boolean): string[] => [
      ...rulesOf((stack) => {
        const riskManager = new RiskManager(stack, 'risk', { image, limits });
        const executor = new OrderExecutor(stack, 'executor', { image, riskManager });
        new MonitoringStack(stack, 'monitoring', { watch: isWatched ? [executor, riskManager] : [executor] });
      }).keys(),
    ];
    expect(names(true)).toContain('executor/ExecutorWithoutRiskManager');
    expect(names(false)).toContain('executor/ServiceDown');
    expect(names(false)).not.toContain('executor/ExecutorWithoutRiskManager');
  });

  test('a machine whose exporter is down is not said to be down', () => {
    const names = [...all.keys()].filter((key) => key.startsWith('host/'));
    expect(names).toContain('host/ExporterDown');
    expect(names).not.toContain('host/ServiceDown');
  });

  test('a service has its own alerts and those of every service, about its own job', () => {
    const own = [...all].filter(([key]) => key.startsWith('queue/'));
    expect(own.map(([key]) => key)).toEqual(
      expect.arrayContaining(['queue/ServiceDown', 'queue/ExporterDown', 'queue/RedisRefusesWrites']),
    );
    for (const [, { expr, labels }] of own) {
      expect(expr).toContain('job="queue"');
      expect(labels).toMatchObject({ job: 'queue', stack: 'desk' });
    }
    expect(all.get('queue/ServiceDown')?.expr).toBe('redis_up{job="queue"} == 0');
  });

  test('the limits of a backup follow from its schedule', () => {
    expect(all.get('db_backup/BackupTooOld')?.expr).toMatch(/ > 5400$/);
    expect(all.get('db_backup/BackupNotVerified')?.expr).toMatch(/ > 9000$/);
  });
});

describe('alerts of a MonitoringStack', () => {
  test('an alert of a service becomes a rule of its job', () => {
    expect(rules({}, [QUEUE_LENGTH]).get('api/QueueLength')).toEqual({
      alert: 'QueueLength',
      expr: 'queue_length{job="api"} > 100',
      for: '2m',
      labels: { severity: 'warning', stack: 'desk', job: 'api' },
      annotations: {
        summary: 'The queue of api is long',
        description: '{{ $value }} orders wait in api, more than 100.',
        runbook_url: 'https://wiki.desk.example/queue',
      },
    });
    expect([...rules({}, [QUEUE_LENGTH]).keys()]).toContain('api/HttpErrorsFast');
  });

  test('an alert is added to a server, to a scrape target and to the stack in the same form', () => {
    const { runbook: _runbook, ...alert } = QUEUE_LENGTH;
    const added = rulesOf((stack) => {
      const watched = [
        new RedisCache(stack, 'queue'),
        ScrapeTarget.external('host', { host: '10.0.0.7', port: 9100, alerts: [alert] }),
      ];
      const texts = { summary: 'Many orders', description: 'There are {{ $value }} orders.' };
      const ofStack = { ...alert, ...texts, name: 'Orders', expr: 'sum(orders) > $threshold' };
      new MonitoringStack(stack, 'monitoring', {
        watch: watched,
        alerts: { add: [{ ...alert, job: 'queue' }, ofStack] },
      });
    });
    expect(added.get('host/QueueLength')?.expr).toBe('queue_length{job="host"} > 100');
    expect(added.get('queue/QueueLength')?.expr).toBe('queue_length{job="queue"} > 100');
    expect(added.get('the stack/Orders')).toMatchObject({
      expr: 'sum(orders) > 100',
      labels: { severity: 'warning', stack: 'desk' },
    });
  });

  test('brackets and dollar signs in strings and comments of an expression are no mistake', () => {
    const expr = 'label_replace(queue{path=~"/a(\\"[$`", other=\'"(\'}, "a", "${name}$1", "b", `(`) > 1 # not ) closed';
    expect(rules({}, [{ ...QUEUE_LENGTH, expr }]).get('api/QueueLength')?.expr).toBe(expr);
  });

  test('a share and the objective of a burn rate can be changed within their range', () => {
    const change = { HttpErrorsFast: { threshold: 0.05 }, RedisMemoryFull: { threshold: 0.95 } };
    const changed = rules({ alerts: { change } });
    expect(changed.get('api/HttpErrorsFast')?.expr).toContain('> 14.4 * 0.05 and');
    expect(changed.get('queue/RedisMemoryFull')?.expr).toContain('> 0.95 and');
  });

  test('the alert of one service is changed before that of every service', () => {
    const change = {
      HttpLatencyFast: { threshold: 5 },
      ServiceDown: { for: Duration.minutes(9) },
      'api/ServiceDown': { for: Duration.seconds(10), severity: 'info' },
    } as const;
    const changed = rules({ alerts: { change } });
    expect(changed.get('api/HttpLatencyFast')?.expr).toContain('> 5 and');
    expect(changed.get('api/ServiceDown')).toMatchObject({ for: '10s', labels: { severity: 'info' } });
    expect(changed.get('queue/ServiceDown')).toMatchObject({ for: '9m', labels: { severity: 'critical' } });
  });

  test('alerts are left out of one service or of all', () => {
    const left = [...rules({ alerts: { leaveOut: ['ServiceDown', 'api/HttpErrorsFast'] } }).keys()];
    expect(left.filter((key) => /ServiceDown|HttpErrorsFast/.test(key))).toEqual([]);
    expect(left).toContain('api/HttpErrorsSlow');
  });

  test('notifications link to the guide at the URL under which people can read it', () => {
    const linked = rules({ alerts: { guideUrl: 'https://wiki.desk.example/alerts' } });
    expect(linked.get('api/ServiceDown')?.annotations?.runbook_url).toBe(
      'https://wiki.desk.example/alerts#servicedown',
    );
  });

  test('an alert is evaluated as often as its service is scraped, and over four scrapes or more', () => {
    const slow = new Map(
      alertGroups((stack) => {
        watch(stack, { prometheus: { scrapeInterval: Duration.minutes(3) } });
      }).map((group) => [group.name, group]),
    );
    expect(slow.get('queue')?.interval).toBe('3m');
    const http = slow.get('api')?.rules.map(({ expr }) => expr);
    expect(http?.join()).toContain('[720s]');
    expect(http?.join()).toContain('[1h]');
    expect(http?.join()).not.toContain('[5m]');
  });

  test('rule files of yours are loaded too', () => {
    const own = PrometheusRules.fromGroups('desk.yml', [{ name: 'desk', rules: [{ record: 'a', expr: 'up' }] }]);
    const { files } = deployedAs(
      synthesizeStack((stack) => {
        watch(stack, { prometheus: { rules: [own] } });
      }),
      'desk-prometheus',
    );
    expect(files['/etc/prometheus/prometheus.yml']).toMatch(/rules\/desk-alerts\.yml\n.*rules\/desk\.yml/);
  });

  test.each<[string, Props, readonly MetricsAlert[], string, readonly string[]]>([
    [
      'a misspelled alert that is left out',
      { alerts: { leaveOut: ['ServiceDwn'] } },
      [],
      'unknown-reference',
      ["Did you mean 'ServiceDown'?"],
    ],
    ['an unknown alert that is left out', { alerts: { leaveOut: ['Down'] } }, [], 'unknown-reference', ['ServiceDown']],
    [
      'an unknown alert that is changed',
      { alerts: { change: { 'queue/HttpErrorsFast': { threshold: 1 } } } },
      [],
      'unknown-reference',
      ['queue/RedisMemoryFull'],
    ],
    ['a misspelt change', { alerts: { change: { ServiceDown: { treshold: 1 } as never } } }, [], 'unknown-option', []],
    ['an unknown job', { alerts: { add: [{ ...QUEUE_LENGTH, job: 'q' }] } }, [], 'unknown-reference', ['api, queue']],
    ['an unknown severity', {}, [{ ...QUEUE_LENGTH, severity: 'page' as never }], 'invalid-value', ["'critical'"]],
    ['a second alert of a name', {}, [QUEUE_LENGTH, QUEUE_LENGTH], 'invalid-name', ["'QueueLength'"]],
    ['a name with a space', {}, [{ ...QUEUE_LENGTH, name: 'Queue length' }], 'invalid-name', ["'Queue length'"]],
    ['no expression', {}, [{ ...QUEUE_LENGTH, expr: ' ' }], 'invalid-value', ['expr']],
    ['a threshold without a value', {}, [{ ...QUEUE_LENGTH, threshold: undefined as never }], 'invalid-value', []],
    ['a threshold above all values', {}, [{ ...QUEUE_LENGTH, threshold: Infinity }], 'invalid-value', ['finite']],
    [
      'a change to a threshold that nothing can reach',
      { alerts: { change: { RedisMemoryFull: { threshold: NaN } } } },
      [],
      'invalid-value',
      ['RedisMemoryFull', 'NaN'],
    ],
    [
      'a threshold for an expression without one',
      { alerts: { change: { ServiceDown: { threshold: 5 } } } },
      [],
      'invalid-value',
      ['ServiceDown', 'only `for` and `severity`'],
    ],
    ['a job for an alert without one', { alerts: { add: [QUEUE_LENGTH] } }, [], 'invalid-value', ['QueueLength: job']],
    [
      'errors of 10 %, of which the alert fires at 144 %',
      { alerts: { change: { HttpErrorsFast: { threshold: 0.1 } } } },
      [],
      'invalid-value',
      ['HttpErrorsFast', 'below 0.0694', '14.4 times'],
    ],
    [
      'a percentage for a share',
      { alerts: { change: { 'queue/RedisMemoryFull': { threshold: 80 } } } },
      [],
      'invalid-value',
      ['the share of `maxMemory`', 'below 1'],
    ],
    [
      'a negative latency',
      { alerts: { change: { HttpLatencySlow: { threshold: -1 } } } },
      [],
      'invalid-value',
      ['above 0, in seconds'],
    ],
    [
      'a negative number of restarts',
      { alerts: { change: { ServiceRestarting: { threshold: -1 } } } },
      [],
      'invalid-value',
      ['restarts in 15 minutes'],
    ],
    [
      'an expression with a brace that is not closed',
      {},
      [{ ...QUEUE_LENGTH, expr: 'queue_length{job="$job" > $threshold' }],
      'invalid-value',
      ['api/QueueLength', 'a } for the {'],
    ],
    [
      'an expression with a bracket that closes another one',
      {},
      [{ ...QUEUE_LENGTH, expr: 'sum(rate(queue_length[5m)]) > $threshold' }],
      'invalid-value',
      ['a ] for the ['],
    ],
    [
      'an expression with a bracket that nothing opens',
      {},
      [{ ...QUEUE_LENGTH, expr: 'sum(queue_length)) > $threshold' }],
      'invalid-value',
      ['an opening bracket for the )'],
    ],
    [
      'an expression with a quote that is not closed',
      {},
      [{ ...QUEUE_LENGTH, expr: 'queue_length{job="$job} > $threshold' }],
      'invalid-value',
      ['a second "'],
    ],
    [
      'a misspelt variable in an expression',
      {},
      [{ ...QUEUE_LENGTH, expr: 'queue_length{job="$jobs"} > $threshold' }],
      'invalid-value',
      ["'$jobs'", '$job, $stack, $threshold'],
    ],
    [
      'a variable of Prometheus outside of a template',
      {},
      [{ ...QUEUE_LENGTH, summary: 'The queue has $value orders' }],
      'invalid-value',
      ["'$value'", '{{ $value }}'],
    ],
    ...[
      ['{{ $value', 'two closing braces'],
      ['{{ $value }', 'two closing braces'],
      ['a {{ "}}" ', 'two closing braces'],
      ['{{ "a }}', 'a second " for each "'],
      ['{{ end }}', 'for each {{ end }}'],
      ['{{ if true }}x', 'an {{ end }} for the {{ if }}'],
      ['{{ if true }}{{ else }}{{ else }}{{ end }}', 'for each {{ else }}'],
      ['{{ range query "up" }}{{ with . }}{{ end }}', 'an {{ end }} for the {{ range }}'],
      ['{{ if }}x{{ end }}', 'something after {{ if'],
      ['{{ break }}', 'only in a {{ range }}'],
      ['{{ }}', 'something between'],
      ['{{- -}}', 'something between'],
      ['{{ $nope }}', 'instead of $nope'],
      ['{{ $rate }}{{ $rate := 5 }}', 'instead of $rate'],
      ['{{ $job }}', 'instead of $job'],
      ['{{ $value | nofunc }}', 'instead of nofunc'],
      ['{{ $value * 100 }}', 'functions instead of *'],
      ['{{ humanize ($value }}', 'as many ( as )'],
      ['half of a character: \ud83d', 'whole characters'],
    ].flatMap(([text = '', fact = '']) =>
      (['summary', 'description'] as const).map((option): [string, Props, MetricsAlert[], string, string[]] => [
        `${JSON.stringify(text)} as ${option}`,
        { alerts: { add: [{ ...QUEUE_LENGTH, [option]: text, job: 'api' }] } },
        [],
        'invalid-value',
        [`api/QueueLength: ${option}`, fact],
      ]),
    ),
    [
      'half of a character in an expression',
      {},
      [{ ...QUEUE_LENGTH, expr: 'up{job="\ud83d"}' }],
      'invalid-value',
      ['expr', 'whole characters'],
    ],
    [
      'a duration that Prometheus cannot count',
      {},
      [{ ...QUEUE_LENGTH, for: Duration.days(1e9) }],
      'invalid-value',
      ['api/QueueLength: for', '1000000000 days', '292 years'],
    ],
    [
      'a change to such a duration',
      { alerts: { change: { ServiceDown: { for: Duration.days(400_000) } } } },
      [],
      'invalid-value',
      ['alerts.change of ServiceDown: for', '400000 days'],
    ],
    ...['http://x/{{ .y', 'http://x/\nb', 'http://x/\u0007b', '', 'wiki.desk.example', 'ftp://wiki.desk.example'].map(
      (guideUrl): [string, Props, MetricsAlert[], string, string[]] => [
        `the guide at ${JSON.stringify(guideUrl)}`,
        { alerts: { guideUrl } },
        [],
        'invalid-value',
        ['alerts.guideUrl', 'https://wiki.desk.example/alerts'],
      ],
    ),
  ])('rejects %s', (_, props, alerts, code, facts) => {
    const failure = (): unknown =>
      createStack((stack) => {
        watch(stack, props, alerts);
      });
    expect(failure).toThrowCode(code as never, 'desk', ...facts);
  });

  test.each([
    'no template, { braces } and 100%',
    '{{ $value }} {{ $labels.queue }} {{ $externalLabels.desk }} {{ $externalURL }} {{ .Labels.job }} {{ . }}',
    '{{- $value | printf "%.2f" -}} {{/* a {{ comment */}}{{- /* another */ -}}',
    '{{ if gt $value $threshold }}a{{ else if le $value -1e+3 }}b{{ else }}c{{ end }}',
    '{{ with $rate := query "up{job=\'$job\'}" }}{{ $rate | first | value | humanize }}{{ else }}{{ "}}" }}{{ end }}',
    '{{ range $index, $one := query `up` }}{{ if eq $index 5 }}{{ break }}{{ end }}{{ $one.Labels.job }}{{ end }}',
    '{{ define "name" }}{{ .Value }}{{ end }}{{ template "name" . }}{{ block "other" . }}{{ end }}',
    '{{ $größe := (index $labels "size") }}{{ $größe = printf "%c" \'"\' }}{{ $größe | reReplaceAll "(a)" "$1" }}',
    '{{ humanizeDuration $value }} of {{ len (print .5 0x1p-2 true nil) }} at {{ now }} for {{ "5m" | parseDuration }} 😀',
  ])('the template %j is one of Prometheus', (description) => {
    const all = rules({ alerts: { add: [{ ...QUEUE_LENGTH, description, job: 'queue' }] } });
    const filled = description.replace('$job', 'queue').replace('$threshold', '100');
    expect(all.get('queue/QueueLength')?.annotations?.description).toBe(filled);
  });

  test.each([
    'https://u:hunter2@wiki.desk.example/',
    'https://hunter2@wiki.desk.example/',
    'http://x/?a=b&token=hunter2',
  ])('a URL of the guide with a secret is rejected without showing it', (guideUrl) => {
    const failure = (): unknown =>
      createStack((stack) => {
        watch(stack, { alerts: { guideUrl } });
      });
    expect(failure).toThrowCode('invalid-value', 'desk/monitoring', 'alerts.guideUrl contains');
    expect(failure).not.toThrow(/hunter2/);
  });

  test.each(['http://10.0.0.7:8080/w?page=alerts', 'https://wiki.desk.example', 'https://wiki.desk.example/#/a{b}@c'])(
    'the guide can be at %s',
    (guideUrl) => {
      const linked = rules({ alerts: { guideUrl } }).get('queue/ServiceDown');
      expect(linked?.annotations?.runbook_url).toBe(`${guideUrl}#servicedown`);
    },
  );

  test('a duration of 292 years is one of Prometheus', () => {
    const changed = rules({ alerts: { change: { ServiceDown: { for: Duration.days(106_751) } } } });
    expect(changed.get('queue/ServiceDown')?.for).toBe('106751d');
  });
});

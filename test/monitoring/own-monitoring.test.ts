import { parse } from 'yaml';
import {
  AppService,
  Duration,
  GrafanaDashboard,
  GrafanaDataSource,
  Image,
  MonitoringStack,
  type MonitoringStackProps,
  PrometheusRules,
  ScrapeTarget,
  Secret,
  type TradingStack,
  Workload,
} from '../../lib';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';
import { deployedAs } from './fixtures';

const image = Image.fromRegistry('bot:1');

interface Configuration {
  readonly global: Readonly<Record<string, unknown>>;
  readonly rule_files?: readonly string[];
  readonly remote_write?: unknown;
  readonly scrape_configs: readonly { readonly job_name: string }[];
}

function configurationOf(terraform: Terraform): Configuration {
  return parse(deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/prometheus.yml'] ?? '') as Configuration;
}

function jobOf(terraform: Terraform, name: string): unknown {
  return configurationOf(terraform).scrape_configs.find(({ job_name: job }) => job === name);
}

const project = TemporaryProject.forEveryTest();

describe.each(ENGINES)('monitoring of what is there on $engineName', ({ createEngine }) => {
  const monitor = (create: (stack: TradingStack) => Partial<MonitoringStackProps>): Terraform =>
    synthesizeStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], ...create(stack) }), {
      engine: createEngine(),
    });

  test('a bare workload is scraped at its host name', () => {
    const terraform = monitor((stack) => ({
      watch: [ScrapeTarget.of(new Workload(stack, 'gateway', { image }), { port: 9100, path: '/m' })],
    }));
    expect(jobOf(terraform, 'gateway')).toEqual({
      job_name: 'gateway',
      metrics_path: '/m',
      static_configs: [{ targets: ['gateway:9100'] }],
    });
  });

  test('every replica of a workload is scraped', () => {
    const terraform = monitor((stack) => ({
      watch: [
        ScrapeTarget.of(new Workload(stack, 'gateway', { image, replicas: 2 }), {
          port: 9100,
          labels: { desk: '$1' },
        }),
      ],
    }));
    expect(jobOf(terraform, 'gateway')).toMatchObject({
      dns_sd_configs: [{ names: ['gateway'], port: 9100 }],
      relabel_configs: [{ target_label: 'desk', replacement: '$$1' }],
    });
  });

  test('a second port of a service is scraped as a job with another name', () => {
    const terraform = monitor((stack) => {
      const api = new AppService(stack, 'api', { image });
      return { watch: [api, ScrapeTarget.of(api, { port: 9100, job: 'api_runtime' })] };
    });
    expect(jobOf(terraform, 'api_runtime')).toHaveProperty('static_configs.0.targets', ['api:9100']);
  });

  test('a program outside of the stack is scraped with all options of a scrape', () => {
    const terraform = monitor(() => ({
      watch: [
        ScrapeTarget.external('host', {
          host: '10.0.0.7',
          port: 9100,
          scheme: 'https',
          interval: Duration.minutes(1),
          timeout: Duration.seconds(20),
          fallbackScrapeProtocol: 'PrometheusText0.0.4',
          params: { collect: 'cpu' },
          labels: { site: 'ld4' },
        }),
      ],
    }));
    expect(jobOf(terraform, 'host')).toEqual({
      job_name: 'host',
      metrics_path: '/metrics',
      scheme: 'https',
      scrape_interval: '1m',
      scrape_timeout: '20s',
      fallback_scrape_protocol: 'PrometheusText0.0.4',
      params: { collect: ['cpu'] },
      static_configs: [{ targets: ['10.0.0.7:9100'], labels: { site: 'ld4' } }],
    });
  });

  test('Prometheus reads a bearer token from the file of the secret', () => {
    const terraform = monitor((stack) => {
      const bearerToken = Secret.provided(stack, 'minio_token', { description: 'the token of MinIO' });
      return { watch: [ScrapeTarget.external('minio', { host: 'minio.desk', port: 9000, bearerToken })] };
    });
    expect(jobOf(terraform, 'minio')).toHaveProperty('authorization.credentials_file', '/run/secrets/minio_token');
    expect(JSON.stringify(terraform.resource)).toContain('"/run/secrets/minio_token"');
  });

  test('an AppService without a Content-Type is scraped with a fallback protocol', () => {
    const terraform = monitor((stack) => ({
      watch: [new AppService(stack, 'api', { image, scrape: { fallbackScrapeProtocol: 'PrometheusText0.0.4' } })],
    }));
    expect(jobOf(terraform, 'api')).toHaveProperty('fallback_scrape_protocol', 'PrometheusText0.0.4');
  });

  test('other content of prometheus.yml stands next to that of the library', () => {
    const terraform = monitor(() => ({
      prometheus: {
        flags: ['--web.enable-lifecycle'],
        configuration: {
          global: { external_labels: { desk: 'mt5' } },
          scrape_configs: [{ job_name: 'nodes', file_sd_configs: [{ files: ['/nodes/*.json'] }] }],
          remote_write: [{ url: 'http://mimir:9009/api/v1/push' }],
        },
      },
    }));
    const { global, scrape_configs: jobs, remote_write: remoteWrite } = configurationOf(terraform);
    expect(global).toEqual({ scrape_interval: '15s', external_labels: { desk: 'mt5' } });
    expect(jobs.map(({ job_name: job }) => job)).toEqual(['grafana', 'prometheus', 'nodes']);
    expect(remoteWrite).toEqual([{ url: 'http://mimir:9009/api/v1/push' }]);
    expect(deployedAs(terraform, 'desk-prometheus').command).toContain('--web.enable-lifecycle');
  });

  test('external labels are literal, although Prometheus expands environment variables in them', () => {
    const terraform = monitor(() => ({
      prometheus: { configuration: { global: { external_labels: { desk: 'a$HOME', book: '${BOOK}$$' } } } },
    }));
    const { external_labels: labels } = configurationOf(terraform).global;
    expect(labels).toEqual({ desk: 'a$$HOME', book: '$${BOOK}$$$$' });
  });

  test('Prometheus loads rule files as they are, and groups that are written in the app', () => {
    const text =
      '# reviewed\ngroups:\n  - name: desk\n    rules:\n      - alert: Down\n        expr: up == 0\n        for: 5m\n';
    project.write('alerts/desk.yml', text);
    const terraform = monitor(() => ({
      prometheus: {
        rules: [
          PrometheusRules.fromFile('alerts/desk.yml'),
          PrometheusRules.fromGroups('pnl.yml', [{ name: 'pnl', rules: [{ record: 'desk:pnl', expr: 'sum(pnl)' }] }]),
        ],
      },
    }));
    expect(configurationOf(terraform).rule_files).toEqual([
      '/etc/prometheus/rules/desk-alerts.yml',
      '/etc/prometheus/rules/desk.yml',
      '/etc/prometheus/rules/pnl.yml',
    ]);
    expect(deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/rules/desk.yml']).toBe(text);
  });

  test('Grafana has the dashboards of the user next to the overview', () => {
    project.write('dashboards/latency.json', JSON.stringify({ uid: 'latency', title: 'Latency', panels: [] }));
    const { files } = deployedAs(
      monitor(() => ({ grafana: { dashboards: [GrafanaDashboard.fromFile('dashboards/latency.json')] } })),
      'desk-grafana',
    );
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['/etc/grafana/dashboards/desk-overview.json', '/etc/grafana/dashboards/latency.json']),
    );
  });

  test('an exported dashboard reads from the data sources of the stack', () => {
    const model = {
      uid: 'trades',
      __inputs: [
        { name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' },
        { name: 'DS_SQL', type: 'datasource', pluginId: 'grafana-postgresql-datasource' },
      ],
      panels: [{ datasource: '${DS_PROM}' }, { datasource: { uid: '${DS_SQL}' }, title: '${symbol}' }],
    };
    const { files } = deployedAs(
      monitor(() => ({
        grafana: {
          dashboards: [GrafanaDashboard.fromModel(model)],
          dataSources: [new GrafanaDataSource('Trades DB', { type: 'grafana-postgresql-datasource' })],
        },
      })),
      'desk-grafana',
    );
    expect(JSON.parse(files['/etc/grafana/dashboards/trades.json'] ?? '')).toEqual({
      uid: 'trades',
      panels: [{ datasource: 'prometheus' }, { datasource: { uid: 'Trades-DB' }, title: '${symbol}' }],
    });
  });

  test('Grafana reads the password of a data source from a file, and dollar signs as they are', () => {
    const terraform = monitor((stack) => ({
      grafana: {
        dataSources: [
          new GrafanaDataSource('Trades', {
            type: 'grafana-postgresql-datasource',
            url: 'db:5432',
            user: 'gra$fana',
            jsonData: { database: 'desk' },
            secureJsonData: { password: Secret.provided(stack, 'reader', { description: 'the password of grafana' }) },
          }),
        ],
      },
    }));
    const file = deployedAs(terraform, 'desk-grafana').files['/etc/grafana/provisioning/datasources/prometheus.yaml'];
    expect(parse(file ?? '')).toHaveProperty('datasources.1', {
      name: 'Trades',
      uid: 'Trades',
      access: 'proxy',
      editable: false,
      type: 'grafana-postgresql-datasource',
      url: 'db:5432',
      user: 'gra$$fana',
      jsonData: { database: 'desk' },
      secureJsonData: { password: '$__file{/run/secrets/reader}' },
    });
    expect(JSON.stringify(terraform.resource)).toContain('"/run/secrets/reader"');
  });
});

describe('data sources of Grafana', () => {
  const fileWith = (dataSources: (stack: TradingStack) => GrafanaDataSource[]): unknown => {
    const terraform = synthesizeStack(
      (stack) => new MonitoringStack(stack, 'monitoring', { watch: [], grafana: { dataSources: dataSources(stack) } }),
    );
    return parse(
      deployedAs(terraform, 'desk-grafana').files['/etc/grafana/provisioning/datasources/prometheus.yaml'] ?? '',
    );
  };

  test('Grafana sends a user name and a password from a file to a data source behind basic authentication', () => {
    const file = fileWith((stack) => {
      const password = Secret.provided(stack, 'loki', { description: 'the password of Loki' });
      return [
        new GrafanaDataSource('Logs', {
          type: 'loki',
          url: 'http://loki:3100',
          basicAuth: { username: 'de$k', password },
          secureJsonData: { httpHeaderValue1: password },
        }),
      ];
    });
    expect(file).toHaveProperty('datasources.1', {
      name: 'Logs',
      uid: 'Logs',
      access: 'proxy',
      editable: false,
      type: 'loki',
      url: 'http://loki:3100',
      basicAuth: true,
      basicAuthUser: 'de$$k',
      secureJsonData: {
        httpHeaderValue1: '$__file{/run/secrets/loki}',
        basicAuthPassword: '$__file{/run/secrets/loki}',
      },
    });
  });

  test('a data source that is removed from the app is also removed from the volume of Grafana', () => {
    expect(fileWith(() => [])).toHaveProperty('prune', true);
  });
});

describe('monitoring of what is there', () => {
  const monitor = (props: (stack: TradingStack) => Partial<MonitoringStackProps>) => (): unknown =>
    createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], ...props(stack) }));
  const rules = (group: object) =>
    monitor(() => ({ prometheus: { rules: [PrometheusRules.fromGroups('desk.yml', [group] as never)] } }));
  const fine = { alert: 'Down', expr: 'up == 0' };

  test('a bare workload in `watch` is told how it can be watched', () => {
    const failure = monitor((stack) => ({ watch: [new Workload(stack, 'gateway', { image }) as never] }));
    expect(failure).toThrowCode('missing-option', 'watch[0]', 'ScrapeTarget.of');
  });

  test('workloads behind one VPN client, and one on the network of the host, are jobs with their own ids', () => {
    const terraform = synthesizeStack((stack) => {
      const vpn = new Workload(stack, 'vpn', { image });
      const bot = new Workload(stack, 'bot', { image, networkMode: vpn });
      const feed = new AppService(stack, 'feed', { image, networkMode: vpn });
      const agent = new Workload(stack, 'agent', { image, networkMode: 'host' });
      const watch = [bot, feed, agent].map((one, index) => ScrapeTarget.of(one, { port: 9100 + index }));
      new MonitoringStack(stack, 'monitoring', { watch });
    });
    expect(jobOf(terraform, 'bot')).toHaveProperty('static_configs.0.targets', ['vpn:9100']);
    expect(jobOf(terraform, 'feed')).toHaveProperty('static_configs.0.targets', ['vpn:9101']);
    expect(jobOf(terraform, 'agent')).toHaveProperty('static_configs.0.targets', ['host.docker.internal:9102']);
  });

  test('a job that is taken or invalid is told how to name it', () => {
    const twice = monitor((stack) => {
      const api = new AppService(stack, 'api', { image });
      return { watch: [api, ScrapeTarget.of(api, { port: 9100 })] };
    });
    expect(twice).toThrowCode('job-taken', "job 'api'", "`job: 'api_metrics'`");
    const invalid = monitor((stack) => ({
      watch: [ScrapeTarget.of(new Workload(stack, 'gateway', { image }), { port: 9100, job: 'ld4.gateway' })],
    }));
    expect(invalid).toThrowCode('invalid-name', "'ld4.gateway'", "`job: 'gateway'`");
  });

  test('rejects a job of scrape_configs with the name of a service', () => {
    const failure = monitor(() => ({ prometheus: { configuration: { scrape_configs: [{ job_name: 'grafana' }] } } }));
    expect(failure).toThrowCode('job-taken', "'grafana'");
  });

  test('rejects a scrape interval that would contradict the option', () => {
    const failure = monitor(() => ({ prometheus: { configuration: { global: { scrape_interval: '5s' } } } }));
    expect(failure).toThrowCode('invalid-value', 'scrapeInterval');
  });

  test.each(['0s', '0', 0, '0ms'])('rejects the scrape interval %j of a job of scrape_configs', (interval) => {
    const job = { job_name: 'nodes', scrape_interval: interval };
    const failure = monitor(() => ({ prometheus: { configuration: { scrape_configs: [job] } } }));
    expect(failure).toThrowCode(
      'invalid-value',
      `configuration.scrape_configs[0].scrape_interval cannot be `,
      'a duration above zero',
    );
  });

  test.each<[string, Record<string, unknown>, 'invalid-value' | 'invalid-name', string]>([
    ['an interval of zero', { interval: Duration.seconds(0) }, 'invalid-value', "interval cannot be '0s'"],
    ['a timeout above the interval', { timeout: Duration.minutes(1) }, 'invalid-value', 'timeout'],
    ['an unknown protocol', { fallbackScrapeProtocol: 'text' }, 'invalid-value', 'PrometheusText0.0.4'],
    ['an internal label', { labels: { __name__: 'x' } }, 'invalid-name', '__name__'],
    ['an unknown scheme', { scheme: 'ftp' }, 'invalid-value', 'scheme'],
  ])('rejects %s', (_, options, code, fact) => {
    const failure = monitor(() => ({
      watch: [ScrapeTarget.external('host', { host: '10.0.0.7', port: 9100, ...options })],
    }));
    expect(failure).toThrowCode(code, 'the job host', fact);
  });

  test('rejects a misspelt option of a scrape target', () => {
    const failure = (): unknown => ScrapeTarget.external('host', { host: 'a', port: 1, intervall: 5 } as never);
    expect(failure).toThrowCode('unknown-option', 'intervall');
  });

  test.each([
    ['an unknown key', { name: 'desk', rules: [{ ...fine, four: '5m' }] }, "'four'"],
    ['a rule without alert and record', { name: 'desk', rules: [{ expr: 'up' }] }, 'either'],
    ['a rule without an expression', { name: 'desk', rules: [{ alert: 'Down' }] }, 'rules[0] has no expr'],
    ['a group without a name', { rules: [fine] }, 'groups[0] has no name'],
    [
      'a recorded metric with annotations',
      { name: 'a', rules: [{ record: 'x', expr: 'y', annotations: {} }] },
      'rules[0] has `annotations`, which only an alert can have',
    ],
  ])('rejects rules with %s, with which Prometheus would not start', (_, group, fact) => {
    expect(rules(group)).toThrowCode('config-file-invalid', 'desk.yml', fact);
  });

  test('rejects a duration in rules that Prometheus cannot read', () => {
    expect(rules({ name: 'desk', rules: [{ ...fine, for: '5 minutes' }] })).toThrowCode('invalid-value', '5 minutes');
  });

  test.each([
    ['a duration that it cannot count', { for: '300y' }, 'rules[0].for'],
    [
      'an annotation with a block that is not closed',
      { annotations: { a: '{{ if true }}' } },
      'rules[0].annotations.a',
    ],
    ['a label with an unknown variable', { labels: { a: '{{ $threshold }}' } }, 'rules[0].labels.a'],
  ])('rejects rules with %s', (_, properties, fact) => {
    expect(rules({ name: 'desk', rules: [{ ...fine, ...properties }] })).toThrowCode('invalid-value', 'desk.yml', fact);
  });

  test('the label of a recorded metric is no template', () => {
    expect(rules({ name: 'desk', rules: [{ record: 'a', expr: 'up', labels: { a: '{{ end }}' } }] })).not.toThrow();
  });

  test('accepts a duration of 0, also as a number', () => {
    for (const none of ['0', 0]) expect(rules({ name: 'desk', rules: [{ ...fine, for: none }] })).not.toThrow();
    expect(rules({ name: 'desk', rules: [{ ...fine, for: 5 }] })).toThrowCode('invalid-value', 'rules[0].for');
  });

  test.each([
    [{ job_name: 'nodes' }, 'configuration.scrape_configs is not a list'],
    [['nodes'], 'configuration.scrape_configs[0] is not a mapping'],
    [[null], 'configuration.scrape_configs[0] is not a mapping'],
  ])('rejects scrape_configs that Prometheus would not read: %j', (jobs, fact) => {
    const failure = monitor(() => ({ prometheus: { configuration: { scrape_configs: jobs as never } } }));
    expect(failure).toThrowCode('wrong-type', 'prometheus', fact);
  });

  test.each([null, 'x', [{ evaluation_interval: '30s' }]])(
    'rejects global settings that are no mapping: %j',
    (global) => {
      const failure = monitor(() => ({ prometheus: { configuration: { global: global as never } } }));
      expect(failure).toThrowCode('wrong-type', 'configuration.global is not a mapping');
    },
  );

  test.each([['/rules/desk.yml'], [[{ path: '/rules/desk.yml' }]]])(
    'rejects rule_files that Prometheus would not read: %j',
    (files) => {
      const failure = monitor(() => ({ prometheus: { configuration: { rule_files: files as never } } }));
      expect(failure).toThrowCode('invalid-value', 'prometheus', 'configuration.rule_files');
    },
  );

  test.each([{ command: ['--config.file=/a'] }, { entrypoint: ['/bin/prometheus'] }])(
    'rejects flags that %j would replace',
    (options) => {
      const failure = monitor(() => ({ prometheus: { flags: ['--web.enable-lifecycle'], ...options } }));
      expect(failure).toThrowCode('option-conflict', '`flags` has no effect', `\`${Object.keys(options).join('')}\``);
    },
  );

  test('rejects two groups with one name in a file', () => {
    project.write('r.yml', 'groups: [{name: a, rules: []}, {name: a, rules: []}]');
    const failure = monitor(() => ({ prometheus: { rules: [PrometheusRules.fromFile('r.yml')] } }));
    expect(failure).toThrowCode('config-file-invalid', "'a'");
  });

  test('rejects two rule files with one name', () => {
    const file = PrometheusRules.fromGroups('desk.yml', [{ name: 'desk', rules: [] }]);
    const failure = monitor(() => ({ prometheus: { rules: [file, file] } }));
    expect(failure).toThrowCode('mount-conflict', 'desk.yml');
  });

  test('rejects a dashboard without a uid, and two with the same', () => {
    const one = GrafanaDashboard.fromModel({ title: 'Latency' });
    expect(monitor(() => ({ grafana: { dashboards: [one] } }))).toThrowCode('invalid-value', 'uid');
    const overview = GrafanaDashboard.fromModel({ uid: 'desk-overview' });
    expect(monitor(() => ({ grafana: { dashboards: [overview] } }))).toThrowCode('invalid-value', 'desk-overview');
  });

  test('rejects a dashboard that asks for a data source that Grafana does not have', () => {
    const model = { uid: 'a', __inputs: [{ name: 'DS_LOKI', type: 'datasource', pluginId: 'loki' }] };
    const failure = monitor(() => ({ grafana: { dashboards: [GrafanaDashboard.fromModel(model)] } }));
    expect(failure).toThrowCode('config-file-invalid', 'DS_LOKI', 'loki');
  });

  test('rejects a data source with the name or uid of Prometheus', () => {
    const source = (name: string, uid?: string): GrafanaDataSource =>
      new GrafanaDataSource(name, { type: 'loki', ...(uid !== undefined && { uid }) });
    for (const taken of [source('Prometheus', 'x'), source('Logs', 'prometheus')]) {
      expect(monitor(() => ({ grafana: { dataSources: [taken] } }))).toThrowCode('invalid-value', 'dataSources[0]');
    }
  });
});

import { TerraformStack } from 'cdktf';
import { parse } from 'yaml';
import { Cpu, Image, type IMonitored, Job, Size, type TradingStack, TradingStackError, Workload } from '../../lib';
import { MonitoringStack, type MonitoringStackProps } from '../../lib/monitoring/monitoring-stack';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { deployed, deployedAs, exported, observable } from './fixtures';

interface ScrapeConfiguration {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
  }[];
}

interface DashboardModel {
  readonly panels: readonly {
    readonly title: string;
    readonly type: string;
    readonly datasource?: { readonly uid: string };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

function scrapeConfiguration(terraform: Terraform): ScrapeConfiguration {
  return parse(
    deployedAs(terraform, 'desk-prometheus').files['/etc/prometheus/prometheus.yml'] ?? '',
  ) as ScrapeConfiguration;
}

function jobs(terraform: Terraform): string[] {
  return scrapeConfiguration(terraform).scrape_configs.map((scrape) => scrape.job_name);
}

function targets(terraform: Terraform): string[] {
  return scrapeConfiguration(terraform).scrape_configs.flatMap((scrape) =>
    scrape.static_configs.flatMap((configuration) => configuration.targets),
  );
}

function overview(terraform: Terraform): DashboardModel {
  const file = deployedAs(terraform, 'desk-grafana').files['/etc/grafana/dashboards/desk-overview.json'];
  return JSON.parse(file ?? '') as DashboardModel;
}

describe.each(ENGINES)('MonitoringStack on $engineName', ({ createEngine }) => {
  const synthesize = (build: (stack: TradingStack) => void): Terraform =>
    synthesizeStack(build, { engine: createEngine() });
  /** A stack of one service of each kind, as a user would write it. */
  const monitor = (props: Omit<MonitoringStackProps, 'watch'> = {}): Terraform =>
    synthesize((stack) => {
      const image = Image.fromRegistry('bot:1');
      const database = new Workload(stack, 'db', { image });
      new Workload(stack, 'api', { image });
      new MonitoringStack(stack, 'monitoring', { ...props, watch: [exported('db', [database]), observable('api')] });
    });

  test('names services after their own ids, not after its own', () => {
    expect(Object.keys(deployed(monitor())).sort()).toEqual([
      'desk-api',
      'desk-db',
      'desk-db-exporter',
      'desk-grafana',
      'desk-prometheus',
    ]);
  });

  test.each(['prometheus', 'grafana', 'db_exporter'])('is reached on the network as %s', (alias) => {
    const aliases = Object.values(deployed(monitor())).flatMap((one) => one.aliases);
    expect(aliases).toContain(alias);
  });

  test('collects the metrics of everything that it watches, of Grafana and of Prometheus', () => {
    expect(jobs(monitor())).toEqual(['db', 'api', 'grafana', 'prometheus']);
  });

  test('asks the exporter where a service has one, and the service itself where not', () => {
    expect(targets(monitor())).toEqual(expect.arrayContaining(['db_exporter:9187', 'api:8000']));
  });

  test('asks only what is on the network', () => {
    const terraform = monitor();
    const hosts = Object.values(deployed(terraform)).flatMap((one) => one.aliases);
    for (const target of targets(terraform)) expect(hosts).toContain(target.split(':')[0]);
  });

  test('asks Grafana and Prometheus under the names that they are given', () => {
    const terraform = monitor({ prometheus: { aliases: ['metrics'] }, grafana: { aliases: ['screens'] } });
    expect(targets(terraform)).toEqual(expect.arrayContaining(['screens:3000', 'metrics:9090']));
  });

  test('watches Grafana and Prometheus when there is nothing else to watch', () => {
    const terraform = synthesize((stack) => new MonitoringStack(stack, 'monitoring', { watch: [] }));
    expect(jobs(terraform)).toEqual(['grafana', 'prometheus']);
  });

  test('starts an exporter with what the service says that it needs', () => {
    expect(deployedAs(monitor(), 'desk-db-exporter').environment).toEqual({ DATA_SOURCE_URI: 'db:5432/desk' });
  });

  test('starts an exporter after its service', () => {
    expect(deployedAs(monitor(), 'desk-db-exporter').dependsOn).toEqual([expect.stringMatching(/\.desk-db$/)]);
  });

  test('gives every exporter the options for exporters', () => {
    const resources = { memory: Size.mebibytes(64), cpus: Cpu.millis(100) };
    expect(deployedAs(monitor({ exporters: { resources } }), 'desk-db-exporter').memoryBytes).toBe(64 * 1024 ** 2);
  });

  test('starts Prometheus without waiting for what it watches', () => {
    expect(deployedAs(monitor(), 'desk-prometheus').dependsOn).toEqual([]);
  });

  test('starts Grafana after Prometheus alone', () => {
    expect(deployedAs(monitor(), 'desk-grafana').dependsOn).toEqual([expect.stringContaining('prometheus')]);
  });

  test('shows panels only of jobs that Prometheus knows', () => {
    const terraform = monitor();
    const known = jobs(terraform);
    const shown = overview(terraform).panels.flatMap(({ targets: queries = [] }) =>
      queries.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job)),
    );
    expect(shown).not.toHaveLength(0);
    for (const job of shown) expect(known).toContain(job);
  });

  test('shows of every job whether it is up', () => {
    const terraform = monitor();
    const stats = overview(terraform).panels.filter(({ type }) => type === 'stat');
    expect(stats.map(({ title }) => title)).toEqual(jobs(terraform));
  });

  test('shows every panel from the data source that Grafana has', () => {
    const terraform = monitor();
    const file = deployedAs(terraform, 'desk-grafana').files['/etc/grafana/provisioning/datasources/prometheus.yaml'];
    const { datasources } = parse(file ?? '') as { datasources: { uid: string }[] };
    const panels = overview(terraform).panels.filter(({ type }) => type !== 'row');
    for (const panel of panels) expect(panel.datasource?.uid).toBe(datasources[0]?.uid);
  });
});

describe('MonitoringStack', () => {
  const watch = (...watched: IMonitored[]): MonitoringStack => {
    let monitoring: MonitoringStack | undefined;
    createStack((stack) => (monitoring = new MonitoringStack(stack, 'monitoring', { watch: watched })));
    if (monitoring === undefined) throw new Error('nothing was created');
    return monitoring;
  };

  test('is a part of the stack that it watches', () => {
    const monitoring = watch();
    expect(TerraformStack.isStack(monitoring)).toBe(false);
    expect(TerraformStack.of(monitoring).node.id).toBe('desk');
  });

  test('hands out its parts for what this library does not know', () => {
    const { prometheus, grafana, exporters } = watch(exported('db'), observable('api'), exported('redis'));
    expect([prometheus, grafana, ...exporters].map(({ workload }) => workload.spec.name)).toEqual([
      'desk-prometheus',
      'desk-grafana',
      'desk-db-exporter',
      'desk-redis-exporter',
    ]);
  });

  test('fails when one service is watched twice', () => {
    const database = exported('db');
    expect(() => watch(database, database)).toThrow(
      "desk/monitoring: job 'db' is already taken by another watched service. Watch each service once; Prometheus and Grafana are watched without being named.",
    );
  });

  test.each(['prometheus', 'grafana'])('fails when a service takes the job name %s', (job) => {
    expect(() => watch(observable(job))).toThrow(`job '${job}' is already taken`);
  });

  test.each([
    [
      'a job',
      'desk/migrate',
      (stack: TradingStack) => new Job(stack, 'migrate', { image: Image.fromRegistry('bot:1') }),
    ],
    ['nothing', 'undefined', () => undefined],
    ['null', 'null', () => null],
    ['a name', "'api'", () => 'api'],
    ['an object of something else', '{}', () => ({})],
    ['something whose metrics are not set', 'desk/api', withoutMetrics],
  ])('fails when it is to watch %s, as JavaScript can ask for', (_, shown, create) => {
    const failure = (): unknown =>
      createStack((stack) => {
        const watched = [observable('bot'), create(stack)] as IMonitored[];
        new MonitoringStack(stack, 'monitoring', { watch: watched });
      });
    expect(failure).toThrow(
      new TradingStackError(
        'invalid-value',
        'desk/monitoring',
        `watch[1] cannot be ${shown}`,
        'Give something whose `metrics` say where they are had (IMonitored), or leave it out',
      ),
    );
  });

  test('fails when a job name is impossible', () => {
    expect(() => watch(observable('the api'))).toThrow("desk/monitoring: the job cannot be 'the api'");
  });
});

/** A construct that was to have metrics, and has none yet. */
function withoutMetrics(stack: TradingStack): unknown {
  return Object.assign(new Workload(stack, 'api', { image: Image.fromRegistry('bot:1') }), { metrics: undefined });
}

import { TerraformStack } from 'cdktf';
import { parse } from 'yaml';
import { Cpu, Image, type IMonitored, type MetricsPanel, Job, Size, type TradingStack, Workload } from '../../lib';
import { MonitoringStack, type MonitoringStackProps } from '../../lib/monitoring/monitoring-stack';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { type DashboardModel, deployed, deployedAs, exported, monitored, service } from './fixtures';

interface ScrapeConfiguration {
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly static_configs: readonly { readonly targets: readonly string[] }[];
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

const DASHBOARD = /^\/etc\/grafana\/dashboards\/desk-(\w+)\.json$/;

/** The dashboards that Grafana is provisioned with, by name. */
function dashboards(terraform: Terraform): Map<string, DashboardModel> {
  const { files } = deployedAs(terraform, 'desk-grafana');
  return new Map(
    Object.entries(files).flatMap(([path, content]) => {
      const name = DASHBOARD.exec(path)?.[1];
      return name === undefined ? [] : [[name, JSON.parse(content) as DashboardModel]];
    }),
  );
}

/** The panels of all dashboards, or of one. */
function panelsOf(terraform: Terraform, name?: string): DashboardModel['panels'] {
  return [...dashboards(terraform)].flatMap(([one, { panels }]) => (name === undefined || one === name ? panels : []));
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
      new MonitoringStack(stack, 'monitoring', { ...props, watch: [exported('db', [database]), monitored('api')] });
    });

  test('services are named after their own ids, without the id of the MonitoringStack', () => {
    expect(Object.keys(deployed(monitor())).sort()).toEqual([
      'desk-api',
      'desk-db',
      'desk-db-exporter',
      'desk-grafana',
      'desk-prometheus',
    ]);
  });

  test.each(['prometheus', 'grafana', 'db_exporter'])('a service is reachable on the network as %s', (alias) => {
    const aliases = Object.values(deployed(monitor())).flatMap((one) => one.aliases);
    expect(aliases).toContain(alias);
  });

  test('Prometheus scrapes the services in `watch`, Grafana and itself', () => {
    expect(jobs(monitor())).toEqual(['db', 'api', 'grafana', 'prometheus']);
  });

  test('Prometheus scrapes the exporter of a service if there is one, and the service itself otherwise', () => {
    expect(targets(monitor())).toEqual(expect.arrayContaining(['db-exporter:9187', 'api:8000']));
  });

  test('each target is a name on the network', () => {
    const terraform = monitor();
    const hosts = Object.values(deployed(terraform)).flatMap((one) => one.aliases);
    for (const target of targets(terraform)) expect(hosts).toContain(target.split(':')[0]);
  });

  test('Grafana and Prometheus are scraped under their aliases', () => {
    const terraform = monitor({ prometheus: { aliases: ['metrics'] }, grafana: { aliases: ['screens'] } });
    expect(targets(terraform)).toEqual(expect.arrayContaining(['screens:3000', 'metrics:9090']));
  });

  test('an empty `watch` still monitors Grafana and Prometheus', () => {
    const terraform = synthesize((stack) => new MonitoringStack(stack, 'monitoring', { watch: [] }));
    expect(jobs(terraform)).toEqual(['grafana', 'prometheus']);
  });

  test('an exporter has the environment that its service defines', () => {
    expect(deployedAs(monitor(), 'desk-db-exporter').environment).toEqual({ DATA_SOURCE_URI: 'db:5432/desk' });
  });

  test('an exporter starts after its service', () => {
    expect(deployedAs(monitor(), 'desk-db-exporter').dependsOn).toEqual([expect.stringMatching(/\.desk-db$/)]);
  });

  test('each exporter has the options in `exporters`', () => {
    const resources = { memory: Size.mebibytes(64), cpus: Cpu.millis(100) };
    expect(deployedAs(monitor({ exporters: { resources } }), 'desk-db-exporter').memoryBytes).toBe(64 * 1024 ** 2);
  });

  test('Prometheus does not wait for the services that it scrapes', () => {
    expect(deployedAs(monitor(), 'desk-prometheus').dependsOn).toEqual([]);
  });

  test('Grafana waits for Prometheus only', () => {
    expect(deployedAs(monitor(), 'desk-grafana').dependsOn).toEqual([expect.stringContaining('prometheus')]);
  });

  test('each panel queries a job that Prometheus scrapes', () => {
    const terraform = monitor();
    const known = jobs(terraform);
    const shown = panelsOf(terraform).flatMap(({ targets: queries = [] }) =>
      queries.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job)),
    );
    expect(shown).not.toHaveLength(0);
    for (const job of shown) expect(known).toContain(job);
  });

  test('each job has a stat panel that shows whether it is up', () => {
    const terraform = monitor();
    const stats = panelsOf(terraform, 'overview').filter(({ type }) => type === 'stat');
    expect(stats.map(({ title }) => title)).toEqual([...jobs(terraform), 'Firing alerts']);
  });

  test('each panel uses the data source that Grafana is provisioned with', () => {
    const terraform = monitor();
    const file = deployedAs(terraform, 'desk-grafana').files['/etc/grafana/provisioning/datasources/prometheus.yaml'];
    const { datasources } = parse(file ?? '') as { datasources: { uid: string }[] };
    const panels = panelsOf(terraform).filter(({ type }) => type !== 'row');
    for (const panel of panels) expect(panel.datasource?.uid).toBe(datasources[0]?.uid);
  });
});

describe('MonitoringStack', () => {
  test('a dashboard that no service has panels on is not provisioned', () => {
    const provisioned = (...watched: IMonitored[]): string[] => [
      ...dashboards(synthesizeStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: watched }))).keys(),
    ];
    const order: MetricsPanel = { title: 'Orders', query: 'orders', legend: '', unit: 'ops', dashboard: 'trading' };
    expect(provisioned()).toEqual(['overview', 'performance', 'errors', 'resources']);
    expect(provisioned({ metrics: service('bot', [order]) })).toContain('trading');
  });

  test('rejects a panel on a dashboard that does not exist', () => {
    const panel = { title: 'Orders', query: 'orders', legend: '', unit: 'ops', dashboard: 'orders' } as never;
    expect(() => watch({ metrics: service('bot', [panel]) })).toThrowCode(
      'invalid-value',
      'desk/monitoring: the job bot',
      "'Orders'",
      "'trading'",
    );
  });

  const watch = (...watched: IMonitored[]): MonitoringStack => {
    let monitoring: MonitoringStack | undefined;
    createStack((stack) => (monitoring = new MonitoringStack(stack, 'monitoring', { watch: watched })));
    if (monitoring === undefined) throw new Error('nothing was created');
    return monitoring;
  };

  test('a MonitoringStack belongs to the Terraform stack that it monitors', () => {
    const monitoring = watch();
    expect(TerraformStack.isStack(monitoring)).toBe(false);
    expect(TerraformStack.of(monitoring).node.id).toBe('desk');
  });

  test('Prometheus, Grafana and the exporters are accessible as properties', () => {
    const { prometheus, grafana, exporters } = watch(exported('db'), monitored('api'), exported('redis'));
    expect([prometheus, grafana, ...exporters].map(({ workload }) => workload.spec.name)).toEqual([
      'desk-prometheus',
      'desk-grafana',
      'desk-db-exporter',
      'desk-redis-exporter',
    ]);
  });

  test('rejects a service that is listed twice', () => {
    const database = exported('db');

    expect(() => watch(database, database)).toThrowCode('job-taken', 'desk/monitoring', "'db'", 'once');
  });

  test.each(['prometheus', 'grafana'])('rejects a service with the job name %s', (job) => {
    expect(() => watch(monitored(job))).toThrowCode('job-taken', 'desk/monitoring', `'${job}'`);
  });

  test('rejects an invalid job name', () => {
    expect(() => watch(monitored('the api'))).toThrowCode('invalid-name', 'desk/monitoring', "'the api'");
  });

  test.each<[string, 'missing-option' | 'wrong-type', (stack: TradingStack) => unknown]>([
    ['a job', 'missing-option', (stack) => new Job(stack, 'migrate', { image: Image.fromRegistry('bot:1') })],
    ['an object without metrics', 'missing-option', () => ({})],
    ['undefined', 'wrong-type', () => undefined],
    ['a name', 'wrong-type', () => 'api'],
  ])('rejects %s in `watch`, which only untyped code can pass', (_, code, create) => {
    const failure = (): unknown =>
      createStack((stack) => {
        const watched = [monitored('bot'), create(stack)] as IMonitored[];
        new MonitoringStack(stack, 'monitoring', { watch: watched });
      });

    expect(failure).toThrowCode(code, 'desk/monitoring', 'watch[1]');
  });

  test.each([
    [{ grafana: { adminUsr: 'desk' } }, 'grafana.adminUsr'],
    [{ prometheus: { retension: 5 } }, 'prometheus.retension'],
    [{ exporters: { name: 'exporter' } }, 'exporters.name'],
  ])('rejects the unknown option in %j', (props, option) => {
    const failure = (): unknown =>
      createStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: [], ...props } as never));

    expect(failure).toThrowCode('unknown-option', 'desk/monitoring', option);
  });
});

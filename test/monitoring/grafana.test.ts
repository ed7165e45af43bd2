import { parse } from 'yaml';
import { Volume, Duration, Image, Secret, Size, type TradingStack, Workload } from '../../lib';
import { GrafanaDashboard } from '../../lib/monitoring/grafana/grafana-dashboard';
import { Grafana, type GrafanaOptions } from '../../lib/monitoring/grafana/grafana';
import { Prometheus, type PrometheusOptions } from '../../lib/monitoring/prometheus/prometheus';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { type Deployed, deployedAs } from './fixtures';

const DATA_SOURCES = '/etc/grafana/provisioning/datasources/prometheus.yaml';
const PROVIDERS = '/etc/grafana/provisioning/dashboards/trading.yaml';

function createGrafana(stack: TradingStack, options: GrafanaOptions = {}, metrics: PrometheusOptions = {}): Grafana {
  const prometheus = new Prometheus(stack, 'prometheus', { ...metrics, services: [] });
  return new Grafana(stack, 'grafana', { ...options, prometheus });
}

describe.each(ENGINES)('Grafana on $engineName', ({ createEngine }) => {
  const synthesize = (build: (stack: TradingStack) => void): Terraform =>
    synthesizeStack(build, { engine: createEngine() });
  const deploy = (...given: [Parameters<typeof createGrafana>[1]?, PrometheusOptions?]): Deployed =>
    deployedAs(
      synthesize((stack) => createGrafana(stack, ...given)),
      'desk-grafana',
    );

  test('Grafana has Prometheus as its read-only data source with a fixed uid', () => {
    expect(parse(deploy().files[DATA_SOURCES] ?? '')).toMatchObject({
      apiVersion: 1,
      datasources: [
        { uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090', isDefault: true, editable: false },
      ],
    });
  });

  test('the data source has the alias of Prometheus as its host', () => {
    expect(parse(deploy({}, { aliases: ['metrics'] }).files[DATA_SOURCES] ?? '')).toMatchObject({
      datasources: [{ url: 'http://metrics:9090' }],
    });
  });

  test('the data source knows the scrape interval', () => {
    const { files } = deploy({}, { scrapeInterval: Duration.minutes(1) });
    expect(parse(files[DATA_SOURCES] ?? '')).toMatchObject({ datasources: [{ jsonData: { timeInterval: '1m' } }] });
  });

  test('Grafana reads its dashboards from files and stores no changes to them', () => {
    expect(parse(deploy().files[PROVIDERS] ?? '')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', allowUiUpdates: false, options: { path: '/etc/grafana/dashboards' } }],
    });
  });

  test('Grafana has a file for each dashboard', () => {
    const { files } = deploy({
      dashboards: [GrafanaDashboard.fromModel({ uid: 'desk-risk', title: 'Risk ${limit}' })],
    });
    expect(JSON.parse(files['/etc/grafana/dashboards/desk-risk.json'] ?? '')).toEqual({
      uid: 'desk-risk',
      title: 'Risk ${limit}',
    });
  });

  test('Grafana reads the password of the administrator from a secret file', () => {
    expect(deploy().environment).toMatchObject({
      GF_SECURITY_ADMIN_USER: 'admin',
      GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana_admin_password',
    });
  });

  test('the administrator and the password can be changed', () => {
    const terraform = synthesize((stack) => {
      const adminPassword = Secret.provided(stack, 'desk_password', { description: 'the password of the desk' });
      createGrafana(stack, { adminUser: 'desk', adminPassword });
    });
    expect(deployedAs(terraform, 'desk-grafana').environment).toMatchObject({
      GF_SECURITY_ADMIN_USER: 'desk',
      GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/desk_password',
    });
  });

  test('Grafana allows no anonymous access and makes no connections to the outside', () => {
    expect(deploy().environment).toMatchObject({
      GF_USERS_ALLOW_SIGN_UP: 'false',
      GF_AUTH_ANONYMOUS_ENABLED: 'false',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_NEWS_NEWS_FEED_ENABLED: 'false',
      GF_SECURITY_DISABLE_GRAVATAR: 'true',
      GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    });
  });

  test.each(['GF_INSTALL_PLUGINS', 'GF_PLUGINS_PREINSTALL', 'GF_PLUGINS_PREINSTALL_SYNC'])(
    'Grafana installs plugins that are set in %s',
    (variable) => {
      const { environment } = deploy({ environment: { [variable]: 'grafana-clock-panel' } });
      expect(environment).toMatchObject({ [variable]: 'grafana-clock-panel' });
      expect(environment).not.toHaveProperty('GF_PLUGINS_PREINSTALL_DISABLED');
    },
  );

  test('a variable of the user takes precedence over the hardening', () => {
    expect(deploy({ environment: { GF_AUTH_ANONYMOUS_ENABLED: true } }).environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_USERS_ALLOW_SIGN_UP: 'false',
    });
  });

  test('Grafana stores its data in a volume of the stack', () => {
    expect(deploy().volumes).toMatchObject({ '/var/lib/grafana': 'desk_grafana_data' });
  });

  test('Grafana stores its data in another volume if one is set', () => {
    expect(deploy({ volume: Volume.fromName('dashboards') }).volumes).toMatchObject({
      '/var/lib/grafana': 'dashboards',
    });
  });

  test('Grafana is healthy when its health API answers', () => {
    expect(deploy().probe).toContain('http://$1:3000/api/health');
  });

  test('Grafana runs as the user of its image', () => {
    expect(deploy().user).toBeUndefined();
  });

  test('Grafana starts after Prometheus is healthy', () => {
    expect(deploy().dependsOn).toEqual([expect.stringMatching(/\.desk-prometheus$/)]);
  });

  test('a consumer gets the URL of Grafana and starts after it', () => {
    const terraform = synthesize((stack) => {
      new Workload(stack, 'kiosk', { image: Image.fromRegistry('kiosk:1'), uses: [createGrafana(stack)] });
    });
    expect(deployedAs(terraform, 'desk-kiosk')).toMatchObject({
      environment: { GRAFANA_URL: 'http://grafana:3000' },
      dependsOn: [expect.stringMatching(/\.desk-grafana$/)],
    });
  });
});

describe('the options of Grafana', () => {
  const create =
    (options: object): (() => unknown) =>
    () =>
      createStack((stack) => createGrafana(stack, options));

  test('rejects a memory limit below what Grafana needs', () => {
    expect(create({ resources: { memory: Size.mebibytes(64) } })).toThrowCode(
      'memory-too-small',
      'desk/grafana',
      '64 MiB',
      '128 MiB',
    );
  });

  test('rejects an administrator that is set twice', () => {
    expect(create({ adminUser: 'desk', environment: { GF_SECURITY_ADMIN_USER: 'root' } })).toThrowCode(
      'variable-set-twice',
      'desk/grafana',
      'GF_SECURITY_ADMIN_USER',
    );
  });

  test.each(['GF_SERVER_HTTP_PORT', 'GF_SERVER_PROTOCOL__FILE', 'GF_PATHS_DATA'])(
    'rejects the variable %s, which consumers or the data depend on',
    (variable) => {
      expect(create({ environment: { [variable]: 'x' } })).toThrowCode('reserved-setting', 'desk/grafana', variable);
    },
  );

  test('rejects an unknown option with the most similar one', () => {
    expect(create({ adminpassword: 'secret' })).toThrowCode('unknown-option', 'desk/grafana', "'adminPassword'");
  });

  test('rejects a password that is not a secret without printing it', () => {
    const rejected = create({ adminPassword: 'hunter2' });

    expect(rejected).toThrowCode('wrong-type', 'desk/grafana', 'adminPassword');
    expect(rejected).not.toThrow('hunter2');
  });
});

import { parse } from 'yaml';
import { Volume, Duration, Image, Secret, Size, type TradingStack, Workload } from '../../lib';
import type { Dashboard } from '../../lib/monitoring/dashboard';
import { Grafana, type GrafanaOptions } from '../../lib/monitoring/grafana';
import { Prometheus, type PrometheusOptions } from '../../lib/monitoring/prometheus';
import { createStack, ENGINES, synthesizeStack, type Terraform } from '../setup/synthesize';
import { type Deployed, deployedAs } from './fixtures';

const DATA_SOURCES = '/etc/grafana/provisioning/datasources/prometheus.yaml';
const PROVIDERS = '/etc/grafana/provisioning/dashboards/trading.yaml';

function createGrafana(
  stack: TradingStack,
  options: GrafanaOptions & { readonly dashboards?: readonly Dashboard[] } = {},
  metrics: PrometheusOptions = {},
): Grafana {
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

  test('finds Prometheus under a fixed uid, which nobody can edit', () => {
    expect(parse(deploy().files[DATA_SOURCES] ?? '')).toMatchObject({
      apiVersion: 1,
      datasources: [
        { uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090', isDefault: true, editable: false },
      ],
    });
  });

  test('finds a Prometheus that has another name', () => {
    expect(parse(deploy({}, { aliases: ['metrics'] }).files[DATA_SOURCES] ?? '')).toMatchObject({
      datasources: [{ url: 'http://metrics:9090' }],
    });
  });

  test('knows how far apart the samples are', () => {
    const { files } = deploy({}, { scrapeInterval: Duration.minutes(1) });
    expect(parse(files[DATA_SOURCES] ?? '')).toMatchObject({ datasources: [{ jsonData: { timeInterval: '1m' } }] });
  });

  test('reads its dashboards from files, and keeps no change that is made in the browser', () => {
    expect(parse(deploy().files[PROVIDERS] ?? '')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', allowUiUpdates: false, options: { path: '/etc/grafana/dashboards' } }],
    });
  });

  test('gets a file for each dashboard', () => {
    const { files } = deploy({ dashboards: [{ uid: 'desk-risk', model: { title: 'Risk ${limit}' } }] });
    expect(JSON.parse(files['/etc/grafana/dashboards/desk-risk.json'] ?? '')).toEqual({ title: 'Risk ${limit}' });
  });

  test('reads the password of the administrator from a secret file', () => {
    expect(deploy().environment).toMatchObject({
      GF_SECURITY_ADMIN_USER: 'admin',
      GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana_admin_password',
    });
  });

  test('takes another administrator and another password', () => {
    const terraform = synthesize((stack) => {
      const adminPassword = Secret.provided(stack, 'desk_password', { description: 'the password of the desk' });
      createGrafana(stack, { adminUser: 'desk', adminPassword });
    });
    expect(deployedAs(terraform, 'desk-grafana').environment).toMatchObject({
      GF_SECURITY_ADMIN_USER: 'desk',
      GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/desk_password',
    });
  });

  test('lets nobody in without an account, and tells the outside nothing', () => {
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
    'gets the plugins that somebody names in %s',
    (variable) => {
      const { environment } = deploy({ environment: { [variable]: 'grafana-clock-panel' } });
      expect(environment).toMatchObject({ [variable]: 'grafana-clock-panel' });
      expect(environment).not.toHaveProperty('GF_PLUGINS_PREINSTALL_DISABLED');
    },
  );

  test('can be opened where somebody asks for it', () => {
    expect(deploy({ environment: { GF_AUTH_ANONYMOUS_ENABLED: true } }).environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_USERS_ALLOW_SIGN_UP: 'false',
    });
  });

  test('keeps its data in a volume of the stack', () => {
    expect(deploy().volumes).toMatchObject({ '/var/lib/grafana': 'desk_grafana_data' });
  });

  test('keeps its data in the volume that it is given', () => {
    expect(deploy({ volume: Volume.fromName('dashboards') }).volumes).toMatchObject({
      '/var/lib/grafana': 'dashboards',
    });
  });

  test('is healthy when its own health check says so', () => {
    expect(deploy().probe).toContain('http://127.0.0.1:3000/api/health');
  });

  test('runs as the user of the image', () => {
    expect(deploy().user).toBeUndefined();
  });

  test('starts after Prometheus is healthy', () => {
    expect(deploy().dependsOn).toEqual([expect.stringMatching(/\.desk-prometheus$/)]);
  });

  test('tells a consumer its address, and is healthy before the consumer starts', () => {
    const terraform = synthesize((stack) => {
      new Workload(stack, 'kiosk', { image: Image.fromRegistry('kiosk:1'), uses: [createGrafana(stack)] });
    });
    expect(deployedAs(terraform, 'desk-kiosk')).toMatchObject({
      environment: { GRAFANA_URL: 'http://grafana:3000' },
      dependsOn: [expect.stringMatching(/\.desk-grafana$/)],
    });
  });
});

describe('Grafana fails', () => {
  test('when the memory is too small for it', () => {
    expect(() => createStack((stack) => createGrafana(stack, { resources: { memory: Size.mebibytes(64) } }))).toThrow(
      'the memory limit of 64 MiB is below the 128 MiB that this server needs',
    );
  });

  test('when the administrator is named twice', () => {
    expect(() =>
      createStack((stack) =>
        createGrafana(stack, { adminUser: 'desk', environment: { GF_SECURITY_ADMIN_USER: 'root' } }),
      ),
    ).toThrow('the environment variable GF_SECURITY_ADMIN_USER is set twice');
  });
});

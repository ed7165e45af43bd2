import {
  AppService,
  type GrafanaOptions,
  Image,
  Logging,
  type LogStoreOptions,
  MonitoringStack,
  ScrapeTarget,
  Workload,
} from '../../../lib';
import { synthesizeStack } from '../../setup/synthesize';
import { deployedAs } from '../fixtures';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

interface Linked {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly links?: readonly { readonly title: string; readonly url: string }[];
}

/** A dashboard of a stack with a log store. */
function dashboard(
  name: string,
  logs: LogStoreOptions = {},
  grafana: GrafanaOptions = {},
): Linked & { readonly panels: readonly Linked[] } {
  const terraform = synthesizeStack(
    (stack) => {
      const api = new AppService(stack, 'api', { image });
      const quiet = new Workload(stack, 'quiet', { image, logging: Logging.jsonFile() });
      const target = ScrapeTarget.of(quiet, { port: 9100 });
      new MonitoringStack(stack, 'monitoring', { watch: [api, target], logs, grafana });
    },
    { logging: Logging.logStore() },
  );
  const file = deployedAs(terraform, 'desk-grafana').files[`/etc/grafana/dashboards/desk-${name}.json`] ?? '';
  return JSON.parse(file) as ReturnType<typeof dashboard>;
}

/** The links of a panel, or of the dashboard itself, to log lines. */
function linksOf(linked: Linked | undefined): string[] {
  return (linked?.links ?? []).filter(({ title }) => title === 'Logs').map(({ url }) => url);
}

function parametersOf(url: string): URLSearchParams {
  return new URLSearchParams(url.slice(url.indexOf('#/?') + 3));
}

const RANGE = '_time:[${__from:date:iso}, ${__to:date:iso}]';

test('a service on the overview links to its log lines in the time range of the dashboard', () => {
  const [url = ''] = linksOf(dashboard('overview').panels.find(({ title }) => title === 'api'));
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9428\/select\/vmui\/#\/\?query=/);
  expect(parametersOf(url).get('query')).toBe(`${RANGE} {source="desk/api"}`);
});

test('so does every panel of the service on the dashboards with rows', () => {
  const panels = dashboard('performance').panels.filter(({ targets = [] }) =>
    targets.some(({ expr }) => expr.includes('{job="api"')),
  );
  expect(panels.length).toBeGreaterThan(1);
  for (const panel of panels) {
    expect(parametersOf(linksOf(panel)[0] ?? '').get('query')).toBe(`${RANGE} {source="desk/api"}`);
  }
});

test('every dashboard links to the log lines of all services', () => {
  for (const name of ['overview', 'performance', 'errors', 'resources']) {
    const urls = linksOf(dashboard(name));
    expect([name, ...urls.map((url) => parametersOf(url).get('query'))]).toEqual([
      name,
      `${RANGE} {source=~"desk/.*"}`,
    ]);
  }
});

test('Prometheus and Grafana, which log to the store, are linked; what does not is not', () => {
  const { panels } = dashboard('overview');
  const linked = panels.filter((panel) => linksOf(panel).length > 0).map(({ title }) => title);
  expect(linked.sort()).toEqual(['api', 'grafana', 'prometheus']);
  expect(panels.map(({ title }) => title)).toEqual(expect.arrayContaining(['quiet', 'logstore']));
});

test.each([
  ['linked', Logging.logStore({ maximumFiles: 5 }), 1],
  ['not linked', Logging.jsonFile(), 0],
])('a Grafana with a `logging` of its own is %s', (_what, logging, links) => {
  const { panels } = dashboard('overview', {}, { logging });
  expect(linksOf(panels.find(({ title }) => title === 'grafana'))).toHaveLength(links);
});

test('the links lead to where people open the store', () => {
  const { panels } = dashboard('overview', { externalUrl: 'https://desk.example/logs/' });
  const [url] = linksOf(panels.find(({ title }) => title === 'api'));
  expect(url).toMatch(/^https:\/\/desk\.example\/logs\/select\/vmui\/#\//);
});

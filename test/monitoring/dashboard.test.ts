import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { overviewDashboard } from '../../lib/monitoring/grafana/dashboard';
import type { ScrapedService } from '../../lib/monitoring/scraped-service';
import { service } from './fixtures';

interface Model {
  readonly title: string;
  readonly uid: string;
  readonly panels: readonly (Panel | RowPanel)[];
}

/** The model as it is written to the file. */
function overview(services: readonly ScrapedService[], stackName = 'desk'): Model {
  return JSON.parse(JSON.stringify(overviewDashboard(stackName, services).model)) as Model;
}

function titles(model: Model, type: string): (string | undefined)[] {
  return model.panels.filter((panel) => panel.type === type).map((panel) => panel.title);
}

function many(count: number): ScrapedService[] {
  return Array.from({ length: count }, (_, index) => service(`service_${index}`));
}

describe('the overview dashboard', () => {
  test('the dashboard is named after the stack', () => {
    expect(overview([])).toMatchObject({ title: 'desk overview', uid: 'desk-overview' });
  });

  test.each(['d', 'desk.eu-1', 'a-stack-with-a-name-that-is-as-long-as-docker-allows-it-to-be-63'])(
    'the uid is valid in Grafana for the stack %s',
    (stackName) => {
      expect(overview([], stackName).uid).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
    },
  );

  test('each query has a name, without which Grafana shows no data', () => {
    const targets = overview([service('api'), service('db')]).panels.flatMap((panel) =>
      'targets' in panel ? (panel.targets ?? []) : [],
    );
    expect(targets).toHaveLength(6);
    expect(targets).toEqual(targets.map(() => expect.objectContaining({ refId: 'A' }) as unknown));
  });

  test('a stat panel shows whether each service is up', () => {
    const model = overview([service('api'), service('db')]);
    expect(titles(model, 'stat')).toEqual(['api', 'db']);
    expect(model.panels).toContainEqual(
      expect.objectContaining({ title: 'db', targets: [expect.objectContaining({ expr: 'up{job="db"}' })] }),
    );
  });

  test('each service has a row below the row of stat panels', () => {
    expect(titles(overview([service('api'), service('db')]), 'row')).toEqual(['Services', 'api', 'db']);
  });

  test('a service without panels has no row', () => {
    expect(titles(overview([service('api', []), service('db')]), 'row')).toEqual(['Services', 'db']);
  });

  test('a panel of a service queries the job of that service', () => {
    const panel = { title: 'Orders', query: 'rate(orders{job="$job"}[5m])', legend: '{{side}}', unit: 'ops' };
    expect(overview([service('api', [panel])]).panels).toContainEqual(
      expect.objectContaining({
        title: 'Orders',
        fieldConfig: expect.objectContaining({
          defaults: expect.objectContaining({ unit: 'ops' }) as unknown,
        }) as unknown,
        targets: [expect.objectContaining({ expr: 'rate(orders{job="api"}[5m])', legendFormat: '{{side}}' })],
      }),
    );
  });

  test('$job is replaced everywhere in a query', () => {
    const panel = { title: 'Share', query: 'a{job="$job"} / b{job="$job"}', legend: '', unit: 'percentunit' };
    expect(overview([service('api', [panel])]).panels).toContainEqual(
      expect.objectContaining({ targets: [expect.objectContaining({ expr: 'a{job="api"} / b{job="api"}' })] }),
    );
  });

  test("Grafana's own variables are kept in a query", () => {
    const panel = { title: 'Rate', query: 'rate(a{job="$job"}[$__rate_interval]) > $jobs', legend: '', unit: 'ops' };
    expect(overview([service('api', [panel])]).panels).toContainEqual(
      expect.objectContaining({
        targets: [expect.objectContaining({ expr: 'rate(a{job="api"}[$__rate_interval]) > $jobs' })],
      }),
    );
  });

  test('a graph has a legend', () => {
    expect(overview([service('api')]).panels).toContainEqual(
      expect.objectContaining({
        type: 'timeseries',
        options: expect.objectContaining({
          legend: expect.objectContaining({ showLegend: true }) as unknown,
        }) as unknown,
      }),
    );
  });

  test('each panel has a unique id', () => {
    const ids = overview(many(9)).panels.map((panel) => panel.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  test.each([1, 5, 6, 7, 13])('the panels of %d services do not overlap', (count) => {
    const cells = overview(many(count)).panels.flatMap((panel) => cellsOf(panel));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(',')[0]) < 24)).toBe(true);
  });

  test('the dashboard is deterministic', () => {
    expect(overview(many(3))).toEqual(overview(many(3)));
  });
});

function cellsOf({ gridPos }: Panel | RowPanel): string[] {
  const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
}

import { Duration, type MetricsPanel } from '../../lib';
import type { DashboardBuilder } from '../../lib/monitoring/grafana/dashboards/dashboard';
import { overview } from '../../lib/monitoring/grafana/dashboards/overview';
import { errors, performance, resources, trading } from '../../lib/monitoring/grafana/dashboards/service-rows';
import type { ScrapedService } from '../../lib/monitoring/scraped-service';
import { type DashboardModel, type DashboardPanel, service } from './fixtures';

/** The model as it is written to the file. */
function modelOf(build: DashboardBuilder, services: readonly ScrapedService[], stackName = 'desk'): DashboardModel {
  const dashboard = build({ stackName, services, logs: undefined });
  if (dashboard === undefined) throw new Error('there is no such dashboard');
  return JSON.parse(JSON.stringify(dashboard.model)) as DashboardModel;
}

function titles(model: DashboardModel, type: string): string[] {
  return model.panels.filter((panel) => panel.type === type).map((panel) => panel.title);
}

/** Titles with the queries below them. */
function queries(model: DashboardModel): (readonly string[])[] {
  return model.panels.flatMap(({ title, targets }) =>
    targets === undefined ? [] : [[title, ...targets.map(({ expr }) => expr)]],
  );
}

function many(count: number): ScrapedService[] {
  return Array.from({ length: count }, (_, index) => service(`service_${index}`));
}

const ORDERS: MetricsPanel = {
  title: 'Orders',
  query: 'rate(orders{job="$job"}[$__rate_interval])',
  legend: '{{side}}',
  unit: 'ops',
};

describe.each([
  ['overview', overview, 'Trading System Overview'],
  ['performance', performance, 'Service Performance'],
  ['errors', errors, 'Error Rates'],
  ['resources', resources, 'Resource Usage'],
  ['trading', trading, 'Trading'],
] as const)('the dashboard %s', (dashboard, build, title) => {
  const shown = (job: string, panels: readonly MetricsPanel[] = [ORDERS]): ScrapedService =>
    service(
      job,
      panels.map((panel) => ({ ...panel, dashboard })),
    );

  test('the dashboard has a title, and a uid from the name of the stack', () => {
    expect(modelOf(build, [shown('api')])).toMatchObject({ title, uid: `desk-${dashboard}` });
  });

  test.each(['d', 'desk.eu-1', 'a-stack-with-a-name-that-is-as-long-as-docker-allows-it-to-be-63'])(
    'the uid is valid in Grafana for the stack %s',
    (stackName) => {
      expect(modelOf(build, [shown('api')], stackName).uid).toMatch(/^[A-Za-z0-9_-]{1,40}$/);
    },
  );

  test('a panel queries the job of its service', () => {
    expect(modelOf(build, [shown('api')]).panels).toContainEqual(
      expect.objectContaining({
        title: 'Orders',
        fieldConfig: expect.objectContaining({
          defaults: expect.objectContaining({ unit: 'ops' }) as unknown,
        }) as unknown,
        targets: [
          expect.objectContaining({ expr: 'rate(orders{job="api"}[$__rate_interval])', legendFormat: '{{side}}' }),
        ],
      }),
    );
  });

  test("$job is replaced everywhere, but Grafana's own variables are kept", () => {
    const query = 'a{job="$job"} / b{job="$job"} > $jobs + $__interval';
    const model = modelOf(build, [shown('api', [{ ...ORDERS, query, legend: 'of $job' }])]);
    expect(model.panels).toContainEqual(
      expect.objectContaining({
        title: 'Orders',
        targets: [
          expect.objectContaining({
            expr: 'a{job="api"} / b{job="api"} > $jobs + $__interval',
            legendFormat: 'of api',
          }),
        ],
      }),
    );
  });

  test('the queries of a panel have different names, without which Grafana shows no data', () => {
    const services = Array.from({ length: 30 }, (_, index) => shown(`service_${index}`));
    for (const panel of modelOf(build, services).panels) {
      const names = panel.targets?.map(({ refId }) => refId) ?? [];
      expect(names).not.toContain(undefined);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('rates of a service with a scrape interval of its own follow that interval', () => {
    const slow = shown('api');
    const target = { ...slow.target, scrape: { interval: Duration.minutes(5) } };
    const panels = (services: ScrapedService[]) =>
      modelOf(build, services).panels.filter((panel) => panel.title === 'Orders');
    expect(panels([{ ...slow, target }])).toEqual([
      expect.objectContaining({ targets: [expect.objectContaining({ interval: '5m' })] }),
    ]);
    expect(JSON.stringify(panels([slow]))).not.toContain('"interval"');
  });

  test('a graph has a legend', () => {
    expect(modelOf(build, [shown('api')]).panels).toContainEqual(
      expect.objectContaining({
        type: 'timeseries',
        options: expect.objectContaining({
          legend: expect.objectContaining({ showLegend: true }) as unknown,
        }) as unknown,
      }),
    );
  });

  test('each panel has a unique id', () => {
    const services = Array.from({ length: 9 }, (_, index) => shown(`service_${index}`));
    const ids = modelOf(build, services).panels.map((panel) => panel.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(undefined);
  });

  test.each([1, 5, 6, 7, 13])('the panels of %d services do not overlap', (count) => {
    const services = Array.from({ length: count }, (_, index) => shown(`service_${index}`));
    const cells = modelOf(build, services).panels.flatMap((panel) => cellsOf(panel));
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.every((cell) => Number(cell.split(',')[0]) < 24)).toBe(true);
  });

  test('the dashboard is deterministic', () => {
    expect(modelOf(build, [shown('api'), shown('db')])).toEqual(modelOf(build, [shown('api'), shown('db')]));
  });
});

describe('the overview', () => {
  test('a stat panel shows whether each service is up, and another one how many alerts fire', () => {
    const model = modelOf(overview, [service('api'), service('db')]);
    expect(titles(model, 'stat')).toEqual(['api', 'db', 'Firing alerts']);
    expect(queries(model)).toContainEqual(['db', 'up{job="db"}']);
  });

  test('panels with the same title and unit are one graph, with a query for each service', () => {
    const panel: MetricsPanel = {
      title: 'Load',
      query: 'load{job="$job"}',
      legend: '$job',
      unit: 's',
      dashboard: 'overview',
    };
    const model = modelOf(overview, [
      service('api', [panel]),
      service('db', [{ ...panel, unit: 'bytes' }]),
      service('bot', [panel]),
    ]);
    expect(queries(model).filter(([title]) => title === 'Load')).toEqual([
      ['Load', 'load{job="api"}', 'load{job="bot"}'],
      ['Load', 'load{job="db"}'],
    ]);
  });

  test('the panels of other dashboards are not on it', () => {
    expect(titles(modelOf(overview, [service('api')]), 'timeseries')).toEqual(['Restarts within an hour']);
  });
});

describe('the dashboards with a row for each service', () => {
  test('a service without panels on a dashboard has no row there', () => {
    const services = [service('api', []), service('db'), service('bot', [{ ...ORDERS, dashboard: 'errors' }])];
    expect(titles(modelOf(performance, services), 'row')).toEqual(['db']);
    expect(titles(modelOf(errors, services), 'row')).toEqual(['bot']);
  });

  test('a dashboard without panels does not exist', () => {
    expect(trading({ stackName: 'desk', services: many(3), logs: undefined })).toBeUndefined();
  });

  test('a panel that names no dashboard is on Service Performance', () => {
    expect(queries(modelOf(performance, [service('api', [ORDERS])]))).toEqual([
      ['Orders', 'rate(orders{job="api"}[$__rate_interval])'],
    ]);
  });
});

function cellsOf({ gridPos }: DashboardPanel): string[] {
  const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
}

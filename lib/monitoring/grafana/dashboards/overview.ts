import type { MetricsPanel } from '../../../workload/connections/monitored';
import type { ScrapedService } from '../../scraped-service';
import { type DashboardBuilder, dashboardOf, linkedToLogs } from './dashboard';
import { countPanel, graphPanel, queryOf, queryOfAll, upPanel } from './panels';

/** Whether each service is up, then the panels that compare them. */
export const overview: DashboardBuilder = (monitored) => {
  const { services, logs } = monitored;
  const up = services.map((service) =>
    linkedToLogs(upPanel(service.job, queryOf(service, service.upQuery, '{{instance}}')), logs, service),
  );
  // While no alert fires, there is no such series. A watchdog always fires.
  const firing = queryOfAll('sum(ALERTS{alertstate="firing",alertname!="Watchdog"}) or vector(0)', 'alerts');
  const restarts = queryOfAll('sum by (job) (changes(process_start_time_seconds[1h]))', '{{job}}');
  return dashboardOf(monitored, 'overview', 'Trading System Overview', [
    { title: 'Services', panels: [...up, countPanel('Firing alerts', firing)] },
    {
      title: 'All services',
      panels: [
        ...comparisons(services).map(({ title, unit, of }) =>
          graphPanel(
            title,
            unit,
            of.map(({ service, query, legend }, index) => queryOf(service, query, legend, index)),
          ),
        ),
        graphPanel('Restarts within an hour', 'short', [restarts]),
      ],
    },
  ]);
};

/** One graph, with a query for each service. */
interface Comparison {
  readonly title: string;
  readonly unit: string;
  readonly of: (MetricsPanel & { readonly service: ScrapedService })[];
}

function comparisons(services: readonly ScrapedService[]): Comparison[] {
  const found = new Map<string, Comparison>();
  for (const service of services) {
    for (const panel of service.panels.filter(({ dashboard }) => dashboard === 'overview')) {
      const { title, unit } = panel;
      const key = JSON.stringify([title, unit]);
      const comparison = found.get(key) ?? { title, unit, of: [] };
      found.set(key, comparison);
      comparison.of.push({ ...panel, service });
    }
  }
  return [...found.values()];
}

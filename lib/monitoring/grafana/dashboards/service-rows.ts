import type { DashboardName } from '../../../workload/connections/monitored';
import { type DashboardBuilder, dashboardOf, linkedToLogs } from './dashboard';
import { graphPanel, queryOf } from './panels';

/** A dashboard with a row for each service that has panels on it. */
function serviceRows(name: DashboardName, title: string): DashboardBuilder {
  return (monitored) => {
    const { services, logs } = monitored;
    const rows = services.flatMap((service) => {
      const panels = service.panels.filter(({ dashboard = 'performance' }) => dashboard === name);
      if (panels.length === 0) return [];
      return {
        title: service.job,
        panels: panels.map((panel) =>
          linkedToLogs(
            graphPanel(panel.title, panel.unit, [queryOf(service, panel.query, panel.legend)]),
            logs,
            service,
          ),
        ),
      };
    });
    return rows.length === 0 ? undefined : dashboardOf(monitored, name, title, rows);
  };
}

/** What the services do, and how fast. */
export const performance = serviceRows('performance', 'Service Performance');

/** What fails. */
export const errors = serviceRows('errors', 'Error Rates');

/** CPU, memory, disks and connections. */
export const resources = serviceRows('resources', 'Resource Usage');

/** Prices, signals, risk and orders. */
export const trading = serviceRows('trading', 'Trading');

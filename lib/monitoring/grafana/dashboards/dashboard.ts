import * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardName } from '../../../workload/connections/monitored';
import type { LogLinks } from '../../logs/log-links';
import type { ScrapedService } from '../../scraped-service';

/** A dashboard that this library builds. */
export interface Dashboard {
  /** Part of the dashboard's URL and its file name: at most 40 letters, digits, `-` and `_`. */
  readonly uid: string;
  /** The JSON model: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
  readonly model: object;
}

/** What dashboards are about. */
export interface Monitored {
  readonly stackName: string;
  readonly services: readonly ScrapedService[];
  /** `undefined` without a log store. */
  readonly logs: LogLinks | undefined;
}

/** Builds a dashboard of the monitored services, or none if they have nothing to show on it. */
export type DashboardBuilder = (monitored: Monitored) => Dashboard | undefined;

/** A row, and the panels below it. */
export interface Row {
  readonly title: string;
  readonly panels: readonly (StatPanel | TimeSeriesPanel)[];
}

/** A dashboard of rows. */
export function dashboardOf(
  { stackName, logs }: Monitored,
  name: DashboardName,
  title: string,
  rows: readonly Row[],
): Dashboard {
  const uid = dashboardUid(stackName, name);
  const dashboard = startDashboard(uid, title);
  if (logs !== undefined) dashboard.link(logsLink(logs.ofStack));
  let id = 0;
  for (const row of rows) {
    dashboard.withRow(new sdk.RowBuilder(row.title).id(++id));
    for (const panel of row.panels) dashboard.withPanel(panel.id(++id));
  }
  return { uid, model: dashboard.build() };
}

/** A panel about a service, with a link to its log lines if they are stored. */
export function linkedToLogs<Panel extends StatPanel | TimeSeriesPanel>(
  panel: Panel,
  logs: LogLinks | undefined,
  { job }: ScrapedService,
): Panel {
  const url = logs?.ofJob(job);
  if (url !== undefined) panel.links([logsLink(url)]);
  return panel;
}

function logsLink(url: string): sdk.DashboardLinkBuilder {
  return new sdk.DashboardLinkBuilder('Logs').type(sdk.DashboardLinkType.Link).url(url).targetBlank(true);
}

/** `mt5-overview`: stable between deploys, so links to a dashboard stay valid. */
function dashboardUid(stackName: string, name: string): string {
  // Grafana's limit: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#identifier-id-vs-unique-identifier-uid
  const room = 40 - name.length - 1;
  return `${stackName.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room)}-${name}`;
}

const TAG = 'trading';

// Deprecated in favour of version 2 of the schema. Version 1 is what every Grafana reads from files, and what users get
// when they export a dashboard.
// eslint-disable-next-line @typescript-eslint/no-deprecated
function startDashboard(uid: string, title: string): sdk.DashboardBuilder {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return new sdk.DashboardBuilder(title)
    .uid(uid)
    .tags([TAG])
    .link(
      new sdk.DashboardLinkBuilder('Dashboards')
        .type(sdk.DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true),
    )
    .readonly()
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(sdk.DashboardCursorSync.Crosshair);
}

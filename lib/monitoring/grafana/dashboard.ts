import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { MetricsPanel } from '../../workload/connections/monitored';
import type { ScrapedService } from '../scraped-service';

/** A dashboard that this library builds. */
export interface Dashboard {
  /** Part of the dashboard's URL and its file name: at most 40 letters, digits, `-` and `_`. */
  readonly uid: string;
  /** The JSON model: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
  readonly model: object;
}

/** Builds a dashboard of the monitored services. */
export type DashboardBuilder = (stackName: string, services: readonly ScrapedService[]) => Dashboard;

/** The data source of every panel. Grafana is provisioned with it. */
export const DATA_SOURCE = { type: 'prometheus', uid: 'prometheus' };

// Grafana's grid is 24 columns wide, so these widths fill whole lines.
const STAT_SIZE = { width: 4, height: 4 };
const GRAPH_SIZE = { width: 8, height: 8 };

/** The overview: whether each service is up, then a row with the panels of each service. */
export const overviewDashboard: DashboardBuilder = (stackName, services) => {
  const uid = dashboardUid(stackName, 'overview');
  const nextId = counter();
  const overview = startDashboard(uid, `${stackName} overview`);
  overview.withRow(new dashboard.RowBuilder('Services').id(nextId()));
  for (const { job, upQuery: up } of services) overview.withPanel(upPanel(job, up).id(nextId()));
  for (const { job, panels } of services) {
    if (panels.length === 0) continue;
    overview.withRow(new dashboard.RowBuilder(job).id(nextId()));
    for (const panel of panels) overview.withPanel(graphPanel(job, panel).id(nextId()));
  }
  return { uid, model: overview.build() };
};

/** `mt5-overview`: stable between deploys, so links to a dashboard stay valid. */
function dashboardUid(stackName: string, name: string): string {
  // Grafana's limit: https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#identifier-id-vs-unique-identifier-uid
  const room = 40 - name.length - 1;
  return `${stackName.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, room)}-${name}`;
}

// Deprecated in favour of version 2 of the schema. Version 1 is what every Grafana reads from files, and what users get
// when they export a dashboard.
// eslint-disable-next-line @typescript-eslint/no-deprecated
function startDashboard(uid: string, title: string): dashboard.DashboardBuilder {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags(['trading'])
    .readonly()
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair);
}

function upPanel(job: string, up: string): StatPanel {
  return new StatPanel()
    .title(job)
    .datasource(DATA_SOURCE)
    .withTarget(query(forJob(up, job), '{{instance}}').instant())
    .span(STAT_SIZE.width)
    .height(STAT_SIZE.height)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background)
    .mappings([
      {
        type: dashboard.MappingType.ValueToText,
        options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
      },
    ]);
}

function graphPanel(job: string, panel: MetricsPanel): TimeSeriesPanel {
  return new TimeSeriesPanel()
    .title(panel.title)
    .datasource(DATA_SOURCE)
    .withTarget(query(forJob(panel.query, job), panel.legend))
    .unit(panel.unit)
    .legend(
      // The builder's default hides the names of the series.
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi))
    .span(GRAPH_SIZE.width)
    .height(GRAPH_SIZE.height);
}

function query(expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').datasource(DATA_SOURCE).expr(expression).legendFormat(legend);
}

/** Replaces `$job` by the job's name, but not Grafana's variables such as `$job_name`. */
function forJob(query: string, job: string): string {
  return query.replace(/\$job\b/g, job);
}

function counter(): () => number {
  let last = 0;
  return () => ++last;
}

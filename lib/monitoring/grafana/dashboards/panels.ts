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
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { prometheusDuration } from '../../prometheus/scrape-configuration';
import type { ScrapedService } from '../../scraped-service';
import { DATA_SOURCE } from '../data-source';

// Grafana's grid is 24 columns wide, so these widths fill whole lines.
const STAT_SIZE = { width: 4, height: 4 };
const GRAPH_SIZE = { width: 8, height: 8 };

/** Whether something is up: a query that is 1 or 0. */
export function upPanel(title: string, query: DataqueryBuilder): StatPanel {
  return statPanel(title, query).mappings([
    {
      type: MappingType.ValueToText,
      options: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
    },
  ]);
}

/** A number that should be 0. */
export function countPanel(title: string, query: DataqueryBuilder): StatPanel {
  const steps = [
    { value: null, color: 'green' },
    { value: 1, color: 'red' },
  ];
  return statPanel(title, query).thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
}

function statPanel(title: string, query: DataqueryBuilder): StatPanel {
  return new StatPanel()
    .title(title)
    .datasource(DATA_SOURCE)
    .withTarget(query.instant())
    .span(STAT_SIZE.width)
    .height(STAT_SIZE.height)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Background);
}

/** A graph with the series of all queries. */
export function graphPanel(title: string, unit: string, queries: readonly DataqueryBuilder[]): TimeSeriesPanel {
  const panel = new TimeSeriesPanel()
    .title(title)
    .datasource(DATA_SOURCE)
    .unit(unit)
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
  for (const query of queries) panel.withTarget(query);
  return panel;
}

/** A query about all services. */
export function queryOfAll(expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').datasource(DATA_SOURCE).expr(expression).legendFormat(legend);
}

/** A query about one service; several of one panel differ in their `index`. */
export function queryOf(
  { job, target }: ScrapedService,
  expression: string,
  legend: string,
  index = 0,
): DataqueryBuilder {
  const query = queryOfAll(forJob(expression, job), forJob(legend, job)).refId(refId(index));
  const interval = target.scrape?.interval;
  // Grafana derives `$__rate_interval` from it; otherwise from the interval in the data source.
  return interval === undefined ? query : query.interval(prometheusDuration(interval));
}

/** Replaces `$job` by the job's name, but not Grafana's variables such as `$job_name`. */
function forJob(text: string, job: string): string {
  return text.replace(/\$job\b/g, job);
}

/** `A` to `Z`, then `A1` and so on: Grafana tells the queries of a panel apart by it. */
function refId(index: number): string {
  const letter = String.fromCharCode('A'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
}

import type { Construct } from 'constructs';
import { type OptionShapes, each, required } from '../../options/options';
import type { IConnectable } from './connection';
import type { MetricsAlert } from './metrics-alert';
import type { HealthCheck } from '../health/health-check';
import type { Image } from '../images/image';
import { Secret } from '../secrets/secret';
import { Duration } from '../units/duration';

/** Something that monitoring can watch: it declares where its metrics are, which of them to show, and what is alarming. */
export interface IMonitored {
  readonly metrics: MetricsSource;
}

/** Where the metrics of a service come from, and which of them to show. */
export interface MetricsSource {
  /** Name of the Prometheus job, and of the rows on the dashboards: the service's id. */
  readonly job: string;
  readonly target: MetricsEndpoint | MetricsExporter;
  /** PromQL that is 1 while the service works; `$job` is replaced by the name of the job. */
  readonly upQuery: string;
  /** The graphs of its rows on the dashboards, in this order. */
  readonly panels: readonly MetricsPanel[];
  /**
   * What people must know about, in addition to that it is down or keeps restarting. An alert of the same name replaces
   * one of these two.
   * @default - none
   */
  readonly alerts?: readonly MetricsAlert[];
}

/** PromQL that is 1 while Prometheus can read the metrics of a job. */
export const UP = 'up{job="$job"}';

/** The metrics of a service that serves them itself, at `/metrics`. */
export function ownMetrics(
  job: string,
  address: { readonly host: string; readonly port: number },
  panels: readonly MetricsPanel[],
  alerts: readonly MetricsAlert[] = [],
): MetricsSource & { readonly target: MetricsEndpoint } {
  return { job, target: { kind: 'endpoint', ...address, path: '/metrics' }, upQuery: UP, panels, alerts };
}

/** The service serves its metrics itself. */
export interface MetricsEndpoint {
  readonly kind: 'endpoint';
  /** Name on the stack's network. */
  readonly host: string;
  readonly port: number;
  /** Path of the metrics: `/metrics`. */
  readonly path: string;
  /**
   * How many instances answer to the host name, each with metrics of its own.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * How Prometheus asks for them.
   * @default - over HTTP, at the scrape interval of Prometheus
   */
  readonly scrape?: ScrapeOptions;
}

/**
 * How Prometheus scrapes one endpoint.
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config
 */
export interface ScrapeOptions {
  /** @default 'http' */
  readonly scheme?: 'http' | 'https';
  /** @default - the scrape interval of Prometheus */
  readonly interval?: Duration;
  /**
   * How long a scrape may take, at most the interval.
   * @default - Prometheus' own, 10 seconds or the interval if that is shorter
   */
  readonly timeout?: Duration;
  /**
   * The format to read if the answer has no Content-Type, or one that Prometheus does not know, which Prometheus 3
   * refuses otherwise. Most programs write `PrometheusText0.0.4`. Prometheus 2 does not know this setting.
   * @default - such an answer is refused
   */
  readonly fallbackScrapeProtocol?: ScrapeProtocol;
  /**
   * Parameters of the query: `{ collect: 'cpu' }` for `?collect=cpu`.
   * @default - none
   */
  readonly params?: Readonly<Record<string, string>>;
  /**
   * Labels of every series.
   * @default - `job` and `instance` only
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Sent as `Authorization: Bearer …`.
   * @default - none
   */
  readonly bearerToken?: Secret;
  /**
   * Sent as `Authorization: Basic …`.
   * @default - none
   */
  readonly basicAuth?: BasicAuth;
}

/** A user name and a password for HTTP. */
export interface BasicAuth {
  readonly username: string;
  readonly password: Secret;
}

/** A format of metrics, as Prometheus names it. */
export type ScrapeProtocol =
  'PrometheusProto' | 'OpenMetricsText0.0.1' | 'OpenMetricsText1.0.0' | 'PrometheusText0.0.4' | 'PrometheusText1.0.0';

/** How {@link ScrapeOptions} are checked. */
export const SCRAPE_OPTIONS: OptionShapes<ScrapeOptions> = {
  scheme: 'string',
  interval: Duration,
  timeout: Duration,
  fallbackScrapeProtocol: 'string',
  params: each('string'),
  labels: each('string'),
  bearerToken: Secret,
  basicAuth: { username: required('string'), password: required(Secret) },
};

/** A separate program queries the service and serves its metrics; monitoring runs it in the stack. */
export interface MetricsExporter {
  readonly kind: 'exporter';
  readonly image: Image;
  readonly port: number;
  /** Path of the metrics: `/metrics`. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Creates them in the scope of the exporter, so that a service which is not monitored has none of them. */
  readonly secrets: (exporter: Construct) => Readonly<Record<string, Secret>>;
  readonly uses: readonly IConnectable[];
  /** @default - that of the image */
  readonly command?: readonly string[];
  /**
   * Machines of a Swarm that it runs on, one instance on each.
   * @default - one instance
   */
  readonly nodes?: number;
  /** @default - none: the images of many exporters contain no program that can probe */
  readonly healthCheck?: HealthCheck;
}

/**
 * A dashboard of a stack: Trading System Overview, Service Performance, Error Rates, Resource Usage or Trading. On the
 * overview, panels with the same title and unit are one graph, with the lines of all services.
 */
export type DashboardName = 'overview' | 'performance' | 'errors' | 'resources' | 'trading';

/** One graph. */
export interface MetricsPanel {
  readonly title: string;
  /**
   * PromQL; `$job` is replaced by the name of the job. A rate needs a window that contains several scrapes:
   * `$__rate_interval` is at least four scrape intervals, and follows the zoom of the graph.
   */
  readonly query: string;
  /** Name of one series, with Prometheus labels in double braces: `{{action}}`. `$job` is replaced here too. */
  readonly legend: string;
  /** Grafana's name for the unit: `short`, `bytes`, `s`, `reqps`, `percentunit`. */
  readonly unit: string;
  /**
   * The dashboard that shows it.
   * @default 'performance'
   */
  readonly dashboard?: DashboardName;
}

/** Panels of a process whose metrics are those of Prometheus' client libraries. */
export const PROCESS_PANELS: readonly MetricsPanel[] = [
  {
    title: 'CPU (cores)',
    query: 'rate(process_cpu_seconds_total{job="$job"}[$__rate_interval])',
    legend: '{{instance}}',
    unit: 'short',
    dashboard: 'resources',
  },
  {
    title: 'Memory',
    query: 'process_resident_memory_bytes{job="$job"}',
    legend: '{{instance}}',
    unit: 'bytes',
    dashboard: 'resources',
  },
];

/** Shown for the roles that work without being asked, and go on after a failure. */
export const FAILURES_PANEL: MetricsPanel = {
  title: 'Failures',
  query: 'sum by (work) (rate(failures_total{job="$job"}[$__rate_interval]))',
  legend: '{{work}}',
  unit: 'ops',
  dashboard: 'errors',
};

/** How {@link MetricsPanel} is checked. */
export const PANEL_OPTIONS: OptionShapes<MetricsPanel> = {
  title: required('string'),
  query: required('string'),
  legend: required('string'),
  unit: required('string'),
  dashboard: 'string',
};

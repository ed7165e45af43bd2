import type { Construct } from 'constructs';
import type { IConnectable } from './connection';
import type { HealthCheck } from '../health/health-check';
import type { Image } from '../images/image';
import type { Secret } from '../secrets/secret';

/** Something that monitoring can watch: it declares where its metrics are and which of them to show. */
export interface IMonitored {
  readonly metrics: MetricsSource;
}

/** Where the metrics of a service come from, and which of them to show. */
export interface MetricsSource {
  /** Name of the Prometheus job, and of the row on the dashboard: the service's id. */
  readonly job: string;
  readonly target: MetricsEndpoint | MetricsExporter;
  /** PromQL that is 1 while the service works; `$job` is replaced by the name of the job. */
  readonly upQuery: string;
  /** The graphs of its row on the dashboard, in this order. */
  readonly panels: readonly MetricsPanel[];
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
}

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
  /** @default - none: the images of many exporters contain no program that can probe */
  readonly healthCheck?: HealthCheck;
}

/** One graph. */
export interface MetricsPanel {
  readonly title: string;
  /** PromQL; `$job` is replaced by the name of the job. */
  readonly query: string;
  /** Name of one series, with Prometheus labels in double braces: `{{action}}`. */
  readonly legend: string;
  /** Grafana's name for the unit: `short`, `bytes`, `s`, `reqps`, `percentunit`. */
  readonly unit: string;
}

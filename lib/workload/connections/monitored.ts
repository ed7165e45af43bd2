import type { Construct } from 'constructs';
import type { IConnectable } from './connection';
import type { HealthCheck } from '../health/health-check';
import type { Image } from '../images/image';
import type { Secret } from '../secrets/secret';

/** Something that monitoring can watch. It says itself how its metrics are had and which of them matter. */
export interface IMonitored {
  readonly metrics: MetricsSource;
}

/** Where the metrics of a service come from, and what to show of them. */
export interface MetricsSource {
  /** Name of the Prometheus job, and of the row on the dashboard: the service's id. */
  readonly job: string;
  readonly target: MetricsEndpoint | MetricsExporter;
  /** PromQL that is 1 while the service works; `$job` stands for the name of the job. */
  readonly upQuery: string;
  /** What a dashboard shows of it, in this order. */
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
   * How many answer to the name, each with metrics of its own.
   * @default 1
   */
  readonly replicas?: number;
}

/** Another program asks the service and serves the metrics; monitoring runs it beside the service. */
export interface MetricsExporter {
  readonly kind: 'exporter';
  readonly image: Image;
  readonly port: number;
  /** Path of the metrics: `/metrics`. */
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Made where the exporter is, so that there is none for a service which nobody watches. */
  readonly secrets: (exporter: Construct) => Readonly<Record<string, Secret>>;
  readonly uses: readonly IConnectable[];
  /** @default - none: many exporters come in images with no program that could probe */
  readonly healthCheck?: HealthCheck;
}

/** One graph. */
export interface MetricsPanel {
  readonly title: string;
  /** PromQL; `$job` stands for the name of the job. */
  readonly query: string;
  /** What one series is called, with Prometheus labels in double braces: `{{action}}`. */
  readonly legend: string;
  /** Grafana's name of the unit: `short`, `bytes`, `s`, `reqps`, `percentunit`. */
  readonly unit: string;
}

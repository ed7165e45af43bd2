import { Construct } from 'constructs';
import type { Connection, IConnectable } from '../workload/connections/connection';
import { Cpu } from '../workload/units/cpu';
import type { MetricsEndpoint, MetricsExporter } from '../workload/connections/monitored';
import { Size } from '../workload/units/size';
import { Workload } from '../workload/workload';
import type { WorkloadOptions } from '../workload/workload-props';

/** Properties of an {@link Exporter}. */
export interface ExporterProps extends WorkloadOptions {
  /** The program, where it serves the metrics, and what it needs to know of the service. */
  readonly exporter: MetricsExporter;
}

/**
 * A program that asks a service which has no metrics of its own, and serves what it learned to Prometheus.
 *
 * @example
 * new Exporter(stack, 'db_exporter', {
 *   exporter: {
 *     kind: 'exporter',
 *     image: Image.fromRegistry('quay.io/prometheuscommunity/postgres-exporter:v0.20.1'),
 *     port: 9187,
 *     path: '/metrics',
 *     environment: { DATA_SOURCE_URI: 'db:5432/mt5?sslmode=disable', DATA_SOURCE_USER: 'mt5_user' },
 *     secrets: () => ({ DATA_SOURCE_PASS: password }),
 *     uses: [],
 *   },
 * });
 */
export class Exporter extends Construct implements IConnectable {
  readonly workload: Workload;
  /** Where Prometheus finds the metrics. */
  readonly endpoint: MetricsEndpoint;

  /** @throws TradingStackError for anything that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: ExporterProps) {
    super(scope, id);
    const { image, port, path, environment, secrets, uses, healthCheck } = props.exporter;
    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        environment,
        secrets: secrets(this),
        uses,
        defaults: {
          ...(healthCheck && { healthCheck }),
          resources: { cpus: Cpu.millis(250), memory: Size.mebibytes(128) },
          readOnlyRootFilesystem: true,
        },
      },
    );
    this.endpoint = { kind: 'endpoint', host: this.workload.host, port, path };
  }

  /** Start order alone: who uses an exporter starts after it. */
  connection(): Connection {
    return this.workload.connection();
  }
}

import { Construct } from 'constructs';
import { checkOptions, each, type OptionShapes, required } from '../options/options';
import type { Connection, IConnectable } from '../workload/connections/connection';
import { Cpu } from '../workload/units/cpu';
import type { MetricsEndpoint, MetricsExporter } from '../workload/connections/monitored';
import { HealthCheck } from '../workload/health/health-check';
import { Image } from '../workload/images/image';
import { Placement } from '../workload/policies/placement';
import { Size } from '../workload/units/size';
import { Workload } from '../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../workload/workload-props';

/** Properties of an {@link Exporter}. */
export interface ExporterProps extends WorkloadOptions {
  /** The program, the endpoint of its metrics, and how it connects to the service. */
  readonly exporter: MetricsExporter;
}

/** How {@link MetricsExporter} is checked. */
const METRICS_EXPORTER: OptionShapes<MetricsExporter> = {
  kind: required('string'),
  image: required(Image),
  port: required('number'),
  path: required('string'),
  environment: required(each('string')),
  command: ['string'],
  secrets: required('function'),
  uses: required(['object']),
  nodes: 'number',
  healthCheck: HealthCheck,
};

const EXPORTER_PROPS: OptionShapes<ExporterProps> = { ...WORKLOAD_OPTIONS, exporter: required(METRICS_EXPORTER) };

/**
 * Collects the metrics of a service that does not serve any itself, and serves them to Prometheus.
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
  /** The endpoint that Prometheus scrapes. */
  readonly endpoint: MetricsEndpoint;

  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: ExporterProps) {
    super(scope, id);
    checkOptions(props, EXPORTER_PROPS, this.node.path);
    const { image, port, path, environment, secrets, uses, command, nodes = 1, healthCheck } = props.exporter;
    const onEachNode = nodes > 1 && {
      replicas: nodes,
      placement: [...(props.placement ?? []), Placement.replicasPerNode(1)],
    };
    this.workload = new Workload(
      this,
      'Default',
      { ...props, ...onEachNode, image },
      {
        environment,
        secrets: secrets(this),
        uses,
        defaults: {
          ...(command && { command }),
          ...(healthCheck && { healthCheck }),
          resources: { cpus: Cpu.millis(250), memory: Size.mebibytes(128) },
          readOnlyRootFilesystem: true,
        },
      },
    );
    this.endpoint = { kind: 'endpoint', host: this.workload.host, port, path, replicas: nodes };
  }

  /** Only start order: there are no variables to connect to an exporter. */
  connection(): Connection {
    return this.workload.connection();
  }
}

import { Construct } from 'constructs';
import { listOf } from '../platform/plain-values';
import { Platform } from '../platform/platform';
import type { IMonitored, MetricsSource } from '../workload/connections/monitored';
import type { WorkloadOptions } from '../workload/workload-props';
import { type DashboardBuilder, overviewDashboard } from './dashboard';
import { Exporter } from './exporter';
import { Grafana, type GrafanaOptions } from './grafana';
import { Prometheus, type PrometheusOptions } from './prometheus';
import { checkJobs, metricsOf, type ScrapedService } from './scraped-service';

/** Options of all exporters of a {@link MonitoringStack}; each keeps the names that its id gives it. */
export type ExporterOptions = Omit<WorkloadOptions, 'name' | 'aliases'>;

/** Properties of a {@link MonitoringStack}. */
export interface MonitoringStackProps {
  /** Whose metrics are collected and shown, in this order. Prometheus and Grafana are watched too. */
  readonly watch: readonly IMonitored[];
  /** @default - the defaults of {@link PrometheusOptions} */
  readonly prometheus?: PrometheusOptions;
  /** @default - the defaults of {@link GrafanaOptions} */
  readonly grafana?: GrafanaOptions;
  /** @default - a quarter of a core, 128 MiB, and a read-only root file system each */
  readonly exporters?: ExporterOptions;
}

/** Every dashboard that Grafana is provisioned with. */
const DASHBOARDS: readonly DashboardBuilder[] = [overviewDashboard];

/**
 * Prometheus, Grafana, and an exporter for each watched service that needs one.
 *
 * In spite of the name it is a construct inside of the stack that it watches and no Terraform stack of its own: it
 * shares the network, the secrets and the start order of the services.
 *
 * @example
 * new MonitoringStack(stack, 'monitoring', {
 *   watch: [database, cache, features, runner],
 *   prometheus: { retention: Duration.days(30), retentionSize: Size.gibibytes(5) },
 *   grafana: { ports: [PublishedPort.loopback(3000)] },
 * });
 */
export class MonitoringStack extends Construct {
  readonly prometheus: Prometheus;
  readonly grafana: Grafana;
  /** One for each watched service that does not serve metrics itself, in the order of `watch`. */
  readonly exporters: readonly Exporter[];

  /**
   * @throws TradingStackError if something to watch has no metrics, two watched things have one job name, or what
   *   {@link Prometheus} throws
   */
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id);
    listOf(() => undefined)(props.watch, 'watch', this.node.path);
    const grafanaMetrics = Grafana.metricsOf(this, 'grafana', props.grafana);
    const watched = props.watch.map((one, index) => metricsOf(one, `watch[${index}]`, this.node.path));
    const sources = [...watched, grafanaMetrics];
    checkJobs(sources, this.node.path);

    const services = sources.map((source) => this.scrape(source, props.exporters));
    this.exporters = this.node.children.filter((child) => child instanceof Exporter);
    this.prometheus = new Prometheus(this, 'prometheus', { ...props.prometheus, services });

    const { prefix } = Platform.of(this);
    const dashboards = DASHBOARDS.map((build) => build(prefix, this.prometheus.services));
    this.grafana = new Grafana(this, 'grafana', { ...props.grafana, prometheus: this.prometheus, dashboards });
  }

  /** The service with the place where its metrics are served, for which an exporter may have to be started. */
  private scrape(source: MetricsSource, options: ExporterOptions | undefined): ScrapedService {
    const { job, target } = source;
    if (target.kind === 'endpoint') return { ...source, target };
    const { endpoint } = new Exporter(this, `${job}_exporter`, { ...options, exporter: target });
    return { ...source, target: endpoint };
  }
}

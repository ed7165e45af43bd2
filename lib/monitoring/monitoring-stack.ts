import { Construct } from 'constructs';
import { TradingStackError } from '../errors';
import { alreadyChecked, checkOptions, type OptionShapes, required } from '../options/options';
import { Platform } from '../platform/platform';
import type { IMonitored, MetricsSource } from '../workload/connections/monitored';
import { Job } from '../workload/job';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../workload/workload-props';
import { Alertmanager, ALERTMANAGER_OPTIONS, type AlertmanagerOptions } from './alertmanager/alertmanager';
import { ALERT_OPTIONS, type AlertOptions } from './alerts/alert-options';
import { alertRules } from './alerts/alert-rules';
import { alertsOf } from './alerts/general-alerts';
import { Exporter } from './exporter';
import type { DashboardBuilder } from './grafana/dashboards/dashboard';
import { GrafanaDashboard } from './grafana/grafana-dashboard';
import { Grafana, GRAFANA_OPTIONS, type GrafanaOptions } from './grafana/grafana';
import { HOST_OPTIONS, hostMetrics, type HostOptions } from './hosts/host-metrics';
import { logLinks } from './logs/log-links';
import { LOG_STORE_OPTIONS, LogStore, type LogStoreOptions } from './logs/log-store';
import { Prometheus, PROMETHEUS_OPTIONS, type PrometheusOptions, SCRAPE_INTERVAL } from './prometheus/prometheus';
import { checkJobs, type ScrapedService } from './scraped-service';

/** Options of all exporters of a {@link MonitoringStack}. Their names and aliases follow from their ids. */
export type ExporterOptions = Omit<WorkloadOptions, 'name' | 'aliases'>;

/** Properties of a {@link MonitoringStack}. */
export interface MonitoringStackProps {
  /**
   * Services to monitor, in the order of the dashboards: constructs with metrics, and a {@link ScrapeTarget} for anything
   * else. Prometheus and Grafana are added to them.
   */
  readonly watch: readonly IMonitored[];
  /** @default - the defaults of {@link PrometheusOptions} */
  readonly prometheus?: PrometheusOptions;
  /** @default - the defaults of {@link GrafanaOptions} */
  readonly grafana?: GrafanaOptions;
  /**
   * Whether CPU, memory and disk of the engine's machine are watched too, by an exporter that needs no rights on it.
   * `{}` is enough; a Swarm of several machines needs `nodes`.
   * @default - the machine is not watched
   */
  readonly host?: HostOptions;
  /** @default - a quarter of a core, 128 MiB and a read-only root file system for each */
  readonly exporters?: ExporterOptions;
  /**
   * What to add to the alerts of the services, to change in them, and to leave out.
   * @default - the alerts that the services define
   */
  readonly alerts?: AlertOptions;
  /**
   * Who is notified of alerts, and how.
   * @default - no notifications: only Prometheus and Grafana show alerts
   */
  readonly alertmanager?: AlertmanagerOptions;
  /**
   * A store of the log lines of the stack, whose `logging` has to be {@link Logging.logStore}. `{}` is enough.
   * @default - none: Docker keeps the newest lines of each container, until it is replaced
   */
  readonly logs?: LogStoreOptions;
}

const { name: _name, aliases: _aliases, ...EXPORTER_OPTIONS } = WORKLOAD_OPTIONS;

const MONITORING_STACK_PROPS: OptionShapes<MonitoringStackProps> = {
  watch: required(['object']),
  prometheus: PROMETHEUS_OPTIONS,
  grafana: GRAFANA_OPTIONS,
  host: HOST_OPTIONS,
  exporters: EXPORTER_OPTIONS,
  alerts: ALERT_OPTIONS,
  alertmanager: ALERTMANAGER_OPTIONS,
  logs: LOG_STORE_OPTIONS,
};

/**
 * Prometheus with the alerts of the services, Alertmanager, Grafana, a log store, and an exporter for each service that
 * needs one.
 *
 * Despite its name it is not a Terraform stack, but a construct inside the stack that it monitors: it shares the network,
 * the secrets and the start order of the services.
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
  /** `undefined` without the option. */
  readonly alertmanager: Alertmanager | undefined;
  /** `undefined` without the option `logs`. */
  readonly logStore: LogStore | undefined;
  /** One for each service that does not serve metrics itself, in the order of `watch`, and that of `host`. */
  readonly exporters: readonly Exporter[];

  /**
   * @throws TradingStackError if a service in `watch` has no metrics, two services have the same job name, or an option
   *   of {@link Prometheus}, {@link Alertmanager}, {@link LogStore} or {@link Grafana} is invalid
   */
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id);
    checkOptions(props, MONITORING_STACK_PROPS, this.node.path);
    props.watch.forEach((watched, index) => {
      checkMonitored(watched, `${this.node.path}: watch[${index}]`);
    });
    const grafanaMetrics = Grafana.metricsOf(this, 'grafana', props.grafana);
    const hosts = props.host === undefined ? [] : [hostMetrics(this, props.host)];
    this.alertmanager =
      props.alertmanager && new Alertmanager(this, 'alertmanager', alreadyChecked(props.alertmanager));
    this.logStore = props.logs && new LogStore(this, 'logstore', alreadyChecked(props.logs));
    const sources = [
      ...props.watch.map(({ metrics }) => metrics),
      ...hosts,
      grafanaMetrics,
      ...[this.alertmanager, this.logStore].flatMap((own) => own?.metrics ?? []),
    ];
    checkJobs(sources, this.node.path);

    const services = sources.map((source) => this.scrape(source, props.exporters));
    this.exporters = this.node.children.filter((child) => child instanceof Exporter);
    const platform = Platform.of(this);
    const { prefix, stackId } = platform;
    const prometheusMetrics = Prometheus.metricsOf(this, 'prometheus', props.prometheus);
    const rules = alertRules({
      stackName: prefix,
      stackId,
      services: [...services, { ...prometheusMetrics, alerts: alertsOf(prometheusMetrics) }],
      scrapeInterval: props.prometheus?.scrapeInterval ?? SCRAPE_INTERVAL,
      options: props.alerts ?? {},
      where: this.node.path,
    });
    this.prometheus = new Prometheus(this, 'prometheus', {
      ...alreadyChecked(props.prometheus ?? {}),
      rules: [rules, ...(props.prometheus?.rules ?? [])],
      services,
      ...(this.alertmanager && { alertmanager: this.alertmanager }),
    });

    const { defaults } = platform;
    const grafana = { stack: prefix, service: 'grafana', hostPortOffset: defaults.hostPortOffset };
    const grafanaLogging = props.grafana?.logging?.toSpec(grafana) ?? defaults.logging(grafana);
    const logs =
      this.logStore &&
      logLinks(this.logStore.externalUrl, platform, grafanaLogging.storeUrl === null ? [] : [grafana.service]);
    const built = loadDashboards().flatMap(
      (build) => build({ stackName: prefix, services: this.prometheus.services, logs }) ?? [],
    );
    const dashboards = [
      ...built.map(({ uid, model }) => GrafanaDashboard.fromModel({ ...model, uid })),
      ...(props.grafana?.dashboards ?? []),
    ];
    this.grafana = new Grafana(this, 'grafana', {
      ...alreadyChecked(props.grafana ?? {}),
      prometheus: this.prometheus,
      dashboards,
    });
  }

  /** The service with the endpoint of its metrics, after creating an exporter if it needs one. */
  private scrape(source: MetricsSource, options: ExporterOptions | undefined): ScrapedService {
    const { job, target } = source;
    const alerts = alertsOf(source);
    if (target.kind === 'endpoint') return { ...source, target, alerts };
    const { endpoint } = new Exporter(this, `${job}_exporter`, { ...alreadyChecked(options ?? {}), exporter: target });
    return { ...source, target: endpoint, alerts };
  }
}

/** The compiler checks this too, but in plain JavaScript the list may contain anything, such as a bare workload. */
function checkMonitored(watched: Partial<IMonitored>, where: string): void {
  if (typeof watched.metrics === 'object') return;
  const [what, fix] =
    watched instanceof Job
      ? [
          'a job cannot be watched: it ends before Prometheus could scrape it',
          `Remove ${watched.node.id} from \`watch\``,
        ]
      : [
          'it has no `metrics`, so Prometheus does not know what to scrape',
          'Pass ScrapeTarget.of(workload, { port: 9100 }) with the workload and the port of its metrics',
        ];
  throw new TradingStackError('missing-option', where, what, fix);
}

/** Loads the SDK of Grafana, which takes a tenth of a second, so only an app that builds dashboards waits for it. */
function loadDashboards(): readonly DashboardBuilder[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- `import()` would be asynchronous
  const { DASHBOARDS } = require('./grafana/dashboards/dashboards') as typeof import('./grafana/dashboards/dashboards');
  return DASHBOARDS;
}

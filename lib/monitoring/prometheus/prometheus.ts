import { Construct } from 'constructs';
import { invalidValue } from '../../errors';
import { checkOptions, HINTS, type OptionShapes, required } from '../../options/options';
import { Platform } from '../../platform/platform';
import { COMPOSE_HINTS } from '../../workload/compose-hints';
import { ConfigFile } from '../../workload/storage/config-file';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Volume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { Endpoint, hostsFor } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import type { IMonitored } from '../../workload/connections/monitored';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { Alertmanager } from '../alertmanager/alertmanager';
import {
  alertingSection,
  checkConfiguration,
  globalSection,
  type PrometheusConfiguration,
} from './prometheus-configuration';
import { PROMETHEUS_PORT, prometheusMetrics } from './prometheus-metrics';
import { PrometheusRules } from './prometheus-rules';
import { lookbackFlags, prometheusDuration, scrapeConfiguration } from './scrape-configuration';
import { externalUrlFlags, refuseReplacedFlags } from '../flags';
import { checkJobs, checkTarget, type ScrapedService } from '../scraped-service';

/**
 * Options of a {@link Prometheus}: its own, and those of every workload. A `command` replaces all flags, including those
 * of the retention.
 */
export interface PrometheusOptions extends WorkloadOptions {
  /** @default Image.fromRegistry('prom/prometheus:v3.13.2') */
  readonly image?: Image;
  /**
   * How long metrics are stored; at least one scrape interval.
   * @default Duration.days(15)
   */
  readonly retention?: Duration;
  /**
   * Maximum size of the stored metrics; the oldest are deleted first. Prometheus recommends at most 85 % of the disk:
   * https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size
   * @default - limited by `retention` only
   */
  readonly retentionSize?: Size;
  /**
   * Time between two scrapes of one service.
   * @default Duration.seconds(15)
   */
  readonly scrapeInterval?: Duration;
  /**
   * Volume of the stored metrics.
   * @default - a retained volume named after the id
   */
  readonly volume?: Volume;
  /**
   * Rule files, with alerts or recorded metrics.
   * @default - none
   */
  readonly rules?: readonly PrometheusRules[];
  /**
   * Further content of `prometheus.yml`.
   * @default - none
   */
  readonly configuration?: PrometheusConfiguration;
  /**
   * Flags in addition to those of this library: `--web.enable-lifecycle`. They cannot be combined with `command`.
   * @default - none
   */
  readonly flags?: readonly string[];
  /**
   * URL under which people can open Prometheus, for the links in notifications. Requests arrive without its path.
   * @default - its name in the container, which no browser can open
   */
  readonly externalUrl?: string;
}

/** Properties of a {@link Prometheus}. */
export interface PrometheusProps extends PrometheusOptions {
  /** Services to scrape. Prometheus also scrapes itself. */
  readonly services: readonly ScrapedService[];
  /**
   * Where alerts are sent. Its metrics are those of one of the `services`.
   * @default - nowhere, unless `configuration` has a section `alerting`
   */
  readonly alertmanager?: Alertmanager;
}

/** Time between two scrapes, unless an option says otherwise. */
export const SCRAPE_INTERVAL = Duration.seconds(15);

/** How {@link PrometheusOptions} are checked. */
export const PROMETHEUS_OPTIONS: OptionShapes<PrometheusOptions> = {
  ...WORKLOAD_OPTIONS,
  [HINTS]: { ...COMPOSE_HINTS, port: PROMETHEUS_PORT },
  image: Image,
  retention: Duration,
  retentionSize: Size,
  scrapeInterval: Duration,
  volume: Volume,
  rules: [PrometheusRules],
  configuration: 'object',
  flags: ['string'],
  externalUrl: 'string',
};

const PROMETHEUS_PROPS: OptionShapes<PrometheusProps> = {
  ...PROMETHEUS_OPTIONS,
  services: required(['object']),
  alertmanager: Alertmanager,
};

const CONFIGURATION = '/etc/prometheus/prometheus.yml';
const DATA = '/prometheus';
const RETENTION = Duration.days(15);

/**
 * Collects and stores the metrics of a stack. It does not wait for the services that it scrapes, because it has to report
 * those that are down.
 *
 * @example
 * const target = { kind: 'endpoint', host: gateway.host, port: 8000, path: '/metrics' } as const;
 * new Prometheus(stack, 'prometheus', {
 *   services: [{ job: 'gateway', target, upQuery: 'up{job="$job"}', panels: [] }],
 *   retention: Duration.days(30),
 *   retentionSize: Size.gibibytes(5),
 * });
 */
export class Prometheus extends Construct implements IConnectable, IMonitored {
  /** The metrics of a Prometheus that is created later in `scope`: its rules are written first and are about it, too. */
  static metricsOf(scope: Construct, id: string, options: WorkloadOptions = {}): ScrapedService {
    return prometheusMetrics(id, Workload.hostOf(scope, id, options));
  }

  readonly workload: Workload;
  /** HTTP, port 9090; consumers get `PROMETHEUS_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;
  /** All scraped services; Prometheus itself is the last one. */
  readonly services: readonly ScrapedService[];
  /** Time between two scrapes of one service. */
  readonly scrapeInterval: Duration;

  /**
   * @throws TradingStackError if two services have the same job name, a target is invalid, the scrape interval is zero,
   *   the retention is shorter than the scrape interval, or `flags` are set along with a `command`
   */
  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id);
    checkOptions(props, PROMETHEUS_PROPS, this.node.path);
    this.scrapeInterval = props.scrapeInterval ?? SCRAPE_INTERVAL;
    this.metrics = Prometheus.metricsOf(this, id, props);
    this.services = [...props.services, this.metrics];
    checkJobs(this.services, this.node.path);
    checkConfiguration(props.configuration ?? {}, this.services, this.node.path);
    for (const service of this.services) checkTarget(service, this.scrapeInterval, this.node.path);
    this.checkTimes(props);
    const { flags = [] } = props;
    if (flags.length > 0) refuseReplacedFlags('`flags`', props, 'Move the flags into `command`', this.node.path);
    this.workload = this.createWorkload(props);
    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host: this.workload.host,
      port: PROMETHEUS_PORT,
      envPrefix: 'PROMETHEUS',
      startAfter: [this.workload.address],
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  private createWorkload(props: PrometheusProps): Workload {
    const { services } = this;
    const { rules = [], flags = [], externalUrl } = props;
    const platform = Platform.of(this);
    const { image = Image.fromRegistry('prom/prometheus:v3.13.2') } = props;
    const { volume = Volume.retained(`${this.node.id}_data`) } = props;
    return new Workload(
      this,
      'Default',
      { ...props, image },
      {
        files: [
          ConfigFile.fromYaml(CONFIGURATION, this.configuration(props)),
          ...rules.map((file) => file.file(platform, this.node.path)),
        ],
        secretFiles: services.flatMap(({ target: { scrape } }) =>
          [scrape?.bearerToken, scrape?.basicAuth?.password].flatMap((secret) => secret ?? []),
        ),
        uses: services.map(({ job, target }) => resolving(job, target.host)),
        imageEntrypoint: ['/bin/prometheus'],
        commandCarries: 'its retention',
        volumes: [volume.mountExclusivelyAt(DATA)],
        holdsData: true,
        knownPorts: [PROMETHEUS_PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          command: [
            `--config.file=${CONFIGURATION}`,
            `--storage.tsdb.path=${DATA}`,
            ...retentionFlags(props),
            ...lookbackFlags(services, this.scrapeInterval, flags),
            ...externalUrlFlags(externalUrl, props, this.node.path),
            ...flags,
          ],
          // https://prometheus.io/docs/prometheus/latest/management_api/; the image has busybox but no curl.
          healthCheck: HealthCheck.http(PROMETHEUS_PORT, { path: '/-/ready', via: 'wget' }),
        },
      },
    );
  }

  /**
   * The content of `prometheus.yml`. Targets are names on the network: they stay valid when a container is replaced, and
   * Prometheus needs no access to the Docker socket.
   * https://prometheus.io/docs/prometheus/latest/configuration/configuration/
   */
  private configuration({ rules = [], configuration = {}, alertmanager }: PrometheusProps): object {
    const { global = {}, scrape_configs: scrapeConfigs = [], rule_files: ruleFiles = [], ...sections } = configuration;
    const files = [...ruleFiles, ...rules.map(({ path }) => path)];
    return {
      global: { scrape_interval: prometheusDuration(this.scrapeInterval), ...globalSection(global) },
      ...sections,
      ...(alertmanager && { alerting: alertingSection(alertmanager.endpoint, configuration.alerting) }),
      ...(files.length > 0 && { rule_files: files }),
      scrape_configs: [...this.services.map(scrapeConfiguration), ...scrapeConfigs],
    };
  }

  private checkTimes({ retention = RETENTION, retentionSize }: PrometheusOptions): void {
    const { path } = this.node;
    const interval = prometheusDuration(this.scrapeInterval);
    if (this.scrapeInterval.toMilliseconds() === 0) {
      throw invalidValue(path, 'scrapeInterval', interval, 'a duration above zero');
    }
    if (retention.toMilliseconds() < this.scrapeInterval.toMilliseconds()) {
      const allowed = `a duration of at least the scrapeInterval, ${interval}`;
      throw invalidValue(path, 'retention', prometheusDuration(retention), allowed);
    }
    if (retentionSize?.toBytes() === 0) {
      const allowed = 'a size above zero, or leave it out for no limit';
      throw invalidValue(path, 'retentionSize', String(retentionSize), allowed);
    }
  }
}

/**
 * Version 3 calls these flags deprecated in favour of `storage.tsdb.retention` in the configuration file. Older servers,
 * such as 2.42, refuse to start with that section, and all of them know the flags.
 * https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
 */
function retentionFlags({ retention = RETENTION, retentionSize }: PrometheusOptions): string[] {
  return [
    `--storage.tsdb.retention.time=${prometheusDuration(retention)}`,
    ...(retentionSize === undefined ? [] : [`--storage.tsdb.retention.size=${retentionSize.toBytes()}B`]),
  ];
}

/** Prometheus has to be on a network of each job, or needs a name for the host, and waits for none of them. */
function resolving(job: string, host: string): IConnectable {
  const nothing = { within: null, environment: {}, secrets: {}, startAfter: [] };
  return { connection: () => ({ ...nothing, from: job, host, extraHosts: hostsFor(host) }) };
}

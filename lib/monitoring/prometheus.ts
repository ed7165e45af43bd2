import { Construct } from 'constructs';
import { invalidValue } from '../errors';
import { listOf } from '../platform/plain-values';
import { ConfigFile } from '../workload/storage/config-file';
import type { Connection, IConnectable } from '../workload/connections/connection';
import { Cpu } from '../workload/units/cpu';
import { type Volume, serverVolume } from '../workload/storage/volume';
import { checkDuration, Duration } from '../workload/units/duration';
import { Endpoint } from '../workload/connections/endpoint';
import { HealthCheck } from '../workload/health/health-check';
import { Image } from '../workload/images/image';
import type { IMonitored } from '../workload/connections/monitored';
import { checkSize, Size } from '../workload/units/size';
import { Workload } from '../workload/workload';
import type { WorkloadOptions } from '../workload/workload-props';
import { prometheusConfiguration, prometheusDuration } from './prometheus-configuration';
import { checkJobs, checkTarget, type ScrapedService } from './scraped-service';

/**
 * Options of a {@link Prometheus}: its own, and those of every workload. A `command` takes the place of all flags, those
 * of the retention among them.
 */
export interface PrometheusOptions extends WorkloadOptions {
  /** @default Image.fromRegistry('prom/prometheus:v3.13.2') */
  readonly image?: Image;
  /**
   * How long metrics are kept. At least one scrape interval.
   * @default Duration.days(15)
   */
  readonly retention?: Duration;
  /**
   * Most room that the stored metrics take on the volume; the oldest go first. At most 85 % of the disk:
   * https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size
   * @default - no limit but the time
   */
  readonly retentionSize?: Size;
  /**
   * Time between two scrapes of one service.
   * @default Duration.seconds(15)
   */
  readonly scrapeInterval?: Duration;
  /**
   * Where the metrics are kept.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
}

/** Properties of a {@link Prometheus}. */
export interface PrometheusProps extends PrometheusOptions {
  /** Whose metrics it collects, beside its own. */
  readonly services: readonly ScrapedService[];
}

const PORT = 9090;
const CONFIGURATION = '/etc/prometheus/prometheus.yml';
const DATA = '/prometheus';
const RETENTION = Duration.days(15);

/**
 * Collects and keeps the metrics of a stack. It starts at once and waits for none of the services that it watches: one
 * that is not up is what it is there to tell.
 *
 * @example
 * const target = { kind: 'endpoint', host: gateway.host, port: 8000, path: '/metrics' } as const;
 * new Prometheus(stack, 'prometheus', {
 *   services: [{ job: 'gateway', target, up: 'up{job="$job"}', panels: [] }],
 *   retention: Duration.days(30),
 *   retentionSize: Size.gibibytes(5),
 * });
 */
export class Prometheus extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** HTTP, port 9090; consumers get `PROMETHEUS_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;
  /** Everything that it scrapes, itself last. */
  readonly services: readonly ScrapedService[];
  /** Time between two scrapes of one service. */
  readonly scrapeInterval: Duration;

  /**
   * @throws TradingStackError if two services have the same job name, a target is impossible, the scrape interval is
   *   zero, or the retention is too short for it
   */
  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id);
    this.scrapeInterval = props.scrapeInterval ?? Duration.seconds(15);
    checkDuration(this.scrapeInterval, 'scrapeInterval', this.node.path);
    this.metrics = describe(id, Workload.hostOf(this, id, props));
    listOf(() => undefined)(props.services, 'services', this.node.path);
    this.services = [...props.services, this.metrics];
    this.checkServices();
    this.checkTimes(props);
    this.workload = this.createWorkload(props);
    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host: this.workload.host,
      port: PORT,
      envPrefix: 'PROMETHEUS',
      startAfter: [this.workload.address],
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  private checkServices(): void {
    checkJobs(this.services, this.node.path);
    for (const service of this.services) checkTarget(service, this.node.path);
  }

  private createWorkload(props: PrometheusProps): Workload {
    const { services, scrapeInterval } = this;
    const volume = serverVolume(props.volume, `${this.node.id}_data`, 'volume', this.node.path);
    const image = props.image ?? Image.fromRegistry('prom/prometheus:v3.13.2');
    return new Workload(
      this,
      'Default',
      { ...props, image },
      {
        files: [ConfigFile.fromYaml(CONFIGURATION, prometheusConfiguration({ scrapeInterval, services }))],
        imageEntrypoint: ['/bin/prometheus'],
        commandCarries: 'its retention',
        volumes: [volume.mountExclusivelyAt(DATA)],
        knownPorts: [PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: {
          command: [`--config.file=${CONFIGURATION}`, `--storage.tsdb.path=${DATA}`, ...retentionFlags(props)],
          // https://prometheus.io/docs/prometheus/latest/management_api/ ; the image has busybox, and no curl.
          healthCheck: HealthCheck.http(PORT, { path: '/-/ready', via: 'wget' }),
          resources: { cpus: Cpu.cores(1), memory: Size.mebibytes(512) },
        },
      },
    );
  }

  private checkTimes({ retention = RETENTION, retentionSize }: PrometheusOptions): void {
    const { path } = this.node;
    checkDuration(retention, 'retention', path);
    checkSize(retentionSize, 'retentionSize', path);
    const interval = prometheusDuration(this.scrapeInterval);
    if (this.scrapeInterval.toMilliseconds() === 0) {
      throw invalidValue(path, 'scrapeInterval', interval, 'a time above zero');
    }
    if (retention.toMilliseconds() < this.scrapeInterval.toMilliseconds()) {
      const allowed = `at least the scrapeInterval, ${interval}`;
      throw invalidValue(path, 'retention', prometheusDuration(retention), allowed);
    }
    if (retentionSize?.toBytes() === 0) {
      throw invalidValue(path, 'retentionSize', String(retentionSize), 'a size above zero, or none for no limit');
    }
  }
}

/**
 * Flags, which 3.x calls deprecated, and not `storage.tsdb.retention` of the configuration file: servers from before
 * that section (2.42 is one) refuse to start with it, and every server knows the flags.
 * https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects
 */
function retentionFlags({ retention = RETENTION, retentionSize }: PrometheusOptions): string[] {
  return [
    `--storage.tsdb.retention.time=${prometheusDuration(retention)}`,
    ...(retentionSize === undefined ? [] : [`--storage.tsdb.retention.size=${retentionSize.toBytes()}B`]),
  ];
}

/** What Prometheus says of itself: https://prometheus.io/docs/prometheus/latest/storage/ */
function describe(job: string, host: string): ScrapedService {
  return {
    job,
    target: { kind: 'endpoint', host, port: PORT, path: '/metrics' },
    upQuery: 'up{job="$job"}',
    panels: [
      {
        title: 'Samples per second',
        query: 'sum by (job) (rate(prometheus_tsdb_head_samples_appended_total{job="$job"}[5m]))',
        legend: 'samples',
        unit: 'short',
      },
      { title: 'Time series', query: 'prometheus_tsdb_head_series{job="$job"}', legend: 'in memory', unit: 'short' },
      {
        title: 'Stored metrics',
        query: 'prometheus_tsdb_storage_blocks_bytes{job="$job"}',
        legend: 'on the volume',
        unit: 'bytes',
      },
      { title: 'Memory', query: 'process_resident_memory_bytes{job="$job"}', legend: 'resident', unit: 'bytes' },
    ],
  };
}

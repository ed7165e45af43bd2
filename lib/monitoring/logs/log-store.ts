import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, HINTS, type OptionShapes } from '../../options/options';
import { Platform } from '../../platform/platform';
import { publishedAt } from '../../platform/ports';
import type { PortSpec } from '../../platform/spec';
import { warn } from '../../platform/warnings';
import { COMPOSE_HINTS } from '../../workload/compose-hints';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored } from '../../workload/connections/monitored';
import { Image } from '../../workload/images/image';
import { STORE_PORT } from '../../workload/logging/log-store-driver';
import { Logging } from '../../workload/logging/logging';
import { PublishedPort } from '../../workload/policies/published-port';
import { plainSecretsIn } from '../../workload/secrets/plain-secrets';
import { Volume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { checkExternalUrl, refuseReplacedFlags } from '../flags';
import type { ScrapedService } from '../scraped-service';
import { logStoreMetrics } from './log-store-metrics';

/** Options of a {@link LogStore}: its own, and those of every workload. A `command` replaces all flags. */
export interface LogStoreOptions extends WorkloadOptions {
  /** @default Image.fromRegistry('victoriametrics/victoria-logs:v1.52.2') */
  readonly image?: Image;
  /**
   * How long lines are stored, in whole days; at least one.
   * @default Duration.days(14)
   */
  readonly retention?: Duration;
  /**
   * Maximum size of the stored lines, which take about a tenth of the space that they were printed with. The oldest days are
   * deleted first; today and yesterday are always stored.
   * @default Size.gibibytes(5)
   */
  readonly retentionSize?: Size;
  /**
   * Where Docker sends lines to, and people open the web interface. It has no password.
   * @default - port 9428 of the machine's loopback address
   */
  readonly ports?: readonly PublishedPort[];
  /**
   * Volume of the stored lines.
   * @default - a retained volume named after the id
   */
  readonly volume?: Volume;
  /**
   * Flags in addition to those of this library: `-search.maxQueryDuration=1m`. They cannot be combined with `command`.
   * @default - none
   */
  readonly flags?: readonly string[];
  /**
   * URL under which people can open the web interface, for the links on the dashboards. Requests arrive without its path.
   * @default - the published address, such as http://127.0.0.1:9428, which only a browser on the machine can open, or
   *   through an ssh tunnel with the same port
   */
  readonly externalUrl?: string;
  /**
   * Where its own output goes.
   * @default Logging.jsonFile()
   */
  readonly logging?: Logging;
}

/** How {@link LogStoreOptions} are checked. */
export const LOG_STORE_OPTIONS: OptionShapes<LogStoreOptions> = {
  ...WORKLOAD_OPTIONS,
  [HINTS]: { ...COMPOSE_HINTS, port: STORE_PORT },
  image: Image,
  retention: Duration,
  retentionSize: Size,
  volume: Volume,
  flags: ['string'],
  externalUrl: 'string',
};

const DATA = '/victoria-logs-data';
const DAY = Duration.days(1).toMilliseconds();

/**
 * VictoriaLogs, which stores and searches what the services print, also after their containers were replaced. The workloads
 * send their output to it with {@link Logging.logStore}, and none of them waits for it.
 *
 * It has no health check, as its image contains no program that could probe; Prometheus watches it.
 *
 * @example
 * const stack = new TradingStack(app, 'mt5', { logging: Logging.logStore() });
 * new MonitoringStack(stack, 'monitoring', { watch: [], logs: { retention: Duration.days(30) } });
 */
export class LogStore extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  /** HTTP, port 9428; consumers get `LOGSTORE_URL`. */
  readonly endpoint: Endpoint;
  readonly metrics: ScrapedService;
  /** Where people open the web interface. */
  readonly externalUrl: string;

  /**
   * @throws TradingStackError if the stack does not log to it, the retention is below a day or its size zero, and for an
   *   option that the engine would refuse or that could not work
   */
  constructor(scope: Construct, id: string, props: LogStoreOptions = {}) {
    super(scope, id);
    checkOptions(props, LOG_STORE_OPTIONS, this.node.path);
    const { ports = [PublishedPort.loopback(STORE_PORT)], logging = Logging.jsonFile() } = props;
    const { image = Image.fromRegistry('victoriametrics/victoria-logs:v1.52.2') } = props;
    const { volume = Volume.retained(`${this.node.id}_data`) } = props;
    this.workload = new Workload(
      this,
      'Default',
      { ...props, image, ports, logging },
      {
        imageEntrypoint: ['/victoria-logs-prod'],
        commandCarries: 'its retention',
        volumes: [volume.mountExclusivelyAt(DATA)],
        holdsData: true,
        knownPorts: [STORE_PORT],
        minimum: { memory: Size.mebibytes(128) },
        defaults: { command: this.flags(props), readOnlyRootFilesystem: true },
      },
    );
    for (const name of plainSecretsIn({ command: props.flags ?? [] })) warn(this.workload, 'plain-secret', name);
    const url = this.checkDestination();
    if (props.externalUrl !== undefined) checkExternalUrl(props.externalUrl, this.node.path);
    this.externalUrl = props.externalUrl ?? url;
    this.endpoint = new Endpoint(this, {
      scheme: 'http',
      host: this.workload.host,
      port: STORE_PORT,
      envPrefix: 'LOGSTORE',
      startAfter: [this.workload.address],
    });
    this.metrics = logStoreMetrics(id, { host: this.workload.host, port: STORE_PORT });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /** https://docs.victoriametrics.com/victorialogs/#list-of-command-line-flags */
  private flags({ retention = Duration.days(14), retentionSize, flags = [], ...other }: LogStoreOptions): string[] {
    const { path } = this.node;
    if (flags.length > 0) refuseReplacedFlags('`flags`', other, 'Move the flags into `command`', path);
    const days = retention.toMilliseconds() / DAY;
    if (!Number.isInteger(days) || days < 1) {
      throw invalidValue(path, 'retention', `${days} days`, 'whole days, 1 or more: Duration.days(14)');
    }
    const size = retentionSize ?? Size.gibibytes(5);
    if (size.toBytes() === 0) throw invalidValue(path, 'retentionSize', String(size), 'a size above zero');
    return [
      `-storageDataPath=${DATA}`,
      `-retentionPeriod=${days}d`,
      `-retention.maxDiskSpaceUsageBytes=${size.toBytes()}`,
      // What a line is found by: its service, and the machine that it ran on.
      '-splunk.streamFields=source,host',
      // An empty line would be stored as a sentence about a missing field.
      '-defaultMsgValue= ',
      ...flags,
    ];
  }

  /**
   * Where the stack sends its output.
   * @throws TradingStackError unless this store is there
   */
  private checkDestination(): string {
    const { path, id } = this.node;
    const { prefix: stack, defaults, engine } = Platform.of(this);
    const { hostPortOffset } = defaults;
    const { storeUrl: url } = defaults.logging({ stack, service: id, hostPortOffset });
    if (url === null) {
      const what = 'the stack does not send its output to a log store';
      throw new TradingStackError('missing-option', path, what, 'Add `logging: Logging.logStore()` to the stack');
    }
    if (engine.traits.hasRemoteNodes && isLoopback(url)) {
      const what = `each machine of the Swarm would send its log lines to itself, at ${url}`;
      const fix =
        "Use the address of the machine that the log store is on: logging: Logging.logStore({ url: 'http://10.0.0.5:9428' })";
      throw new TradingStackError('option-conflict', path, what, fix);
    }
    const published = this.workload.spec.ports.filter(({ container }) => container === STORE_PORT);
    // Behind a proxy with TLS, anything may be the address.
    if (!url.startsWith('https:') && !published.some((port) => isReachedBy(url, port))) {
      const at = published.length === 0 ? 'nowhere' : `at ${published.map(publishedAt).join(', ')}`;
      const what = `the stack sends its output to ${url}, and the log store is published ${at}`;
      const fix = `Publish ${STORE_PORT} there in \`ports\`, or set the address: logging: Logging.logStore({ url: 'http://127.0.0.1:${published[0]?.host ?? STORE_PORT}' })`;
      throw new TradingStackError('option-conflict', path, what, fix);
    }
    return url;
  }
}

function isLoopback(url: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(hostOf(url));
}

/** Of an address of IPv6, without the brackets. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}

function isReachedBy(url: string, { scope, host }: PortSpec): boolean {
  // A URL has no port if it is the usual one.
  const port = new URL(url).port || '80';
  if (port !== String(host)) return false;
  if (scope === 'all') return true;
  return scope === 'loopback' ? ['127.0.0.1', 'localhost'].includes(hostOf(url)) : hostOf(url) === scope.address;
}

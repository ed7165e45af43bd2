import { TradingStackError } from '../errors';
import { checkOptions, type OptionShapes, required } from '../options/options';
import { METRICS_ALERT, type MetricsAlert } from '../workload/connections/metrics-alert';
import {
  type IMonitored,
  type MetricsPanel,
  type MetricsSource,
  PANEL_OPTIONS,
  SCRAPE_OPTIONS,
  type ScrapeOptions,
  UP,
} from '../workload/connections/monitored';
import { Workload } from '../workload/workload';

/** Options of {@link ScrapeTarget.of}. */
export interface ScrapeTargetOptions extends ScrapeOptions {
  /** Port of the metrics. */
  readonly port: number;
  /** @default '/metrics' */
  readonly path?: string;
  /**
   * Name of the job, and of the rows on the dashboards.
   * @default - the id of the workload, or of its service
   */
  readonly job?: string;
  /**
   * Panels on the dashboards.
   * @default - only whether it is up
   */
  readonly panels?: readonly MetricsPanel[];
  /**
   * Alerts in addition to those of every service.
   * @default - that it is down, and that it keeps restarting
   */
  readonly alerts?: readonly MetricsAlert[];
}

/** Options of {@link ScrapeTarget.external}. */
export interface ExternalScrapeTargetOptions extends Omit<ScrapeTargetOptions, 'job'> {
  /** Host name or IP address that Prometheus can reach. */
  readonly host: string;
}

const EXTERNAL_OPTIONS: OptionShapes<ExternalScrapeTargetOptions> = {
  ...SCRAPE_OPTIONS,
  host: required('string'),
  port: required('number'),
  path: 'string',
  panels: [PANEL_OPTIONS],
  alerts: [METRICS_ALERT],
};

const { host: _host, ...SCRAPED } = EXTERNAL_OPTIONS;
const OPTIONS: OptionShapes<ScrapeTargetOptions> = { ...SCRAPED, job: 'string' };

/**
 * The metrics of something that has no construct of its own: a bare workload, a second port of a service, or a program
 * outside of the stack.
 *
 * @example
 * watch: [
 *   ScrapeTarget.of(gateway, { port: 9100, fallbackScrapeProtocol: 'PrometheusText0.0.4' }),
 *   ScrapeTarget.external('host', { host: '10.0.0.7', port: 9100 }),
 * ]
 */
export class ScrapeTarget implements IMonitored {
  /**
   * The metrics of a workload of the stack, or of a construct that has one.
   * @throws TradingStackError for an unknown option, and if there is no workload
   */
  static of(service: Workload | { readonly workload: Workload }, options: ScrapeTargetOptions): ScrapeTarget {
    checkOptions(options, OPTIONS, 'ScrapeTarget.of');
    const workload = service instanceof Workload ? service : (service.workload as Workload | undefined);
    if (!(workload instanceof Workload)) {
      throw new TradingStackError(
        'wrong-type',
        'ScrapeTarget.of',
        'the first argument has no workload',
        "Pass a Workload or a service; for a program outside of the stack use ScrapeTarget.external('host', " +
          "{ host: '10.0.0.7', port: 9100 })",
      );
    }
    const { job = workload.serviceId, ...rest } = options;
    return new ScrapeTarget(job, workload.host, workload.spec.replicas, rest);
  }

  /**
   * The metrics of a program outside of the stack.
   * @param job name of the job, and of the rows on the dashboards
   * @throws TradingStackError for an unknown option
   */
  static external(job: string, options: ExternalScrapeTargetOptions): ScrapeTarget {
    checkOptions(options, EXTERNAL_OPTIONS, 'ScrapeTarget.external');
    const { host, ...rest } = options;
    return new ScrapeTarget(job, host, 1, rest);
  }

  readonly metrics: MetricsSource;

  private constructor(job: string, host: string, replicas: number, options: Omit<ScrapeTargetOptions, 'job'>) {
    const { port, path = '/metrics', panels = [], alerts = [], ...scrape } = options;
    this.metrics = {
      job,
      target: { kind: 'endpoint', host, port, path, replicas, scrape },
      upQuery: UP,
      panels,
      alerts,
    };
  }
}

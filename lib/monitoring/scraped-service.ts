import { alreadyTaken, invalidHost, invalidName, invalidPath, invalidValue, TradingStackError } from '../errors';
import { checkAlias } from '../platform/naming';
import type { Duration } from '../workload/units/duration';
import { checkPort } from '../workload/policies/published-port';
import {
  type DashboardName,
  type MetricsEndpoint,
  type MetricsPanel,
  type MetricsSource,
  type ScrapeOptions,
  type ScrapeProtocol,
} from '../workload/connections/monitored';

/** A monitored service together with the endpoint that serves its metrics: its own, or that of its exporter. */
export interface ScrapedService extends MetricsSource {
  readonly target: MetricsEndpoint;
}

/** @throws TradingStackError if a job has an invalid name or panel, or two services have the same job name */
export function checkJobs(services: readonly MetricsSource[], where: string): void {
  const seen = new Set<string>();
  for (const { job, panels } of services) {
    checkAlias(job, 'the job', where, "`job: 'gateway'`");
    for (const panel of panels) checkDashboard(panel, `${where}: the job ${job}`);
    if (seen.has(job)) {
      const fix =
        'List each service once; Prometheus and Grafana are added automatically. A ScrapeTarget of a second port needs ' +
        `another name: \`job: '${job}_metrics'\``;
      throw alreadyTaken('job-taken', where, 'job', job, 'another monitored service', fix);
    }
    seen.add(job);
  }
}

const DASHBOARDS: readonly DashboardName[] = ['overview', 'performance', 'errors', 'resources', 'trading'];

function checkDashboard({ title, dashboard = 'performance' }: MetricsPanel, where: string): void {
  if (DASHBOARDS.includes(dashboard)) return;
  const allowed = `one of ${DASHBOARDS.map((name) => `'${name}'`).join(', ')}`;
  throw invalidValue(where, `the dashboard of the panel '${title}'`, dashboard, allowed);
}

/** @throws TradingStackError if the target has an invalid port, host or path, or cannot be scraped as its options say */
export function checkTarget({ job, target }: ScrapedService, interval: Duration, where: string): void {
  checkPort(target.port, `${where}: the job ${job}`);
  if (target.host === '') throw invalidHost(where, `the host of the job ${job}`, target.host, 'a name on the network');
  if (!target.path.startsWith('/')) {
    throw invalidPath(where, `the metrics path of the job ${job}`, target.path, "an absolute path: '/metrics'");
  }
  if (target.scrape !== undefined) checkScrape(target.scrape, interval, `${where}: the job ${job}`);
}

const SCRAPE_PROTOCOLS: readonly ScrapeProtocol[] = [
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusProto',
];

function checkScrape(scrape: ScrapeOptions, defaultInterval: Duration, where: string): void {
  const { scheme = 'http', interval = defaultInterval, timeout, fallbackScrapeProtocol, labels = {} } = scrape;
  if (!['http', 'https'].includes(scheme)) throw invalidValue(where, 'scheme', scheme, "'http' or 'https'");
  if (fallbackScrapeProtocol !== undefined && !SCRAPE_PROTOCOLS.includes(fallbackScrapeProtocol)) {
    const allowed = `one of ${SCRAPE_PROTOCOLS.map((protocol) => `'${protocol}'`).join(', ')}`;
    throw invalidValue(where, 'fallbackScrapeProtocol', fallbackScrapeProtocol, allowed);
  }
  if (interval.toMilliseconds() === 0) throw invalidValue(where, 'interval', '0s', 'a duration above zero');
  if (
    timeout !== undefined &&
    (timeout.toMilliseconds() === 0 || timeout.toMilliseconds() > interval.toMilliseconds())
  ) {
    throw invalidValue(
      where,
      'timeout',
      `${timeout.toMilliseconds()} ms`,
      'a duration above zero and up to the interval',
    );
  }
  for (const name of Object.keys(labels)) {
    if (/^[A-Za-z_]\w*$/.test(name) && !name.startsWith('__')) continue;
    throw invalidName(where, 'labels', name, 'letters, digits and underscores, without two underscores at the start');
  }
  if (scrape.bearerToken !== undefined && scrape.basicAuth !== undefined) {
    const what = 'bearerToken and basicAuth are both set, and a request has one header for them';
    throw new TradingStackError('option-conflict', where, what, 'Remove one of them');
  }
}

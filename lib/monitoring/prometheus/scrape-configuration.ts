import type { MetricsEndpoint, ScrapeOptions } from '../../workload/connections/monitored';
import type { Duration } from '../../workload/units/duration';
import type { ScrapedService } from '../scraped-service';

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
export function scrapeConfiguration({ job, target }: ScrapedService): object {
  const { scrape = {} } = target;
  const { scheme, interval, timeout, fallbackScrapeProtocol, params, bearerToken, basicAuth } = scrape;
  return {
    job_name: job,
    metrics_path: target.path,
    ...(scheme !== undefined && { scheme }),
    ...(interval && { scrape_interval: prometheusDuration(interval) }),
    ...(timeout && { scrape_timeout: prometheusDuration(timeout) }),
    ...(fallbackScrapeProtocol !== undefined && { fallback_scrape_protocol: fallbackScrapeProtocol }),
    ...(params && { params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])) }),
    ...(bearerToken && { authorization: { type: 'Bearer', credentials_file: bearerToken.path } }),
    ...(basicAuth && { basic_auth: { username: basicAuth.username, password_file: basicAuth.password.path } }),
    ...targetsOf(target, scrape),
  };
}

/** The name of several replicas resolves to all of them; as a static target, each scrape would reach a random one. */
function targetsOf({ host, port, replicas = 1 }: MetricsEndpoint, { labels }: ScrapeOptions): object {
  if (replicas === 1) {
    const address = host.includes(':') ? `[${host}]` : host;
    return { static_configs: [{ targets: [`${address}:${port}`], ...(labels && { labels }) }] };
  }
  return {
    dns_sd_configs: [{ names: [host], type: 'A', port, refresh_interval: '10s' }],
    // Service discovery has no labels of its own.
    ...(labels && {
      relabel_configs: Object.entries(labels).map(([name, value]) => ({
        target_label: name,
        // Prometheus would take a dollar sign for a group of the regular expression.
        replacement: value.replace(/\$/g, '$$$$'),
      })),
    }),
  };
}

/** A sample is the current value for this long: https://prometheus.io/docs/prometheus/latest/querying/basics/#staleness */
const LOOKBACK_MS = 300_000;

/**
 * With the default of Prometheus, a service that is scraped less often would be missing between two scrapes, which is the
 * condition of ServiceDown.
 * @param scrapeInterval of a service that does not have its own
 * @param flags of the user, which take precedence
 */
export function lookbackFlags(
  services: readonly ScrapedService[],
  scrapeInterval: Duration,
  flags: readonly string[],
): string[] {
  const intervals = services.map(({ target: { scrape } }) => scrape?.interval ?? scrapeInterval);
  const needed = 2 * Math.max(...intervals.map((interval) => interval.toMilliseconds()));
  if (needed <= LOOKBACK_MS || flags.some((flag) => flag.startsWith('--query.lookback-delta'))) return [];
  return [`--query.lookback-delta=${needed}ms`];
}

/**
 * A duration as Prometheus and Grafana read it, in the largest unit that needs no fraction: `15d`, `90s`, `1500ms`.
 */
export function prometheusDuration(duration: Duration): string {
  const milliseconds = duration.toMilliseconds();
  const fitting = UNITS.find(({ length }) => milliseconds % length === 0);
  return fitting === undefined ? `${milliseconds}ms` : `${milliseconds / fitting.length}${fitting.unit}`;
}

const UNITS = [
  { unit: 'd', length: 86_400_000 },
  { unit: 'h', length: 3_600_000 },
  { unit: 'm', length: 60_000 },
  { unit: 's', length: 1000 },
];

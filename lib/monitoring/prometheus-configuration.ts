import type { Duration } from '../workload/units/duration';
import type { MetricsEndpoint } from '../workload/connections/monitored';
import type { ScrapedService } from './scraped-service';

/** What {@link prometheusConfiguration} is made from. */
export interface ScrapeSettings {
  /** Time between two scrapes of one target. */
  readonly scrapeInterval: Duration;
  readonly services: readonly ScrapedService[];
}

/**
 * The content of `prometheus.yml`. Names are enough: they stay the same when a container is replaced, and nothing has to
 * be read from the Docker socket.
 * Format: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function prometheusConfiguration({ scrapeInterval, services }: ScrapeSettings): object {
  return {
    global: { scrape_interval: prometheusDuration(scrapeInterval) },
    scrape_configs: services.map(({ job, target }) => ({
      job_name: job,
      metrics_path: target.path,
      ...targetsOf(target),
    })),
  };
}

/** A name with several addresses is asked for all of them: each scrape of a static target would meet another one. */
function targetsOf({ host, port, replicas = 1 }: MetricsEndpoint): object {
  return replicas === 1
    ? { static_configs: [{ targets: [`${host}:${port}`] }] }
    : { dns_sd_configs: [{ names: [host], type: 'A', port, refresh_interval: '10s' }] };
}

/**
 * A duration as Prometheus reads it, in the largest unit that holds it without a fraction: `15d`, `90s`, `1500ms`.
 * Grafana reads the same spelling.
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

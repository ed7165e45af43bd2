import { alreadyTaken, invalidValue } from '../errors';
import { checkAlias } from '../platform/naming';
import { checkPort } from '../workload/policies/port';
import type { IMonitored, MetricsEndpoint, MetricsSource } from '../workload/connections/monitored';

/** A watched service whose metrics are served somewhere on the stack's network: by itself or by its exporter. */
export interface ScrapedService extends MetricsSource {
  readonly target: MetricsEndpoint;
}

/**
 * The metrics of something to watch. JavaScript, and a list that is read from elsewhere, may have anything in it.
 * @param which how the error names it: `watch[0]`
 * @throws TradingStackError if it has none
 */
export function metricsOf(
  watched: Partial<IMonitored> | null | undefined,
  which: string,
  where: string,
): MetricsSource {
  if (watched?.metrics) return watched.metrics;
  const allowed = 'something whose `metrics` say where they are had (IMonitored), or leave it out';
  throw invalidValue(where, which, watched, allowed);
}

/** @throws TradingStackError if a job has an impossible name, or two jobs have the same one */
export function checkJobs(services: readonly MetricsSource[], where: string): void {
  const seen = new Set<string>();
  for (const { job } of services) {
    checkAlias(job, 'the job', where);
    if (seen.has(job)) {
      const fix = 'Watch each service once; Prometheus and Grafana are watched without being named';
      throw alreadyTaken('invalid-value', where, 'job', job, 'another watched service', fix);
    }
    seen.add(job);
  }
}

/** @throws TradingStackError if metrics cannot be had from there */
export function checkTarget({ job, target }: ScrapedService, where: string): void {
  checkPort(target.port, `${where}: the job ${job}`);
  if (target.host === '') throw invalidValue(where, `the host of the job ${job}`, target.host, 'a name on the network');
  if (!target.path.startsWith('/')) {
    throw invalidValue(where, `the metrics path of the job ${job}`, target.path, "an absolute path: '/metrics'");
  }
}

import { alreadyTaken, invalidHost, invalidPath } from '../errors';
import { checkAlias } from '../platform/naming';
import { checkPort } from '../workload/policies/published-port';
import type { MetricsEndpoint, MetricsSource } from '../workload/connections/monitored';

/** A monitored service together with the endpoint that serves its metrics: its own, or that of its exporter. */
export interface ScrapedService extends MetricsSource {
  readonly target: MetricsEndpoint;
}

/** @throws TradingStackError if a job has an invalid name, or two services have the same job name */
export function checkJobs(services: readonly MetricsSource[], where: string): void {
  const seen = new Set<string>();
  for (const { job } of services) {
    checkAlias(job, 'the job', where);
    if (seen.has(job)) {
      const fix = 'List each service once; Prometheus and Grafana are added automatically';
      throw alreadyTaken('job-taken', where, 'job', job, 'another monitored service', fix);
    }
    seen.add(job);
  }
}

/** @throws TradingStackError if the target has an invalid port, host or path */
export function checkTarget({ job, target }: ScrapedService, where: string): void {
  checkPort(target.port, `${where}: the job ${job}`);
  if (target.host === '') throw invalidHost(where, `the host of the job ${job}`, target.host, 'a name on the network');
  if (!target.path.startsWith('/')) {
    throw invalidPath(where, `the metrics path of the job ${job}`, target.path, "an absolute path: '/metrics'");
  }
}

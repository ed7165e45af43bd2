import { logSource } from '../../workload/logging/log-store-driver';
import { serviceIdOf } from '../../platform/naming';
import type { Platform } from '../../platform/platform';

/** Where the dashboards link to for the log lines of a service, and of the whole stack. */
export interface LogLinks {
  readonly ofStack: string;
  /** `undefined` for a job whose name is no service that logs to the store. */
  readonly ofJob: (job: string) => string | undefined;
}

/**
 * Links to the web interface of a log store, for the time range of the dashboard.
 * @param externalUrl where people open the store
 * @param further services that are created later
 */
export function logLinks(externalUrl: string, platform: Platform, further: readonly string[]): LogLinks {
  const { prefix: stack, workloads } = platform;
  const logging = workloads.filter(({ spec }) => spec.logging.storeUrl !== null);
  const services = new Set([...logging.map(({ spec }) => serviceIdOf(spec)), ...further]);
  return {
    ofStack: link(externalUrl, `{source=~${JSON.stringify(`${escaped(stack)}/.*`)}}`),
    ofJob: (job) =>
      services.has(job)
        ? link(externalUrl, `{source=${JSON.stringify(logSource({ stack, service: job }))}}`)
        : undefined,
  };
}

/**
 * The time range is part of the query, in Grafana's variables: the interface takes its own as a duration and an end, which
 * Grafana cannot compute. Its own is long, so that it contains the other one.
 */
function link(externalUrl: string, query: string): string {
  const range = '_time:[${__from:date:iso}, ${__to:date:iso}]';
  const written = [range, query].map((part) => encodeURIComponent(part)).join('%20');
  // Grafana replaces its variables only as they are.
  const variables = written.replace(/%24%7B(__\w+)%3Adate%3Aiso%7D/g, '${$1:date:iso}');
  return `${externalUrl.replace(/\/$/, '')}/select/vmui/#/?query=${variables}&g0.range_input=90d&g0.relative_time=none`;
}

function escaped(name: string): string {
  return name.replaceAll('.', '\\.');
}

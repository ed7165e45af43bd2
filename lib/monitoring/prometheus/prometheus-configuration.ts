import { alreadyTaken, invalidValue, TradingStackError } from '../../errors';
import type { Endpoint } from '../../workload/connections/endpoint';
import type { ScrapedService } from '../scraped-service';

/**
 * Further content of `prometheus.yml`, as Prometheus names it:
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/. It is part of the plan and of the state, so
 * never put a secret into it: mount it with `secrets`, and set its path, such as `password_file`.
 */
export interface PrometheusConfiguration {
  /**
   * Everything but `scrape_interval`, which is an option of its own. The values of `external_labels` are taken
   * literally: a `$` is doubled, as Prometheus 3 expands environment variables there. Prometheus 2 does not, and keeps
   * both.
   * @default - the scrape interval only
   */
  readonly global?: Readonly<Record<string, unknown>>;
  /**
   * Scrape jobs that a ScrapeTarget cannot express, such as those with service discovery or relabelling. The dashboard
   * does not show them.
   * @default - those of the services only
   */
  readonly scrape_configs?: readonly Readonly<Record<string, unknown>>[];
  /**
   * Paths of rule files that are in the container already, such as those of a volume. Use `rules` for files of the project.
   * @default - those of `rules` only
   */
  readonly rule_files?: readonly string[];
  /** Any other section: `alerting`, `remote_write`, `storage`. */
  readonly [section: string]: unknown;
}

/**
 * Checks what would contradict the options, and the scrape jobs, as two may not have the same name.
 * @throws TradingStackError also for global settings that are not a mapping, scrape jobs that are not a list of mappings,
 *   and rule files that are not a list
 */
export function checkConfiguration(
  { global = {}, scrape_configs: jobs = [], rule_files: ruleFiles = [], alerting = {} }: PrometheusConfiguration,
  services: readonly ScrapedService[],
  where: string,
): void {
  // Types do not hold for a configuration that was read from a file.
  if (!isMapping(global)) {
    const fix = "Set a mapping, or leave it out: configuration: { global: { evaluation_interval: '30s' } }";
    throw new TradingStackError('wrong-type', where, 'configuration.global is not a mapping', fix);
  }
  if ('scrape_interval' in global) {
    const given = global.scrape_interval;
    throw invalidValue(where, 'configuration.global.scrape_interval', given, 'the option scrapeInterval instead');
  }
  if (!Array.isArray(jobs)) throw wrongJobs(where, 'configuration.scrape_configs is not a list');
  if (!Array.isArray(ruleFiles) || ruleFiles.some((path: unknown) => typeof path !== 'string')) {
    throw invalidValue(where, 'configuration.rule_files', ruleFiles, "a list of paths: ['/rules/*.yml']");
  }
  const seen = new Set(services.map(({ job }) => job));
  for (const [index, given] of (jobs as readonly unknown[]).entries()) {
    if (!isMapping(given)) {
      throw wrongJobs(where, `configuration.scrape_configs[${index}] is not a mapping`);
    }
    const { job_name: job } = given;
    const at = `configuration.scrape_configs[${index}].job_name`;
    if (typeof job !== 'string' || job === '') throw invalidValue(where, at, job, "a name: 'nodes'");
    if (seen.has(job)) {
      throw alreadyTaken('job-taken', where, 'job', job, 'another scrape job', 'Set another job_name');
    }
    seen.add(job);
    refuseZeroInterval(given, index, where);
  }
  if (!isMapping(alerting) || !Array.isArray(alerting.alertmanagers ?? [])) {
    throw invalidValue(where, 'configuration.alerting', alerting, 'a mapping, with a list of `alertmanagers`');
  }
}

function refuseZeroInterval(
  { scrape_interval: interval }: Readonly<Record<string, unknown>>,
  index: number,
  where: string,
): void {
  // The number zero, too: YAML has no type for durations.
  if (!/^0(ms|[smhdwy])?$/.test(String(interval))) return;
  const option = `configuration.scrape_configs[${index}].scrape_interval`;
  throw invalidValue(
    where,
    option,
    interval,
    "a duration above zero, such as '15s', or leave it out for that of scrapeInterval",
  );
}

/**
 * The global section as Prometheus reads it back. It expands environment variables in the values of `external_labels`,
 * and in nothing else: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#configuration-file
 */
export function globalSection(global: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { external_labels: labels } = global;
  if (!isMapping(labels)) return global;
  const literal = Object.entries(labels).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? value.replaceAll('$', '$$$$') : value,
  ]);
  return { ...global, external_labels: Object.fromEntries(literal) as unknown };
}

/** The section `alerting`, with the Alertmanager of the stack before those that the user has. */
export function alertingSection({ host, port }: Endpoint, given: unknown): object {
  const { alertmanagers = [], ...settings } = (given ?? {}) as { readonly alertmanagers?: readonly object[] };
  return { ...settings, alertmanagers: [{ static_configs: [{ targets: [`${host}:${port}`] }] }, ...alertmanagers] };
}

/** Whether a value that was read from YAML is a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongJobs(where: string, what: string): TradingStackError {
  const fix = "Set one mapping for each job: configuration: { scrape_configs: [{ job_name: 'nodes' }] }";
  return new TradingStackError('wrong-type', where, what, fix);
}

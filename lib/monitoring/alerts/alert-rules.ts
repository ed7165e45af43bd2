import { type MetricsAlert, otherJobOf } from '../../workload/connections/metrics-alert';
import type { Duration } from '../../workload/units/duration';
import { type PrometheusRule, PrometheusRules } from '../prometheus/prometheus-rules';
import { prometheusDuration } from '../prometheus/scrape-configuration';
import type { ScrapedService } from '../scraped-service';
import { type AlertGroup, type AlertOptions, applyAlertOptions } from './alert-options';

/** What a rule file of alerts is made of. */
export interface AlertRulesProps {
  /** Label of the alerts. */
  readonly stackName: string;
  /** For commands: what `$stack` stands for. */
  readonly stackId: string;
  readonly services: readonly ScrapedService[];
  /** Time between two scrapes, for a service that does not have its own. */
  readonly scrapeInterval: Duration;
  readonly options: AlertOptions;
  /** Path of the construct. */
  readonly where: string;
}

/** In the project of the user, where this package is installed. */
const GUIDE = 'node_modules/cdktf-trading-stack/docs/guides/alerts.md';

/**
 * The rule file with the alerts of all services: a group for each, evaluated as often as its metrics are scraped.
 * @throws TradingStackError for an alert that is invalid or whose name is taken, and for a name that no alert has
 */
export function alertRules(props: AlertRulesProps): PrometheusRules {
  const { stackName, stackId, services, scrapeInterval, options, where } = props;
  const intervals = new Map(services.map(({ job, target }) => [job, target.scrape?.interval ?? scrapeInterval]));
  const isWatched = (job: string): boolean => services.some((service) => service.job === job);
  const groups = applyAlertOptions(
    services.map(({ job, alerts = [] }) => ({
      job,
      alerts: alerts.filter((alert) => isWatched(otherJobOf(alert) ?? job)),
    })),
    options,
    where,
  );
  return PrometheusRules.fromGroups(
    `${stackName}-alerts.yml`,
    groups
      .filter(({ alerts }) => alerts.length > 0)
      .map(({ job, alerts }) => {
        const interval = intervals.get(job ?? '') ?? scrapeInterval;
        return {
          // The name of a job has no space.
          name: job ?? 'the stack',
          interval: prometheusDuration(interval),
          rules: alerts.map((alert) =>
            rule(alert, { stackName, stackId, job, interval, guide: options.guideUrl ?? GUIDE }),
          ),
        };
      }),
  );
}

interface RuleContext extends Pick<AlertGroup, 'job'> {
  readonly stackName: string;
  readonly stackId: string;
  readonly interval: Duration;
  readonly guide: string;
}

function rule(alert: MetricsAlert, { stackName, stackId, job, interval, guide }: RuleContext): PrometheusRule {
  const { name, expr, threshold, severity, summary, description, runbook } = alert;
  const filled = (text: string): string =>
    text
      .replace(/\$job\b/g, () => job ?? '$job')
      .replace(/\$stack\b/g, () => stackId)
      .replace(/\$threshold\b/g, () => (threshold === undefined ? '$threshold' : String(threshold)));
  return {
    alert: name,
    expr: withWideWindows(filled(expr), interval),
    ...(alert.for && { for: prometheusDuration(alert.for) }),
    labels: { severity, stack: stackName, ...(job !== undefined && { job }) },
    annotations: {
      summary: filled(summary),
      description: filled(description),
      ...(runbook !== undefined && { runbook_url: runbook.startsWith('#') ? guide + runbook : runbook }),
    },
  };
}

/**
 * Extends windows that are too short for a rate: two scrapes have to be in it, also if one of them fails or is late. Those
 * of subqueries have a resolution of their own.
 */
function withWideWindows(expr: string, interval: Duration): string {
  const least = 4 * interval.toMilliseconds();
  return expr.replace(/\[(\d+)([smhd])\]/g, (window, amount: string, unit: string) =>
    Number(amount) * (UNIT_MS[unit] ?? 0) < least ? `[${Math.ceil(least / 1000)}s]` : window,
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

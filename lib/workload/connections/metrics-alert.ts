import { type OptionShapes, required } from '../../options/options';
import { Duration } from '../units/duration';

/** How urgent an alert is: `critical` needs a person now, `warning` needs one today, and `info` needs none. */
export type AlertSeverity = 'critical' | 'warning' | 'info';

/** A condition of the metrics of a service that people must know about. */
export interface MetricsAlert {
  /** Letters, digits and underscores, unique among the alerts of its service: `QueueBacklog`. */
  readonly name: string;
  /**
   * PromQL; `$job` is replaced by the name of the job, `$stack` by the id of the stack, and `$threshold` by the threshold.
   * A window of fewer than four scrapes is extended to four.
   */
  readonly expr: string;
  /**
   * Value of `$threshold`.
   * @default - none: the expression has its own numbers
   */
  readonly threshold?: number;
  /**
   * How long the expression has to be true.
   * @default - the alert fires at once
   */
  readonly for?: Duration;
  readonly severity: AlertSeverity;
  /** What is wrong, in one line, with Prometheus' templates and the names of `expr`: `{{ $labels.queue }} of $job is full`. */
  readonly summary: string;
  /** What it means and how to fix it, with the same templates and names: `npm run status -- $stack`. */
  readonly description: string;
  /**
   * Where to read more: a URL, or a heading of `docs/guides/alerts.md` of this package: `#queuebacklog`.
   * @default - none
   */
  readonly runbook?: string;
}

/** How a {@link MetricsAlert} is checked. */
export const METRICS_ALERT: OptionShapes<MetricsAlert> = {
  name: required('string'),
  expr: required('string'),
  threshold: 'number',
  for: Duration,
  severity: required('string'),
  summary: required('string'),
  description: required('string'),
  runbook: 'string',
};

/** Alerts of this library, each with its section of the guide. */
export function withRunbooks(alerts: readonly MetricsAlert[]): readonly MetricsAlert[] {
  return alerts.map((alert) => ({ runbook: `#${alert.name.toLowerCase()}`, ...alert }));
}

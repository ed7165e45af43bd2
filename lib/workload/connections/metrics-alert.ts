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

/** The key of what is known of an alert of this library: a symbol, so that it is no option of an alert. */
export const KNOWN = Symbol('known');

/** What the number that an expression compares with stands for. */
export interface ThresholdMeaning {
  /** A `share` is above 0 and below 1, `seconds` are above 0, and a `count` is 0 or more. */
  readonly unit: 'share' | 'seconds' | 'count';
  /** What it measures, in words: `of the orders` for a share, `time since the newest price`, `deadlocks in 15 minutes`. */
  readonly of: string;
  /**
   * The expression compares with so many times the threshold.
   * @default 1
   */
  readonly times?: number;
}

/** An alert of this library. */
export interface LibraryAlert extends MetricsAlert {
  readonly [KNOWN]?: {
    /** Of an alert with a threshold. */
    readonly threshold?: ThresholdMeaning;
    /** Another job that the expression needs: if it is not watched, the alert is left out, as it could never fire. */
    readonly otherJob?: string;
  };
}

/** What the threshold of an alert means; of an alert of the user, only the user knows it. */
export function meaningOf(alert: LibraryAlert): ThresholdMeaning | undefined {
  return alert[KNOWN]?.threshold;
}

/** The job besides its own that has to be watched so that the alert can fire. */
export function otherJobOf(alert: LibraryAlert): string | undefined {
  return alert[KNOWN]?.otherJob;
}

/** Alerts of this library, each with its section of the guide. */
export function withRunbooks(alerts: readonly LibraryAlert[]): readonly MetricsAlert[] {
  return alerts.map((alert) => ({ runbook: `#${alert.name.toLowerCase()}`, ...alert }));
}

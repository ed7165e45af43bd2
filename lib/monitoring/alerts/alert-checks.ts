import { invalidName, invalidValue } from '../../errors';
import {
  type AlertSeverity,
  meaningOf,
  type MetricsAlert,
  type ThresholdMeaning,
} from '../../workload/connections/metrics-alert';
import { checkAlertTemplate, checkCharacters } from '../prometheus/alert-template';
import { checkDurationLength } from '../prometheus/duration-text';

/**
 * Checks the alerts of a job, or of the stack.
 * @throws TradingStackError for an alert that Prometheus would not load or that could not fire, and for a name that is taken
 */
export function checkAlerts(alerts: readonly MetricsAlert[], job: string | undefined, where: string): void {
  const seen = new Set<string>();
  for (const alert of alerts) {
    const { name, expr, threshold, severity, summary, description, runbook = '' } = alert;
    const at = `${where}: the alert ${job === undefined ? '' : `${job}/`}${name}`;
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw invalidName(where, 'the name of an alert', name, "letters, digits and underscores: 'QueueBacklog'");
    }
    if (seen.has(name)) {
      const what = `the name of a second alert of ${job ?? 'the stack'}`;
      throw invalidName(where, what, name, 'a name that it does not have');
    }
    seen.add(name);
    if (expr.trim() === '') throw invalidValue(at, 'expr', expr, 'PromQL: \'queue_length{job="$job"} > 100\'');
    const uses = (variable: RegExp): boolean => [expr, summary, description].some((text) => variable.test(text));
    if (threshold === undefined && uses(/\$threshold\b/)) {
      throw invalidValue(at, 'threshold', threshold, 'the number that `$threshold` stands for');
    }
    if (job === undefined && uses(/\$job\b/)) throw invalidValue(at, 'job', job, 'the job that `$job` stands for');
    checkThreshold(threshold, alert, at);
    checkBrackets(expr, at);
    checkCharacters(expr, 'expr', at);
    checkVariables(expr, 'expr', 'a group of a regular expression as ${name}', at);
    checkText(summary, 'summary', at);
    checkText(description, 'description', at);
    checkAlertTemplate({ text: runbook, property: 'runbook', where: at });
    checkDurationLength(alert.for, 'for', at);
    checkSeverity(severity, at);
  }
}

/**
 * Checks a threshold against what it means. Prometheus compares with any number, but no share is above 1, and no value
 * is above infinity.
 */
export function checkThreshold(given: number | undefined, alert: MetricsAlert, where: string): void {
  if (given === undefined) return;
  if (!Number.isFinite(given)) throw invalidValue(where, 'threshold', given, 'a finite number');
  const meaning = meaningOf(alert);
  if (meaning === undefined || isPossible(given, meaning)) return;
  throw invalidValue(where, 'threshold', given, possible(meaning));
}

function isPossible(given: number, { unit, times = 1 }: ThresholdMeaning): boolean {
  switch (unit) {
    case 'share':
      return given > 0 && given * times < 1;
    case 'seconds':
      return given > 0;
    case 'count':
      return given >= 0;
  }
}

function possible({ unit, of, times = 1 }: ThresholdMeaning): string {
  switch (unit) {
    case 'share': {
      const most = Math.floor(10_000 / times) / 10_000;
      const fires = times === 1 ? '' : `, and the alert fires at ${times} times as much`;
      return `the share ${of}, above 0 and below ${most}: 0.01 is 1%${fires}`;
    }
    case 'seconds':
      return `above 0, in seconds: the ${of}`;
    case 'count':
      return `the number of ${of}, 0 or more`;
  }
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Strings, comments, brackets, and a quote that begins a string without an end. */
const TOKENS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|#[^\n]*|[()[\]{}"'`]/g;

/** One expression that Prometheus cannot read keeps it from starting. */
function checkBrackets(expr: string, where: string): void {
  const open: string[] = [];
  for (const [token] of expr.matchAll(TOKENS)) {
    if (token in CLOSING) open.push(token);
    else if (token.length === 1 && '"\'`'.includes(token)) {
      throw invalidValue(where, 'expr', expr, `PromQL with a second ${token} for each ${token}`);
    } else if (Object.values(CLOSING).includes(token)) {
      const last = open.pop();
      if (last !== undefined && CLOSING[last] === token) continue;
      const expected =
        last === undefined ? `an opening bracket for the ${token}` : `a ${CLOSING[last]} for the ${last}`;
      throw invalidValue(where, 'expr', expr, `PromQL with ${expected}`);
    }
  }
  const last = open.at(-1);
  if (last !== undefined) throw invalidValue(where, 'expr', expr, `PromQL with a ${CLOSING[last]} for the ${last}`);
}

/** What is substituted before Prometheus reads a text. */
const SUBSTITUTED = ['$job', '$stack', '$threshold'];

/** A name in a template would be taken for a function, and a number is one. */
const SUBSTITUTED_IN_TEMPLATES = ['$threshold'];

/** Prometheus does not start with a template that it cannot read, where names such as `$labels` are its own. */
function checkText(text: string, option: string, where: string): void {
  const outside = checkAlertTemplate({ text, property: option, where, variables: SUBSTITUTED_IN_TEMPLATES });
  checkVariables(outside, option, '{{ $value }} or {{ $labels.name }}', where);
}

function checkVariables(text: string, option: string, others: string, where: string): void {
  const unknown = text.match(/\$[A-Za-z_]\w*/g)?.find((name) => !SUBSTITUTED.includes(name));
  if (unknown === undefined) return;
  throw invalidValue(where, option, unknown, `${SUBSTITUTED.join(', ')}, or ${others}`);
}

const SEVERITIES: readonly AlertSeverity[] = ['critical', 'warning', 'info'];

/** Checks a severity, which may be any string in plain JavaScript. */
export function checkSeverity(given: AlertSeverity, where: string): void {
  if (!SEVERITIES.includes(given)) throw invalidValue(where, 'severity', given, "'critical', 'warning' or 'info'");
}

import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, mostSimilar, type OptionShapes } from '../../options/options';
import { type AlertSeverity, METRICS_ALERT, type MetricsAlert } from '../../workload/connections/metrics-alert';
import { Duration } from '../../workload/units/duration';
import { refuseSecretUrl } from '../flags';
import { checkDurationLength } from '../prometheus/duration-text';
import { checkAlerts, checkSeverity, checkThreshold } from './alert-checks';

/** An alert that is added to those of the services. */
export interface StackAlert extends MetricsAlert {
  /**
   * Name of the job that it belongs to, and that `$job` stands for.
   * @default - none: an alert of the whole stack
   */
  readonly job?: string;
}

/** What to change in an alert of this library. */
export interface AlertChange {
  /** @default - as it is */
  readonly threshold?: number;
  /** @default - as it is */
  readonly for?: Duration;
  /** @default - as it is */
  readonly severity?: AlertSeverity;
}

/** Changes of the alerts of a MonitoringStack. */
export interface AlertOptions {
  /**
   * Further alerts.
   * @default - those of the services only
   */
  readonly add?: readonly StackAlert[];
  /**
   * Thresholds, durations and severities, by the name of the alert for every service: `RedisMemoryFull`, or by the job and
   * the name for one of them: `queue/RedisMemoryFull`, which takes precedence.
   * @default - none
   */
  readonly change?: Readonly<Record<string, AlertChange>>;
  /**
   * Alerts that are left out, named as in `change`.
   * @default - none
   */
  readonly leaveOut?: readonly string[];
  /**
   * URL under which `docs/guides/alerts.md` of this package can be read, for the links in notifications. It has no
   * password: everyone who is notified sees it.
   * @default - the file in node_modules
   */
  readonly guideUrl?: string;
}

/** How {@link AlertOptions} are checked. */
export const ALERT_OPTIONS: OptionShapes<AlertOptions> = {
  add: [{ ...METRICS_ALERT, job: 'string' }],
  change: 'object',
  leaveOut: ['string'],
  guideUrl: 'string',
};

const ALERT_CHANGE: OptionShapes<AlertChange> = { threshold: 'number', for: Duration, severity: 'string' };

/** The alerts of one job, or of the stack. */
export interface AlertGroup {
  /** `undefined` for the stack. */
  readonly job: string | undefined;
  readonly alerts: readonly MetricsAlert[];
}

/**
 * The groups after what the options add, change and leave out.
 * @throws TradingStackError for an alert that is invalid or whose name is taken, for a name that no alert has, and for a
 *   `guideUrl` that is not a URL or contains a password
 */
export function applyAlertOptions(
  groups: readonly AlertGroup[],
  { add = [], change = {}, leaveOut = [], guideUrl }: AlertOptions,
  where: string,
): readonly AlertGroup[] {
  if (guideUrl !== undefined) checkGuideUrl(guideUrl, where);
  const jobs = groups.map(({ job }) => job);
  add.forEach(({ job }, index) => {
    if (job === undefined || jobs.includes(job)) return;
    throw unknown(where, `alerts.add[${index}].job`, job, 'service', jobs);
  });
  const all = [...groups, { job: undefined, alerts: [] }].map(({ job, alerts }) => ({
    job,
    alerts: [...alerts, ...add.filter((added) => added.job === job).map(withoutJob)],
  }));
  for (const { job, alerts } of all) checkAlerts(alerts, job, where);
  const known = new Set(all.flatMap(({ job, alerts }) => alerts.flatMap(({ name }) => namesOf(job, name))));
  for (const [name, given] of Object.entries(change)) {
    if (!known.has(name)) throw unknown(where, 'alerts.change', name, 'alert', [...known]);
    const changed = all.flatMap(({ job, alerts }) => alerts.filter((alert) => namesOf(job, alert.name).includes(name)));
    checkChange(name, given, changed, where);
    if (given.threshold === undefined || changed.some(({ threshold }) => threshold !== undefined)) continue;
    const allowed = `only \`for\` and \`severity\`: the expression of ${name} has no threshold`;
    throw invalidValue(where, `alerts.change of ${name}: threshold`, given.threshold, allowed);
  }
  leaveOut.forEach((name, index) => {
    if (!known.has(name)) throw unknown(where, `alerts.leaveOut[${index}]`, name, 'alert', [...known]);
  });
  return all.map(({ job, alerts }) => ({
    job,
    alerts: alerts
      .filter(({ name }) => !namesOf(job, name).some((one) => leaveOut.includes(one)))
      .map((alert) => namesOf(job, alert.name).reduce((changed, one) => ({ ...changed, ...change[one] }), alert)),
  }));
}

function withoutJob({ job: _job, ...alert }: StackAlert): MetricsAlert {
  return alert;
}

/** From the general to the particular. */
function namesOf(job: string | undefined, name: string): readonly string[] {
  return job === undefined ? [name] : [name, `${job}/${name}`];
}

function checkChange(name: string, given: AlertChange, changed: readonly MetricsAlert[], where: string): void {
  const at = `${where}: alerts.change of ${name}`;
  checkOptions(given, ALERT_CHANGE, at);
  for (const alert of changed) checkThreshold(given.threshold, alert, at);
  if (given.severity !== undefined) checkSeverity(given.severity, at);
  checkDurationLength(given.for, 'for', at);
}

/** Links to it are in notifications, and Prometheus would take two braces for a template. */
function checkGuideUrl(url: string, where: string): void {
  const option = 'alerts.guideUrl';
  refuseSecretUrl(url, option, where);
  if (/^https?:\/\/[^\s/?#]+([/?#]\S*)?$/.test(url) && !/\p{Cc}|\{\{/u.test(url) && URL.canParse(url)) return;
  throw invalidValue(where, option, url, "a URL of HTTP: 'https://wiki.desk.example/alerts'");
}

function unknown(
  where: string,
  option: string,
  given: string,
  kind: string,
  known: readonly (string | undefined)[],
): TradingStackError {
  const names = known.filter(
    (name): name is string => name !== undefined && (given.includes('/') || !name.includes('/')),
  );
  const job = given.slice(0, given.indexOf('/') + 1);
  const similar = mostSimilar(
    given,
    names.filter((name) => name.startsWith(job)),
  );
  const fix = similar === undefined ? `Use one of ${names.join(', ')}` : `Did you mean '${similar}'?`;
  return new TradingStackError(
    'unknown-reference',
    where,
    `${option} names '${given}', and there is no such ${kind}`,
    fix,
  );
}

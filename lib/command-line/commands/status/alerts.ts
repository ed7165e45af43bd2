import { MonitoringStack, type TradingStack } from '../../../index';
import { WATCHDOG } from '../../../internal';
import type { DockerApi } from '../../engine/docker-api';
import { shortAge } from '../../output/quantities';
import { withoutControls } from '../../output/control-sequences';
import type { Output } from '../../output/output';
import { printTable } from '../../output/table';
import { askPage } from './questions';

/** An alert that fires. */
interface FiringAlert {
  readonly name: string;
  /** The job that it is about, which has the id of the service; `null` for an alert about no single one. */
  readonly service: string | null;
  readonly severity: string | null;
  readonly summary: string | null;
  /** Since when its condition holds. */
  readonly since: string;
  /** Whether nobody is notified because of a silence; `null` without an Alertmanager that answers. */
  readonly isSilenced: boolean | null;
}

/** What one Prometheus says. */
export interface AlertStatus {
  /** Name of its container. */
  readonly prometheus: string;
  /** The worst first; empty if they are unknown. */
  readonly firing: readonly FiringAlert[];
  /** Why the alerts are unknown; `null` if they are known. */
  readonly unknown: string | null;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
interface AlertsPage {
  readonly data: {
    readonly alerts: readonly {
      readonly labels: Labels;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly state: string;
      readonly activeAt: string;
    }[];
  };
}

/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml */
type SilencedPage = readonly { readonly labels: Labels }[];

type Labels = Readonly<Record<string, string>>;

const SILENCED = 'active=false&inhibited=false&unprocessed=false&silenced=true';

/** The alerts of every Prometheus of a stack, without the one that always fires. */
export function alertsOf(stack: TradingStack, docker: DockerApi): Promise<AlertStatus[]> {
  const monitoring = stack.node.findAll().filter((construct) => construct instanceof MonitoringStack);
  return Promise.all(monitoring.map((one) => alertsIn(one, stack, docker)));
}

async function alertsIn(
  { prometheus, alertmanager }: MonitoringStack,
  stack: TradingStack,
  docker: DockerApi,
): Promise<AlertStatus> {
  const { name } = prometheus.workload.spec;
  const [page, silencedPage] = await Promise.all([
    askPage<AlertsPage>(prometheus, '/api/v1/alerts', stack, docker),
    alertmanager && askPage<SilencedPage>(alertmanager, `/api/v2/alerts?${SILENCED}`, stack, docker),
  ]);
  if ('unknown' in page) return { prometheus: name, firing: [], unknown: page.unknown };
  const silenced = silencedPage !== undefined && 'answer' in silencedPage ? silencedPage.answer : undefined;
  const firing = page.answer.data.alerts
    .filter(({ state, labels }) => state === 'firing' && labels.alertname !== WATCHDOG)
    .map(({ labels, annotations = {}, activeAt }) => ({
      name: labels.alertname ?? '',
      service: labels.job ?? null,
      severity: labels.severity ?? null,
      summary: annotations.summary ?? null,
      since: activeAt,
      // Alertmanager also has the external labels of its Prometheus.
      isSilenced: silenced?.some((one) => includes(one.labels, labels)) ?? null,
    }))
    .sort((one, other) => urgency(one) - urgency(other) || Date.parse(one.since) - Date.parse(other.since));
  return { prometheus: name, firing, unknown: null };
}

function includes(all: Labels, some: Labels): boolean {
  return Object.entries(some).every(([label, value]) => all[label] === value);
}

const SEVERITIES: readonly (string | null)[] = ['critical', 'warning', 'info'];

function urgency({ severity }: FiringAlert): number {
  // One without a severity of this library is sent to the channels of critical ones.
  return Math.max(0, SEVERITIES.indexOf(severity));
}

/** Prints the alerts that fire, or that none does. */
export function printAlerts(statuses: readonly AlertStatus[], now: number, output: Output): void {
  if (statuses.length === 0) return;
  const { red, yellow, dim } = output.colors;
  const firing = statuses.flatMap((status) => status.firing);
  output.say('');
  if (firing.length > 0) {
    printTable(
      output,
      ['ALERT', 'SERVICE', 'SEVERITY', 'SINCE', 'SUMMARY'],
      firing.map(({ name, service, severity, since, summary, isSilenced }) => {
        const color = isSilenced === true ? dim : severity === 'critical' ? red : yellow;
        const silence = isSilenced === true ? ' (silenced)' : '';
        const cells = [
          name,
          service ?? '',
          `${severity ?? ''}${silence}`,
          shortAge(now - Date.parse(since)),
          summary ?? '',
        ];
        return cells.map((cell) => color(withoutControls(cell)));
      }),
    );
  } else if (statuses.every(({ unknown }) => unknown === null)) {
    output.say('No alerts are firing.');
  }
  for (const { prometheus, unknown } of statuses) {
    if (unknown !== null) output.warn(`Alerts of ${prometheus} unknown: ${unknown}`);
  }
}

import { KNOWN, type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { type MetricsSource, UP } from '../../workload/connections/monitored';
import { Duration } from '../../workload/units/duration';

/**
 * The alerts of a service: those of every service, and its own. One of its own replaces that of every service with the
 * same name.
 */
export function alertsOf(source: MetricsSource): readonly MetricsAlert[] {
  const { alerts: own = [], target, upQuery } = source;
  const general = target.kind === 'exporter' ? exportedAlerts(upQuery) : SERVED_ALERTS;
  return [...general.filter(({ name }) => !own.some((alert) => alert.name === name)), ...own];
}

const SERVICE_DOWN = {
  name: 'ServiceDown',
  for: Duration.minutes(1),
  severity: 'critical',
  summary: '$job is down',
} as const;

/** A name that resolves to no instance is no target, so it has no `up`. */
const UNREACHABLE = 'up{job="$job"} == 0 or absent(up{job="$job"})';

/** For a service that serves its metrics itself. */
const SERVED_ALERTS = withRunbooks([
  {
    ...SERVICE_DOWN,
    expr: UNREACHABLE,
    description:
      'Prometheus cannot read the metrics of $job. See its state with `npm run status -- $stack` and the reason with ' +
      '`npm run logs -- $stack --since 15m`; if it runs, it serves no metrics at the port and path that Prometheus scrapes.',
  },
  {
    name: 'ServiceRestarting',
    expr: 'changes(process_start_time_seconds{job="$job"}[15m]) > $threshold',
    threshold: 2,
    [KNOWN]: { threshold: { unit: 'count', of: 'restarts in 15 minutes' } },
    severity: 'warning',
    summary: '$job keeps restarting',
    description:
      '$job has restarted {{ $value }} times in 15 minutes. Its last log lines before each start say why: ' +
      '`npm run logs -- $stack --since 15m`. Exit code 137 means that it was killed, often for lack of memory.',
  },
]);

/** For a service whose metrics come from an exporter. */
function exportedAlerts(upQuery: string): readonly MetricsAlert[] {
  // The exporter of a machine connects to nothing that could be down.
  if (upQuery === UP) return EXPORTER_ALERTS;
  return withRunbooks([
    {
      ...SERVICE_DOWN,
      expr: `${upQuery} == 0`,
      description:
        'The exporter of $job cannot connect to it. See the state of $job with `npm run status -- $stack` and the reason ' +
        'with `npm run logs -- $stack --since 15m`.',
    },
    ...EXPORTER_ALERTS,
  ]);
}

const EXPORTER_ALERTS = withRunbooks([
  {
    name: 'ExporterDown',
    expr: UNREACHABLE,
    for: Duration.minutes(5),
    severity: 'warning',
    summary: 'The exporter of $job is down',
    description:
      'Nothing is known about $job, which may be down too. See the state of both with `npm run status -- $stack`, and ' +
      'the log of the exporter.',
  },
]);

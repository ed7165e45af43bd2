import type { EngineDefaults } from '../../platform/container-engine';
import { type HealthCheckSpec, isProbed, replacedCheck, type WorkloadSpec } from '../../platform/spec';
import { Duration } from '../units/duration';

/** Added to the time that a health check allows, for creating the container itself. */
const START_MARGIN = Duration.seconds(30);

/** Time that a Swarm gives a process to end, including the two seconds in which it announces an unhealthy one. */
const END_MILLISECONDS = 5000;

/** The longest time from the start of a workload until a health check says whether it is healthy. */
function timeToBecomeHealthy(check: HealthCheckSpec): number {
  // A probe may be running when the start period ends. Its failure does not count, so there is one more than the retries.
  return check.startPeriodMilliseconds + probes(check.retries + 1, check);
}

/**
 * The longest time until a Swarm notices that a workload no longer works. Without a probe that is when its process ends.
 * With one the process may hang: each probe then takes its whole time, and the process is killed after its grace period.
 */
export function timeToNoticeFailure(workload: Pick<WorkloadSpec, 'healthCheck' | 'stopGracePeriodSeconds'>): number {
  const { healthCheck, stopGracePeriodSeconds } = workload;
  if (healthCheck === null || !isProbed(healthCheck)) return END_MILLISECONDS;
  return probes(healthCheck.retries, healthCheck) + stopGracePeriodSeconds * 1000 + END_MILLISECONDS;
}

/** The longest time that a number of probes takes, in milliseconds. */
function probes(count: number, { intervalMilliseconds, timeoutMilliseconds }: HealthCheckSpec): number {
  return count * (intervalMilliseconds + timeoutMilliseconds);
}

/**
 * How long a deploy waits for a workload, in seconds: as requested, or as long as its health check allows; `null` if
 * the engine only waits on request.
 */
export function startTimeout(
  kind: WorkloadSpec['kind'],
  check: HealthCheckSpec | null,
  asked: Duration | undefined,
  engine: EngineDefaults,
): number | null {
  if (asked !== undefined) return asked.toWholeSeconds();
  if (kind === 'job' || (!isProbed(check) && !engine.waitsUnprobed)) return null;
  return defaultStartTimeout(check);
}

/** As long as the health check allows, in seconds. */
export function defaultStartTimeout(check: HealthCheckSpec | null): number {
  const allowed = check === null ? 0 : timeToBecomeHealthy(check);
  return Math.ceil(allowed / 1000) + START_MARGIN.toWholeSeconds();
}

/**
 * The health check with a start period of at least the requested start timeout: an engine that stops unhealthy workloads
 * would stop a slow start earlier. The first successful probe ends a start period.
 */
export function withTimeToStart(
  check: HealthCheckSpec | null,
  asked: Duration | undefined,
  engine: EngineDefaults,
): HealthCheckSpec | null {
  // The timings of the image's own check cannot be changed without its test.
  const ownCheck = replacedCheck(check);
  if (ownCheck === null || !isProbed(ownCheck) || asked === undefined || !engine.stopsUnhealthy) return check;
  return { ...ownCheck, startPeriodMilliseconds: Math.max(ownCheck.startPeriodMilliseconds, asked.toMilliseconds()) };
}

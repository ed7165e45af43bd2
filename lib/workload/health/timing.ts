import { invalidValue } from '../../errors';
import type { EngineDefaults } from '../../platform/container-engine';
import { isProbed, type WorkloadSpec } from '../../platform/spec';
import { checkDuration, Duration } from '../units/duration';

/** Added to the time that a health check allows: for pulling up the container itself. */
const START_MARGIN = Duration.seconds(30);

/**
 * How long a deploy waits for a workload, in seconds: as asked, or as long as its health check allows; `null` where it
 * does not wait unless it is asked to.
 */
export function startTimeout(
  kind: WorkloadSpec['kind'],
  check: WorkloadSpec['healthCheck'],
  asked: Duration | undefined,
  engine: EngineDefaults,
): number | null {
  if (asked !== undefined) return asked.toWholeSeconds();
  if (kind === 'job' || (!isProbed(check) && !engine.waitsUnprobed)) return null;
  const round = check === null ? 0 : check.intervalMilliseconds + check.timeoutMilliseconds;
  const allowed = check === null ? 0 : check.startPeriodMilliseconds + (check.retries + 1) * round;
  return Math.ceil(allowed / 1000) + START_MARGIN.toWholeSeconds();
}

/**
 * The health check with a start period as long as the start may take, where that was asked for: an engine that stops
 * what is unhealthy would stop a slow start before. The first success ends a start period.
 */
export function withTimeToStart(
  check: WorkloadSpec['healthCheck'],
  asked: Duration | undefined,
  engine: EngineDefaults,
): WorkloadSpec['healthCheck'] {
  if (check === null || !isProbed(check) || asked === undefined || !engine.stopsUnhealthy) return check;
  return { ...check, startPeriodMilliseconds: Math.max(check.startPeriodMilliseconds, asked.toMilliseconds()) };
}

/** @throws TradingStackError for no duration, and for none at all: the deploy would fail while the container starts */
export function checkStartTimeout(given: unknown, property: string, where: string): void {
  checkDuration(given, property, where);
  if ((given as Duration).toMilliseconds() === 0) {
    throw invalidValue(where, property, 'zero', 'the time that it may take to be healthy: Duration.minutes(2)');
  }
}

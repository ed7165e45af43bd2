import { invalidValue } from '../../errors';
import type { Duration } from '../../workload/units/duration';

/** Prometheus and Alertmanager count nanoseconds in 64 bits, which is 292 years. */
const LONGEST_MS = 9_223_372_036_854;

// https://prometheus.io/docs/prometheus/latest/configuration/configuration/: <duration>
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const LENGTHS_MS = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1];

/** @throws TradingStackError `invalid-value` unless Prometheus and Alertmanager can read it as a duration */
export function checkDurationText(given: unknown, property: string, where: string): void {
  const length = millisecondsOf(given);
  if (length === undefined) throw invalidValue(where, property, given, "a duration such as '30s', '5m' or '1h30m'");
  if (length > LONGEST_MS) throw invalidValue(where, property, given, 'a duration of at most 292 years');
}

/** Of what is not a duration, `undefined`. */
export function millisecondsOf(given: unknown): number | undefined {
  // YAML reads an unquoted 0 as a number, and 0 needs no unit.
  if (given === 0 || given === '0') return 0;
  if (typeof given !== 'string' || given === '') return undefined;
  const [, ...amounts] = DURATION.exec(given) ?? [];
  if (amounts.length === 0) return undefined;
  return LENGTHS_MS.reduce((sum, length, index) => sum + Number(amounts[index] ?? 0) * length, 0);
}

/** @throws TradingStackError `invalid-value` for a duration that Prometheus cannot count */
export function checkDurationLength(given: Duration | undefined, property: string, where: string): void {
  const length = given?.toMilliseconds() ?? 0;
  if (length <= LONGEST_MS) return;
  throw invalidValue(where, property, `${Math.round(length / 86_400_000)} days`, 'a duration of at most 292 years');
}

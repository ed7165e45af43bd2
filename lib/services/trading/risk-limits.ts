import { invalidValue, wrongSpelling } from '../../errors';
import { isA } from '../../workload/is-a';

/** Limits in the currency of the account. */
export interface AbsoluteLimits {
  /** Largest value of one position, as `MAX_POSITION_SIZE`. */
  readonly maxPositionSize: number;
  /** Loss of one day after which no order is approved any more, as `MAX_DAILY_LOSS`. */
  readonly maxDailyLoss: number;
}

/** Limits as shares of the account, above 0 and up to 1: `0.2` is a fifth of it. */
export interface RelativeLimits {
  /** Largest position, as `MAX_POSITION_SIZE_PCT`. */
  readonly maxPositionSize: number;
  /** Loss since the highest value of the account after which no order is approved, as `MAX_PORTFOLIO_DRAWDOWN_PCT`. */
  readonly maxDrawdown: number;
}

/**
 * What a risk manager may approve. The two ways of saying it cannot be mixed up: a limit of 0.2 is either a fifth of
 * the account or twenty cents.
 *
 * @example
 * RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 })
 */
export class RiskLimits {
  /** @throws TradingStackError unless both are above 0 */
  static absolute(limits: AbsoluteLimits): RiskLimits {
    const { maxPositionSize, maxDailyLoss } = given(limits);
    const amount = (value: unknown, option: string): number =>
      check(value, option, Infinity, 'an amount of money above 0');
    return new RiskLimits({
      MAX_POSITION_SIZE: amount(maxPositionSize, 'maxPositionSize'),
      MAX_DAILY_LOSS: amount(maxDailyLoss, 'maxDailyLoss'),
    });
  }

  /** @throws TradingStackError unless both are above 0 and at most 1 */
  static relative(limits: RelativeLimits): RiskLimits {
    const { maxPositionSize, maxDrawdown } = given(limits);
    const share = (value: unknown, option: string): number =>
      check(value, option, 1, 'a share of the account, above 0 and at most 1: 0.2 for 20 %');
    return new RiskLimits({
      MAX_POSITION_SIZE_PCT: share(maxPositionSize, 'maxPositionSize'),
      MAX_PORTFOLIO_DRAWDOWN_PCT: share(maxDrawdown, 'maxDrawdown'),
    });
  }

  private constructor(
    /** The variables of the program that keeps to the limits. */
    readonly environment: Readonly<Record<string, number>>,
  ) {}
}

/** @throws TradingStackError for what only plain JavaScript can give: nothing, or numbers that say no unit */
export function checkRiskLimits(limits: RiskLimits, where: string): RiskLimits {
  if (isA(RiskLimits, limits)) return limits;
  const spelling = 'limits: RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 })';
  throw wrongSpelling(where, 'limits', limits, spelling);
}

/** Plain JavaScript may give nothing: each of the limits is missing then. */
function given<T extends object>(limits: T | undefined): Partial<T> {
  return limits ?? {};
}

function check(value: unknown, option: string, most: number, wanted: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0 && value <= most) return value;
  throw invalidValue('RiskLimits', option, value, wanted);
}

import { invalidValue } from '../../errors';

/** Limits in the currency of the account. */
export interface AbsoluteLimits {
  /** Largest value of one position, as `MAX_POSITION_SIZE`. */
  readonly maxPositionSize: number;
  /** Loss of one day after which no order is approved any more, as `MAX_DAILY_LOSS`. */
  readonly maxDailyLoss: number;
}

/** Limits as shares of the account, above 0 and up to 1: `0.2` is a fifth of it. */
export interface FractionalLimits {
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
 * RiskLimits.fractions({ maxPositionSize: 0.2, maxDrawdown: 0.15 })
 */
export class RiskLimits {
  /** @throws TradingStackError unless both are above 0 */
  static absolute({ maxPositionSize, maxDailyLoss }: AbsoluteLimits): RiskLimits {
    const amount = (value: number, option: string): number =>
      check(value, option, Number.isFinite(value) && value > 0, 'an amount of money above 0');
    return new RiskLimits({
      MAX_POSITION_SIZE: amount(maxPositionSize, 'maxPositionSize'),
      MAX_DAILY_LOSS: amount(maxDailyLoss, 'maxDailyLoss'),
    });
  }

  /** @throws TradingStackError unless both are above 0 and at most 1 */
  static fractions({ maxPositionSize, maxDrawdown }: FractionalLimits): RiskLimits {
    const share = (value: number, option: string): number =>
      check(value, option, value > 0 && value <= 1, 'a share of the account, above 0 and at most 1: 0.2 for 20 %');
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

function check(value: number, option: string, isRight: boolean, wanted: string): number {
  if (!isRight) throw invalidValue('RiskLimits', option, value, wanted);
  return value;
}

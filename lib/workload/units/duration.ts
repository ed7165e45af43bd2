import { invalidValue } from '../../errors';

/**
 * A length of time, such as a probe interval or a grace period.
 *
 * @example
 * Duration.seconds(30)
 */
export class Duration {
  /**
   * A number of milliseconds; whole and not negative.
   * @throws TradingStackError unless it is a whole number of milliseconds, zero or more
   */
  static milliseconds(amount: number): Duration {
    return new Duration(amount, `Duration.milliseconds(${amount})`);
  }

  /**
   * A number of seconds; not negative, down to a thousandth.
   * @throws TradingStackError unless it is a whole number of milliseconds, zero or more
   */
  static seconds(amount: number): Duration {
    return new Duration(withoutNoise(amount * 1000), `Duration.seconds(${amount})`);
  }

  /**
   * A number of minutes; not negative.
   * @throws TradingStackError unless it is a whole number of milliseconds, zero or more
   */
  static minutes(amount: number): Duration {
    return new Duration(withoutNoise(amount * 60_000), `Duration.minutes(${amount})`);
  }

  /**
   * A number of hours; not negative.
   * @throws TradingStackError unless it is a whole number of milliseconds, zero or more
   */
  static hours(amount: number): Duration {
    return new Duration(withoutNoise(amount * 3_600_000), `Duration.hours(${amount})`);
  }

  /**
   * A number of days of 24 hours; not negative.
   * @throws TradingStackError unless it is a whole number of milliseconds, zero or more
   */
  static days(amount: number): Duration {
    return new Duration(withoutNoise(amount * 86_400_000), `Duration.days(${amount})`);
  }

  private constructor(
    private readonly amount: number,
    source: string,
  ) {
    if (!Number.isInteger(amount) || amount < 0) {
      throw invalidValue(source, 'the duration', `${amount} ms`, 'a duration of whole milliseconds, zero or more');
    }
  }

  /** The duration in milliseconds. */
  toMilliseconds(): number {
    return this.amount;
  }

  /** The duration in seconds, rounded up to a whole one. */
  toWholeSeconds(): number {
    return Math.ceil(this.amount / 1000);
  }
}

/** 1.001 seconds are 1000.9999999999999 ms in floating point. */
function withoutNoise(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}

import { strengthIndex } from './features';
import { decide, type Action, type Indicators, type Thresholds } from './signal';

/** What distinguishes one generated strategy from another. */
export interface StrategyParameters extends Thresholds {
  /** Number of prices in the fast moving average. */
  readonly fastPeriod: number;
  /** Number of prices in the slow moving average. */
  readonly slowPeriod: number;
  /** Number of price changes in the RSI. */
  readonly rsiPeriod: number;
}

/** @param random returns a number from 0 to 1, excluding 1 */
export function randomParameters(random: () => number): StrategyParameters {
  const between = (lowest: number, highest: number): number => lowest + Math.floor(random() * (highest - lowest + 1));
  const fastPeriod = between(2, 15);
  return {
    fastPeriod,
    slowPeriod: fastPeriod + between(3, 45),
    rsiPeriod: between(5, 30),
    overbought: between(60, 90),
    oversold: between(10, 40),
  };
}

/** Number of prices, the latest included, that a decision with these parameters needs. */
export function pricesFor({ slowPeriod, rsiPeriod }: StrategyParameters): number {
  // One more, because a crossover compares two averages and n changes need n + 1 prices.
  return Math.max(slowPeriod, rsiPeriod) + 1;
}

/** Prices of one symbol, oldest first, with sums that make any average of them cheap. */
export class PriceSeries {
  private readonly sums = [0];
  private readonly gains = [0];
  private readonly losses = [0];

  constructor(readonly prices: readonly number[]) {
    let previous = prices[0] ?? 0;
    for (const price of prices) {
      this.sums.push(last(this.sums) + price);
      this.gains.push(last(this.gains) + Math.max(price - previous, 0));
      this.losses.push(last(this.losses) + Math.max(previous - price, 0));
      previous = price;
    }
  }

  /** The decision after the price at that index, from the prices up to there only. */
  action(index: number, parameters: StrategyParameters): Action {
    if (index + 1 < pricesFor(parameters)) return 'HOLD';
    return decide(this.indicators(index - 1, parameters), this.indicators(index, parameters), parameters);
  }

  private indicators(index: number, { fastPeriod, slowPeriod, rsiPeriod }: StrategyParameters): Indicators {
    const end = index + 1;
    return {
      fastAverage: change(this.sums, end, fastPeriod) / fastPeriod,
      slowAverage: change(this.sums, end, slowPeriod) / slowPeriod,
      rsi: strengthIndex(change(this.gains, end, rsiPeriod), change(this.losses, end, rsiPeriod)),
    };
  }
}

/**
 * The decision after the latest price. It uses only the prices that it needs, so that replicas that have kept different
 * numbers of them decide alike.
 */
export function latestAction(prices: readonly number[], parameters: StrategyParameters): Action {
  const recent = prices.slice(-pricesFor(parameters));
  return new PriceSeries(recent).action(recent.length - 1, parameters);
}

/**
 * The return, as a fraction, of holding the symbol from each BUY to the next SELL, or to the last price. It is simplified:
 * trades are filled at the middle price of the deciding tick, without spread, fees, slippage or short positions, and
 * risk does not count.
 */
export function backtest(series: PriceSeries, parameters: StrategyParameters): number {
  let worth = 1;
  let bought: number | undefined;
  for (const [index, price] of series.prices.entries()) {
    const action = series.action(index, parameters);
    if (action === 'BUY') bought ??= price;
    if (action !== 'SELL' || bought === undefined) continue;
    worth *= price / bought;
    bought = undefined;
  }
  return worth * (bought === undefined ? 1 : last(series.prices) / bought) - 1;
}

function change(sums: readonly number[], end: number, length: number): number {
  return (sums[end] as number) - (sums[end - length] as number);
}

function last(values: readonly number[]): number {
  return values.at(-1) as number;
}

/** The features of a symbol, computed from its recent prices. */
export interface Features {
  /** Mean of the last `FAST_PERIOD` prices. */
  readonly fastAverage: number;
  /** Mean of the last `SLOW_PERIOD` prices. */
  readonly slowAverage: number;
  /** Standard deviation of the last `SLOW_PERIOD` logarithmic returns. */
  readonly volatility: number;
  /** Return over the last `MOMENTUM_PERIOD` prices. */
  readonly momentum: number;
  /** Relative strength index over `RSI_PERIOD` changes, 0 to 100, with plain averages (Cutler's form). */
  readonly rsi: number;
}

export const FAST_PERIOD = 5;
export const SLOW_PERIOD = 20;
export const MOMENTUM_PERIOD = 10;
export const RSI_PERIOD = 14;

/** One more price than the longest period, because n returns need n + 1 prices. */
export const REQUIRED_PRICES = SLOW_PERIOD + 1;

/** Beyond these, quotients of two prices can be infinite. */
export const [LOWEST_PRICE, HIGHEST_PRICE] = [1e-12, 1e12];

/** `prices` are positive, oldest first; the last `REQUIRED_PRICES` of them count. */
export function computeFeatures(prices: readonly number[]): Features {
  if (prices.length < REQUIRED_PRICES) {
    throw new RangeError(`${prices.length} prices given; features need at least ${REQUIRED_PRICES}`);
  }
  const recent = prices.slice(-REQUIRED_PRICES);
  const steps = recent.slice(1).map((price, index) => ({ from: recent[index] as number, to: price }));
  const [latest, earlier] = [recent.at(-1) as number, recent.at(-1 - MOMENTUM_PERIOD) as number];
  return {
    fastAverage: mean(recent.slice(-FAST_PERIOD)),
    slowAverage: mean(recent.slice(-SLOW_PERIOD)),
    volatility: standardDeviation(steps.map(({ from, to }) => Math.log(to / from))),
    momentum: latest / earlier - 1,
    rsi: relativeStrength(steps.slice(-RSI_PERIOD).map(({ from, to }) => to - from)),
  };
}

function relativeStrength(changes: readonly number[]): number {
  const gains = sum(changes.map((change) => Math.max(change, 0)));
  const losses = sum(changes.map((change) => Math.max(-change, 0)));
  return strengthIndex(gains, losses);
}

/** The relative strength index of the sums of the gains and of the losses. */
export function strengthIndex(gains: number, losses: number): number {
  // A constant price is neither overbought nor oversold.
  return gains + losses === 0 ? 50 : (100 * gains) / (gains + losses);
}

/** Of a sample: divides by n - 1. */
function standardDeviation(values: readonly number[]): number {
  const average = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - average) ** 2)) / (values.length - 1));
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

import type { Features } from './features';

export const ACTIONS = ['BUY', 'SELL', 'HOLD'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Signal {
  readonly symbol: string;
  readonly action: Action;
  /** Mid price of the tick the signal answers. */
  readonly price: number;
  /** Sequence of that tick. */
  readonly priceSequence: number;
  readonly features: Features;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The decision of one of several strategies. */
export interface NamedDecision {
  /** Different for every strategy of the service, and the same in all its replicas. */
  readonly strategy: string;
  readonly action: Action;
}

/** The features that a decision depends on. */
export type Indicators = Pick<Features, 'fastAverage' | 'slowAverage' | 'rsi'>;

/** Values of the RSI at which a move is exhausted. */
export interface Thresholds {
  readonly overbought: number;
  readonly oversold: number;
}

const THRESHOLDS: Thresholds = { overbought: 70, oversold: 30 };

/** Follows the crossover of the moving averages, unless the RSI shows that the move is exhausted. */
export function decide(previous: Indicators | undefined, current: Indicators, thresholds = THRESHOLDS): Action {
  if (previous === undefined) return 'HOLD';
  const [wasRising, isRising] = [rising(previous), rising(current)];
  if (!wasRising && isRising && current.rsi < thresholds.overbought) return 'BUY';
  if (wasRising && !isRising && current.rsi > thresholds.oversold) return 'SELL';
  return 'HOLD';
}

function rising(features: Indicators): boolean {
  return features.fastAverage > features.slowAverage;
}

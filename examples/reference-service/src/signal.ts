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

const OVERBOUGHT = 70;
const OVERSOLD = 30;

/** Follows the crossover of the moving averages, unless the RSI shows that the move is exhausted. */
export function decide(previous: Features | undefined, current: Features): Action {
  if (previous === undefined) return 'HOLD';
  const [wasRising, isRising] = [rising(previous), rising(current)];
  if (!wasRising && isRising && current.rsi < OVERBOUGHT) return 'BUY';
  if (wasRising && !isRising && current.rsi > OVERSOLD) return 'SELL';
  return 'HOLD';
}

function rising(features: Features): boolean {
  return features.fastAverage > features.slowAverage;
}

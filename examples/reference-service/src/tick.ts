import { isAmount, isText, isTime, parseObject } from './message';

/** One quote of the market data feed. */
export interface Tick {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
  /** ISO 8601. */
  readonly time: string;
  /** Counts from 1 for each symbol and restarts with the feed. */
  readonly sequence: number;
}

export const SYMBOL_PATTERN = /^[A-Za-z0-9._-]{1,32}$/;

/** Rounded far below any price step, so that stored prices have no binary noise. */
export function midPrice(tick: Tick): number {
  return Number(((tick.bid + tick.ask) / 2).toPrecision(12));
}

export function parseTick(message: unknown): Tick {
  return parseObject<Tick>('a tick', message, {
    symbol: (value) => isText(value) && SYMBOL_PATTERN.test(value),
    bid: isAmount,
    ask: isAmount,
    time: isTime,
    sequence: Number.isSafeInteger,
  });
}

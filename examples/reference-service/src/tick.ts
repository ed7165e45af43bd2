/** One quote of the market data feed. */
export interface Tick {
  readonly symbol: string;
  readonly bid: number;
  readonly ask: number;
  /** ISO 8601. */
  readonly time: string;
  /** Counts from 1 for each symbol; starts again when the feed does. */
  readonly sequence: number;
}

export const SYMBOL_PATTERN = /^[A-Za-z0-9._-]{1,32}$/;

/** Rounded far below any price step, so that binary fractions do not show up in stored prices. */
export function midPrice(tick: Tick): number {
  return Number(((tick.bid + tick.ask) / 2).toPrecision(12));
}

export function parseTick(payload: string): Tick {
  const tick = JSON.parse(payload) as Partial<Tick> | null;
  const { symbol, bid, ask, time, sequence } = tick ?? {};
  if (
    typeof symbol !== 'string' ||
    typeof time !== 'string' ||
    !isPositive(bid) ||
    !isPositive(ask) ||
    !Number.isSafeInteger(sequence)
  ) {
    throw new Error(`not a tick: ${payload}`);
  }
  return { symbol, bid, ask, time, sequence: sequence as number };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

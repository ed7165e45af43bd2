import type { Tick } from './tick';

/** Start prices of well-known symbols; every other symbol starts at `DEFAULT_PRICE`. */
const START_PRICES: ReadonlyMap<string, number> = new Map([
  ['EURUSD', 1.08],
  ['GBPUSD', 1.27],
  ['EURGBP', 0.8504],
  ['USDJPY', 155],
  ['BTCUSDT', 60_000],
  ['ETHUSDT', 3_000],
  ['ETHBTC', 0.05],
]);
const DEFAULT_PRICE = 100;

/** Standard deviation of one step, and half of the spread, both as fractions of the price. */
const STEP = 0.0002;
const HALF_SPREAD = 0.00005;
const SIGNIFICANT_DIGITS = 7;

/** The synthetic price of one symbol: a geometric random walk that is the same for the same seed. */
export class RandomWalk {
  private readonly random: () => number;
  private price: number;
  private sequence = 0;

  constructor(
    readonly symbol: string,
    seed: number,
  ) {
    this.random = seededRandom(seed ^ hash(symbol));
    this.price = START_PRICES.get(symbol) ?? DEFAULT_PRICE;
  }

  next(time: Date): Tick {
    this.price *= Math.exp(STEP * this.normal());
    this.sequence += 1;
    return {
      symbol: this.symbol,
      bid: rounded(this.price * (1 - HALF_SPREAD)),
      ask: rounded(this.price * (1 + HALF_SPREAD)),
      time: time.toISOString(),
      sequence: this.sequence,
    };
  }

  /** Box-Muller transform; 1 - random keeps the logarithm's argument above zero. */
  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }
}

/** The mulberry32 generator: 32 bits of state are enough for prices that only have to look realistic. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a, so that symbols with one seed walk apart. */
function hash(text: string): number {
  return Buffer.from(text).reduce((value, byte) => Math.imul(value ^ byte, 0x01000193), 0x811c9dc5);
}

function rounded(price: number): number {
  return Number(price.toPrecision(SIGNIFICANT_DIGITS));
}

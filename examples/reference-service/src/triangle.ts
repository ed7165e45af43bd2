/** Three symbols whose currencies form a cycle, such as EURGBP, GBPUSD and EURUSD. */
export interface Triangle {
  /** The currency in which a round trip starts and ends, such as USD. */
  readonly home: string;
  readonly first: string;
  readonly second: string;
  /** The symbols: `first` in `second`, `second` in `home`, and `first` in `home`. */
  readonly cross: string;
  readonly secondHome: string;
  readonly firstHome: string;
}

/** The current bid and ask. */
export interface Quote {
  readonly bid: number;
  readonly ask: number;
}

export interface Trip {
  /** The currencies in the order they are held, as `USD>EUR>GBP>USD`. */
  readonly path: string;
  /** The gain of the trip as a fraction, after the spreads; negative is a loss. */
  readonly edge: number;
}

const SHORTEST_CURRENCY = 3;

/** All triangles of the symbols; currencies are recognized by the common parts of the symbols. */
export function findTriangles(symbols: readonly string[]): readonly Triangle[] {
  const byPair = new Map(symbols.map((symbol) => [symbol.replace(/[^A-Za-z0-9]/g, ''), symbol]));
  return [...byPair].flatMap(([pair, cross]) =>
    splits(pair).flatMap(([first, second]) =>
      [...byPair].flatMap(([other, secondHome]) => {
        const home = other.startsWith(second) ? other.slice(second.length) : '';
        const firstHome = byPair.get(first + home);
        if (home.length < SHORTEST_CURRENCY || firstHome === undefined) return [];
        return [{ home, first, second, cross, secondHome, firstHome }];
      }),
    ),
  );
}

/** Both directions: one of them gains if the direct price and the one through `second` differ enough. */
export function trips(triangle: Triangle, quotes: ReadonlyMap<string, Quote>): readonly Trip[] {
  const { home, first, second } = triangle;
  const cross = quotes.get(triangle.cross);
  const secondHome = quotes.get(triangle.secondHome);
  const firstHome = quotes.get(triangle.firstHome);
  if (cross === undefined || secondHome === undefined || firstHome === undefined) return [];
  return [
    { path: [home, first, second, home].join('>'), edge: (cross.bid * secondHome.bid) / firstHome.ask - 1 },
    { path: [home, second, first, home].join('>'), edge: firstHome.bid / (secondHome.ask * cross.ask) - 1 },
  ];
}

function splits(pair: string): readonly (readonly [string, string])[] {
  const lengths = Array.from({ length: pair.length + 1 }, (_, length) => length);
  return lengths
    .filter((length) => length >= SHORTEST_CURRENCY && pair.length - length >= SHORTEST_CURRENCY)
    .map((length) => [pair.slice(0, length), pair.slice(length)]);
}

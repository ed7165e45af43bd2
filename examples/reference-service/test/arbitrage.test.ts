import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import { RandomWalk } from '../src/random-walk';
import { Arbitrage } from '../src/roles/arbitrage';
import type { Tick } from '../src/tick';
import { findTriangles, trips, type Quote } from '../src/triangle';
import { createProcess } from './support/processes';

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`);
}

describe('triangles', () => {
  const currencies = (symbols: readonly string[]): readonly string[] =>
    findTriangles(symbols).map(({ first, second, home }) => `${first} ${second} ${home}`);

  it('are found among currencies, coins and symbols with separators', () => {
    assert.deepEqual(currencies(['EURUSD', 'GBPUSD', 'EURGBP']), ['EUR GBP USD']);
    assert.deepEqual(currencies(['BTCUSDT', 'ETHUSDT', 'ETHBTC']), ['ETH BTC USDT']);
    assert.deepEqual(currencies(['EUR-USD', 'USD-JPY', 'EUR-JPY']), ['EUR USD JPY']);
  });

  it('are not found if the cycle does not close', () => {
    assert.deepEqual(currencies(['EURUSD', 'GBPUSD', 'USDJPY']), []);
    assert.deepEqual(currencies(['AAPL', 'MSFT', 'SPY']), []);
    assert.deepEqual(currencies([]), []);
  });

  it('gain in one direction what they lose, plus the spreads, in the other', () => {
    const [triangle] = findTriangles(['EURUSD', 'GBPUSD', 'EURGBP']);
    assert.ok(triangle);
    const quotes = new Map<string, Quote>([
      ['EURUSD', { bid: 1.09, ask: 1.1 }],
      ['GBPUSD', { bid: 1.25, ask: 1.26 }],
      ['EURGBP', { bid: 0.9, ask: 0.91 }],
    ]);
    const [over, back] = trips(triangle, quotes);
    assert.equal(over?.path, 'USD>EUR>GBP>USD');
    near(over.edge, (0.9 * 1.25) / 1.1 - 1);
    assert.equal(back?.path, 'USD>GBP>EUR>USD');
    near(back.edge, 1.09 / (1.26 * 0.91) - 1);
    assert.deepEqual(trips(triangle, new Map([...quotes].slice(1))), []);
  });
});

describe('the arbitrage role', () => {
  const tick = (symbol: string, price: number, sequence: number): Tick => ({
    symbol,
    bid: price,
    ask: price,
    time: '2026-01-02T03:04:05.000Z',
    sequence,
  });

  /** The opportunities that are recorded for the ticks. */
  async function record(ticks: readonly Tick[]): Promise<readonly unknown[]> {
    const { service, bus, stop } = await createProcess({ DATABASE_URL: 'postgresql://user@127.0.0.1:1/trading' });
    const recorded: unknown[][] = [];
    Object.assign(service.database ?? {}, {
      run: async (_statement: string, values: unknown[]) => recorded.push(values),
    });
    new Arbitrage(service, new Configuration({ ARBITRAGE_THRESHOLD_BPS: '12.5' }), bus);
    for (const each of ticks) {
      await bus.publish('ticks', each);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stop();
    return recorded.map(([path]) => path);
  }

  it('records an opportunity when it appears, and again only after it has disappeared', async () => {
    const cross = [0.05, 0.05, 0.051, 0.052, 0.05, 0.05, 0.051, 0.0495];
    const ticks = cross.flatMap((price, index) => [
      tick('BTCUSDT', 60_000, index + 1),
      tick('ETHUSDT', 3_000, index + 1),
      tick('ETHBTC', price, index + 1),
    ]);
    const [over, back] = ['USDT>ETH>BTC>USDT', 'USDT>BTC>ETH>USDT'];
    assert.deepEqual(await record(ticks), [over, over, back]);
  });

  it('ignores a gain below the threshold', async () => {
    const cross = [0.05, 0.05, 0.05006, 0.04994];
    assert.deepEqual(
      await record(
        cross.flatMap((price, n) => [
          tick('BTCUSDT', 60_000, n + 1),
          tick('ETHUSDT', 3_000, n + 1),
          tick('ETHBTC', price, n + 1),
        ]),
      ),
      [],
    );
  });

  it('does nothing and stays healthy without a triangle', async () => {
    assert.deepEqual(await record(['AAPL', 'MSFT', 'AAPL', 'MSFT'].map((symbol, n) => tick(symbol, 100, n + 1))), []);
  });

  it('finds opportunities in the prices of the market data role', async () => {
    const walks = ['BTCUSDT', 'ETHUSDT', 'ETHBTC'].map((symbol) => new RandomWalk(symbol, 1));
    const ticks = Array.from({ length: 500 }, () => walks.map((walk) => walk.next(new Date()))).flat();
    assert.notDeepEqual(await record(ticks), []);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PriceWindow } from '../src/price-window';
import { RandomWalk } from '../src/random-walk';
import { parseTick, type Tick } from '../src/tick';

const TIME = new Date('2026-01-02T03:04:05Z');

function walk(symbol: string, seed: number): readonly Tick[] {
  const source = new RandomWalk(symbol, seed);
  return Array.from({ length: 1_000 }, () => source.next(TIME));
}

describe('the random walk', () => {
  it('is the same for the same seed only', () => {
    assert.deepEqual(walk('EURUSD', 7), walk('EURUSD', 7));
    assert.notDeepEqual(walk('EURUSD', 7), walk('EURUSD', 8));
  });

  it('differs between symbols', () => {
    const bids = (ticks: readonly Tick[]): readonly number[] => ticks.map((tick) => tick.bid);
    assert.notDeepEqual(bids(walk('AAA', 7)), bids(walk('BBB', 7)));
  });

  it('stays near where it started, bid below ask, counting its ticks', () => {
    for (const [index, tick] of walk('USDJPY', 1).entries()) {
      assert.ok(tick.bid < tick.ask && tick.bid > 140 && tick.ask < 170);
      assert.equal(tick.sequence, index + 1);
    }
  });

  it('creates ticks that are parsed unchanged', () => {
    const tick = new RandomWalk('EURUSD', 1).next(TIME);
    assert.deepEqual(parseTick(JSON.parse(JSON.stringify(tick))), tick);
  });
});

describe('a payload that is not a tick', () => {
  for (const payload of ['', 'null', '{}', '{"symbol":"A","bid":-1,"ask":1,"time":"t","sequence":1}']) {
    it(`is refused: ${payload}`, () => {
      assert.throws(() => parseTick(JSON.parse(payload)));
    });
  }
});

describe('the window of prices', () => {
  const tick = (sequence: number): Tick => ({ symbol: 'A', bid: sequence, ask: sequence, time: 't', sequence });

  it('holds the latest prices, oldest first', () => {
    const window = new PriceWindow(3);
    for (const sequence of [1, 2]) window.add(tick(sequence));
    assert.equal(window.full, false);
    for (const sequence of [3, 4]) window.add(tick(sequence));
    assert.equal(window.full, true);
    assert.deepEqual(window.prices, [2, 3, 4]);
  });

  it('starts again with a feed that has restarted', () => {
    const window = new PriceWindow(3);
    window.add(tick(5));
    assert.equal(window.continuesWith(tick(6)), true);
    assert.equal(window.continuesWith(tick(5)), false);
    assert.equal(window.continuesWith(tick(1)), false);
  });
});

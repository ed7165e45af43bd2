import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeadingFeed } from '../src/leading-feed';
import { RandomWalk } from '../src/random-walk';
import { createProcess } from './support/processes';
import { Configuration } from '../src/configuration';
import { MarketDataFeed } from '../src/market-data-feed';

const TIME = new Date('2026-01-02T03:04:05Z');

/** The accepted sequences of ticks that arrive at the given times, as `[sequence, milliseconds]`. */
function taken(ticks: readonly (readonly [number, number])[]): readonly number[] {
  let now = 0;
  const feed = new LeadingFeed(1_000, () => now);
  return ticks
    .filter(([sequence, at]) => {
      now = at;
      return feed.takes({ symbol: 'A', bid: 1, ask: 1, time: TIME.toISOString(), sequence });
    })
    .map(([sequence]) => sequence);
}

describe('several feeds of the same symbols', () => {
  it('are read as the one that is ahead', async () => {
    const { service, bus, stop } = await createProcess({});
    const received: number[] = [];
    new MarketDataFeed(service, new Configuration({}), bus, ({ sequence }) => void received.push(sequence));
    const feeds = [5, 2, 0].map((ahead) => {
      const walk = new RandomWalk('A', 1);
      for (let step = 0; step < ahead; step += 1) walk.next(TIME);
      return walk;
    });
    for (let step = 0; step < 4; step += 1) for (const feed of feeds) await bus.publish('ticks', feed.next(TIME));
    assert.deepEqual(received, [6, 7, 8, 9]);
    await stop();
  });

  it('are replaced by the next one when the one that is ahead has been silent', () => {
    const ticks = [
      [9, 0],
      [4, 100],
      [10, 500],
      [5, 600],
      [6, 1_100],
      [7, 1_500],
      [8, 1_600],
    ] as const;
    assert.deepEqual(taken(ticks), [9, 10, 7, 8]);
  });

  it('are independent for each symbol', () => {
    const feed = new LeadingFeed(1_000, () => 0);
    const tick = { bid: 1, ask: 1, time: TIME.toISOString() };
    assert.equal(feed.takes({ ...tick, symbol: 'A', sequence: 9 }), true);
    assert.equal(feed.takes({ ...tick, symbol: 'B', sequence: 1 }), true);
    assert.equal(feed.takes({ ...tick, symbol: 'B', sequence: 1 }), false);
  });
});

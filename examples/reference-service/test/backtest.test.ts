import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PriceSeries, backtest, pricesFor, randomParameters, type StrategyParameters } from '../src/backtest';
import { computeFeatures, FAST_PERIOD, RSI_PERIOD, SLOW_PERIOD } from '../src/features';
import { seededRandom } from '../src/random-walk';
import { decide } from '../src/signal';

const QUICK: StrategyParameters = { fastPeriod: 1, slowPeriod: 2, rsiPeriod: 2, overbought: 101, oversold: -1 };

describe('a backtest', () => {
  it('holds from each BUY to the next SELL', () => {
    // Bought at 12 and sold at 15, then bought at 18 and held.
    const series = new PriceSeries([10, 9, 8, 12, 16, 15, 14, 18, 27]);
    assert.equal(backtest(series, QUICK), (15 / 12) * (27 / 18) - 1);
  });

  it('gains nothing without a BUY', () => {
    assert.equal(backtest(new PriceSeries([5, 4, 3, 2, 1]), QUICK), 0);
    assert.equal(backtest(new PriceSeries([]), QUICK), 0);
  });

  it('does not buy when the move is exhausted', () => {
    assert.equal(backtest(new PriceSeries([10, 9, 8, 12, 16]), { ...QUICK, overbought: 50 }), 0);
  });
});

describe('a decision of a generated strategy', () => {
  const random = seededRandom(7);
  const prices = Array.from({ length: 300 }, () => 100 + random());
  const series = new PriceSeries(prices);

  it('is that of the base strategy with its parameters', () => {
    const base = { fastPeriod: FAST_PERIOD, slowPeriod: SLOW_PERIOD, rsiPeriod: RSI_PERIOD };
    const indexes = Array.from({ length: 200 }, (_, index) => index + 50);
    const actions = indexes.map((index) => series.action(index, { ...base, overbought: 70, oversold: 30 }));
    const expected = indexes.map((index) =>
      decide(computeFeatures(prices.slice(0, index)), computeFeatures(prices.slice(0, index + 1))),
    );
    assert.deepEqual(actions, expected);
    assert.deepEqual(new Set(actions), new Set(['BUY', 'SELL', 'HOLD']));
  });

  it('needs no more prices than it says', () => {
    const parameters = randomParameters(random);
    for (let index = 100; index < 300; index += 1) {
      const recent = prices.slice(index + 1 - pricesFor(parameters), index + 1);
      const decided = new PriceSeries(recent).action(recent.length - 1, parameters);
      assert.equal(decided, series.action(index, parameters));
    }
  });
});

describe('random parameters', () => {
  it('are the same for the same seed, and have a fast average that is faster than the slow one', () => {
    const parameters = (seed: number): StrategyParameters[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 500 }, () => randomParameters(random));
    };
    assert.deepEqual(parameters(1), parameters(1));
    assert.notDeepEqual(parameters(1), parameters(2));
    for (const { fastPeriod, slowPeriod } of parameters(1)) assert.ok(fastPeriod < slowPeriod);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REQUIRED_PRICES, computeFeatures } from '../src/features';

function prices(price: (index: number) => number): readonly number[] {
  return Array.from({ length: REQUIRED_PRICES }, (_, index) => price(index));
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

describe('features', () => {
  it('are neutral for a constant price', () => {
    const features = computeFeatures(prices(() => 1.08));
    near(features.fastAverage, 1.08);
    near(features.slowAverage, 1.08);
    assert.equal(features.momentum, 0);
    assert.equal(features.rsi, 50);
    near(features.volatility, 0);
  });

  it('are exact for a price that rises by one per step', () => {
    const features = computeFeatures(prices((index) => 100 + index));
    near(features.fastAverage, 118);
    near(features.slowAverage, 110.5);
    near(features.momentum, 120 / 110 - 1);
    assert.equal(features.rsi, 100);
  });

  it('have an RSI of 0 for a falling price', () => {
    assert.equal(computeFeatures(prices((index) => 200 - index)).rsi, 0);
  });

  it('have no volatility at a constant rate of growth', () => {
    near(computeFeatures(prices((index) => 1.01 ** index)).volatility, 0);
  });

  it('have the sample deviation of the returns for an oscillating price', () => {
    const features = computeFeatures(prices((index) => (index % 2 === 0 ? 100 : 101)));
    // Ten returns of +r and ten of -r.
    near(features.volatility, Math.log(1.01) * Math.sqrt(20 / 19));
    near(features.rsi, 50);
  });

  it('only depend on the latest prices', () => {
    const latest = prices((index) => 100 + Math.sin(index));
    assert.deepEqual(computeFeatures([1, 2, 3, ...latest]), computeFeatures(latest));
  });

  it('need enough prices', () => {
    assert.throws(() => computeFeatures([1, 2, 3]), /3 prices given; features need at least 21/);
  });
});

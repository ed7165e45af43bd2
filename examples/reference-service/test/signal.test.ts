import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Features } from '../src/features';
import { decide } from '../src/signal';

function features(fastAverage: number, slowAverage: number, rsi = 50): Features {
  return { fastAverage, slowAverage, rsi, volatility: 0.001, momentum: 0 };
}

const below = features(1, 2);
const above = features(2, 1);

describe('the decision', () => {
  it('is to hold without earlier features', () => {
    assert.equal(decide(undefined, above), 'HOLD');
  });

  it('follows a crossover', () => {
    assert.equal(decide(below, above), 'BUY');
    assert.equal(decide(above, below), 'SELL');
  });

  it('is to hold without a crossover', () => {
    assert.equal(decide(above, above), 'HOLD');
    assert.equal(decide(below, below), 'HOLD');
  });

  it('is to hold when the move is exhausted', () => {
    assert.equal(decide(below, features(2, 1, 70)), 'HOLD');
    assert.equal(decide(above, features(1, 2, 30)), 'HOLD');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderId, parseFill, parseOrder, parseOrderAnswer, parseRiskAnswer, type Order } from '../src/order';

const TICK = { symbol: 'EURUSD', time: '2026-01-02T03:04:05.000Z', sequence: 7 };
const ORDER: Order = {
  id: 'a:1',
  symbol: 'EURUSD',
  side: 'BUY',
  quantity: 1,
  price: 1.08,
  strategy: 'momentum',
  createdAt: '2026-01-02T03:04:05.000Z',
};

describe('the id of an order', () => {
  it('is the same for the same decision only', () => {
    const ids = [
      orderId('a', TICK),
      orderId('b', TICK),
      orderId('a', { ...TICK, symbol: 'GBPUSD' }),
      orderId('a', { ...TICK, sequence: 8 }),
      orderId('a', { ...TICK, time: '2026-01-02T03:04:06.000Z' }),
    ];
    assert.equal(orderId('a', { ...TICK }), ids[0]);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('is valid, whatever the name of the strategy', () => {
    const longest = { symbol: 'X'.repeat(32), time: '9999-12-31T23:59:59.999Z', sequence: Number.MAX_SAFE_INTEGER };
    for (const strategy of ['momentum v2+öl', 'x'.repeat(500)]) {
      assert.doesNotThrow(() => parseOrder({ ...ORDER, id: orderId(strategy, longest) }));
    }
  });

  it('starts with the name of the strategy if that is valid in an id', () => {
    assert.match(orderId('mean-reversion_2.1', TICK), /^mean-reversion_2\.1:EURUSD:/);
  });

  it('differs for strategies whose names differ only in invalid characters or at the end', () => {
    const names = ['mean reversion', 'mean-reversion', 'mean:reversion', `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`];
    // Also names that differ only at the end: a truncated name is not unique.
    names.push(`1${'x'.repeat(200)}`, `2${'x'.repeat(200)}`);
    assert.equal(new Set(names.map((name) => orderId(name, TICK))).size, names.length);
  });
});

describe('a message', () => {
  it('is parsed without unknown fields', () => {
    assert.deepEqual(parseOrder(JSON.parse(JSON.stringify({ ...ORDER, more: 1 }))), ORDER);
  });

  it('is refused with the names of its invalid fields', () => {
    const wrong: readonly [string, unknown][] = [
      ['id', { ...ORDER, id: 'a b' }],
      ['side', { ...ORDER, side: 'buy' }],
      ['quantity', { ...ORDER, quantity: 0 }],
      ['quantity', { ...ORDER, quantity: '1' }],
      ['price', { ...ORDER, price: null }],
      ['createdAt', { ...ORDER, createdAt: 'soon' }],
      ['id, symbol, side, quantity, price, strategy, createdAt', 'BUY EURUSD'],
      ['id, symbol, side, quantity, price, strategy, createdAt', null],
    ];
    for (const [fields, message] of wrong) {
      assert.throws(() => parseOrder(message), new RegExp(`^Error: not an order: ${fields} missing or wrong`));
    }
  });

  it('may omit the optional fields of an answer', () => {
    assert.deepEqual(parseRiskAnswer({ approved: true }), { approved: true });
    assert.deepEqual(parseOrderAnswer({ status: 'refused', reason: 'no' }), { status: 'refused', reason: 'no' });
    assert.throws(() => parseRiskAnswer({ approved: 'true' }), /not a risk answer: approved/);
    assert.throws(() => parseOrderAnswer({ status: 'filled', fill: {} }), /not a fill/);
    assert.throws(() => parseFill({}), /not a fill/);
  });
});

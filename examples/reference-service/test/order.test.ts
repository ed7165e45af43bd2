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

  it('is one that an order may have, whatever the strategy is called', () => {
    const longest = { symbol: 'X'.repeat(32), time: '9999-12-31T23:59:59.999Z', sequence: Number.MAX_SAFE_INTEGER };
    for (const strategy of ['momentum v2+öl', 'x'.repeat(500)]) {
      assert.doesNotThrow(() => parseOrder({ ...ORDER, id: orderId(strategy, longest) }));
    }
  });

  it('begins with the name of the strategy where that is an ordinary one', () => {
    assert.match(orderId('mean-reversion_2.1', TICK), /^mean-reversion_2\.1:EURUSD:/);
  });

  it('tells strategies apart whose names differ in what an id may not have, or far behind', () => {
    const names = ['mean reversion', 'mean-reversion', 'mean:reversion', `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`];
    // Also at their ends: what is cut off is not the name.
    names.push(`1${'x'.repeat(200)}`, `2${'x'.repeat(200)}`);
    assert.equal(new Set(names.map((name) => orderId(name, TICK))).size, names.length);
  });
});

describe('a message', () => {
  it('survives the wire without what does not belong to it', () => {
    assert.deepEqual(parseOrder(JSON.parse(JSON.stringify({ ...ORDER, more: 1 }))), ORDER);
  });

  it('is refused with what is wrong about it', () => {
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

  it('that answers is read with what it may lack', () => {
    assert.deepEqual(parseRiskAnswer({ approved: true }), { approved: true });
    assert.deepEqual(parseOrderAnswer({ status: 'refused', reason: 'no' }), { status: 'refused', reason: 'no' });
    assert.throws(() => parseRiskAnswer({ approved: 'true' }), /not a risk answer: approved/);
    assert.throws(() => parseOrderAnswer({ status: 'filled', fill: {} }), /not a fill/);
    assert.throws(() => parseFill({}), /not a fill/);
  });
});

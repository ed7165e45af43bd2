#!/usr/bin/env bash
# In nodejs-order-book, a buy order for 1 is not filled by ten sell orders for 0.1: 1.4e-16 of it stay in the book and
# are the best bid. The sizes are doubles, and an order is removed only when exactly 0 is left. The size of a level is
# added up on its own, so it differs from that of the one order in it.
#
# Seen with nodejs-order-book 10.1.1 (npm).
# Expected: a filled order and an empty book; the sizes add up to 1 for everyone who wrote them down.
# Why it matters: in a backtest or a simulated exchange the order never reports that it is filled, so the strategy waits
# or cancels, and the spread is measured from a bid that nothing can be sold to. The next market order to sell
# "fills" it with 1.4e-16 and counts as a trade at 101.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts nodejs-order-book@10.1.1

cat > book.cjs <<'JS'
const assert = require('node:assert/strict');
const { OrderBook } = require('nodejs-order-book');

console.log('nodejs-order-book', require('nodejs-order-book/package.json').version);
const bids = new OrderBook();
for (let i = 0; i < 10; i++) bids.limit({ id: `ask-${i}`, side: 'sell', size: 0.1, price: 100 });
const bought = bids.limit({ id: 'bid', side: 'buy', size: 1, price: 101 });
console.log('ten asks of 0.1, a bid for 1: filled', bought.done.map(({ id }) => id).join(' '));
console.log('left of the bid:', bought.quantityLeft, 'depth:', JSON.stringify(bids.depth()));

const asks = new OrderBook();
asks.limit({ id: 'first', side: 'sell', size: 0.1, price: 100 });
asks.limit({ id: 'second', side: 'sell', size: 0.2, price: 100 });
const rest = asks.limit({ id: 'bid', side: 'buy', size: 0.3, price: 100 }).partial;
const [[[, level]]] = asks.depth();
console.log('asks of 0.1 and 0.2, a bid for 0.3: left of the second', rest.size, 'in a level of', level);

assert.equal(bought.err, null);
assert.equal(bought.done.length, 10);
assert.ok(!bought.done.some(({ id }) => id === 'bid'));
assert.ok(bought.quantityLeft > 0 && bought.quantityLeft < 1e-15);
assert.deepEqual(bids.depth(), [[], [[101, bought.quantityLeft]]]);
assert.ok(rest.size > 0 && rest.size < 1e-15);
assert.notEqual(rest.size, level);
JS
node book.cjs

#!/usr/bin/env bash
# candlestick-convert makes candles of ticks whose open is outside their range: from the second candle on, open is the
# close of the candle before, and high and low come from the ticks alone. A gap up from 99 to 105 is a candle with an
# open of 99 and a low of 105. ohlc-resample, which takes the same ticks, opens with the first tick.
#
# Seen with candlestick-convert 7.0.0 and ohlc-resample 1.2.1 (npm).
# Expected: the first price of the interval as open, or at least low <= open <= high, as in every candle of an exchange.
# Why it matters: gaps disappear, and a backtest that enters at the open buys at a price that was not there any more.
# Databases and chart libraries that check candles reject them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts candlestick-convert@7.0.0 ohlc-resample@1.2.1

cat > candles.cjs <<'JS'
const assert = require('node:assert/strict');
const { batchTicksToCandle } = require('candlestick-convert');
const { resampleTicksByTime } = require('ohlc-resample');

const start = Date.UTC(2026, 0, 5, 9);
const ticks = [
  [0, 100],
  [59, 99],
  [60, 105],
  [119, 106],
].map(([second, price]) => ({ time: start + second * 1000, price, quantity: 1 }));
const second = (candles) => {
  const { open, high, low, close } = candles[1];
  return { open, high, low, close };
};
const seen = {
  'candlestick-convert': second(batchTicksToCandle(ticks, 60, true)),
  'ohlc-resample': second(resampleTicksByTime(ticks, { timeframe: 60, includeLatestCandle: true })),
};
for (const [name, candle] of Object.entries(seen)) {
  console.log(name, require(`${name}/package.json`).version, JSON.stringify(candle));
}

assert.deepEqual(seen['candlestick-convert'], { open: 99, high: 106, low: 105, close: 106 });
assert.deepEqual(seen['ohlc-resample'], { open: 105, high: 106, low: 105, close: 106 });
JS
node candles.cjs

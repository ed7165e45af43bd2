#!/usr/bin/env bash
# node-binance-api's roundStep rounds 1.15 with a step of 0.01 to 1.14: it writes the double with 16 decimal places,
# "1.1499999999999999", and cuts the string. And it counts the places before the "1" of the step, so a step of 0.5 or
# 10 leaves any whole number as it is. roundTicks does the same with a tick of 0.05: 1.13 stays 1.13.
#
# Seen with node-binance-api 1.0.33 (npm).
# Expected: 1.15, and multiples of the step and of the tick.
# Why it matters: an order to sell the whole position leaves a step of it behind, too small to be sold later, and
# prices and quantities that are no multiple are rejected by the exchange.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts node-binance-api@1.0.33

cat > steps.cjs <<'JS'
const assert = require('node:assert/strict');
const imported = require('node-binance-api');
const Binance = imported.default ?? imported;

console.log('node-binance-api 1.0.33');
const client = new Binance();
const steps = [
  [1.15, '0.01'],
  [4.35, '0.01'],
  [4.36, '0.01'],
  [1.23, '0.5'],
  [155.5, '10.00000000'],
].map(([quantity, step]) => [quantity, step, client.roundStep(quantity, step)]);
for (const [quantity, step, rounded] of steps) console.log(`roundStep(${quantity}, '${step}') is ${rounded}`);
const tick = client.roundTicks(1.13, 0.05);
console.log(`roundTicks(1.13, 0.05) is ${tick}`);

assert.deepEqual(steps.map(([, , rounded]) => rounded), [1.14, 4.34, 4.36, 1, 155]);
assert.equal(Number(tick), 1.13);
JS
node steps.cjs

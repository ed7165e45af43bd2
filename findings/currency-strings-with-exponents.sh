#!/usr/bin/env bash
# currency.js and numeral read "1.5e3" as 1.53: they remove the letter and keep the digit of the exponent. currency.js
# reads "2.5e-7" as NaN, without an error even with errorOnInvalid; numeral reads it, and formats it as "NaN".
#
# Seen with currency.js 2.0.4 and numeral 2.0.6 (npm).
# Expected: the number, as Number() reads it, or an error.
# Why it matters: String(0.00000025) is "2.5e-7", and JSON from Python has 2.5e-07, so every price below 0.000001 has an
# exponent on its way through a queue, a CSV file or a form. Of an order that is worth 1,500, 1.53 is left.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts currency.js@2.0.4 numeral@2.0.6

cat > exponents.cjs <<'JS'
const assert = require('node:assert/strict');
const currency = require('currency.js');
const numeral = require('numeral');

console.log('currency.js', require('currency.js/package.json').version, 'numeral', numeral.version);
const seen = ['1.5e3', '2.5e-7'].map((text) => [
  text,
  currency(text, { precision: 8, errorOnInvalid: true }).value,
  numeral(text).value(),
]);
for (const [text, first, second] of seen) console.log(`"${text}": currency.js ${first}, numeral ${second}`);
const formatted = numeral(2.5e-7).format('0.00000000');
console.log('numeral(2.5e-7) formatted with eight places:', formatted);

assert.deepEqual(seen, [
  ['1.5e3', 1.53, 1.53],
  ['2.5e-7', NaN, 2.5e-7],
]);
assert.equal(formatted, 'NaN');
JS
node exponents.cjs

#!/usr/bin/env bash
# technicalindicators' Highest is 0 for every window that holds only negative values: the
# highest of -3, -2 and -1 is reported as 0. Lowest, next to it, is right for any sign.
#
# Seen with technicalindicators 3.1.0 (npm).
# Expected: the largest value of the window, as TA-Lib's MAX gives it.
# Why it matters: spreads, carry, funding rates and profit and loss are negative for long
# stretches. A breakout above "the highest of the last 20" then compares with a zero that was
# never traded, and a trailing stop or a drawdown starts from it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund technicalindicators@3.1.0

cat > highest.cjs <<'JS'
const assert = require('node:assert/strict');
const { Highest, Lowest } = require('technicalindicators');

console.log('technicalindicators', require('technicalindicators/package.json').version);
const spread = [-0.4, -0.3, -0.5, -0.2, -0.6];
const window = { values: spread, period: 3 };
console.log('spread ', JSON.stringify(spread));
console.log('Highest', JSON.stringify(Highest.calculate(window)), 'over 3, expected [-0.3,-0.2,-0.2]');
console.log('Lowest ', JSON.stringify(Lowest.calculate(window)));

assert.deepEqual(Highest.calculate(window), [0, 0, 0]);
assert.deepEqual(Lowest.calculate(window), [-0.5, -0.5, -0.6]);
// One positive value is enough to make it right.
assert.deepEqual(Highest.calculate({ values: [-3, 2, -1], period: 3 }), [2]);
JS
node highest.cjs

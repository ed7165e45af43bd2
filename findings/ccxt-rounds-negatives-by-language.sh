#!/usr/bin/env bash
# ccxt rounds a negative number to a tick size differently in Python and in JavaScript: the
# same version turns -1.005 with a tick of 0.05 into -1.00 in one and -1.05 in the other.
#
# Seen with ccxt 4.5.84 from PyPI and from npm (decimalToPrecision, ROUND, TICK_SIZE).
# Expected: one result, as one source is transpiled to both languages;
# the nearest multiple of 0.05 to -1.005 is -1.00.
# Why it matters: prices of calendar spreads and deltas to hedge are negative. A backtest in
# Python and the live bot in Node then disagree by a whole tick, always away from zero.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ccxt==4.5.84
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ccxt@4.5.84

cat > round.py <<'PY'
import sys

import ccxt
from ccxt.base.decimal_to_precision import decimal_to_precision

print("ccxt", ccxt.__version__, "Python", file=sys.stderr)
for number, tick in [("-1.005", "0.05"), ("-1.01", "0.25"), ("-1", "5"), ("1.005", "0.05"), ("-1.05", "0.05")]:
    print(number, tick, float(decimal_to_precision(number, ccxt.ROUND, tick, ccxt.TICK_SIZE)) + 0)
PY
cat > round.cjs <<'JS'
const ccxt = require('ccxt');
console.error('ccxt', ccxt.version, 'JavaScript');
for (const [number, tick] of [['-1.005', '0.05'], ['-1.01', '0.25'], ['-1', '5'], ['1.005', '0.05'], ['-1.05', '0.05']]) {
  console.log(number, tick, Number(ccxt.decimalToPrecision(number, ccxt.ROUND, tick, ccxt.TICK_SIZE)).toFixed(2));
}
process.exit();
JS
venv/bin/python round.py > python.txt
node round.cjs > javascript.txt
echo "number, tick, Python | number, tick, JavaScript"
paste -d '|' python.txt javascript.txt

diff - python.txt <<'EXPECTED'
-1.005 0.05 -1.0
-1.01 0.25 -1.0
-1 5 0.0
1.005 0.05 1.0
-1.05 0.05 -1.05
EXPECTED
diff - javascript.txt <<'EXPECTED'
-1.005 0.05 -1.05
-1.01 0.25 -1.25
-1 5 -5.00
1.005 0.05 1.00
-1.05 0.05 -1.05
EXPECTED

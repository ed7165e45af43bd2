#!/usr/bin/env bash
# One missing value turns TA-Lib's RSI into 0 for every later bar, for good: not into "no
# value", which is what its moving averages give, but into the strongest oversold reading.
#
# Seen with TA-Lib 0.8.2 (PyPI, which carries the C library) and numpy 2.4.6.
# Expected: NaN as long as the gap is in reach, as for SMA and EMA, or a recovery after it.
# Why it matters: a reconnect that leaves one NaN in a price series makes a strategy with
# "buy below 30" buy on every bar from then on, until the process is restarted.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check TA-Lib==0.8.2 numpy==2.4.6

venv/bin/python - <<'PY'
import numpy
import talib

print("TA-Lib", talib.__version__)
# A price that rises on every bar, so that RSI is 100 without the gap.
prices = numpy.arange(100.0, 160.0)
gap = prices.copy()
gap[20] = numpy.nan

clean = talib.RSI(prices, 14)
after = talib.RSI(gap, 14)
print("RSI before and after bar 20, no gap: ", clean[18:24])
print("RSI before and after bar 20, one NaN:", after[18:24], "and at the end", after[-1])
print("EMA at the end, one NaN:             ", talib.EMA(gap, 14)[-1])

assert (clean[14:] == 100).all()
assert (after[14:20] == 100).all()
assert (after[20:] == 0).all(), after
assert numpy.isnan(talib.EMA(gap, 14)[-1])
PY

#!/usr/bin/env bash
# The KST of the Python library ta has values from the future: for its first bars, it takes the mean of the whole series,
# with all later bars, as the price before the start of the data. They are not NaN, although its windows are not filled.
# More bars at the end change 30 values of the past, and the KST of a price that has doubled since is lower.
#
# Seen with ta 0.11.0 (PyPI), default windows, fillna off. Bars 14 to 43 are affected; ROC, next to it, has NaN there.
# Expected: NaN up to bar 43, or values of the bars up to then.
# Why it matters: a backtest sees at each of these bars whether the price will rise. Most of all where history is short: a
# new coin, a walk-forward test with short windows, or a live service that computes its indicators on the last 50 bars.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ta==0.11.0 pandas==3.1.1

venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import pandas
from ta.momentum import roc
from ta.trend import kst

print("ta", version("ta"))
past = [100.0 + bar % 7 for bar in range(60)]
known = kst(pandas.Series(past))
later = {end: kst(pandas.Series(past + [end] * 20))[:60] for end in (50.0, 200.0)}
print(f"KST of bar 20 on bar 60: {known[20]:.2f}")
for end, values in later.items():
    print(f"the same after the price went to {end:.0f}: {values[20]:.2f}")
changed = [bar for bar in range(60) if abs(known[bar] - later[200.0][bar]) > 1e-9]
print(f"changed: bars {changed[0]} to {changed[-1]}")

assert changed == list(range(14, 44))
assert later[50.0][20] > known[20] + 1 and known[20] > later[200.0][20] + 1
assert roc(pandas.Series(past), 30)[:30].isna().all()
PY

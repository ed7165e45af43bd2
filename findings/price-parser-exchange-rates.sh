#!/usr/bin/env bash
# price-parser takes a point with three digits behind it for a thousands separator, whatever is in front of it: the rate
# "1.085" is 1085, and even "0.125" is 125. "1.08" and "1.0850" are read as they are.
#
# Seen with price-parser 0.5.1 (PyPI). With decimal_separator="." all of them are right.
# Expected: 1.085, or at least no thousands separator behind a leading zero.
# Why it matters: a feed of exchange rates or tick sizes drops trailing zeros, so one value in ten has three decimal
# places. It is a thousand times too large, and the ones before and after it are right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check price-parser==0.5.1

venv/bin/python - <<'PY'
from importlib.metadata import version

from price_parser import Price

print("price-parser", version("price-parser"))
rates = ["1.08", "1.085", "1.0850", "0.125", "0.001"]
seen = {rate: str(Price.fromstring(rate).amount) for rate in rates}
for rate, amount in seen.items():
    print(f"'{rate}' is {amount}, with a decimal point given {Price.fromstring(rate, decimal_separator='.').amount}")
assert seen == {"1.08": "1.08", "1.085": "1085", "1.0850": "1.0850", "0.125": "125", "0.001": "1"}
assert all(str(Price.fromstring(rate, decimal_separator=".").amount) == rate for rate in rates)
PY

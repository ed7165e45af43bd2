#!/usr/bin/env bash
# quantstats guesses whether a series holds returns or prices: one without a negative value and
# with a value of 1 or more is taken for prices. Daily returns of 0 %, 2 %, 150 % and 1 %, a strategy
# that never lost, are reported with a drawdown of 99 %. One loss anywhere makes it right.
#
# Seen with quantstats 0.0.86 (PyPI).
# Expected: the functions take returns, as they are documented to; comp() of the same library
# does, and gives 158 %.
# Why it matters: a day of 100 % is ordinary in options and small coins, and a short window
# without a loss too. A risk check on rolling windows stops the strategy on its best days.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check quantstats==0.0.86 pandas==3.1.1

venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import pandas
import quantstats.stats as stats

print("quantstats", version("quantstats"))


def report(values):
    returns = pandas.Series(values, index=pandas.date_range("2026-03-02", periods=len(values)))
    drawdown, total = stats.max_drawdown(returns), stats.comp(returns)
    print(f"returns {values}: drawdown {drawdown:.1%}, total {total:.1%}")
    return round(float(drawdown), 3), round(float(total), 3)


won = report([0.0, 0.02, 1.5, 0.01])
capped = report([0.0, 0.02, 0.9, 0.01])
lost = report([0.0, 0.02, 1.5, -0.01])
assert won == (-0.993, 1.575), won
assert capped[0] == 0, capped
assert lost[0] == -0.01, lost
PY

#!/usr/bin/env bash
# pandas_market_calendars has some exchanges under two names, and the two disagree about
# trading hours. HKEX has no half days: it keeps Hong Kong open until 16:00 on Christmas Eve,
# where XHKG closes at noon. EUREX trades on 24 and 31 December and XEUR does not.
#
# Seen with pandas_market_calendars 5.5.0 (exchange_calendars 4.13.2, pandas 3.1.1).
# Expected: the plain name and the ISO market identifier code of one exchange are aliases,
# as they are for NYSE and XNYS, whose schedules are equal.
# Why it matters: two services that use the two names take the same day for a full and for a
# half session; one keeps orders working for four hours after the market has closed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pandas_market_calendars==5.5.0 exchange_calendars==4.13.2 pandas==3.1.1

venv/bin/python - <<'PY'
from importlib.metadata import version

import pandas_market_calendars as markets

print("pandas_market_calendars", version("pandas_market_calendars"))


def closes(name):
    calendar = markets.get_calendar(name)
    schedule = calendar.schedule("2025-01-01", "2026-11-20")
    local = schedule["market_close"].dt.tz_convert(calendar.tz)
    return {day.date().isoformat(): close.strftime("%H:%M") for day, close in local.items()}


def differences(one, other):
    first, second = closes(one), closes(other)
    days = sorted(first.keys() | second.keys())
    found = {day: (first.get(day), second.get(day)) for day in days if first.get(day) != second.get(day)}
    print(f"{one} and {other} differ on {len(found)} days:")
    for day, (left, right) in found.items():
        print(f"  {day}: {one} closes at {left or '(no session)'}, {other} at {right or '(no session)'}")
    return found


hong_kong = differences("HKEX", "XHKG")
eurex = differences("EUREX", "XEUR")
new_york = differences("NYSE", "XNYS")

assert hong_kong == {
    day: ("16:00", "12:00") for day in ("2025-01-28", "2025-12-24", "2025-12-31", "2026-02-16")
}, hong_kong
assert sorted(eurex) == ["2025-12-24", "2025-12-31"], eurex
assert all(eurex[day][0] and not eurex[day][1] for day in eurex), eurex
assert not new_york, new_york
PY

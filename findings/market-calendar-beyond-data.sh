#!/usr/bin/env bash
# pandas_market_calendars answers for years it has no data for: after the last year with
# known holidays, the National Stock Exchange of India simply trades every weekday of 2027,
# Republic Day and Independence Day not excepted. Nothing warns about it.
#
# Seen with pandas_market_calendars 5.5.0; exchange_calendars 4.13.2 refuses the same request
# for Mumbai (XBOM) because its holidays are only recorded to 2026.
# Expected: an error or a warning past the recorded range, or at least the fixed national days.
# Why it matters: a scheduler in a container that is rebuilt rarely runs into the new year with
# a calendar without holidays, and starts its session against a closed exchange.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  pandas_market_calendars==5.5.0 exchange_calendars==4.13.2 pandas==3.1.1

venv/bin/python -W error::UserWarning - <<'PY'
from importlib.metadata import version

import exchange_calendars
import pandas
import pandas_market_calendars as markets

print("pandas_market_calendars", version("pandas_market_calendars"))
india = markets.get_calendar("NSE")
closed = {}
for year in (2024, 2025, 2026, 2027):
    days = india.valid_days(f"{year}-01-01", f"{year}-12-31")
    weekdays = pandas.bdate_range(f"{year}-01-01", f"{year}-12-31")
    closed[year] = len(weekdays.difference(days.tz_localize(None)))
    print(f"NSE {year}: {len(days)} sessions, {closed[year]} weekdays without one")

republic_day = "2027-01-26"
opens = len(india.valid_days(republic_day, republic_day))
print(f"NSE on Republic Day {republic_day}: {'open' if opens else 'closed'}")

try:
    exchange_calendars.get_calendar("XBOM", start="2027-01-01", end="2027-12-31")
    refusal = ""
except ValueError as error:
    refusal = str(error)
print("exchange_calendars", version("exchange_calendars"), "XBOM 2027:", refusal or "accepted")

assert all(closed[year] > 10 for year in (2024, 2025, 2026)), closed
assert closed[2027] == 0 and opens == 1, closed
assert "only recorded to the year 2026" in refusal, refusal
PY

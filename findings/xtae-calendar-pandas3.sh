#!/usr/bin/env bash
# exchange_calendars cannot build the calendar of the Tel Aviv Stock Exchange on pandas 3:
# get_calendar("XTAE") raises "Special dates ... are not sessions", naming years of Sundays.
# The very same version of the library builds it on pandas 2.
#
# Seen with exchange_calendars 4.13.2 on pandas 3.1.1 (raises) and 2.3.3 (works).
# Expected: the package accepts pandas 3 in its metadata, so its calendars load there too;
# Sunday was a trading day until the exchange moved to Monday to Friday in January 2026.
# Why it matters: an image rebuilt without a lock file takes the new pandas, and a scheduler
# that loads all its calendars at start does not start, although no exchange of interest changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > calendar.txt <<'PY'
from importlib.metadata import version

import exchange_calendars

label = f"exchange_calendars {version('exchange_calendars')} on pandas {version('pandas')}:"
try:
    calendar = exchange_calendars.get_calendar("XTAE", start="2025-12-01", end="2026-01-31")
    sessions = calendar.sessions
    print(label, len(sessions), "sessions, on Sundays:", sum(day.day_name() == "Sunday" for day in sessions))
    print("RESULT works")
except ValueError as error:
    print(label, str(error)[:110], "...")
    print("RESULT", "special dates" if "are not sessions" in str(error) else "another error")
PY

for pandas in 2.3.3 3.1.1; do
  python3 -m venv "venv-$pandas"
  "venv-$pandas/bin/pip" install --quiet --disable-pip-version-check \
    exchange_calendars==4.13.2 "pandas==$pandas"
  "venv-$pandas/bin/python" calendar.txt | tee "out-$pandas"
done

grep -qx 'RESULT works' out-2.3.3
grep -qx 'RESULT special dates' out-3.1.1

#!/usr/bin/env bash
# simplefix writes the wall clock of a datetime into a UTC timestamp field and ignores its
# time zone: 09:30 in New York becomes 09:30 UTC in tag 52 or 60, four or five hours early.
#
# Seen with simplefix 1.0.17 (PyPI); the same moment as a float of epoch seconds is right.
# Expected: append_utc_timestamp converts an aware datetime to UTC, or refuses it.
# Why it matters: counterparties reject a message whose SendingTime is off by more than a few
# minutes, and TransactTime ends up in the audit trail. In a container whose clock is UTC,
# code that uses naive times passes every test; the first aware one breaks the session.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check simplefix==1.0.17 tzdata

venv/bin/python - <<'PY'
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from simplefix import FixMessage

print("simplefix", version("simplefix"))
opening = datetime(2026, 3, 2, 9, 30, tzinfo=ZoneInfo("America/New_York"))


def sending_time(moment):
    message = FixMessage()
    message.append_utc_timestamp(52, moment)
    return message.get(52).decode()


aware, epoch = sending_time(opening), sending_time(opening.timestamp())
print("the moment:          ", opening.isoformat())
print("52= from the datetime:", aware)
print("52= from its epoch:   ", epoch)
assert aware == "20260302-09:30:00.000", aware
assert epoch == "20260302-14:30:00.000", epoch
PY

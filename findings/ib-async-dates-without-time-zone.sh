#!/usr/bin/env bash
# ib_async sends a date or a datetime without a time zone in the time zone of the machine that runs it, not in that of
# the TWS login as its documentation says. History up to the same date ends at another moment on each machine.
#
# Seen with ib_async 2.1.0 (PyPI). In the same version, times that IB sends without a time zone stay without one.
# Expected: the date as it is, "20260701 23:59:59", which TWS reads in the time zone of the login.
# Why it matters: a strategy moves from a laptop to a container whose clock is UTC, and asks for other bars. With a
# laptop in Tokyo, bars of New York up to a date end in the middle of the session; 09:30 is another 09:30.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ib_async==2.1.0 tzdata

cat > ask.py <<'PY'
import asyncio
import os
from datetime import date, datetime
from importlib.metadata import version

from ib_async import IB, Stock

ib = IB()
sent = []
# Without a TWS: the third argument of the client's request is the end of the history.
ib.client.getReqId = lambda: 1
ib.client.reqHistoricalData = lambda reqId, contract, end, *rest: sent.append(end)


async def main():
    for end in (date(2026, 7, 1), datetime(2026, 7, 1, 9, 30), "20260701 09:30:00"):
        request = ib.reqHistoricalDataAsync(Stock("AAPL", "SMART", "USD"), end, "1 D", "1 min", "TRADES", True)
        try:
            await asyncio.wait_for(request, 0.1)
        except asyncio.TimeoutError:
            pass
    print(f"ib_async {version('ib_async')} TZ={os.environ['TZ']}: {', '.join(sent)}")


ib.client.cancelHistoricalData = lambda reqId: None
asyncio.run(main())
PY
for zone in UTC America/New_York Asia/Tokyo; do TZ="$zone" venv/bin/python ask.py; done | tee result

diff - result <<'EXPECTED'
ib_async 2.1.0 TZ=UTC: 20260701 23:59:59 UTC, 20260701 09:30:00 UTC, 20260701 09:30:00
ib_async 2.1.0 TZ=America/New_York: 20260702 03:59:59 UTC, 20260701 13:30:00 UTC, 20260701 09:30:00
ib_async 2.1.0 TZ=Asia/Tokyo: 20260701 14:59:59 UTC, 20260701 00:30:00 UTC, 20260701 09:30:00
EXPECTED

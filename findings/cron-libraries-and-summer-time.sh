#!/usr/bin/env bash
# On the night the clocks go back, a daily job at 01:30 New York time runs twice under
# croniter, APScheduler and robfig/cron, and once under cronsim and croner. The parser of
# supercronic, made for containers, leaves a job that runs every 30 minutes alone for 90.
#
# Seen with croniter 7.0.0, APScheduler 3.11.3, cronsim 2.8 (PyPI), croner 11.0.1 (npm),
# robfig/cron v3.0.1 and aptible/supercronic v0.2.48 (Go).
# Expected: what Vixie cron does: fixed times run once, intervals keep running.
# Why it matters: end-of-day settlement, rebalancing or funding runs twice in one night of the
# year, and which night service is hit depends on the language that it was written in.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check APScheduler==3.11.3 croniter==7.0.0 cronsim==2.8 tzdata
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund croner@11.0.1

# Each prints the runs from 00:45 on 1 November 2026, first of a daily job, then of a frequent one.
cat > runs.py <<'PY'
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

zone = ZoneInfo("America/New_York")
start = datetime(2026, 11, 1, 0, 45, tzinfo=zone)


def with_croniter(line):
    times = croniter(line, start)
    while True:
        yield times.get_next(datetime)


def with_apscheduler(line):
    trigger, now, previous = CronTrigger.from_crontab(line, timezone=zone), start, None
    while True:
        previous = now = trigger.get_next_fire_time(previous, now)
        yield previous


for name, runs in (("croniter", with_croniter), ("APScheduler", with_apscheduler), ("cronsim", lambda line: CronSim(line, start))):
    for line in ("30 1 * * *", "*/30 * * * *"):
        times = iter(runs(line))
        print(f"{name} {line}:", *(next(times).strftime("%dT%H:%M%z") for _ in range(4)))
PY
cat > runs.cjs <<'JS'
const { Cron } = require('croner');
const timezone = 'America/New_York';
const start = new Date('2026-11-01T00:45:00-04:00');
// The first 01:30 is at 05:30 UTC, the second at 06:30.
const print = (date) => {
  const offset = date < new Date('2026-11-01T06:00:00Z') ? -4 : -5;
  return new Date(date.getTime() + offset * 3600e3).toISOString().slice(8, 16) + `-0${-offset}00`;
};
for (const line of ['30 1 * * *', '*/30 * * * *']) {
  console.log(`croner ${line}:`, ...new Cron(line, { timezone, paused: true }).nextRuns(4, start).map(print));
}
JS
mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/aptible/supercronic/cronexpr"
	"github.com/robfig/cron/v3"
)

func main() {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	start := time.Date(2026, 11, 1, 0, 45, 0, 0, zone)
	print := func(name, line string, next func(time.Time) time.Time) {
		fmt.Printf("%s %s:", name, line)
		for i, run := 0, start; i < 4; i++ {
			run = next(run)
			fmt.Print(run.Format(" 02T15:04-0700"))
		}
		fmt.Println()
	}
	for _, line := range []string{"30 1 * * *", "*/30 * * * *"} {
		schedule, err := cron.ParseStandard(line)
		if err != nil {
			panic(err)
		}
		print("robfig/cron", line, schedule.Next)
		print("supercronic", line, cronexpr.MustParse(line).Next)
	}
}
GO
{
  go mod init summertime
  go get github.com/robfig/cron/v3@v3.0.1 github.com/aptible/supercronic@v0.2.48
  go get .
} > go.log 2>&1 || { cat go.log; exit 1; }
cd ..

{
  venv/bin/python runs.py
  node runs.cjs
  (cd go && go run .)
} | tee runs.txt

sort runs.txt | diff - <(sort <<'EXPECTED'
croniter 30 1 * * *: 01T01:30-0400 01T01:30-0500 02T01:30-0500 03T01:30-0500
APScheduler 30 1 * * *: 01T01:30-0400 01T01:30-0500 02T01:30-0500 03T01:30-0500
robfig/cron 30 1 * * *: 01T01:30-0400 01T01:30-0500 02T01:30-0500 03T01:30-0500
cronsim 30 1 * * *: 01T01:30-0400 02T01:30-0500 03T01:30-0500 04T01:30-0500
croner 30 1 * * *: 01T01:30-0400 02T01:30-0500 03T01:30-0500 04T01:30-0500
supercronic 30 1 * * *: 01T01:30-0400 02T01:30-0500 03T01:30-0500 04T01:30-0500
croniter */30 * * * *: 01T01:00-0400 01T01:30-0400 01T01:00-0500 01T01:30-0500
APScheduler */30 * * * *: 01T01:00-0400 01T01:30-0400 01T01:00-0500 01T01:30-0500
robfig/cron */30 * * * *: 01T01:00-0400 01T01:30-0400 01T01:00-0500 01T01:30-0500
cronsim */30 * * * *: 01T01:00-0400 01T01:30-0400 01T01:00-0500 01T01:30-0500
croner */30 * * * *: 01T01:00-0400 01T01:30-0400 01T01:00-0500 01T01:30-0500
supercronic */30 * * * *: 01T01:00-0400 01T01:30-0400 01T02:00-0500 01T02:30-0500
EXPECTED
)

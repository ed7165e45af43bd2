#!/usr/bin/env bash
# CronTrigger.from_crontab in APScheduler reads numeric weekdays from Monday = 0, so the
# crontab line "0 9 * * 1-5" runs from Tuesday to Saturday, and 7 for Sunday is an error. It
# also wants the day of the month AND the weekday to match, where cron runs on either.
#
# Seen with APScheduler 3.11.3; croniter 7.0.0 and cronsim 2.8 follow cron.
# Expected: a function named after crontab gives the lines of a crontab their meaning.
# Why it matters: a start-of-day job moved from cron into the program skips every Monday and
# wakes a strategy up on Saturday; a health check on "the job ran today" is green all week.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check APScheduler==3.11.3 croniter==7.0.0 cronsim==2.8 tzdata

venv/bin/python - <<'PY'
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
from cronsim import CronSim

print("APScheduler", version("APScheduler"), "croniter", version("croniter"), "cronsim", version("cronsim"))
start = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)  # a Sunday


def with_apscheduler(line, count):
    trigger, now, runs = CronTrigger.from_crontab(line, timezone=timezone.utc), start, []
    while len(runs) < count:
        now = trigger.get_next_fire_time(None, now + timedelta(seconds=1))
        runs.append(now)
    return runs


def with_croniter(line, count):
    times = croniter(line, start)
    return [times.get_next(datetime) for _ in range(count)]


def with_cronsim(line, count):
    times = CronSim(line, start)
    return [next(times) for _ in range(count)]


def weekdays(runs):
    return " ".join(run.strftime("%a") for run in runs)


def dates(runs):
    return " ".join(run.strftime("%m-%d") for run in runs)


working_days, either = "0 9 * * 1-5", "0 9 1 * 1"
seen = {}
for name, run in (("APScheduler", with_apscheduler), ("croniter", with_croniter), ("cronsim", with_cronsim)):
    seen[name] = weekdays(run(working_days, 5)), dates(run(either, 3))
    print(f"{name:>11}: {working_days!r} runs {seen[name][0]}; {either!r} runs on {seen[name][1]}")

assert seen["croniter"] == seen["cronsim"] == ("Mon Tue Wed Thu Fri", "03-02 03-09 03-16"), seen
assert seen["APScheduler"] == ("Tue Wed Thu Fri Sat", "09-01 12-01 06-01"), seen

try:
    CronTrigger.from_crontab("0 9 * * 7")
    sunday = "accepted"
except ValueError as error:
    sunday = str(error)
print("APScheduler: '0 9 * * 7':", sunday)
assert "higher than the maximum value" in sunday, sunday
PY

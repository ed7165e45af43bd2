#!/usr/bin/env bash
# Four-hour bars depend on how far back the data starts: from before the clocks change, pandas'
# resample and Polars' group_by_dynamic cut all later days at 01:00, 05:00, 09:00 New York time;
# from after it, the same days at 00:00, 04:00, 08:00. Polars' truncate gives the latter in both
# cases, and DuckDB's time_bucket too, whose bars start at 03:00, 07:00, 11:00 in winter.
#
# Seen with pandas 3.1.1, Polars 2.1.0 and DuckDB 2.0.1 (PyPI).
# Expected: a bar of Wednesday does not change when Friday's history is loaded along with it.
# Why it matters: a service that restarts, and loads less history, computes other bars than
# before it; a signal changes on a restart in March and in November, for as long as the old days
# are in the window.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==26.0.1 pytz tzdata

venv/bin/python - <<'PY'
from importlib.metadata import version

import duckdb
import pandas
import polars

print(*(f"{name} {version(name)}" for name in ("pandas", "polars", "duckdb")))
ZONE = "America/New_York"
duckdb.sql(f"SET timezone = '{ZONE}'")


def starts(first_day):
    """The times of day at which the bars of Wednesday, 11 March 2026 start."""
    hours = pandas.date_range(first_day, "2026-03-12", freq="h", tz=ZONE, inclusive="left")
    bars = pandas.DataFrame({"volume": 1}, index=hours)
    frame = polars.DataFrame({"t": [hour.to_pydatetime() for hour in hours.tz_convert("UTC")], "volume": [1] * len(hours)})
    frame = frame.with_columns(polars.col("t").dt.convert_time_zone(ZONE))
    found = {
        "pandas resample": bars.resample("4h").sum().index,
        "Polars group_by_dynamic": frame.group_by_dynamic("t", every="4h").agg(polars.col("volume").sum())["t"],
        "Polars truncate": frame["t"].dt.truncate("4h").unique().sort(),
        "DuckDB time_bucket": [row[0] for row in duckdb.sql("SELECT DISTINCT time_bucket(INTERVAL '4 hours', t) FROM frame ORDER BY 1").fetchall()],
    }
    return {name: " ".join(time.strftime("%H:%M") for time in times if time.strftime("%d") == "11") for name, times in found.items()}


# The clocks go forward on Sunday, 8 March.
before, after = starts("2026-03-06"), starts("2026-03-09")
for name in before:
    print(f"{name}: {before[name]} with data from Friday, {after[name]} from Monday")

drifted, midnight = "01:00 05:00 09:00 13:00 17:00 21:00", "00:00 04:00 08:00 12:00 16:00 20:00"
assert before["pandas resample"] == before["Polars group_by_dynamic"] == drifted, before
assert after["pandas resample"] == after["Polars group_by_dynamic"] == midnight, after
assert before["Polars truncate"] == after["Polars truncate"] == midnight, (before, after)
assert before["DuckDB time_bucket"] == after["DuckDB time_bucket"] == midnight, (before, after)
winter = duckdb.sql("SELECT time_bucket(INTERVAL '4 hours', TIMESTAMPTZ '2026-03-05 12:30')").fetchall()[0][0]
print("DuckDB puts 12:30 in winter into the bar of", winter.strftime("%H:%M"))
assert winter.strftime("%H:%M") == "11:00", winter
PY

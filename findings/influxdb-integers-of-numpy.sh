#!/usr/bin/env bash
# The same whole number gets two types in InfluxDB, by where it comes from: the Python clients influxdb and aioinflux
# write 5 as the integer "5i", and a NumPy integer, as every pandas column of integers has, as the float "5.0" or "5".
# influxdb-client writes "5i" for both.
#
# Seen with influxdb 5.3.2, aioinflux 0.9.0, influxdb-client 1.50.0 and NumPy 2.4.6 (PyPI).
# Expected: an integer for an integer.
# Why it matters: the first point decides the type of a field. When a service writes live counts with Python's int and a
# backfill takes them from a DataFrame, the server rejects the points of one with "field type conflict"; in a new shard
# it is the other one. And a float holds the 64-bit id of an order only up to 2^53: influxdb rounds it before it is sent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check influxdb==5.3.2 aioinflux==0.9.0 influxdb-client==1.50.0 \
  numpy==2.4.6 setuptools==80.9.0

venv/bin/python -W ignore - <<'PY'
from importlib.metadata import version

import numpy
from aioinflux.serialization import mapping
from influxdb.line_protocol import make_lines
from influxdb_client import Point

writers = {
    "influxdb": lambda value: make_lines({"points": [{"measurement": "fill", "fields": {"n": value}}]}).strip(),
    "aioinflux": lambda value: mapping.serialize({"measurement": "fill", "fields": {"n": value}}).decode().strip(),
    "influxdb-client": lambda value: Point("fill").field("n", value).to_line_protocol(),
}
seen = {}
for name, write in writers.items():
    seen[name] = [write(5), write(numpy.int64(5)), write(numpy.int64(9007199254740993))]
    print(f"{name} {version(name)}: 5 is '{seen[name][0]}', int64(5) '{seen[name][1]}', a large id '{seen[name][2]}'")

assert seen == {
    "influxdb": ["fill n=5i", "fill n=5.0", "fill n=9007199254740992.0"],
    "aioinflux": ["fill n=5i", "fill n=5", "fill n=9007199254740993"],
    "influxdb-client": ["fill n=5i", "fill n=5i", "fill n=9007199254740993i"],
}
PY

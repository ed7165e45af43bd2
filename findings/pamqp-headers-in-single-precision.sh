#!/usr/bin/env bash
# aio-pika writes a float in a header with four bytes: 99.99 arrives as 99.98999786376953, and the time 1767603600.5 as
# 1767603584.0, 16 seconds earlier. pamqp, which encodes for it and for aiormq, takes RabbitMQ's type "f"; the amqp
# library of Celery takes "d" and is exact.
#
# Seen with pamqp 4.0.1 and amqp 5.4.2 (PyPI).
# Expected: a double, as a float of Python is one, as it is in JSON and in MessagePack.
# Why it matters: a limit price in a header is no multiple of the tick any more, and not equal to the one in the body.
# Halves, quarters and small whole numbers, which tests like, arrive unchanged.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pamqp==4.0.1 amqp==5.4.2

venv/bin/python - <<'PY'
from importlib.metadata import version

import pamqp.decode
import pamqp.encode
from amqp import serialization

headers = {"limit": 99.99, "time": 1767603600.5, "half": 0.5}
tables = {"pamqp": pamqp.encode.field_table(headers), "amqp": serialization.dumps("F", [headers])}
seen = {}
for encoder, table in tables.items():
    _, seen[encoder] = pamqp.decode.field_table(table)
    print(f"encoded by {encoder} {version(encoder)}: {seen[encoder]}")
    assert serialization.loads("F", table, 0)[0][0] == seen[encoder]

assert seen["pamqp"] == {"limit": 99.98999786376953, "time": 1767603584.0, "half": 0.5}
assert seen["amqp"] == headers
PY

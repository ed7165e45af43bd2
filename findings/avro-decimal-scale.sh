#!/usr/bin/env bash
# Apache Avro for Python writes a decimal with the wrong value when it has fewer
# decimal places than the schema: 1.1 under scale 2 is stored as 0.11, and 5 as 0.05.
# No error is raised, and every other reader then agrees on the wrong price.
#
# Seen with avro 1.12.2; fastavro 1.13.1 reads the bytes and writes the same values right.
# Expected: 1.1 and 1.10 are the same number, so both are stored as the unscaled integer 110.
# Why it matters: prices and quantities published to Kafka or written to Avro files lose
# a factor of 10 or 100 exactly when their last digit is zero, so most test data passes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check avro==1.12.2 fastavro==1.13.1

venv/bin/python - <<'PY'
import io
import json
from decimal import Decimal
from importlib.metadata import version

import avro.io
import avro.schema
import fastavro

price = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
record = {"type": "record", "name": "Fill", "fields": [{"name": "price", "type": price}]}
apache_schema = avro.schema.parse(json.dumps(record))
fast_schema = fastavro.parse_schema(record)


def write_apache(value):
    out = io.BytesIO()
    avro.io.DatumWriter(apache_schema).write({"price": value}, avro.io.BinaryEncoder(out))
    return out.getvalue()


def write_fast(value):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fast_schema, {"price": value})
    return out.getvalue()


def read(data):
    return fastavro.schemaless_reader(io.BytesIO(data), fast_schema)["price"]


print("avro", version("avro"), "and fastavro", version("fastavro"))
stored = {}
for text in ["1.10", "1.1", "5", "0.5", "1E+3"]:
    value = Decimal(text)
    stored[text] = read(write_apache(value))
    print(f"{text:>5}: avro stores {stored[text]}, fastavro stores {read(write_fast(value))}")
    assert read(write_fast(value)) == value

assert stored == {
    "1.10": Decimal("1.10"),
    "1.1": Decimal("0.11"),
    "5": Decimal("0.05"),
    "0.5": Decimal("0.05"),
    "1E+3": Decimal("0.01"),
}, stored
PY

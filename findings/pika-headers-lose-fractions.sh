#!/usr/bin/env bash
# pika cuts floating-point headers to integers: a header of 1.5 from a Go, Node.js or Python publisher arrives as 1, and
# -0.25 as 0. It unpacks the four or eight bytes and converts them to its class for long integers. Floats in its
# own headers are refused, so two programs with pika never meet it.
#
# Seen with pika 1.4.4, headers encoded by pamqp 4.0.1 (aio-pika, aiormq) and amqp 5.4.2 (Celery, kombu), and by
# amqplib 2.3.1 (npm). Both Python libraries decode the same bytes as 1.5. Decimal headers are exact in pika.
# Expected: 1.5, as "d" is a double and "f" a float in RabbitMQ's table of field types.
# Why it matters: consumers route and filter by headers, so that they need not parse the body. A limit price, a rate or
# a timestamp with fractions in a header is another one for a consumer in pika, and no error is raised.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pika==1.4.4 pamqp==4.0.1 amqp==5.4.2
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts amqplib@2.3.1
node -e '
  const { encodeTable } = require("./node_modules/amqplib/lib/codec.js");
  const buffer = Buffer.alloc(256);
  const length = encodeTable(buffer, { price: 1.5, change: -0.25 }, 0);
  console.log(buffer.subarray(0, length).toString("hex"));
' > amqplib.hex

venv/bin/python - <<'PY'
from importlib.metadata import version

import pamqp.decode
import pamqp.encode
from amqp import serialization
from pika import data, exceptions

for package in ("pika", "pamqp", "amqp"):
    print(package, version(package))
headers = {"price": 1.5, "change": -0.25}
tables = {
    "pamqp": pamqp.encode.field_table(headers),
    "amqp": serialization.dumps("F", [headers]),
    "amqplib": bytes.fromhex(open("amqplib.hex").read()),
}
for encoder, table in tables.items():
    received, _ = data.decode_table(table, 0)
    print(f"encoded by {encoder}, decoded by pika: {received}, by pamqp: {pamqp.decode.field_table(table)[1]}")
    assert received == {"price": 1, "change": 0}
    assert pamqp.decode.field_table(table)[1] == headers
    assert serialization.loads("F", table, 0)[0][0] == headers
try:
    data.encode_table([], headers)
except exceptions.UnsupportedAMQPFieldException:
    print("pika refuses to encode them")
else:
    raise SystemExit("pika encodes floats now")
PY

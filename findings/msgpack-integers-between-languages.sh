#!/usr/bin/env bash
# msgpackr writes every integer above 2^32 as a floating-point number, so a timestamp in
# milliseconds leaves Node as 1772443800123 and arrives in Python as 1772443800123.0. In the
# other direction @msgpack/msgpack rounds 64-bit integers without an error: ...993 becomes ...992.
#
# Seen with msgpackr 2.1.4 and @msgpack/msgpack 3.1.3 (npm), and msgpack 1.2.4 (PyPI).
# Expected: MessagePack has 64-bit integers; @msgpack/msgpack writes the same value as one, and
# msgpackr reads the large ones as BigInt.
# Why it matters: services that exchange ticks and fills over ZeroMQ or Redis use such numbers
# as keys. str(order_id) gets ".0" at its end, a typed Go or Rust reader rejects the message,
# and two order ids that differ by one become equal.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check msgpack==1.2.4
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts msgpackr@2.1.4 @msgpack/msgpack@3.1.3

node -e "
const tick = { ms: 1772443800123, seq: 4294967295 };
process.stdout.write(require('msgpackr').pack(tick))" > msgpackr.bin
node -e "
const tick = { ms: 1772443800123, seq: 4294967295 };
process.stdout.write(require('@msgpack/msgpack').encode(tick))" > msgpack.bin

venv/bin/python - <<'PY'
import msgpack

for name in ("msgpackr", "msgpack"):
    with open(f"{name}.bin", "rb") as file:
        tick = msgpack.unpackb(file.read())
    print(f"from {name} in Node, read in Python: {tick}")
    kinds = {key: type(value).__name__ for key, value in tick.items()}
    assert kinds == {"ms": "float" if name == "msgpackr" else "int", "seq": "int"}, kinds

with open("python.bin", "wb") as file:
    file.write(msgpack.packb({"order": 9007199254740993}))
PY

cat > read.cjs <<'JS'
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const bytes = readFileSync('python.bin');
const rounded = require('@msgpack/msgpack').decode(bytes).order;
const exact = require('msgpackr').unpack(bytes).order;
console.log('9007199254740993 from Python: @msgpack/msgpack reads', rounded, 'and msgpackr reads', exact);
assert.equal(rounded, 9007199254740992);
assert.equal(exact, 9007199254740993n);
JS
node read.cjs

#!/usr/bin/env bash
# Decimals of Arrow have no decimal point in apache-arrow for JavaScript: a price of 1.10, written by Python with two
# decimal places, is 110 as a string, as a number and in JSON. The scale is in the type of the column only.
# hyparquet reads the same table from Parquet as 1.1.
#
# Seen with apache-arrow 21.2.0 and hyparquet 1.33.0 (npm), pyarrow 26.0.1 (PyPI).
# Expected: 1.10, or a value that cannot be used as a number.
# Why it matters: an order with a price or a size that is a hundred times too large. Columns with no decimal places, such
# as counts, are right, so the code that reads them passes its tests.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
venv/bin/python - <<'PY'
from decimal import Decimal

import pyarrow
from pyarrow import parquet

prices = pyarrow.array([Decimal("1.10"), Decimal("-0.05")], pyarrow.decimal128(18, 2))
table = pyarrow.table({"price": prices})
with pyarrow.ipc.new_file("prices.arrow", table.schema) as file:
    file.write_table(table)
parquet.write_table(table, "prices.parquet")
PY
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 hyparquet@1.33.0

cat > prices.mjs <<'JS'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';

const column = tableFromIPC(readFileSync('prices.arrow')).getChild('price');
const arrow = [...column].map((price) => [String(price), Number(price), JSON.stringify(price)]);
console.log('apache-arrow 21.2.0', String(column.type), JSON.stringify(arrow));
const file = new Uint8Array(readFileSync('prices.parquet')).buffer;
const parquet = (await parquetReadObjects({ file })).map(({ price }) => price);
console.log('hyparquet 1.33.0', JSON.stringify(parquet));

assert.equal(column.type.scale, 2);
assert.deepEqual(arrow.map(([text]) => text), ['110', '-5']);
assert.equal(arrow[0][1], 110);
assert.deepEqual(parquet, [1.1, -0.05]);
JS
node prices.mjs

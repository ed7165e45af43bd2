#!/usr/bin/env bash
# The InfluxDB client for JavaScript writes 64-bit integers through a double: intField with
# 9007199254740993 stores ...992, although it was given as a string or a BigInt to be exact.
# uintField of the same Point is exact. floatField reads "1,500.25" as 1.
#
# Seen with @influxdata/influxdb-client 1.35.0 (npm).
# Expected: the digits that were passed, as line protocol has 64-bit integers, or an error;
# the client does raise errors for other invalid values.
# Why it matters: exchanges number orders and trades beyond 2^53. Two fills that are next to
# each other get one id in the database, and reconciliation against the exchange finds neither.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @influxdata/influxdb-client@1.35.0

cat > points.cjs <<'JS'
const assert = require('node:assert/strict');
const { Point } = require('@influxdata/influxdb-client');

console.log('@influxdata/influxdb-client 1.35.0');
const line = (set) => set(new Point('fill')).timestamp('1').toLineProtocol();
const seen = {
  'intField of a string': line((point) => point.intField('id', '9007199254740993')),
  'intField of a BigInt': line((point) => point.intField('id', 9007199254740993n)),
  'uintField of a string': line((point) => point.uintField('id', '9007199254740993')),
  'floatField of "1,500.25"': line((point) => point.floatField('price', '1,500.25')),
};
for (const [call, written] of Object.entries(seen)) console.log(`${call}: ${written}`);

assert.deepEqual(Object.values(seen), [
  'fill id=9007199254740992i 1',
  'fill id=9007199254740992i 1',
  'fill id=9007199254740993u 1',
  'fill price=1 1',
]);
assert.throws(() => line((point) => point.floatField('price', 'n/a')), /invalid float value/);
JS
node points.cjs

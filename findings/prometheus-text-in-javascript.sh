#!/usr/bin/env bash
# parse-prometheus-text-format merges all label sets of a histogram into one: the buckets of
# the last one replace the others, and labels, count and sum are gone. A last line without a
# line break is dropped without an error. prom-client's own output is enough to see it.
#
# Seen with parse-prometheus-text-format 1.1.1 reading what prom-client 15.1.3 exposes.
# Expected: one histogram for each label set, as Prometheus stores it; counters with labels
# are read right, so the library looks fine until somebody adds a label to a histogram.
# Why it matters: sidecars and smoke tests use it to read order latency from /metrics. With
# one label for the venue, the latency of the last venue is reported as that of all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts parse-prometheus-text-format@1.1.1 prom-client@15.1.3

cat > parse.cjs <<'JS'
const assert = require('node:assert/strict');
const { Histogram, Registry } = require('prom-client');
const parse = require('parse-prometheus-text-format');

(async () => {
  console.log('parse-prometheus-text-format', require('parse-prometheus-text-format/package.json').version);
  const registry = new Registry();
  const latency = new Histogram({
    name: 'order_seconds',
    help: 'Time to acknowledgement',
    labelNames: ['venue'],
    buckets: [0.1, 1],
    registers: [registry],
  });
  for (let i = 0; i < 100; i++) latency.observe({ venue: 'slow' }, 0.9);
  latency.observe({ venue: 'fast' }, 0.01);

  const exposed = await registry.metrics();
  console.log(exposed);
  const [histogram] = parse(exposed);
  console.log('parsed:', JSON.stringify(histogram.metrics));
  assert.deepEqual(histogram.metrics, [{ buckets: { 0.1: '1', 1: '1', '+Inf': '1' } }]);

  const unterminated = 'position{symbol="ES"} 5';
  console.log('without a final line break:', JSON.stringify(parse(unterminated)));
  assert.deepEqual(parse(unterminated), []);
  assert.equal(parse(unterminated + '\n')[0].metrics[0].value, '5');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
JS
node parse.cjs

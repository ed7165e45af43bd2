#!/usr/bin/env bash
# cdktf drops 0, false and '' from expressions: Op.eq(x, 0) is synthesized as "x == undefined",
# and Fn.lookup(map, key, 0) loses its fallback and becomes "map.key". Neither fails before
# Terraform runs; the lookup only fails once the key is really missing.
#
# Seen with cdktf 0.21.0 (npm); Op.eq(x, 1) and Fn.lookup(map, key, 1) are right.
# Expected: the operand that was passed, as TypeScript types it as any value.
# Why it matters: "no replicas", "no lots", "off" are ordinary values of a trading stack. Tests
# that synthesize pass, and the plan fails on the environment that relies on the fallback.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cdktf@0.21.0 constructs@10.4.2

cat > falsy.cjs <<'JS'
const assert = require('node:assert/strict');
const { Fn, Op, TerraformLocal, TerraformOutput, TerraformStack, Testing } = require('cdktf');

const stack = new TerraformStack(Testing.app(), 'desk');
const limits = new TerraformLocal(stack, 'limits', { lots: 1 }).expression;
const expressions = {
  eq_1: Op.eq(limits, 1),
  eq_0: Op.eq(limits, 0),
  and_false: Op.and(true, false),
  lookup_1: Fn.lookup(limits, 'lots', 1),
  lookup_0: Fn.lookup(limits, 'lots', 0),
  lookup_false: Fn.lookup(limits, 'lots', false),
};
for (const [id, value] of Object.entries(expressions)) new TerraformOutput(stack, id, { value });

console.log('cdktf', require('cdktf/package.json').version);
const outputs = JSON.parse(Testing.synth(stack)).output;
const seen = Object.fromEntries(Object.keys(expressions).map((id) => [id, outputs[id].value]));
console.log(seen);
assert.deepEqual(seen, {
  eq_1: '${(local.limits == 1)}',
  eq_0: '${(local.limits == undefined)}',
  and_false: '${(true && undefined)}',
  lookup_1: '${lookup(local.limits, "lots", 1)}',
  lookup_0: '${local.limits.lots}',
  lookup_false: '${local.limits.lots}',
});
JS
node falsy.cjs

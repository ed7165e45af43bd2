#!/usr/bin/env bash
# cdktf removes dots, colons and spaces from construct ids when it makes Terraform's names, and
# does not check the result: "api.v1" and "apiv1" are two constructs and one resource in the
# synthesized JSON. The later one replaces the earlier one without an error or a warning.
#
# Seen with cdktf 0.21.0 (npm); the same id twice is an error.
# Expected: an error for two ids that get the same name, as for two equal ids.
# Why it matters: ids are often made from symbols or versions. One of the containers is never
# created, the deploy reports success, and references to either end up at the survivor.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cdktf@0.21.0 constructs@10.4.2

cat > ids.cjs <<'JS'
const assert = require('node:assert/strict');
const { TerraformResource, TerraformStack, Testing } = require('cdktf');

class Data extends TerraformResource {
  constructor(scope, id, input) {
    super(scope, id, { terraformResourceType: 'terraform_data' });
    this.value = input;
  }
  synthesizeAttributes() {
    return { input: this.value };
  }
}

function synthesize(first, second) {
  const stack = new TerraformStack(Testing.app(), 'desk');
  new Data(stack, first, 'first');
  new Data(stack, second, 'second');
  return JSON.parse(Testing.synth(stack)).resource.terraform_data;
}

console.log('cdktf', require('cdktf/package.json').version);
for (const [first, second] of [['api.v1', 'apiv1'], ['ES:1', 'ES1'], ['order router', 'orderrouter']]) {
  const resources = synthesize(first, second);
  console.log(`"${first}" and "${second}" become`, JSON.stringify(resources));
  assert.deepEqual(resources, { [second]: { input: 'second' } });
}
assert.throws(() => synthesize('api', 'api'), /already a Construct with name/);
JS
node ids.cjs

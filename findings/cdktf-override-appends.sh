#!/usr/bin/env bash
# addOverride of cdktf replaces a value everywhere but in lists: overriding ["a", "b"] with
# ["c"] gives ["a", "b", "c"]. A list can grow by an override, and can never shrink or change.
#
# Seen with cdktf 0.21.0 (npm); a string or a number at the same path is replaced.
# Expected: an override overrides, whatever the type of the value.
# Why it matters: overrides are the documented escape hatch from a construct library. A command or a list of
# capabilities that was to be replaced by a shorter one keeps the old entries in front: the
# container still starts with the old arguments, and still has the old capabilities.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts cdktf@0.21.0 constructs@10.4.2

cat > override.cjs <<'JS'
const assert = require('node:assert/strict');
const { TerraformResource, TerraformStack, Testing } = require('cdktf');

class Container extends TerraformResource {
  constructor(scope, id) {
    super(scope, id, { terraformResourceType: 'docker_container' });
  }
  synthesizeAttributes() {
    return { image: 'old', command: ['trade', '--live'] };
  }
}

const stack = new TerraformStack(Testing.app(), 'desk');
const container = new Container(stack, 'strategy');
container.addOverride('image', 'new');
container.addOverride('command', ['trade', '--paper']);

console.log('cdktf', require('cdktf/package.json').version);
const { image, command } = JSON.parse(Testing.synth(stack)).resource.docker_container.strategy;
console.log('image:', image, 'command:', command);
assert.equal(image, 'new');
assert.deepEqual(command, ['trade', '--live', 'trade', '--paper']);
JS
node override.cjs

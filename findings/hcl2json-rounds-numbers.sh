#!/usr/bin/env bash
# hcl2json of cdktf reads numbers of HCL as doubles: 9007199254740993 becomes ...992, and of 0.12345678901234567890
# sixteen digits are left. Terraform keeps both, as its numbers have 512 bits, and the same file gives other values
# before and after it is converted.
#
# Seen with @cdktf/hcl2json 0.21.0 (npm) and Terraform 1.11.4. Set TERRAFORM to another program to try it.
# Expected: the digits of the file, or a string, as hcl2json returns expressions that JSON cannot hold.
# Why it matters: cdktf convert and every tool that reads a configuration through this package take account and order
# ids of 64 bits from it. The id next to the right one belongs to another account.
set -euo pipefail
terraform=${TERRAFORM:-terraform}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @cdktf/hcl2json@0.21.0
cat > main.tf <<'HCL'
output "account" {
  value = 9007199254740993
}
output "ratio" {
  value = 0.12345678901234567890
}
HCL
cat > numbers.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { parse } = require('@cdktf/hcl2json');

parse('main.tf', readFileSync('main.tf', 'utf8')).then(({ output }) => {
  console.log(`account ${output.account[0].value}, ratio ${output.ratio[0].value}`);
});
JS
node numbers.cjs > hcl2json
"$terraform" version | head -1
"$terraform" init -input=false > log 2>&1 || { cat log; exit 1; }
"$terraform" apply -auto-approve -input=false > log 2>&1 || { cat log; exit 1; }
echo "account $("$terraform" output account), ratio $("$terraform" output ratio)" > terraform
echo "@cdktf/hcl2json 0.21.0: $(cat hcl2json)"
echo "Terraform: $(cat terraform)"

[ "$(cat hcl2json)" = 'account 9007199254740992, ratio 0.12345678901234568' ]
[ "$(cat terraform)" = 'account 9007199254740993, ratio 0.1234567890123456789' ]

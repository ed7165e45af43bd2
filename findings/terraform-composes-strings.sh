#!/usr/bin/env bash
# Terraform keeps strings in Unicode's normal form C, so file() does not return what is in the
# file: "u" and a combining diaeresis become one "ü", and half of a surrogate pair becomes U+FFFD.
# Nothing warns, and filesha256() of the file differs from sha256() of its content.
#
# Seen with Terraform 1.11.4. Set TERRAFORM to another program to try it.
# Expected: the same bytes, or an error.
# Why it matters: a password or an API key that was typed on macOS can have the decomposed form.
# Delivered through a variable that Terraform reads with file(), it is another password than the
# one in the file, and signatures that are made with it are wrong.
set -euo pipefail
terraform=${TERRAFORM:-terraform}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf 'Zu\xcc\x88rich' > password
cat > main.tf.json <<'JSON'
{
  "output": {
    "file": { "value": "${file(\"password\")}" },
    "constant": { "value": "Zu\u0308rich" },
    "same_hash": { "value": "${sha256(file(\"password\")) == filesha256(\"password\")}" },
    "half_a_pair": { "value": "\ud83d" }
  }
}
JSON
"$terraform" version | head -1
"$terraform" init -input=false > log 2>&1 || { cat log; exit 1; }
"$terraform" apply -auto-approve -input=false > log 2>&1 || { cat log; exit 1; }
printf 'the file:    %s\n' "$(od -An -tx1 password)"
for output in file constant half_a_pair; do
  printf '%-12s %s\n' "$output:" "$("$terraform" output -raw "$output" | od -An -tx1)"
done | tee outputs
same=$("$terraform" output -json same_hash)
echo "sha256(file()) is filesha256(): $same"

diff - <(tr -s ' ' < outputs) <<'EXPECTED'
file: 5a c3 bc 72 69 63 68
constant: 5a c3 bc 72 69 63 68
half_a_pair: ef bf bd
EXPECTED
[ "$same" = false ]

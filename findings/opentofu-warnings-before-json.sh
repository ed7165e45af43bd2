#!/usr/bin/env bash
# A warning about the configuration of OpenTofu's command line is printed to standard output, in front of the JSON
# document of `tofu version -json`, `tofu show -json` and the others, which then cannot be parsed.
#
# Seen with OpenTofu v1.12.6 (Go module). The introduction of the warning, "There are some problems with the CLI
# configuration", goes to standard error. Terraform 1.11.4 and 1.15.9 print both there.
# Expected: with -json, standard output has the document and nothing else.
# Why it matters: the warning appears when TF_CLI_CONFIG_FILE names a file that does not exist, as it often does in CI
# images and in containers. Every program that reads the output as JSON fails there, and works on a laptop.
#
# Builds OpenTofu from source, which takes some minutes.
set -euo pipefail
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
version=v1.12.6
source=$(go mod download -json "github.com/opentofu/opentofu@$version" | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
cp -r "$source" source
chmod -R u+w source
(cd source && GOFLAGS=-buildvcs=false go build -o ../tofu ./cmd/tofu)

export CHECKPOINT_DISABLE=1
TF_CLI_CONFIG_FILE=$work/missing.tfrc ./tofu version -json > with-warning 2> errors
TF_CLI_CONFIG_FILE='' ./tofu version -json > without-warning

echo "OpenTofu $version, standard output:"
cat with-warning
grep -q 'problems with the CLI configuration' errors
grep -q '^Warning: Unable to open CLI configuration file' with-warning
python3 - <<'PY'
import json

json.load(open('without-warning'))
try:
    json.load(open('with-warning'))
except json.JSONDecodeError as error:
    print('not JSON:', error)
else:
    raise SystemExit('the document is JSON now')
PY

#!/usr/bin/env bash
# python-hcl2 8 returns strings with their quotation marks, block labels too: image = "redis"
# reads as '"redis"', under the key '"docker_container"'. A number such as 1e3 is the string
# '${1e3}' in versions 7 and 8.
#
# Seen with python-hcl2 8.1.4 against 7.3.1 (PyPI); hcl2-parser 1.0.3 (npm) gives redis and 1000.
# Expected: values, as from a parser of JSON or YAML, and as version 7 gave strings.
# Why it matters: scripts that read images, ports or limits of a stack from Terraform files
# compare them with plain strings. After an upgrade nothing matches, and nothing fails either.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > stack.tf <<'HCL'
resource "docker_container" "cache" {
  image  = "redis"
  memory = 1e3
}
HCL
cat stack.tf

for version in 7.3.1 8.1.4; do
  python3 -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check "python-hcl2==$version"
  "venv-$version/bin/python" - > "out-$version" <<'PY'
import hcl2

with open("stack.tf", encoding="utf-8") as file:
    ((kind, resources),) = hcl2.load(file)["resource"][0].items()
((name, cache),) = resources.items()
print(kind, name, cache["image"], cache["memory"])
PY
  echo "python-hcl2 $version: $(cat "out-$version")"
done
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts hcl2-parser@1.0.3
node -e "
const [parsed] = require('hcl2-parser').parseToObject(require('node:fs').readFileSync('stack.tf', 'utf8'));
const [[kind, resources]] = Object.entries(parsed.resource);
const [[name, [cache]]] = Object.entries(resources);
console.log(kind, name, cache.image, cache.memory);
" > out-npm
echo "hcl2-parser 1.0.3: $(cat out-npm)"

[ "$(cat out-7.3.1)" = 'docker_container cache redis ${1e3}' ]
[ "$(cat out-8.1.4)" = '"docker_container" "cache" "redis" ${1e3}' ]
[ "$(cat out-npm)" = 'docker_container cache redis 1000' ]

#!/usr/bin/env bash
# dockerfile-parse takes the lines of a here-document for instructions: an image built on
# python:3.12-slim is reported as based on whatever word follows a line that starts with "from"
# in an inline script. It also mangles a tag given as ${VERSION:-3.12}.
#
# Seen with dockerfile-parse 2.0.1 (PyPI); dockerfile-ast 0.7.1 (npm) reads both right.
# Expected: RUN <<EOF has been part of the Dockerfile syntax since 2021, and an inline Python
# script that starts with an import is its usual use.
# Why it matters: tools that pin or update base images work on what it reports. They look for an
# image named after a Python module, and the real base image keeps the version it has.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > Dockerfile <<'DOCKERFILE'
FROM python:3.12-slim
RUN <<EOF python
from pathlib import Path
Path("/app").mkdir()
EOF
CMD ["python", "-m", "strategy"]
DOCKERFILE
cat Dockerfile
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check dockerfile-parse==2.0.1
npm init --yes > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts dockerfile-ast@0.7.1

venv/bin/python - <<'PY'
import io
from importlib.metadata import version

from dockerfile_parse import DockerfileParser


def parse(content):
    parser = DockerfileParser(fileobj=io.BytesIO())
    parser.content = content
    return parser


print("dockerfile-parse", version("dockerfile-parse"))
with open("Dockerfile", encoding="utf-8") as file:
    heredoc = parse(file.read())
print("base image:", heredoc.baseimage, "of", heredoc.parent_images)
tagged = parse("ARG VERSION=3.12\nFROM python:${VERSION:-3.11}\n").parent_images
print("python:${VERSION:-3.11} with VERSION=3.12:", tagged)
assert heredoc.baseimage == "pathlib", heredoc.baseimage
assert heredoc.parent_images == ["python:3.12-slim", "pathlib"], heredoc.parent_images
assert tagged == ["python:3.12:-3.11}"], tagged
PY

node -e "
const assert = require('node:assert/strict');
const { DockerfileParser } = require('dockerfile-ast');
const images = DockerfileParser.parse(require('node:fs').readFileSync('Dockerfile', 'utf8')).getFROMs().map((from) => from.getImage());
console.log('dockerfile-ast', require('dockerfile-ast/package.json').version, 'sees', images);
assert.deepEqual(images, ['python:3.12-slim']);
"

#!/bin/sh
# Fails unless a program reports the version that an image is for, and says which one was found:
#   check-version.sh VERSION PROGRAM ARGUMENT...
set -eu

expected="$1"
shift
found="$("$@" 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1)"
case "$found" in
  "$expected" | "$expected".*) echo "$1 is version $found" ;;
  *)
    echo "$1 is version ${found:-unknown}, and this image is for $expected: change its version in test/e2e/images/images.ts" >&2
    exit 1
    ;;
esac

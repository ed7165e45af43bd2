#!/bin/sh
# Puts programs into /bin of a new root, with the libraries that they load:
#   collect.sh ROOT PROGRAM...
set -eu

root="$1"
shift
mkdir -p "$root/bin"

for program in "$@"; do
  cp "$program" "$root/bin/"
  # ldd prints `name => /path (address)` for a library and `/path (address)` for the loader. A static
  # program has none, and ldd fails.
  { ldd "$program" || true; } | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -Lu "$library" "$root$library"
  done
done

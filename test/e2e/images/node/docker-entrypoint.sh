#!/bin/sh
# As in the public image: what is not a command is an argument of node (`docker run IMAGE app.js`).
set -e

case "${1-}" in
  -*) set -- node "$@" ;;
  *)
    if [ -z "$(command -v "${1-}" 2>/dev/null)" ] || { [ -f "${1-}" ] && [ ! -x "${1-}" ]; }; then
      set -- node "$@"
    fi
    ;;
esac

exec "$@"

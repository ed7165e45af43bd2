#!/usr/bin/env bash
# Behaves like the public QuestDB image.
set -Eeo pipefail

export QDB_PACKAGE="${QDB_PACKAGE:-docker}"
data="${QUESTDB_DATA_DIR:-/var/lib/questdb}"
command=(/app/bin/java)

# Options of the JVM that are added to the image's own.
if [ -n "$JVM_PREPEND" ]; then
  read -ra options <<< "$JVM_PREPEND"
  command+=("${options[@]}")
fi

if [ $# -eq 0 ]; then
  set -- "${command[@]}" -XX:+UseParallelGC "-XX:ErrorFile=$data/db/hs_err_pid+%p.log" \
    "-Dout=$data/conf/log.conf" -m io.questdb/io.questdb.ServerMain -d "$data" -f
elif [ "${1:0:1}" = - ]; then
  set -- "${command[@]}" "$@"
fi

# Root gives the data to the server's user and becomes it; `--user` comes here at once.
if [ "$(id -u)" = 0 ] && [ "${RUN_AS_ROOT:-false}" = false ]; then
  if [ "${DO_CHOWN:-true}" = true ]; then
    find "$data" \! -user questdb -exec chown questdb:questdb '{}' +
  fi
  exec setpriv --reuid=questdb --regid=questdb --init-groups "$@"
fi

echo "Running as $(id -un 2>/dev/null) user"
exec "$@"

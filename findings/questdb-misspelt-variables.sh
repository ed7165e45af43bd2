#!/usr/bin/env bash
# QuestDB checks the names in server.conf and refuses to start with "Invalid settings (not
# recognized, probable typos)". The same setting with the same typo in a variable is ignored
# without a line in the log, although config.validation.strict=true is set.
#
# Seen with org.questdb:questdb 9.3.4 (Maven).
# Expected: one check for both, as the documentation recommends variables for containers.
# Why it matters: containers set everything in variables. With QDB_QUERY_TIMOUT=5m the time-out
# of queries stays at its default, and nothing says so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mvn --batch-mode dependency:copy -Dmdep.stripVersion=true -Dartifact=org.questdb:questdb:9.3.4 -DoutputDirectory=. \
  > mvn.log 2>&1 || { cat mvn.log; exit 1; }

export QDB_HTTP_ENABLED=false QDB_PG_ENABLED=false QDB_LINE_TCP_ENABLED=false
export QDB_HTTP_MIN_ENABLED=false QDB_TELEMETRY_ENABLED=false

# server FOLDER: runs until the server is ready or ends, and prints which of the two.
server() {
  java -p questdb.jar -m io.questdb/io.questdb.ServerMain -d "$work/$1" > "$1.log" 2>&1 &
  local pid=$!
  for _ in $(seq 1 120); do
    if grep -q ' enjoy$' "$1.log" || ! kill -0 "$pid" 2> /dev/null; then
      break
    fi
    sleep 0.5
  done
  if kill "$pid" 2> /dev/null; then
    echo "$1: started"
  else
    echo "$1: refused"
  fi
  wait "$pid" 2> /dev/null || true
}

mkdir -p file/conf variable/conf
printf 'config.validation.strict=true\nquery.timout=5m\n' > file/conf/server.conf
printf 'config.validation.strict=true\n' > variable/conf/server.conf

server file | tee seen.txt
grep -A 1 'probable typos' file.log | head -n 2
QDB_QUERY_TIMOUT=5m server variable | tee -a seen.txt
mentions=$(grep -ci 'timout' variable.log || true)
echo "lines about it in the log: $mentions" | tee -a seen.txt

diff seen.txt - <<'SEEN'
file: refused
variable: started
lines about it in the log: 0
SEEN

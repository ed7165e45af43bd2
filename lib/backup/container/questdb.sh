#!/bin/bash
# questdb.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check
#
# The files of a QuestDB server as they are during a checkpoint, and the names of its tables. The password comes from a
# file; the throw-away server listens only inside this container.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

scratch=/backup/scratch
root=/var/lib/questdb
data=$scratch/throwaway
# Where the old data is kept: it is there while a restore runs, and after one that was killed.
unfinished=$scratch/unfinished-restore
host=$QUESTDB_HOST
login=$QUESTDB_USER:$(cat "$QUESTDB_PASSWORD_FILE")

# Prints the answer. With bash, as the image has no client. The server keeps the connection open, so the
# answer ends at the last chunk.
request() {
  local LC_ALL=C path=$1 seconds=$2 status line size chunk=
  # A connection of the shell itself has no timeout.
  timeout 10 bash -c '< "/dev/tcp/$0/9000"' "$host" 2> /dev/null || {
    echo "QuestDB does not answer at $host:9000" >&2
    return 1
  }
  { exec 3<> "/dev/tcp/$host/9000"; } 2> /dev/null || return 1
  printf 'GET %s HTTP/1.1\r\nHost: questdb\r\nAuthorization: Basic %s\r\n\r\n' "$path" "$(printf %s "$login" | base64 -w 0)" >&3
  IFS= read -r -t "$seconds" status <&3 || return 1
  while IFS= read -r -t "$seconds" line <&3 && [ "$line" != $'\r' ]; do :; done
  while IFS= read -r -t "$seconds" size <&3; do
    size=$((16#${size%$'\r'}))
    [ "$size" -gt 0 ] || break
    IFS= read -r -t "$seconds" -N "$size" chunk <&3 || return 1
    printf %s "$chunk"
    IFS= read -r -t "$seconds" line <&3 || return 1
  done
  exec 3>&-
  case $status in *' 200 '*) ;; *)
    echo "QuestDB answered: ${status%$'\r'} $chunk" >&2
    return 1
    ;;
  esac
}

escaped() { printf %s "$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g'; }
execute() { request "/exec?query=$(escaped "$1")" "$2" > /dev/null; }
# Without a line of names. Strings are in double quotes, as SQL has names.
query() { request "/exp?nm=true&query=$(escaped "$1")" 600 | tr -d '\r'; }
tables() { query 'SELECT table_name FROM tables()' | sort; }

# One that is open already was left by a run that was cut short. Tables that are created or dropped meanwhile may be
# missing.
dump() {
  execute 'CHECKPOINT RELEASE' 60
  tables > "$scratch/tmp/before"
  trap 'execute "CHECKPOINT RELEASE" 60 || true' EXIT
  execute 'CHECKPOINT CREATE' 600
  tables > "$scratch/tmp/after"
  comm -12 "$scratch/tmp/before" "$scratch/tmp/after" > "$1/tables"
  trap - EXIT
}

stop_throwaway() {
  kill "$server" 2> /dev/null || return 0
  wait "$server" || true
}

# Starts a throw-away server on a backup, which recovers the checkpoint, and counts the rows of each table.
recover() {
  local fetched=$1 name rows
  rm -rf "$data"
  mkdir -p "$data/tmp"
  mv "$fetched$root/db" "$fetched$root/.checkpoint" "$data/"
  touch "$data/_restore"
  QUESTDB_DATA_DIR=$data JVM_PREPEND="-Xmx160m -Djava.io.tmpdir=$data/tmp" QDB_RAM_USAGE_LIMIT_BYTES=256m \
    QDB_HTTP_NET_BIND_TO=127.0.0.1:9000 QDB_HTTP_MIN_ENABLED=false QDB_PG_ENABLED=false QDB_LINE_TCP_ENABLED=false \
    QDB_TELEMETRY_ENABLED=false /docker-entrypoint.sh > "$data/log" 2>&1 &
  server=$!
  trap 'status=$?; stop_throwaway; rm -rf "$data"; exit "$status"' EXIT
  host=127.0.0.1
  until query 'SELECT 1' > /dev/null 2>&1; do
    if ! kill -0 "$server" 2> /dev/null || [ "$SECONDS" -ge 3600 ]; then
      tail -n 20 "$data/log" >&2
      return 1
    fi
    sleep 0.5
  done
  if [ -e "$data/_restore" ]; then
    echo 'the server did not recover the checkpoint' >&2
    return 1
  fi
  : > "$scratch/tmp/restored.counts"
  tables > "$scratch/tmp/restored"
  while read -r name <&4; do
    rows=$(query "SELECT count() FROM $name") || {
      echo "the table $name cannot be read" >&2
      return 1
    }
    echo "$rows" >> "$scratch/tmp/restored.counts"
  done 4< "$fetched/backup/scratch/dump/tables"
  stop_throwaway
}

refuse_if_running() {
  if query 'SELECT 1' > /dev/null 2>&1; then
    echo "the server runs: stop it first, which the command restore does" >&2
    return 1
  fi
}

# Undoes a restore that failed or was killed.
put_back() {
  local kept
  [ -e "$unfinished" ] || return 0
  refuse_if_running
  read -r kept < "$unfinished"
  # It was not renamed yet, or there was none.
  if [ -e "$kept" ]; then
    rm -rf "$root/db"
    mv "$kept" "$root/db"
  fi
  rm -rf "$root/db_restored"
  rm "$unfinished"
  echo 'the restore did not finish, and the data is as it was' >&2
}

undo() {
  local status=$?
  rm -rf "$data"
  [ "$status" -eq 0 ] || bash "$0" put-back || true
  exit "$status"
}

# The old data is renamed, and the new data is complete before that.
restore() {
  local stamp kept new=$root/db_restored
  refuse_if_running
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  kept=$root/db_before_$stamp
  recover "$1"
  # It has nothing, but its absence would not tell whether it was renamed.
  [ -e "$root/db" ] || mkdir "$root/db"
  echo "$kept" > "$unfinished"
  trap undo EXIT
  rm -rf "$new"
  cp -a "$data/db" "$new"
  mv "$root/db" "$kept"
  mv "$new" "$root/db"
  # They belong to the old data.
  rm -rf "$root/.checkpoint"
  rm "$unfinished"
  rmdir "$kept" 2> /dev/null ||
    echo "the old data is kept in $kept; remove the folder when you do not need it any more"
  echo "the data is restored: $(awk '{ rows += $1 } END { print NR " tables, " rows + 0 " rows" }' "$scratch/tmp/restored.counts")"
}

case $1 in
  dump) dump "$2" ;;
  paths) echo "$root/db $root/.checkpoint" ;;
  release) execute 'CHECKPOINT RELEASE' 60 ;;
  verify) recover "$2" ;;
  restore) restore "$2" ;;
  put-back) put_back ;;
  check) query 'SELECT 1' > /dev/null ;;
esac

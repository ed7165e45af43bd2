#!/bin/sh
# redis.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check
#
# All keys of a Redis or Valkey server, as it sends them to a replica. The password comes from a file; the throw-away
# server listens on a socket only.
set -eu

scratch=/backup/scratch
root=/data
data=$scratch/throwaway
# Where the old files are and what came next: it is there while a restore runs, and after one that was killed.
unfinished=$scratch/unfinished-restore
if [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
  REDISCLI_AUTH=$(cat "$REDIS_PASSWORD_FILE")
  export REDISCLI_AUTH
fi

client() { "$(command -v redis-cli || command -v valkey-cli)" "$@"; }
remote() { client -h "$REDIS_HOST" "$@"; }
local_client() (
  unset REDISCLI_AUTH
  client -s "$data/socket" "$@"
)
program() { command -v "redis-$1" || command -v "valkey-$1"; }
number_in() { sed -n "s/.*\[info\] \([0-9]*\) $1.*/\1/p" "$scratch/tmp/check.log"; }

# It can be loaded, and has these many keys, of which some have expired when it is.
dump() {
  remote --rdb "$1/dump.rdb" > "$scratch/tmp/rdb.log" 2>&1 || {
    cat "$scratch/tmp/rdb.log" >&2
    return 1
  }
  "$(program check-rdb)" "$1/dump.rdb" > "$scratch/tmp/check.log" 2>&1 || {
    cat "$scratch/tmp/check.log" "$scratch/tmp/rdb.log" >&2
    return 1
  }
  number_in 'keys read' > "$1/keys"
  number_in 'expires' > "$1/expires"
  # Without them, a verification would compare with nothing.
  for count in keys expires; do
    grep -q '[0-9]' "$1/$count" || {
      cat "$scratch/tmp/check.log" >&2
      echo "the check of the backup says no number of $count" >&2
      return 1
    }
  done
}

info() { local_client INFO "$1" | tr -d '\r' | sed -n "s/^$2:\(.*\)/\1/p"; }
loaded_keys() { local_client INFO keyspace | sed -n 's/^db[0-9]*:keys=\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }

remove_throwaway() {
  status=$?
  kill "$server" 2> /dev/null || true
  wait "$server" || true
  rm -rf "$data"
  exit "$status"
}

# A throw-away server on a backup, started as the image starts its server, which knows its modules.
load() {
  dump=$1/backup/scratch/dump
  rm -rf "$data"
  mkdir -p "$data/files"
  cp "$dump/dump.rdb" "$data/files/$REDIS_SNAPSHOT"
  docker-entrypoint.sh "$(program server)" --port 0 --unixsocket "$data/socket" --dir "$data/files" --save '' \
    --appendonly no --databases "$REDIS_DATABASES" --dbfilename "$REDIS_SNAPSHOT" --appendfilename "$REDIS_APPEND_FILE" \
    ${REDIS_APPEND_FOLDER:+--appenddirname "$REDIS_APPEND_FOLDER"} > "$data/log" 2>&1 &
  server=$!
  trap remove_throwaway EXIT
  until [ "$(local_client PING 2> /dev/null)" = PONG ]; do
    kill -0 "$server" 2> /dev/null || {
      tail -n 20 "$data/log" >&2
      return 1
    }
    sleep 0.2
  done
  keys=$(loaded_keys)
  read -r most < "$dump/keys"
  read -r expires < "$dump/expires"
  if [ "$keys" -gt "$most" ] || [ "$keys" -lt $((most - expires)) ]; then
    echo "$keys keys were loaded, and the backup has $most, of which $expires can expire" >&2
    return 1
  fi
}

# Files with which the server starts on this data.
save() {
  if [ "$REDIS_APPENDS" = yes ]; then
    local_client CONFIG SET appendonly yes > /dev/null
    until [ "$(info persistence aof_rewrite_in_progress)$(info persistence aof_rewrite_scheduled)" = 00 ]; do sleep 0.2; done
    if [ "$(info persistence aof_last_bgrewrite_status)" != ok ]; then
      tail -n 20 "$data/log" >&2
      return 1
    fi
  fi
  local_client SHUTDOWN NOSAVE > /dev/null 2>&1 || true
  wait "$server" || true
}

files_in_use() {
  for file in "$root"/*; do
    case $file in "$root"/before_* | "$root"/restored_*) ;; *) [ ! -e "$file" ] || printf '%s\n' "$file" ;; esac
  done
}

# Any answer counts: one that is loading its data, or has another password, runs too.
refuse_if_running() {
  [ -z "$(remote PING 2> /dev/null)" ] || {
    echo 'the server runs: stop it first, which the command restore does' >&2
    return 1
  }
}

# Undoes a restore that failed or was killed.
put_back() {
  [ -e "$unfinished" ] || return 0
  refuse_if_running
  {
    read -r kept
    read -r step
  } < "$unfinished"
  if [ "$step" = put-new-files ]; then
    files_in_use | while IFS= read -r file; do rm -rf "$file"; done
    # From here on, old files are in their place: if this is killed, too, they stay there.
    step keep-old-files
  fi
  for file in "$kept"/*; do [ ! -e "$file" ] || mv "$file" "$root/"; done
  rm -rf "$kept" "$root"/restored_*
  rm "$unfinished"
  echo 'the restore did not finish, and the data is as it was' >&2
}

step() { printf '%s\n%s\n' "$kept" "$1" > "$unfinished.new" && mv "$unfinished.new" "$unfinished"; }

# The old files are moved aside, and the new ones are complete before that.
restore() {
  refuse_if_running
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  kept=$root/before_$stamp
  new=$root/restored_$stamp
  load "$1"
  save
  cp -a "$data/files" "$new"
  mkdir "$kept"
  step keep-old-files
  trap 'rm -rf "$data"; put_back' EXIT
  files_in_use | while IFS= read -r file; do mv "$file" "$kept/"; done
  step put-new-files
  mv "$new"/* "$root/"
  rm "$unfinished"
  trap - EXIT
  rm -rf "$new" "$data"
  rmdir "$kept" 2> /dev/null ||
    echo "the old data is kept in $kept; remove the folder when you do not need it any more"
  echo "the data is restored: $keys keys"
}

case $1 in
  dump) dump "$2" ;;
  paths | release) ;;
  verify) load "$2" ;;
  restore) restore "$2" ;;
  put-back) put_back ;;
  check) [ "$(remote PING)" = PONG ] ;;
esac

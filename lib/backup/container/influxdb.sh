#!/bin/bash
# influxdb.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check
#
# Everything in an InfluxDB 2 server, as `influx backup` writes it: points, organizations, buckets, users, tokens and
# dashboards. The operator token comes from a file; the throw-away server listens only inside this container.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail

scratch=/backup/scratch
data=$scratch/throwaway
# Where the old data is kept: it is there while a restore runs, and after one that was killed.
unfinished=$scratch/unfinished-restore
INFLUX_TOKEN=$(cat "$INFLUX_TOKEN_FILE")
export INFLUX_TOKEN INFLUX_CONFIGS_PATH=$scratch/tmp/influx-configs

# Prints what it said only if it fails.
influx_quietly() {
  influx "$@" > "$scratch/tmp/influx.log" 2>&1 || {
    cat "$scratch/tmp/influx.log" >&2
    return 1
  }
}
# restic compresses, and finds what did not change.
backup_to() { influx_quietly backup --compression none "$1"; }
restore_from() { influx_quietly restore --full "$1"; }
fingerprint() { printf %s "$INFLUX_TOKEN" | sha256sum | cut -c 1-64; }

dump() {
  backup_to "$1/data"
  fingerprint > "$1/operator-token"
}

stop_throwaway() {
  local status=$?
  kill "$server" 2> /dev/null || true
  wait "$server" || true
  rm -rf "$data"
  exit "$status"
}

# With bash, because the program takes a token for the setup only as an argument.
set_up() {
  local token body answer
  token=$(printf %s "$INFLUX_TOKEN" | sed 's/[\\"]/\\&/g')
  body='{"username":"throwaway","password":"throw-away","org":"throwaway","bucket":"throwaway","token":"'$token'"}'
  exec 3<> /dev/tcp/127.0.0.1/18086
  printf 'POST /api/v2/setup HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' >&3
  printf 'Content-Length: %s\r\n\r\n%s' "$(printf %s "$body" | wc -c)" "$body" >&3
  answer=$(cat <&3)
  exec 3>&-
  case $answer in 'HTTP/1.'?' 201'*) ;; *)
    echo "the throw-away server could not be set up: ${answer##*$'\n'}" >&2
    return 1
    ;;
  esac
}

# Organizations and buckets, without those of the server itself. Go writes some characters of JSON as numbers.
buckets_in() {
  sed -n 's/.*"organizationName": *"\(.*\)",$/\1/p; s/.*"bucketName": *"\(.*\)",$/\1/p' "$1"/*.manifest |
    sed 's/\\u0026/\&/g; s/\\u003c/</g; s/\\u003e/>/g; s/\\\(["\\]\)/\1/g' | paste - - |
    grep -v "$(printf '\t')_" | sort
}
buckets_of() {
  cut -f 1 "$1" | sort -u | while IFS= read -r organization; do
    influx bucket list --org "$organization" --hide-headers | cut -f 2 | grep -v '^_' |
      ORGANIZATION=$organization awk '{ print ENVIRON["ORGANIZATION"] "\t" $0 }'
  done | sort
}

verify() {
  local dump=$1/backup/scratch/dump
  refuse_other_token "$dump"
  rm -rf "$data"
  mkdir -p "$data"
  INFLUXD_BOLT_PATH=$data/influxd.bolt INFLUXD_SQLITE_PATH=$data/influxd.sqlite INFLUXD_ENGINE_PATH=$data/engine \
    INFLUXD_HTTP_BIND_ADDRESS=127.0.0.1:18086 INFLUXD_REPORTING_DISABLED=true influxd > "$data/log" 2>&1 &
  server=$!
  trap stop_throwaway EXIT
  export INFLUX_HOST=http://127.0.0.1:18086
  until influx ping > /dev/null 2>&1; do
    if ! kill -0 "$server" 2> /dev/null || [ "$SECONDS" -ge 600 ]; then
      tail -n 20 "$data/log" >&2
      return 1
    fi
    sleep 0.5
  done
  set_up
  restore_from "$dump/data"
  buckets_in "$dump/data" > "$data/wanted"
  buckets_of "$data/wanted" > "$data/found"
  diff "$data/wanted" "$data/found" >&2 || {
    echo 'these buckets are missing, or were not in the backup' >&2
    return 1
  }
  influxd inspect verify-tsm --engine-path "$data/engine" > "$data/verified" 2>&1 || true
  grep -q '^Broken Blocks: 0 /' "$data/verified" || {
    cat "$data/verified" >&2
    return 1
  }
}

# After a restore, the server knows the tokens of the backup only.
refuse_other_token() {
  [ "$(cat "$1/operator-token")" = "$(fingerprint)" ] || {
    echo 'the server had another operator token when this backup was made, and does not know the present one: put the earlier token into the file of the secret, and deploy' >&2
    return 1
  }
}

# Undoes a restore that failed or was killed.
put_back() {
  local kept
  [ -e "$unfinished" ] || return 0
  read -r kept < "$unfinished"
  restore_from "$kept"
  rm "$unfinished"
  rm -rf "$kept"
  echo 'the restore did not finish, and the data is as it was' >&2
}

undo() {
  local status=$?
  [ "$status" -eq 0 ] || bash "$0" put-back || true
  exit "$status"
}

# It replaces everything: a copy of that is complete before.
restore() {
  local dump=$1/backup/scratch/dump kept
  refuse_other_token "$dump"
  kept=$scratch/before_$(date -u +%Y%m%dT%H%M%SZ)
  rm -rf "$scratch"/before_*.new
  backup_to "$kept.new"
  mv "$kept.new" "$kept"
  echo "$kept" > "$unfinished"
  trap undo EXIT
  restore_from "$dump/data"
  rm "$unfinished"
  echo "what was there is kept in $kept of this container, as \`influx restore --full\` takes it; remove the folder when you do not need it any more"
  echo "the data is restored: $(buckets_in "$dump/data" | wc -l) buckets"
}

case $1 in
  dump) dump "$2" ;;
  verify) verify "$2" ;;
  restore) restore "$2" ;;
  put-back) put_back ;;
  check) influx ping > /dev/null ;;
  paths | release) ;;
esac

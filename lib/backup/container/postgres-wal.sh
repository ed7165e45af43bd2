# Part of postgres.sh: base backups, the write-ahead log, and recovery in a throw-away server.

slot=trading_stack_backup

replication() { psql -XAtq -v ON_ERROR_STOP=1 -d "$(database "$maintenance") replication=yes" -c IDENTIFY_SYSTEM; }

# The cluster and its timeline. The images allow no replication from other hosts, so the first role gets a line for it.
identify() {
  if ! replication > "$scratch/tmp/identify" 2> "$scratch/tmp/identify.log"; then
    grep -q 'no pg_hba.conf entry for replication' "$scratch/tmp/identify.log" && allow_replication &&
      replication > "$scratch/tmp/identify" 2> "$scratch/tmp/identify.log" || {
      cat "$scratch/tmp/identify.log" >&2
      return 1
    }
  fi
  cut -d '|' -f 1,2 "$scratch/tmp/identify"
}

allow_replication() {
  query "$maintenance" "DO \$do\$ BEGIN EXECUTE format(
      'COPY (VALUES (''''), (%L), (%L)) TO PROGRAM %L',
      '# Base backups and the write-ahead log for the backups of the stack',
      format('host replication %I all %s', current_user, current_setting('password_encryption')),
      format('cat >> %L', current_setting('hba_file')));
    END \$do\$" && query "$maintenance" 'SELECT pg_reload_conf()' > /dev/null && sleep 1
}

# Holds the log that was not received yet, within a limit: a server with a full disk would stop. Returns 9 if it was exceeded.
keep_log() {
  status=$(query "$maintenance" "SELECT coalesce(wal_status, 'lost') FROM pg_replication_slots WHERE slot_name = '$slot'") || return 1
  limit_slots "$status" || return 1
  case $status in
    '') query "$maintenance" "SELECT pg_create_physical_replication_slot('$slot', true)" > /dev/null || return 1 ;;
    lost) return 9 ;;
  esac
}

# The limit is one of the server, so it would end replication or change data capture that was there before.
limit_slots() {
  limit=$(query "$maintenance" 'SHOW max_slot_wal_keep_size') && [ -n "$limit" ] || return 1
  [ "$limit" = -1 ] || return 0
  others=$(query "$maintenance" "SELECT string_agg(slot_name, ', ') FROM pg_replication_slots WHERE slot_name <> '$slot'") || return 1
  if [ -z "$others" ]; then
    query "$maintenance" "ALTER SYSTEM SET max_slot_wal_keep_size = '2GB'" && query "$maintenance" 'SELECT pg_reload_conf()' > /dev/null
  elif [ -z "$1" ]; then
    echo "the server keeps write-ahead log for this backup without a limit, as max_slot_wal_keep_size would limit these replication slots too: $others" >&2
  fi
}

drop_slot() {
  query "$maintenance" "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
    WHERE slot_name = '$slot' AND NOT active" > /dev/null
}

# Fails while the slot is in use, such as by the container before this one.
stop_keeping_log() {
  drop_slot && left=$(query "$maintenance" "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$slot'") && [ "$left" = 0 ]
}

receive() { exec pg_receivewal -D "$1" -S "$slot" --synchronous -s 1 --no-loop -w; }

# Seconds since 1970 up to which all commits are in the log that was received, and the position in it. A commit has its
# time a moment before it is in the log.
position() {
  now=$(query "$maintenance" "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint - 2, pg_current_wal_flush_lsn()")
  attempts=0
  until [ "$(query "$maintenance" "SELECT restart_lsn >= '${now#*|}' FROM pg_replication_slots WHERE slot_name = '$slot' AND active")" = t ]; do
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 30 ]; then
      echo "the receiver of the write-ahead log has not reached ${now#*|}" >&2
      return 1
    fi
    sleep 0.5
  done
  echo "${now%|*} ${now#*|}"
}

# Prints the time from which on it can be rolled forward, and the first segment that this needs.
base() {
  target=$1
  mkdir -p "$target"
  spaces=
  number=0
  query "$maintenance" "SELECT pg_tablespace_location(oid) FROM pg_tablespace" | grep . > "$scratch/tmp/spaces" || true
  while IFS= read -r space; do
    number=$((number + 1))
    spaces="$spaces -T $(printf %s "$space" | sed 's/=/\\=/g')=$target/space-$number"
  done < "$scratch/tmp/spaces"
  # shellcheck disable=SC2086
  pg_basebackup -D "$target/data" -X none -c fast -w --no-sync $spaces > "$scratch/tmp/base.log" 2>&1 || {
    cat "$scratch/tmp/base.log" >&2
    return 1
  }
  for name in shared_preload_libraries max_prepared_transactions max_locks_per_transaction; do
    printf "%s = '%s'\n" "$name" "$(query "$maintenance" "SHOW $name")"
  done > "$target/settings"
  from=$(query "$maintenance" 'SELECT ceil(extract(epoch FROM clock_timestamp()))::bigint')
  echo "$from $(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p' "$target/data/backup_label")"
}

# The settings of the server could not be used here, such as those of TLS. Without background workers, nothing runs that the
# server does on a schedule.
prepare_recovery() {
  : > "$data/postgresql.auto.conf"
  echo 'local all all trust' > "$data/pg_hba.conf"
  : > "$data/pg_ident.conf"
  {
    cat "$base/settings"
    echo "restore_command = 'cp \"$log/%f\" \"%p\"'"
    [ "$at" = newest ] || printf "recovery_target_time = '%s'\nrecovery_target_action = promote\n" "${at%Z}+00"
    printf "%s\n" "hot_standby = off" "max_worker_processes = 0" "listen_addresses = ''" "unix_socket_directories = '$base'" \
      "fsync = off" "full_page_writes = off" "autovacuum = off" "shared_buffers = '32MB'" "logging_collector = off" \
      "archive_mode = off" "max_wal_senders = 0"
  } > "$data/postgresql.conf"
  touch "$data/recovery.signal"
}

start_recovery() {
  prepare_recovery
  postgres -D "$data" > "$base/log" 2>&1 &
  # It accepts connections when it is recovered, and ends if it cannot be.
  until pg_isready -q; do
    kill -0 $! 2> /dev/null || return 1
    sleep 0.5
  done
}

# Recovers FOLDER/backup/scratch/base at a time, or at the end of the log, and leaves a dump where a backup has it.
recover() {
  base=$1$scratch/base
  log=$1$scratch/wal-stage
  at=$2
  data=$base/data
  for partial in "$log"/*.partial; do
    [ ! -e "$partial" ] || [ -e "${partial%.partial}" ] || mv "$partial" "${partial%.partial}"
  done
  for link in "$data/pg_tblspc"/*; do
    [ ! -L "$link" ] || ln -sfn "$base/$(basename "$(readlink "$link")")" "$link"
  done
  chmod 700 "$data"
  unset PGPASSWORD
  PGHOST=$base
  export PGHOST
  trap 'pg_ctl -D "$data" -m immediate stop > /dev/null 2>&1; rm -rf "$base" "$log"' EXIT
  reached=1
  if ! start_recovery; then
    # Nothing was committed after that time: the end of the log is as far as it goes.
    grep -q 'recovery ended before configured recovery target was reached' "$base/log" && at=newest && start_recovery || {
      tail -n 20 "$base/log" >&2
      return 1
    }
  fi
  if [ "$at" = newest ]; then
    reached=$(query "$maintenance" "SELECT CASE WHEN pg_last_wal_replay_lsn() >= '$3' THEN 1 END")
  fi
  [ -n "$reached" ] || {
    echo "the write-ahead log ends at $(query "$maintenance" 'SELECT pg_last_wal_replay_lsn()'), before $3: a part of it is missing or damaged" >&2
    return 1
  }
  mkdir -p "$1$scratch/dump"
  dump "$1$scratch/dump"
}

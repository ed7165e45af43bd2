# Part of backup.sh, if BACKUP_POINT_EVERY is set: the server's write-ahead log, from which a base backup is rolled forward
# to any moment.
#
# A base backup and the log that follows it are a chain, named after the first moment that it reaches. The backup has the
# tag points-from:CHAIN. The log is in snapshots of the host "$BACKUP_NAME-wal" with the tags after:CHAIN, until:TIME and
# lsn:POSITION, and continues:CHAIN if nothing is missing between the chain before and this one: then each backup reaches
# the times of both. Each snapshot has what the one before it has, which is removed then, until it has grown to `seal_after`
# segments: so there are few, and little of the log is in the scratch volume.

log_host=$BACKUP_NAME-wal
base=$scratch/base
wal=$scratch/wal
# Hard links of the log at one moment: the receiver renames its files.
stage=$scratch/wal-stage
seal_after=64
# The most of it that waits for the target, in MiB: as much as the server keeps for its slot.
most_log=2048

# A new name on another server, and after a gap: the next backup is due then.
chain() { value chain none; }

time_of() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# Starts the receiver again whenever it ends, and stores the log. Both go on while backups are made.
archive() {
  ended=$TMPDIR/receiver.ended
  # That of an archiver which ended.
  [ ! -e "$TMPDIR/receiver.pid" ] || kill "$(cat "$TMPDIR/receiver.pid")" 2> /dev/null || true
  rm -f "$TMPDIR/receiver.log" "$held"
  : > "$ended"
  next=0
  while :; do
    pause=2
    if [ -e "$ended" ] && [ ! -e "$held" ]; then
      if /bin/sh "$0" prepare-receiver; then
        rm -f "$ended"
        start_receiver &
      else
        pause=10
      fi
    fi
    now=$(date +%s)
    if { [ ! -e "$ended" ] || [ -e "$held" ]; } && [ "$now" -ge "$next" ]; then
      next=$((now + BACKUP_POINT_EVERY))
      if /bin/sh "$0" store-log; then
        rm -f "$held"
      elif [ ! -e "$held" ] && [ -e "$state/position" ] && [ "$(du -sm "$wal" | cut -f 1)" -ge "$most_log" ]; then
        hold_receiver
      fi
    fi
    sleep "$pause"
  done
}

start_receiver() {
  # Not in a function, so that this is the process to stop.
  /bin/sh "$here/$BACKUP_SERVER.sh" receive "$wal" > "$TMPDIR/receiver.log" 2>&1 &
  echo "$!" > "$TMPDIR/receiver.pid"
  wait "$!" || cat "$TMPDIR/receiver.log" >&2
  : > "$ended"
}

# There while the receiver is stopped. The server keeps what follows, within the limit of its slot.
held=$TMPDIR/receiver.held
hold_receiver() {
  problem "$most_log MiB of the write-ahead log wait for the target: the server keeps what follows, at most max_slot_wal_keep_size"
  : > "$held"
  kill "$(cat "$TMPDIR/receiver.pid")" 2> /dev/null || true
}

# What was received does not continue on this server, or the server has removed what would be next.
prepare_receiver() {
  mkdir -p "$wal"
  # It names the cluster and its timeline, and fails unless the log can be received.
  cluster=$(server identify) || return 1
  reason=
  slot_status=0
  if [ "$(value cluster "$cluster")" != "$cluster" ]; then
    reason='it is another server, or was rolled back by other means'
  elif server keep-log || slot_status=$? && [ "$slot_status" -ne 0 ]; then
    # Any other failure says nothing about the log.
    [ "$slot_status" -eq 9 ] || return 1
    reason="it has removed a part of its write-ahead log that was not received. It keeps at most max_slot_wal_keep_size"
  elif grep -qE 'has already been removed|is ahead of the WAL flush position' "$TMPDIR/receiver.log" 2> /dev/null; then
    reason="it does not have the write-ahead log that would be next"
  fi
  if [ -n "$reason" ]; then
    lock_log
    if [ "$(chain)" != none ]; then
      problem "the server cannot be restored to a time after $(time_of "$(value recovery_point)") and before the next backup, which begins now: $reason"
      record gap "$(date +%s)"
    fi
    record chain none
    record continues none
    rm -rf "$wal" "$state/position"
    mkdir -p "$wal"
    rm -f "$TMPDIR/receiver.log"
    server recreate-slot
    write_metrics
  fi
  record cluster "$cluster"
}

# The next backup begins a new chain.
forget_log_state() {
  lock_log
  record chain none
  record continues none
  record log_snapshot none
  rm -f "$state/obsolete" "$state/position"
  exec 8>&-
}

lock_log() {
  exec 8> /tmp/wal.lock
  flock 8
}

segments() { ls "$1" | grep -E '^[0-9A-F]{24}$' | sort || true; }

# The receiver continues after the newest one.
drop_all_but_newest() { segments "$1" | sed '$d' | while IFS= read -r segment; do rm -f "$wal/$segment"; done; }

# A file may get another name between its listing and its link.
link_log() {
  rm -rf "$stage"
  mkdir "$stage" && ln "$wal"/* "$stage/"
}

# Stores what was received in the chain.
store_log() {
  if [ "$(chain)" = none ]; then
    # No backup needs it.
    if [ ! -e "$base" ]; then drop_all_but_newest "$wal"; fi
    return 0
  fi
  if [ ! -e "$held" ]; then
    position=$(server position) || {
      problem "the write-ahead log up to now was not received: see the lines above"
      return 1
    }
    record position "$position"
  fi
  position=$(value position)
  until=${position% *}
  continues=$(value continues none)
  link_log 2> /dev/null || link_log || return 1
  "$here/restic" --cache-dir "$scratch/cache" --retry-lock 2m backup --json --ignore-ctime --ignore-inode --host "$log_host" \
    --tag "after:$(chain),until:$(time_of "$until"),lsn:${position#* }$([ "$continues" = none ] || echo ",continues:$continues")" "$stage" > "$TMPDIR/store.log" 2>&1 || {
    grep -v '"message_type":"\(status\|verbose_status\)"' "$TMPDIR/store.log" >&2 || true
    problem "the write-ahead log could not be written to $RESTIC_REPOSITORY, and is kept in the scratch volume"
    return 1
  }
  before=$(value log_snapshot none)
  [ "$before" = none ] || echo "$before" >> "$state/obsolete"
  record log_snapshot "$(sed -n 's/.*"message_type":"summary".*"snapshot_id":"\([0-9a-f]\{8\}\).*/\1/p' "$TMPDIR/store.log")"
  record recovery_point "$until"
  # The base backup that is being made needs them too.
  if [ ! -e "$base" ] && [ "$(segments "$stage" | wc -l)" -ge "$seal_after" ]; then
    record log_snapshot none
    drop_all_but_newest "$stage"
  fi
  rm -rf "$stage"
  # While a backup runs, the repository is locked: they are removed later.
  if [ -e "$state/obsolete" ]; then
    # shellcheck disable=SC2046
    "$here/restic" --quiet --cache-dir "$scratch/cache" forget $(cat "$state/obsolete") > /dev/null 2>&1 && rm "$state/obsolete"
  fi
  write_metrics
}

# Sets the time from which on it can be rolled forward, in seconds since 1970, and the first segment that this needs.
make_base() {
  rm -rf "$base"
  # The log has to be received before it begins.
  made=$(server position > /dev/null && server base "$base") || {
    rm -rf "$base"
    problem "the base backup could not be made: see the lines above. It needs the space of the whole server in the scratch volume"
    return 1
  }
  begins=${made% *}
  first_segment=${made#* }
}

# The backup that was just made is the beginning of a new chain. The one before ends after that. Says in `is_stored` whether
# the log is in the repository: if not, it is stored later like any other.
begin_chain() {
  lock_log
  # It lacks the beginning if a gap was found while the base backup was made.
  position=$(server position) && { [ -e "$wal/$2" ] || [ -e "$wal/$2.partial" ]; } || {
    rm -rf "$base"
    problem "the write-ahead log since the base backup began was not received"
    return 1
  }
  record position "$position"
  previous=none
  attempts=0
  until [ "$(chain)" = none ] || [ "$attempts" -ge 5 ]; do
    attempts=$((attempts + 1))
    if store_log && [ "$(value recovery_point)" -ge "$1" ]; then
      previous=$(chain)
      break
    fi
    sleep 1
  done
  if [ "$(chain)" != "$previous" ]; then
    problem "the server cannot be restored to a time between $(time_of "$(value recovery_point)") and $(time_of "$1"): the write-ahead log of that time could not be stored"
    record gap "$(date +%s)"
  fi
  record chain "$(time_of "$1")"
  record continues "$previous"
  record log_snapshot none
  segments "$wal" | while IFS= read -r segment; do
    # Names sort by age.
    if [ "$(printf '%s\n%s\n' "$segment" "$2" | sort | head -n 1)" != "$2" ]; then rm -f "$wal/$segment"; fi
  done
  rm -rf "$base"
  is_stored=
  if store_log; then is_stored=1; fi
  exec 8>&-
}

# Writes one line for each snapshot to a file.
list_snapshots() {
  file=$1
  shift
  restic snapshots "$@" --json > "$TMPDIR/snapshots" || return 1
  sed 's/{"time":/\n&/g' "$TMPDIR/snapshots" > "$file"
}
short_id() { sed -n 's/.*"short_id":"\([0-9a-f]*\)".*/\1/p'; }
tag() { sed -n "s/.*\"$1:\([^\"]*\)\".*/\1/p"; }
is_kept() { grep -qxF "$1" "$TMPDIR/chains"; }

# The log that no backup needs any more: a chain is kept with its backup, and with each one that reaches it through others.
forget_chains() {
  list_snapshots "$TMPDIR/backups" --host "$BACKUP_NAME" && list_snapshots "$TMPDIR/logs" --host "$log_host" || return 1
  tag points-from < "$TMPDIR/backups" > "$TMPDIR/chains"
  [ -s "$TMPDIR/chains" ] || return 0
  known=
  until [ "$known" = "$(wc -l < "$TMPDIR/chains")" ]; do
    known=$(wc -l < "$TMPDIR/chains")
    while IFS= read -r line; do
      of=$(echo "$line" | tag after)
      continues=$(echo "$line" | tag continues)
      if [ -n "$continues" ] && is_kept "$continues" && ! is_kept "$of"; then echo "$of" >> "$TMPDIR/chains"; fi
    done < "$TMPDIR/logs"
  done
  while IFS= read -r line; do
    of=$(echo "$line" | tag after)
    if [ -n "$of" ] && ! is_kept "$of"; then restic forget "$(echo "$line" | short_id)" > /dev/null || return 1; fi
  done < "$TMPDIR/logs"
}

# Whether the first time is not after the second one. Written alike, so they sort by age. `until` is two seconds early, so a
# fraction of one does not matter.
is_until() { [ "$(printf '%s\n%s\n' "${1%%[.Z]*}" "${2%Z}" | sort | tail -n 1)" = "${2%Z}" ]; }

# Reads the log from chain $1 on until time $2, through those that continue it, or the newest of that chain. Sets `reached`
# and `lsn`. What was read before is not read again.
read_log() {
  list_snapshots "$TMPDIR/logs" --host "$log_host" || return 1
  of=$1
  reached=
  lsn=
  while [ -n "$of" ]; do
    grep -F "\"after:$of\"" "$TMPDIR/logs" > "$TMPDIR/log" || true
    while IFS= read -r line; do
      id=$(echo "$line" | short_id)
      if ! grep -qxF "$id" "$TMPDIR/read"; then
        restic restore "$id" --target "$fetched" > /dev/null || return 1
        echo "$id" >> "$TMPDIR/read"
      fi
      lsn=$(echo "$line" | tag lsn)
      if [ "$2" != newest ] && is_until "$2" "$(echo "$line" | tag until)"; then
        reached=1
        return
      fi
    done < "$TMPDIR/log"
    if [ "$2" = newest ]; then break; fi
    of=$(grep -F "\"continues:$of\"" "$TMPDIR/logs" | tag after | head -n 1)
  done
}

# Recovers the server as it was at a time, or at the newest one that can be reached, and dumps it like a backup.
fetch_point() {
  backup=$1
  at=$2
  rm -rf "$fetched"
  mkdir -p "$fetched"
  list_snapshots "$TMPDIR/backups" --host "$BACKUP_NAME" || return 1
  [ "$backup" = latest ] || sed -i "/\"short_id\":\"$backup\"/!d" "$TMPDIR/backups"
  from=$(tail -n 1 "$TMPDIR/backups" | tag points-from)
  [ -n "$from" ] || {
    problem "backup $backup has no base backup: restore it without a time"
    return 1
  }
  restic restore "$backup" --host "$BACKUP_NAME" --target "$fetched" --include "$base" > /dev/null || return 1
  : > "$TMPDIR/read"
  # One may be replaced by a newer one meanwhile, and is then read with the rest, while none is replaced.
  read_log "$from" "$at" 2> /dev/null || true
  lock_log
  read_log "$from" "$at" || return 1
  exec 8>&-
  if [ -z "$lsn" ] || { [ "$at" != newest ] && [ -z "$reached" ]; }; then
    problem "the repository does not have the write-ahead log that leads from backup $backup to $at"
    return 1
  fi
  server recover "$fetched" "$at" "$lsn" || return 1
  echo "$backup@$at" > "$fetched/id"
}

point_metrics() {
  echo "# HELP backup_recovery_point_timestamp_seconds Newest time to which the server can be restored."
  echo "# TYPE backup_recovery_point_timestamp_seconds gauge"
  echo "backup_recovery_point_timestamp_seconds $(value recovery_point)"
  echo "# HELP backup_recovery_gap_timestamp_seconds When a part of the write-ahead log was last found to be missing."
  echo "# TYPE backup_recovery_gap_timestamp_seconds gauge"
  echo "backup_recovery_gap_timestamp_seconds $(value gap)"
}

# As the alert of lib/backup/metrics.ts allows.
point_health() {
  newest=$(value recovery_point)
  started=$(value started)
  if [ "$newest" -gt 0 ] && [ "$(($(date +%s) - (newest > started ? newest : started)))" -gt $((2 * BACKUP_POINT_EVERY + 300)) ]; then
    echo "the server can be restored to $(time_of "$newest") at most: the write-ahead log since then is not stored"
    return 1
  fi
}

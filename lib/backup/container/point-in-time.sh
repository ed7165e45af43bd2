# Part of backup.sh, if BACKUP_POINT_EVERY is set: the server's write-ahead log, from which a base backup is rolled forward
# to any moment.
#
# A base backup and the log that follows it are a chain, named after the first moment that it reaches. The backup has the
# tag points-from:CHAIN. The log is in snapshots of the host "$BACKUP_NAME-wal" with the tags after:CHAIN, until:TIME and
# lsn:POSITION. Each of them has what the one before it has, which is removed then, until it has grown to `seal_after`
# segments: so there are few, and little of the log is in the scratch volume.

log_host=$BACKUP_NAME-wal
base=$scratch/base
wal=$scratch/wal
# Hard links of the log at one moment: the receiver renames its files.
stage=$scratch/wal-stage
seal_after=64

# A new name on another server, and after a gap: the next backup is due then.
chain() { value chain none; }

time_of() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }

# Starts the receiver again whenever it ends, and stores the log. Both go on while backups are made.
archive() {
  ended=$TMPDIR/receiver.ended
  rm -f "$TMPDIR/receiver.log"
  : > "$ended"
  next=0
  while :; do
    pause=2
    if [ -e "$ended" ]; then
      if /bin/sh "$0" prepare-receiver; then
        rm -f "$ended"
        {
          server receive "$wal" > "$TMPDIR/receiver.log" 2>&1 || cat "$TMPDIR/receiver.log" >&2
          : > "$ended"
        } &
      else
        pause=10
      fi
    fi
    now=$(date +%s)
    if [ ! -e "$ended" ] && [ "$now" -ge "$next" ]; then
      next=$((now + BACKUP_POINT_EVERY))
      /bin/sh "$0" store-log || true
    fi
    sleep "$pause"
  done
}

# What was received does not continue on this server, or the server has removed what would be next.
prepare_receiver() {
  mkdir -p "$wal"
  # It names the cluster and its timeline, and fails unless the log can be received.
  cluster=$(server identify) || return 1
  reason=
  if [ "$(value cluster "$cluster")" != "$cluster" ]; then
    reason='it is another server, or was rolled back by other means'
  elif ! server keep-log; then
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
    rm -rf "$wal"
    mkdir -p "$wal"
    rm -f "$TMPDIR/receiver.log"
    server keep-log-anew
    write_metrics
  fi
  record cluster "$cluster"
}

lock_log() {
  exec 8> /tmp/wal.lock
  flock 8
}

segments() { ls "$1" | grep -E '^[0-9A-F]{24}$' | sort || true; }

# Stores what was received in the chain.
store_log() {
  [ "$(chain)" != none ] || return 0
  position=$(server position) || {
    problem "the write-ahead log up to now was not received: see the lines above"
    return 1
  }
  until=${position% *}
  rm -rf "$stage"
  mkdir "$stage" && ln "$wal"/* "$stage/" || return 1
  "$here/restic" --cache-dir "$scratch/cache" --retry-lock 2m backup --json --ignore-ctime --ignore-inode --host "$log_host" \
    --tag "after:$(chain),until:$(time_of "$until"),lsn:${position#* }" "$stage" > "$TMPDIR/store.log" 2>&1 || {
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
    # The receiver continues after the newest one.
    segments "$stage" | sed '$d' | while IFS= read -r segment; do rm -f "$wal/$segment"; done
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

# The backup that was just made is the beginning of a new chain. The one before ends after that.
begin_chain() {
  lock_log
  attempts=0
  until [ "$(chain)" = none ] || [ "$attempts" -ge 5 ]; do
    attempts=$((attempts + 1))
    if store_log && [ "$(value recovery_point)" -ge "$1" ]; then break; fi
    sleep 1
  done
  record chain "$(time_of "$1")"
  record log_snapshot none
  segments "$wal" | while IFS= read -r segment; do
    # Names sort by age.
    if [ "$(printf '%s\n%s\n' "$segment" "$2" | sort | head -n 1)" != "$2" ]; then rm -f "$wal/$segment"; fi
  done
  rm -rf "$base"
  stored=0
  store_log || stored=1
  exec 8>&-
  return "$stored"
}

# One line for each snapshot.
lines_of_snapshots() { restic snapshots "$@" --json | sed 's/{"time":/\n&/g'; }
short_id() { sed -n 's/.*"short_id":"\([0-9a-f]*\)".*/\1/p'; }
tag() { sed -n "s/.*\"$1:\([^\"]*\)\".*/\1/p"; }

# The log of backups that are not kept any more.
forget_chains() {
  lines_of_snapshots --host "$BACKUP_NAME" | tag points-from > "$TMPDIR/chains"
  lines_of_snapshots --host "$log_host" > "$TMPDIR/logs"
  while IFS= read -r line; do
    of=$(echo "$line" | tag after)
    if [ -n "$of" ] && ! grep -qxF "$of" "$TMPDIR/chains"; then
      restic forget "$(echo "$line" | short_id)" > /dev/null
    fi
  done < "$TMPDIR/logs"
}

# Recovers the server as it was at a time, or at the newest one that can be reached, and dumps it like a backup.
fetch_point() {
  backup=$1
  at=$2
  rm -rf "$fetched"
  mkdir -p "$fetched"
  lines_of_snapshots --host "$BACKUP_NAME" > "$TMPDIR/backups"
  [ "$backup" = latest ] || sed -i "/\"short_id\":\"$backup\"/!d" "$TMPDIR/backups"
  from=$(tail -n 1 "$TMPDIR/backups" | tag points-from)
  [ -n "$from" ] || {
    problem "backup $backup has no base backup: restore it without a time"
    return 1
  }
  restic restore "$backup" --host "$BACKUP_NAME" --target "$fetched" --include "$base" > /dev/null || return 1
  # Meanwhile none is replaced by a newer one.
  lock_log
  lines_of_snapshots --host "$log_host" --tag "after:$from" > "$TMPDIR/logs"
  reached=
  lsn=
  while IFS= read -r line; do
    until=$(echo "$line" | tag until)
    if [ -z "$until" ]; then continue; fi
    restic restore "$(echo "$line" | short_id)" --target "$fetched" > /dev/null || return 1
    lsn=$(echo "$line" | tag lsn)
    # Written alike, so they sort by age. `until` is two seconds early, so a fraction of one does not matter.
    if [ "$at" != newest ] && [ "$(printf '%s\n%s\n' "${at%%[.Z]*}" "${until%Z}" | sort | tail -n 1)" = "${until%Z}" ]; then
      reached=1
      break
    fi
  done < "$TMPDIR/logs"
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

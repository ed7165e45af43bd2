#!/bin/sh
# backup.sh serve | run | list | verify [BACKUP] | fetch BACKUP[@TIME] | restore BACKUP[@TIME] | put-back | check | health |
#   archive | prepare-receiver | store-log
#
# Makes backups of one server, or of volumes, on a schedule, keeps them in an encrypted repository of restic, and tries a restore. The
# part that depends on the server is in "$BACKUP_SERVER.sh": dump, verify, restore, put-back and check.
set -eu

here=/opt/backup
scratch=/backup/scratch
state=$scratch/state
metrics=$scratch/metrics
dump=$scratch/dump
fetched=$scratch/restore
# Where a restore is tried.
case $BACKUP_SERVER in volumes) throwaway='a scratch folder' ;; *) throwaway='a throw-away server' ;; esac
restic() { "$here/restic" --quiet --cache-dir "$scratch/cache" --retry-lock 2m "$@"; }

export TMPDIR=$scratch/tmp
if [ -n "${AWS_ACCESS_KEY_ID_FILE:-}" ]; then
  AWS_ACCESS_KEY_ID=$(cat "$AWS_ACCESS_KEY_ID_FILE")
  AWS_SECRET_ACCESS_KEY=$(cat "$AWS_SECRET_ACCESS_KEY_FILE")
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
fi

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"; }
problem() { say "ERROR: $*" >&2; }
value() { cat "$state/$1" 2> /dev/null || echo "${2:-0}"; }
record() { printf '%s\n' "$2" > "$state/$1.new" && mv "$state/$1.new" "$state/$1"; }
server() { /bin/sh "$here/$BACKUP_SERVER.sh" "$@"; }

points=${BACKUP_POINT_EVERY:-}
# shellcheck source=lib/backup/container/point-in-time.sh
. "$here/point-in-time.sh"

prepare() {
  mkdir -p "$state" "$metrics" "$TMPDIR" || {
    problem "the scratch volume is not writable for $(id): remove the volume that is mounted at $scratch, and deploy again"
    return 1
  }
}

# Returns 10 for a repository that does not exist.
find_repository() {
  status=0
  restic cat config > /dev/null 2> "$TMPDIR/open.log" || status=$?
  case $status in
    0 | 10) ;;
    12) problem "the password does not open the repository $RESTIC_REPOSITORY: put the one that it was created with into the file of the secret, or set another target" ;;
    *)
      cat "$TMPDIR/open.log" >&2
      problem "the repository $RESTIC_REPOSITORY cannot be opened: check that the target is reachable, and writable for $(id)"
      ;;
  esac
  return "$status"
}

# A repository that does not exist yet is created. Everything else needs a person.
open_repository() {
  find_repository || {
    [ "$status" -eq 10 ] || return 1
    restic init > /dev/null || {
      problem "the repository $RESTIC_REPOSITORY cannot be created: check that the target is reachable, and writable for $(id)"
      return 1
    }
    say "created the repository $RESTIC_REPOSITORY"
  }
}

list() {
  find_repository || {
    [ "$status" -eq 10 ] || return 1
    echo '[]'
    return 0
  }
  restic snapshots --host "$BACKUP_NAME" --host "$log_host" --json
}

repository_id() { restic cat config 2> /dev/null | sed -n 's/.*"id": *"\([0-9a-f]*\)".*/\1/p'; }

# Undoes a restore that was killed.
put_back() {
  server put-back || {
    problem "a restore was cut short, and the data could not be put back: see the lines above"
    return 1
  }
}

lock=/tmp/backup.lock
# Exists from the start of a restore until something else has the lock.
restoring=/tmp/restoring
is_locked() { ! flock -n "$lock" true; }
is_restore_cut_short() { [ -e "$scratch/unfinished-restore" ] && ! is_locked; }

# Only one run at a time, whether it was scheduled or asked for.
exclusively() {
  exec 9> "$lock"
  flock -n 9 || {
    problem "another backup, verification or restore is running: try again when it has ended"
    exit 75
  }
  rm -f "$restoring"
}

latest_in_repository() {
  latest=$(restic snapshots --host "$BACKUP_NAME" --latest 1 --json 2> /dev/null |
    sed -n 's/.*"time":"\([0-9-]*\)T\([0-9:]*\)[^"]*".*/\1 \2/p' | tail -n 1)
  if [ -n "$latest" ]; then date -u -d "$latest" +%s; else echo 0; fi
}

write_metrics() {
  {
    echo "# HELP backup_last_success_timestamp_seconds Time of the newest backup."
    echo "# TYPE backup_last_success_timestamp_seconds gauge"
    echo "backup_last_success_timestamp_seconds $(value last_success)"
    echo "# HELP backup_last_run_successful Whether the last run succeeded."
    echo "# TYPE backup_last_run_successful gauge"
    echo "backup_last_run_successful $([ "$(value result ok)" = ok ] && echo 1 || echo 0)"
    echo "# HELP backup_last_duration_seconds Duration of the newest backup."
    echo "# TYPE backup_last_duration_seconds gauge"
    echo "backup_last_duration_seconds $(value duration)"
    echo "# HELP backup_last_size_bytes Size of the newest backup when it is restored."
    echo "# TYPE backup_last_size_bytes gauge"
    echo "backup_last_size_bytes $(value size)"
    echo "# HELP backup_count Number of backups in the repository."
    echo "# TYPE backup_count gauge"
    echo "backup_count $(value count)"
    echo "# HELP backup_verified_timestamp_seconds Time of the last trial restore that succeeded."
    echo "# TYPE backup_verified_timestamp_seconds gauge"
    echo "backup_verified_timestamp_seconds $(value last_verified)"
    echo "# HELP backup_verify_successful Whether the last trial restore succeeded."
    echo "# TYPE backup_verify_successful gauge"
    echo "backup_verify_successful $([ "$(value verify_result ok)" = ok ] && echo 1 || echo 0)"
    echo "# HELP backup_due_timestamp_seconds Time of the next backup."
    echo "# TYPE backup_due_timestamp_seconds gauge"
    echo "backup_due_timestamp_seconds $(due)"
    if [ -n "$points" ]; then point_metrics; fi
  } > "$metrics/backup.$$"
  mv "$metrics/backup.$$" "$metrics/backup.prom"
}

# When the next backup has to begin: in the past for one that was missed.
due() {
  now=$(date +%s)
  last=$(value last_success)
  # Made while the clock was ahead: until that time comes, there would be no other.
  if [ "$last" -gt "$now" ]; then last=0; fi
  if [ "$BACKUP_DAILY_AT" = none ]; then
    next=$((last + BACKUP_INTERVAL))
  else
    next=$(((now - BACKUP_DAILY_AT) / 86400 * 86400 + BACKUP_DAILY_AT))
    if [ "$last" -ge "$next" ]; then next=$((next + 86400)); fi
  fi
  if [ -n "$points" ] && [ "$(chain)" = none ]; then next=$now; fi
  # A failed run is repeated soon, and not all the time.
  retry=$(value retry_at)
  if [ "$retry" -gt 0 ]; then next=$retry; fi
  echo "$next"
}

make_backup() {
  started=$(date +%s)
  put_back
  open_repository
  # It was not reachable when the container started, and is another one.
  id=$(repository_id)
  if [ -n "$id" ] && [ "$id" != "$(value repository)" ]; then
    forget_log_state
    record repository "$id"
  fi
  rm -rf "$dump"
  mkdir -p "$dump"
  server dump "$dump" || {
    problem "the data could not be read: see the lines above"
    return 1
  }
  with_base=
  if [ -n "$points" ]; then
    make_base || return 1
    with_base="--tag points-from:$(time_of "$begins") $base"
  fi
  # Paths and programs of the server decide what is added to the dump.
  # shellcheck disable=SC2046,SC2086
  if ! "$here/restic" --cache-dir "$scratch/cache" backup --json --host "$BACKUP_NAME" $with_base $(server paths) "$dump" \
    > "$TMPDIR/backup.log" 2>&1; then
    server release || true
    rm -rf "$base"
    # It lacks the files that could not be read.
    id=$(sed -n 's/.*"snapshot_id":"\([0-9a-f]\{8\}\).*/\1/p' "$TMPDIR/backup.log")
    [ -z "$id" ] || restic forget "$id" || true
    grep -v '"message_type":"\(status\|verbose_status\)"' "$TMPDIR/backup.log" >&2 || true
    problem "the backup could not be written to $RESTIC_REPOSITORY. Older backups are untouched. If the target is full, give it more space, or keep fewer backups with \`retention\`"
    return 1
  fi
  server release
  rm -rf "$dump"
  summary=$(grep '"message_type":"summary"' "$TMPDIR/backup.log" | tail -n 1)
  id=$(echo "$summary" | sed -n 's/.*"snapshot_id":"\([0-9a-f]\{8\}\).*/\1/p')
  size=$(echo "$summary" | sed -n 's/.*"total_bytes_processed":\([0-9]*\).*/\1/p')
  record size "${size:-0}"
  record duration $(($(date +%s) - started))
  record last_success "$(date +%s)"
  if [ -n "$points" ]; then
    begin_chain "$begins" "$first_segment" || {
      problem "backup $id is complete, but cannot be rolled forward: another one is made in 15 minutes"
      return 1
    }
    # Until then, no older one is removed, which may reach more.
    if [ -z "$is_stored" ]; then
      say "backup $id is complete, and the write-ahead log that follows it is stored when the target accepts it"
      return 0
    fi
  fi
  # Only after the new backup is complete.
  # shellcheck disable=SC2086
  restic forget --host "$BACKUP_NAME" --group-by host --keep-last 1 $BACKUP_KEEP --prune || {
    problem "backup $id is complete, but old ones could not be removed from $RESTIC_REPOSITORY"
    return 1
  }
  forget_chains || {
    problem "backup $id is complete, but old write-ahead log could not be removed from $RESTIC_REPOSITORY"
    return 1
  }
  record count "$(restic snapshots --host "$BACKUP_NAME" --json | grep -o '"short_id"' | wc -l)"
  say "backup $id is complete: $size bytes in $(value duration) s, $(value count) backups in all"
}

# Restores into a throw-away server, and reads a seventh of the repository: all of it in a week.
make_verification() {
  backup=${1:-latest}
  fetch "$backup" || {
    problem "backup $backup is damaged: it cannot be restored. Restore another one, and check the disk of the target"
    return 1
  }
  server verify "$fetched" || {
    problem "backup $backup could not be restored into $throwaway: see the lines above"
    return 1
  }
  rm -rf "$fetched"
  if [ -n "$points" ]; then
    fetch_point "$backup" newest || {
      problem "backup $backup could not be rolled forward in a throw-away server: see the lines above"
      return 1
    }
    rm -rf "$fetched"
  fi
  restic check --read-data-subset "$(($(date +%s) / 86400 % 7 + 1))/7" > "$TMPDIR/check.log" 2>&1 || {
    cat "$TMPDIR/check.log" >&2
    problem "the repository $RESTIC_REPOSITORY is damaged: check the disk of the target"
    return 1
  }
  say "backup $backup was restored into $throwaway and checked"
}

fetch() {
  rm -rf "$fetched"
  mkdir -p "$fetched"
  restic restore "$1" --host "$BACKUP_NAME" --target "$fetched" --exclude "$base" > /dev/null || return 1
  echo "$1" > "$fetched/id"
}

fetch_to_restore() {
  case $1 in
    *@*)
      fetch_point "${1%@*}" "${1#*@}" || {
        rm -rf "$fetched"
        problem "backup ${1%@*} cannot be rolled forward to ${1#*@}: see the lines above"
        return 1
      }
      say "backup ${1%@*} was rolled forward to ${1#*@} in a throw-away server"
      ;;
    *)
      fetch "$1" || {
        problem "backup $1 cannot be read: it does not exist, or is damaged. Restore another one"
        return 1
      }
      ;;
  esac
}

run() {
  exclusively
  record running "$(date +%s)"
  if /bin/sh "$0" make-backup; then
    record result ok
    record retry_at 0
  else
    record result failed
    record retry_at $(($(date +%s) + 900))
    record running 0
    write_metrics
    return 1
  fi
  if [ "$(value verify_result ok)" != ok ] || [ $(($(date +%s) - $(value last_verified))) -ge "$BACKUP_VERIFY_EVERY" ]; then
    verify_now latest
  fi
  record running 0
  write_metrics
}

verify_now() {
  if /bin/sh "$0" make-verification "$1"; then
    record verify_result ok
    record last_verified "$(date +%s)"
    write_metrics
  else
    record verify_result failed
    rm -rf "$fetched"
    record running 0
    write_metrics
    return 1
  fi
}

# Prints why it is not healthy.
health() {
  result=0
  now=$(date +%s)
  if [ "$(value result ok)" = failed ]; then
    echo "the last backup failed: see the log"
    result=1
  fi
  if [ "$(value verify_result ok)" = failed ]; then
    echo "the last backup that was verified could not be restored: see the log"
    result=1
  fi
  if is_restore_cut_short; then
    echo "a restore was cut short, and the data from before it is not put back: see the log"
    result=1
  fi
  if [ -n "$points" ]; then point_health || result=1; fi
  slack=$((BACKUP_INTERVAL / 2 < 3600 ? BACKUP_INTERVAL / 2 : 3600))
  running=$(value running)
  if [ "$running" -gt 0 ] && [ $((now - running)) -lt "$BACKUP_INTERVAL" ]; then return $result; fi
  if [ "$(value last_success)" -gt 0 ] && [ "$now" -gt $(($(due) + slack)) ]; then
    echo "the newest backup is too old: it was made at $(date -u -d "@$(value last_success)" +%Y-%m-%dT%H:%M:%SZ)"
    result=1
  fi
  return $result
}

serve() {
  # What happened to backups in another repository says nothing about this one. It has no id while it cannot be reached.
  id=$(repository_id)
  if [ -n "$id" ] && [ "$id" != "$(value repository)" ]; then rm -f "$state"/*; fi
  # The deploy that starts it may be the one that fixes this, and would fail with it.
  for result in result verify_result; do
    if [ "$(value "$result" ok)" = failed ]; then
      record "$result" retrying
      record retry_at "$(date +%s)"
    fi
  done
  # Left by a run that was cut short.
  record running 0
  rm -rf "$dump" "$fetched" "$base" "$TMPDIR/receiver.pid"
  record started "$(date +%s)"
  server release > /dev/null 2>&1 || true
  restic unlock > /dev/null 2>&1 || true
  record last_success "$(latest_in_repository)"
  write_metrics
  "$here/node_exporter" --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$metrics" --web.listen-address=":$BACKUP_METRICS_PORT" --log.level=error &
  exporter=$!
  child=
  archiver=
  keeps_log=
  if [ -z "$points" ]; then
    rm -rf "$wal"
    record chain none
    keeps_log=1
  fi
  # A run that is interrupted leaves no half backup: restic lists only complete ones.
  trap 'kill "$exporter" $archiver $child 2> /dev/null; server release > /dev/null 2>&1 || true; exit 0' TERM INT
  say "the next backup is due at $(date -u -d "@$(due)" +%Y-%m-%dT%H:%M:%SZ)"
  while :; do
    if [ -n "$points" ] && ! { [ -n "$archiver" ] && kill -0 "$archiver" 2> /dev/null; }; then
      /bin/sh "$0" archive &
      archiver=$!
    fi
    # Until it succeeds: the server may not answer yet, after a restart of the host, or because it was killed in the restore.
    if is_restore_cut_short; then /bin/sh "$0" put-back || true; fi
    if [ -n "$keeps_log" ] && server stop-keeping-log > /dev/null 2>&1; then keeps_log=; fi
    if [ "$(date +%s)" -ge "$(due)" ]; then
      /bin/sh "$0" run &
      child=$!
      wait "$child" || true
      continue_after=5
    else
      continue_after=$((BACKUP_INTERVAL < 60 ? 1 : 10))
    fi
    sleep "$continue_after" &
    child=$!
    wait "$child" || true
  done
}

prepare
command=${1:-serve}
[ $# -eq 0 ] || shift
case $command in
  serve) serve ;;
  run) run ;;
  make-backup) make_backup ;;
  make-verification) make_verification "$@" ;;
  list) list ;;
  verify)
    exclusively
    verify_now "${1:-latest}"
    ;;
  fetch)
    exclusively
    fetch_to_restore "$1"
    ;;
  restore)
    exclusively
    : > "$restoring"
    put_back
    # A verification, or another person, may have fetched another one since.
    if [ "$(cat "$fetched/id" 2> /dev/null)" != "$1" ]; then fetch_to_restore "$1"; fi
    server restore "$fetched"
    rm -rf "$fetched"
    ;;
  put-back)
    # A restore goes on if the command that asked for it is killed.
    while [ -e "$restoring" ] && is_locked; do sleep 1; done
    exec 9> "$lock"
    # A backup begins with this too.
    flock -n 9 || exit 75
    put_back
    ;;
  check) server check ;;
  archive) archive ;;
  prepare-receiver) prepare_receiver ;;
  store-log)
    lock_log
    store_log
    ;;
  health) health ;;
  *)
    problem "there is no command $command"
    exit 2
    ;;
esac

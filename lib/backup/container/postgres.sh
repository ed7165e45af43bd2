#!/bin/sh
# postgres.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check |
#   base FOLDER | identify | keep-log | recreate-slot | stop-keeping-log | receive FOLDER | position | recover FOLDER TIME LSN
#
# All databases of a PostgreSQL server, each from one snapshot, and its roles without their passwords. The superuser's
# password comes from a file; the throw-away server trusts its socket.
set -eu

scratch=/backup/scratch
# The databases that a restore renames, as pairs of lines with the name of each and the one it is kept with, or `-` for one
# that did not exist. It is there while a restore runs, and after one that was killed.
unfinished=$scratch/unfinished-restore
export PGCONNECT_TIMEOUT=10
if [ -n "${PGPASSWORD_FILE:-}" ]; then
  PGPASSWORD=$(cat "$PGPASSWORD_FILE")
  export PGPASSWORD
fi
# Connected to where no database is renamed.
maintenance=template1

# shellcheck source=lib/backup/container/postgres-wal.sh
. /opt/backup/postgres-wal.sh

identifier() { printf '"%s"' "$(printf %s "$1" | sed 's/"/""/g')"; }
literal() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
# The clients take a plain name with an equals sign for a connection string, and would send the password to the server in it.
database() { printf "dbname='%s'" "$(printf %s "$1" | sed "s/[\\\\']/\\\\&/g")"; }

query() { psql -XAtq -v ON_ERROR_STOP=1 -d "$(database "$1")" -c "$2"; }

# Those that an earlier restore has put aside are not backed up again.
databases() {
  query "$maintenance" "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate
    AND datname !~ '_before_[0-9]{8}T[0-9]{6}Z\$' ORDER BY 1"
}

# One line for each table that is not part of an extension: its name and its rows.
COUNTS="SELECT format('SELECT %L, count(*) FROM ONLY %I.%I', nspname || '.' || relname, nspname, relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
  WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
  ORDER BY nspname, relname \\gexec"

dump_database() {
  name=$1
  index=$2
  rm -f "$scratch/tmp/to" "$scratch/tmp/from"
  mkfifo "$scratch/tmp/to" "$scratch/tmp/from"
  # This session holds the snapshot that the dump and the counts are made from.
  psql -XAtq -v ON_ERROR_STOP=1 -d "$(database "$name")" < "$scratch/tmp/to" > "$scratch/tmp/from" &
  exec 3> "$scratch/tmp/to" 4< "$scratch/tmp/from"
  echo 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot();' >&3
  read -r snapshot <&4
  # Without compression: restic finds the parts that did not change, and compresses the rest.
  pg_dump -Fc -Z0 --snapshot="$snapshot" -f "$folder/$index.dump" -d "$(database "$name")"
  printf '\\o %s\n%s\n\\o\nCOMMIT;\n' "$folder/$index.counts" "$COUNTS" >&3
  exec 3>&- 4<&-
  wait $!
  printf '%s\n' "$name" > "$folder/$index.name"
  query "$name" "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'" > "$folder/$index.timescaledb"
}

dump() {
  folder=$1
  query "$maintenance" 'SHOW shared_preload_libraries' > "$folder/preload"
  pg_dumpall --roles-only --no-role-passwords -f "$folder/roles.sql" -l "$maintenance"
  number=0
  databases > "$scratch/tmp/databases"
  while IFS= read -r found <&5; do
    number=$((number + 1))
    dump_database "$found" "$number"
  done 5< "$scratch/tmp/databases"
}

# Roles that exist keep their passwords, which the stack sets.
restore_roles() {
  # psql refuses \gexec while it is restricted.
  sed -e '/^\\restrict/d' -e '/^\\unrestrict/d' \
    -e "s/^CREATE ROLE \(.*\);\$/SELECT \$create\$CREATE ROLE \1\$create\$ WHERE to_regrole(\$role\$\1\$role\$) IS NULL \\\\gexec/" \
    "$1/roles.sql" | psql -Xq -v ON_ERROR_STOP=1 -d "$maintenance" > /dev/null
}

# The database must not exist.
restore_database() {
  folder=$1
  index=$2
  name=$(cat "$folder/$index.name")
  # With its owner, encoding, settings and privileges.
  pg_restore --create --list "$folder/$index.dump" |
    grep -E '^[0-9]+; [0-9]+ [0-9]+ (DATABASE|DATABASE PROPERTIES|(ACL|COMMENT|SECURITY LABEL) - DATABASE) ' > "$scratch/tmp/created.list"
  pg_restore --exit-on-error --no-tablespaces --create -L "$scratch/tmp/created.list" -d "$maintenance" "$folder/$index.dump"
  version=$(cat "$folder/$index.timescaledb")
  if [ -n "$version" ]; then
    query "$name" "CREATE EXTENSION timescaledb VERSION '$version'"
    query "$name" 'SELECT timescaledb_pre_restore()' > /dev/null
  fi
  jobs=
  # TimescaleDB's own tables depend on each other.
  if [ -z "$version" ]; then jobs='--jobs=2'; fi
  # shellcheck disable=SC2086
  pg_restore --exit-on-error --no-tablespaces $jobs -d "$(database "$name")" "$folder/$index.dump"
  if [ -n "$version" ]; then query "$name" 'SELECT timescaledb_post_restore()' > /dev/null; fi
  printf '\\o %s\n%s\n' "$scratch/tmp/restored.counts" "$COUNTS" | psql -XAtq -v ON_ERROR_STOP=1 -d "$(database "$name")"
  cmp -s "$folder/$index.counts" "$scratch/tmp/restored.counts" || {
    echo "tables of the database $name have other rows than when they were dumped:" >&2
    diff "$folder/$index.counts" "$scratch/tmp/restored.counts" >&2 || true
    return 1
  }
  query "$name" 'ANALYZE'
}

verify() {
  dump=$1/backup/scratch/dump
  data=$scratch/throwaway
  rm -rf "$data"
  mkdir -p "$data"
  unset PGPASSWORD
  initdb -D "$data/data" -U "$PGUSER" -A trust --no-sync > "$data/log"
  preload=$(cat "$dump/preload")
  trap 'pg_ctl -D "$data/data" -m immediate stop > /dev/null 2>&1; rm -rf "$data"' EXIT
  pg_ctl -D "$data/data" -w -l "$data/log" -o "-k $data -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c autovacuum=off -c shared_buffers=32MB -c shared_preload_libraries='$preload'" start > /dev/null || {
    tail -n 20 "$data/log" >&2
    return 1
  }
  PGHOST=$data
  export PGHOST
  # It is empty, and in the way of the one in the backup.
  query "$maintenance" 'DROP DATABASE IF EXISTS postgres'
  restore_roles "$dump"
  for file in "$dump"/*.name; do
    [ -e "$file" ] || continue
    restore_database "$dump" "$(basename "$file" .name)"
  done
}

# Closes the connections to it, and refuses new ones meanwhile.
rename_database() {
  query "$maintenance" "ALTER DATABASE $(identifier "$1") WITH ALLOW_CONNECTIONS false"
  attempts=0
  # Background workers of extensions connect again.
  until
    query "$maintenance" "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $(literal "$1")" > /dev/null
    query "$maintenance" "ALTER DATABASE $(identifier "$1") RENAME TO $(identifier "$2")" 2> "$scratch/tmp/rename.log"
  do
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 5 ]; then
      cat "$scratch/tmp/rename.log" >&2
      query "$maintenance" "ALTER DATABASE $(identifier "$1") WITH ALLOW_CONNECTIONS true"
      return 1
    fi
    sleep 0.5
  done
  query "$maintenance" "ALTER DATABASE $(identifier "$2") WITH ALLOW_CONNECTIONS true"
}

# 1 or 0; nothing if the server does not answer.
count_databases() { query "$maintenance" "SELECT count(*) FROM pg_database WHERE datname = $(literal "$1")"; }

put_back_database() {
  if [ "$2" != - ]; then
    case $(count_databases "$2") in
      1) ;;
      # It was not renamed, and is the only copy. It may refuse connections already.
      0)
        query "$maintenance" "ALTER DATABASE $(identifier "$1") WITH ALLOW_CONNECTIONS true"
        return
        ;;
      *) return 1 ;;
    esac
  fi
  query "$maintenance" "DROP DATABASE IF EXISTS $(identifier "$1") WITH (FORCE)" || return 1
  [ "$2" = - ] || rename_database "$2" "$1"
}

# Puts every database back that a restore has renamed which failed or was killed.
put_back() {
  [ -e "$unfinished" ] || return 0
  failed=
  while IFS= read -r name <&6 && IFS= read -r before <&6; do
    put_back_database "$name" "$before" || failed="$failed '$name'"
  done 6< "$unfinished"
  if [ -n "$failed" ]; then
    echo "not put back after a restore that failed:$failed" >&2
    return 1
  fi
  rm "$unfinished"
  echo 'the restore failed, and the databases are as they were' >&2
}

# As much of the name as leaves room for the rest in the 63 bytes that a name can have, and less if that is taken.
kept_name() {
  query "$maintenance" "SELECT kept FROM generate_series(1, 39) AS length,
      LATERAL (SELECT left($(literal "$1"), length) AS start) AS one,
      LATERAL (SELECT start || '_before_$stamp' AS kept) AS other
    WHERE octet_length(start) <= 39 AND NOT EXISTS (SELECT FROM pg_database WHERE datname = kept)
    ORDER BY length DESC LIMIT 1"
}

put_back_unless_done() {
  status=$?
  [ "$status" -eq 0 ] || put_back || true
  exit "$status"
}

restore() {
  dump=$1/backup/scratch/dump
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  restore_roles "$dump"
  : > "$unfinished"
  trap put_back_unless_done EXIT
  for file in "$dump"/*.name; do
    name=$(cat "$file")
    if [ "$(count_databases "$name")" = 1 ]; then
      before=$(kept_name "$name")
      printf '%s\n%s\n' "$name" "$before" >> "$unfinished"
      rename_database "$name" "$before"
      echo "the database $name is kept as $before; remove it when you do not need it any more: DROP DATABASE $(identifier "$before")"
    else
      printf '%s\n-\n' "$name" >> "$unfinished"
    fi
    restore_database "$dump" "$(basename "$file" .name)"
    echo "the database $name is restored: $(awk -F'|' '{ rows += $2 } END { print NR " tables, " rows + 0 " rows" }' "$scratch/tmp/restored.counts")"
  done
  rm "$unfinished"
}

case $1 in
  dump) dump "$2" ;;
  paths | release) ;;
  verify) verify "$2" ;;
  restore) restore "$2" ;;
  put-back) put_back ;;
  check) pg_isready -q ;;
  base) base "$2" ;;
  identify) identify ;;
  keep-log) keep_log ;;
  recreate-slot)
    drop_slot
    keep_log
    ;;
  stop-keeping-log) stop_keeping_log ;;
  receive) receive "$2" ;;
  position) position ;;
  recover) recover "$2" "$3" "$4" ;;
esac

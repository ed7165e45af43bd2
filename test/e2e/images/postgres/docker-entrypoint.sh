#!/usr/bin/env bash
# Keeps the contract of the public PostgreSQL image: the environment is used on an empty data
# directory only, each variable can come from a file, and the scripts of
# /docker-entrypoint-initdb.d run once, against a server that no network reaches.
set -Eeuo pipefail

readonly INIT_DIR=/docker-entrypoint-initdb.d

fail() {
  printf >&2 'error: %s\n' "$1"
  exit 1
}

# Sets variable $1 from the file that $1_FILE names, or to $2 when neither is set.
from_file() {
  local name="$1" file_name="$1_FILE" value="${2-}"
  if [ -n "${!name-}" ] && [ -n "${!file_name-}" ]; then
    fail "both $name and $file_name are set (but are exclusive)"
  fi
  if [ -n "${!name-}" ]; then
    value="${!name}"
  elif [ -n "${!file_name-}" ]; then
    [ -r "${!file_name}" ] || fail "cannot read ${!file_name}, which $file_name names"
    value="$(<"${!file_name}")"
  fi
  export "$name"="$value"
  unset "$file_name"
}

read_environment() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

prepare_directories() {
  mkdir -p "$PGDATA"
  # A directory of another owner cannot be changed by `--user`; the server says so itself.
  chmod 0700 "$PGDATA" || true
  mkdir -p /var/run/postgresql || true
  chmod 3775 /var/run/postgresql 2>/dev/null || true
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" \! -user postgres -exec chown postgres:postgres '{}' +
    find /var/run/postgresql \! -user postgres -exec chown postgres:postgres '{}' +
  fi
}

check_environment() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail 'the database is uninitialized and no superuser password is given: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE'
  fi
}

make_database_directory() {
  local arguments=()
  # Split at spaces and with quotes, as the public image does.
  eval "arguments=($POSTGRES_INITDB_ARGS)"
  if [ -n "${POSTGRES_INITDB_WALDIR-}" ]; then
    arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
  fi
  if [ -n "$POSTGRES_PASSWORD" ]; then
    # Through a descriptor, so that the password is in no file and no argument.
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
      ${arguments[@]+"${arguments[@]}"}
  else
    initdb --username="$POSTGRES_USER" ${arguments[@]+"${arguments[@]}"}
  fi

  # initdb trusts the container's own loopback; clients from outside have to authenticate.
  local method="$POSTGRES_HOST_AUTH_METHOD"
  [ -n "$method" ] || method="$(postgres -C password_encryption)"
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
}

as_superuser() {
  PGHOST='' PGHOSTADDR='' PGPASSWORD="$POSTGRES_PASSWORD" \
    psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"
}

# Initialises through a server that listens on its socket alone: nothing outside sees a database
# that is half made, and a probe over TCP stays negative until the real server runs.
start_temporary_server() {
  [ "${1-}" = postgres ] && shift
  set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
  NOTIFY_SOCKET='' PGUSER="${PGUSER:-$POSTGRES_USER}" \
    pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
}

stop_temporary_server() {
  PGUSER="${PGUSER:-postgres}" pg_ctl -D "$PGDATA" -m fast -w stop
}

create_database() {
  local known
  known="$(as_superuser --dbname postgres --tuples-only --set name="$POSTGRES_DB" \
    <<< "SELECT 1 FROM pg_database WHERE datname = :'name';")"
  if [ -z "$known" ]; then
    as_superuser --dbname postgres --set name="$POSTGRES_DB" <<< 'CREATE DATABASE :"name";'
  fi
}

run_init_files() {
  local file
  for file in "$INIT_DIR"/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          printf '%s: running %s\n' "$0" "$file"
          "$file"
        else
          printf '%s: sourcing %s\n' "$0" "$file"
          # shellcheck disable=SC1090
          . "$file"
        fi
        ;;
      *.sql)
        printf '%s: running %s\n' "$0" "$file"
        docker_process_sql -f "$file"
        ;;
      *.sql.gz)
        printf '%s: running %s\n' "$0" "$file"
        gunzip -c "$file" | docker_process_sql
        ;;
      "$INIT_DIR/*") ;;
      *) printf '%s: ignoring %s\n' "$0" "$file" ;;
    esac
  done
}

# Sourced scripts of users call this name of the public image.
docker_process_sql() {
  as_superuser --dbname "$POSTGRES_DB" "$@"
}

initialise() {
  check_environment
  ls "$INIT_DIR" > /dev/null # a directory that cannot be read fails before anything is made
  make_database_directory
  start_temporary_server "$@"
  create_database
  run_init_files
  stop_temporary_server
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

main() {
  if [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
  fi
  if [ "${1-}" = postgres ]; then
    local argument
    for argument in "$@"; do
      case "$argument" in
        -'?' | --help | --describe-config | -V | --version) exec "$@" ;;
      esac
    done

    # Files are read before the privileges are dropped: a secret of root's alone is readable.
    read_environment
    prepare_directories
    if [ "$(id -u)" = 0 ]; then
      export HOME=/var/lib/postgresql
      exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
    fi
    if [ -s "$PGDATA/PG_VERSION" ]; then
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
      initialise "$@"
    fi
  fi
  exec "$@"
}

main "$@"

#!/bin/bash
# Keeps the contract of the public InfluxDB 2 image: the set-up variables count on an empty volume
# only, three of them can come from files, and the server's port opens after the set-up.
set -eo pipefail

# A file that is missing is a line in the log, as in the public image; the set-up then says what it lacks.
for name in DOCKER_INFLUXDB_INIT_USERNAME DOCKER_INFLUXDB_INIT_PASSWORD DOCKER_INFLUXDB_INIT_ADMIN_TOKEN; do
  file="${name}_FILE"
  if [ -n "${!file}" ]; then
    if [ -e "${!file}" ]; then
      export "$name=$(cat "${!file}")"
    else
      echo "$file defined, but file not existing, skipping."
    fi
  fi
done

# Any other command runs unchanged.
if [ $# -gt 0 ] && [ "$1" != influxd ] && [ "$1" != run ] && [ "${1:0:1}" != - ]; then
  exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
  chown -R influxdb:influxdb /var/lib/influxdb2 /etc/influxdb2
  exec setpriv --reuid=influxdb --regid=influxdb --init-groups "${BASH_SOURCE[0]}" "$@"
fi

if [ -f /var/lib/influxdb2/influxd.bolt ]; then
  echo 'found existing boltdb file, skipping setup wrapper'
elif [ -n "$DOCKER_INFLUXDB_INIT_MODE" ]; then
  if [ "$DOCKER_INFLUXDB_INIT_MODE" != setup ]; then
    echo >&2 "this stand-in knows DOCKER_INFLUXDB_INIT_MODE=setup only, and not '$DOCKER_INFLUXDB_INIT_MODE'"
    exit 1
  fi
  for name in USERNAME PASSWORD ORG BUCKET; do
    variable="DOCKER_INFLUXDB_INIT_$name"
    if [ -z "${!variable}" ]; then
      echo >&2 "missing parameter, cannot init InfluxDB: $variable"
      exit 1
    fi
  done
  influxd setup
fi

unset "${!DOCKER_INFLUXDB_INIT_@}"
exec influxd

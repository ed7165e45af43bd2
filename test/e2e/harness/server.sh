#!/bin/bash
# The first process of a test server, in namespaces of its own (see server.ts, which sets the variables):
#   ROOT     the root file system, which is not changed
#   FOLDER   folder of this server: what it writes, the engine's data, its sockets
#   SHARED   folders of the machine that the server has under the same paths, one a line
#   ADDRESS, GATEWAY   of the server's end of the cable; empty if it uses the machine's network
#   GROUP    name of the control group
# It prints `ready` when its namespaces are there, and goes on when a line arrives. It shuts the server down when its
# standard input ends, which it does even if the tests are killed.
set -euo pipefail

echo ready
read -r

mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$FOLDER/root"
cd "$FOLDER/root"
mkdir -p outside sockets var/lib/docker
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount --bind "$FOLDER/sockets" sockets
mount --bind "$FOLDER/docker" var/lib/docker
while read -r folder; do
  [ -n "$folder" ] || continue
  mkdir -p ".$folder"
  mount --rbind "$folder" ".$folder"
done <<< "$SHARED"
cp /etc/resolv.conf etc/resolv.conf
# A chroot would run containers, but the engine could not build images in it.
pivot_root . outside
umount -l /outside

arguments=()
if [ -n "$ADDRESS" ]; then
  hostname "$(cat /etc/hostname)"
  ip link set lo up
  ip address add "$ADDRESS/30" dev cable
  ip link set cable up
  ip route add default via "$GATEWAY"
  mkdir -p /run/sshd
  /usr/sbin/sshd -D -e -f /etc/ssh/test_server &
fi
# Engines from 28 otherwise add rules that drop packets for the addresses of containers, and an earlier engine's rules may
# be about the same addresses.
if dockerd --help | grep -q -- --allow-direct-routing; then
  arguments+=(--allow-direct-routing)
fi

dockerd --host unix:///run/docker.sock --host unix:///sockets/docker.sock --data-root /var/lib/docker \
  --exec-root /run/engine --pidfile /run/docker.pid --cgroup-parent "/$GROUP" "${arguments[@]}" &
engine=$!

cat > /dev/null
kill -TERM "$engine"
wait "$engine" || true

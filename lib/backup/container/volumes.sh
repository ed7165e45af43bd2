#!/bin/sh
# volumes.sh dump FOLDER | paths | release | verify FOLDER | restore FOLDER | put-back | check
#
# The files of volumes, each mounted in a folder of its own, with their owners and modes. They are read one after the
# other, while programs may write to them.
set -eu

root=/volumes
scratch=/backup/scratch
# The time of a restore and how far it got, in two lines: it is there while a restore runs, and after one that was killed.
unfinished=$scratch/unfinished-restore
export LC_ALL=C

# Everything in a folder, with the checksums of files. Something may vanish meanwhile.
list() {
  (
    cd "$1"
    find . ! -type d -exec stat -c '%Y %s %f %u %g %n' {} +
    find . -type d -exec stat -c '%f %u %g %n' {} +
    find . -type f -exec sha256sum {} +
  ) > "$scratch/tmp/list" 2> "$scratch/tmp/list.log" || {
    if grep -v 'No such file or directory' "$scratch/tmp/list.log" >&2; then return 1; fi
  }
  sort "$scratch/tmp/list"
}

dump() {
  date +%s > "$1/time"
  list "$root" > "$1/list"
}

# Compares the files of a backup with what was listed before it was made, and sets how many entries differ and how many
# checksums are equal. A program wrote to those that are newer, and removed those that are missing: restic reports what it
# could not read.
compare() {
  dump=$1/backup/scratch/dump
  since=$(($(cat "$dump/time") - 2))
  list "$1$root" > "$scratch/tmp/restored"
  comm -23 "$dump/list" "$scratch/tmp/restored" > "$scratch/tmp/differences"
  differing=0
  while IFS= read -r line <&4; do
    path=$1$root/${line#*./}
    [ -e "$path" ] || [ -L "$path" ] || continue
    [ "$(stat -c %Y "$path")" -lt "$since" ] || continue
    echo "differs from its state before the backup: ${line#*./}" >&2
    differing=$((differing + 1))
  done 4< "$scratch/tmp/differences"
  checked=$(comm -12 "$dump/list" "$scratch/tmp/restored" | grep -c '^[0-9a-f]\{64\} ' || true)
}

# Prints what is in a volume, without what a restore puts next to it.
entries() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    case $entry in
      "$1/.before_$stamp" | "$1/.restored_$stamp") ;;
      *) if [ -e "$entry" ] || [ -L "$entry" ]; then printf '%s\0' "$entry"; fi ;;
    esac
  done
}

move_all() { entries "$1" | xargs -0 -r -n 1 sh -c 'mv "$1" "$0/"' "$2"; }
same_access() {
  chown "$(stat -c %u:%g "$1")" "$2"
  chmod "$(stat -c %a "$1")" "$2"
}
step() { printf '%s\n%s\n' "$stamp" "$1" > "$unfinished.new" && mv "$unfinished.new" "$unfinished"; }

# Undoes a restore that failed or was killed.
put_back() {
  [ -e "$unfinished" ] || return 0
  {
    read -r stamp
    read -r step
  } < "$unfinished"
  for volume in "$root"/*; do
    old=$volume/.before_$stamp
    if [ "$step" = put-new ] && [ -e "$old" ]; then entries "$volume" | xargs -0 -r rm -rf; fi
  done
  # From here on, old entries are in their place: if this is killed, too, they stay there.
  if [ "$step" = put-new ]; then step keep-old; fi
  for volume in "$root"/*; do
    old=$volume/.before_$stamp
    # The new files are complete, and the old ones are in the scratch volume.
    if [ "$step" != remove-old ] && [ -e "$old" ]; then move_old_back; fi
    rm -rf "$old" "$volume/.restored_$stamp"
  done
  # An incomplete copy, or one of what is back in its place.
  [ "$step" = remove-old ] || rm -rf "$scratch/before_$stamp"
  rm "$unfinished"
  [ "$step" = remove-old ] || echo 'the restore did not finish, and the volumes are as they were' >&2
}

move_old_back() {
  for entry in "$old"/* "$old"/.[!.]* "$old"/..?*; do
    if [ -e "$entry" ] || [ -L "$entry" ]; then mv "$entry" "$volume/"; fi
  done
  same_access "$old" "$volume"
}

undo() {
  status=$?
  [ "$status" -eq 0 ] || /bin/sh "$0" put-back || true
  exit "$status"
}

# The new files are complete next to the old ones before those are moved aside. Programs find only the files of the backup
# in the end: what was there is kept in the scratch volume.
restore() {
  # What differs is listed, and is no reason to do without the rest.
  compare "$1"
  for found in "$1$root"/*; do
    [ -d "$root/$(basename "$found")" ] || {
      echo "the backup contains the volume $(basename "$found"), which is not mounted here: add it to \`volumes\`, and deploy" >&2
      return 1
    }
  done
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  kept=$scratch/before_$stamp
  step copy-new
  trap undo EXIT
  for found in "$1$root"/*; do cp -a "$found" "$root/$(basename "$found")/.restored_$stamp"; done
  step keep-old
  for found in "$1$root"/*; do
    volume=$root/$(basename "$found")
    mkdir "$volume/.before_$stamp"
    same_access "$volume" "$volume/.before_$stamp"
    move_all "$volume" "$volume/.before_$stamp"
  done
  step put-new
  for found in "$1$root"/*; do
    volume=$root/$(basename "$found")
    move_all "$volume/.restored_$stamp" "$volume"
    same_access "$found" "$volume"
  done
  mkdir "$kept"
  for found in "$1$root"/*; do
    cp -a "$root/$(basename "$found")/.before_$stamp" "$kept/$(basename "$found")"
  done
  step remove-old
  put_back
  trap - EXIT
  echo "what was there is kept in $kept of this container; remove the folder when you do not need it any more"
  echo "the volumes are restored: $checked files with the checksums that they had before the backup"
  [ "$differing" -eq 0 ] || echo "$differing entries differ from their state before the backup, and are listed above"
}

case $1 in
  dump) dump "$2" ;;
  paths) echo "$root" ;;
  verify)
    compare "$2"
    [ "$differing" -eq 0 ]
    ;;
  restore) restore "$2" ;;
  put-back) put_back ;;
  release | check) ;;
esac

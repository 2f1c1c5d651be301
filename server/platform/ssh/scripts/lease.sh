#!/bin/sh
# Read by start.sh and fenced.sh.
# take_lease <lock file> <number>: ends the script when a higher number has held the lock before; else the lock is held
# as descriptor 9. A worker that slept through the loss of its lease thereby cannot undo what its successor did.
take_lease() {
  lease_folder "$1"
  exec 9<>"$1"
  flock 9
  read -r last <&9
  last=${last#"${last%%[!0]*}"}
  if [ "$2" -lt "${last:-0}" ]; then
    echo "hostler: lease $2 is stale, $last was here" >&2
    exit 75
  fi
  [ "$2" -ne "${last:-0}" ] || return 0
  # What the one before is still doing ends first: it may be removing what we are about to write. One that hangs is
  # waited for half a minute.
  exec 8<>"$1.running"
  flock -w 30 8
  exec 8>&-
  # All numbers have the same width and replace each other in place: no moment exists in which the file is empty, and a
  # full disk does not matter.
  printf '%020d\n' "$2" 1<>"$1"
}
# The folder that the locks are in. It is not made where the one above it is missing: nothing is there to protect then.
lease_folder() {
  [ -d "${1%/*}" ] || mkdir -m 700 -- "${1%/*}" 2>/dev/null || [ -d "${1%/*}" ]
}
# show_lease <lock file> <number> <long or short>: the same for a moment only, so that the commands of one lease may run side
# by side. Who follows waits for the short ones, which hold descriptor 8, and ends the long ones, which have a group file.
show_lease() {
  if [ -n "$1" ] && lease_folder "$1"; then
    take_lease "$1" "$2"
    if [ "$3" = short ]; then
      exec 8<>"$1.running"
      flock -s -w 30 8
    fi
    exec 9>&-
  fi
}

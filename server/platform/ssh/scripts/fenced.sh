#!/bin/sh
# Runs a command while holding a lock, unless a higher number has held it before. A worker that slept through the loss
# of its lease thereby cannot undo what its successor did.
# fenced.sh <lock file> <number> <command words…>
lock=$1 number=$2
shift 2
case $number in '' | *[!0-9]* | 0?*)
  echo 'hostler: the number of the lease is not a number' >&2
  exit 64
  ;;
esac

exec 9<>"$lock"
flock 9
read -r last <&9
last=${last#"${last%%[!0]*}"}
if [ "$number" -lt "${last:-0}" ]; then
  echo "hostler: lease $number is stale, $last was here" >&2
  exit 75
fi
# All numbers have the same width and replace each other in place: no moment exists in which the file is empty, and a
# full disk does not matter.
printf '%020d\n' "$number" 1<>"$lock"
# The command does not inherit the lock, or a daemon that it starts would hold it for ever.
"$@" 9>&-

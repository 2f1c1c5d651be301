#!/bin/sh
# Runs a command while holding a lock, unless a higher number has held it before.
# fenced.sh <lock file> <number> <command words…>
lock=$1 number=$2
shift 2
case $number in '' | *[!0-9]* | 0?*)
  echo 'hostler: the number of the lease is not a number' >&2
  exit 64
  ;;
esac

# shellcheck source=/dev/null
. "$(dirname -- "$0")/lease.sh"
take_lease "$lock" "$number"
# The command does not inherit the lock, or a daemon that it starts would hold it for ever.
"$@" 9>&-

#!/bin/sh
# Writes files whose bytes come one after the other on standard input. Each is written beside its place, where a link that
# was cut shows in its size, and then renamed into it: nobody sees half a file, and nobody but us sees a closed one.
# put-files.sh <folder> (<name> <mode> <size in bytes>)…
set -euC
mkdir -p -- "$1"
cd -- "$1"
shift
umask 077
part=.part-$$
# With -C the shell makes this file itself or fails: it follows no link that somebody planted under that name.
rm -f -- "$part"
trap 'rm -f -- "$part"' EXIT
while [ $# -gt 0 ]; do
  head -c "$3" >"$part"
  if [ "$(wc -c <"$part")" -ne "$3" ]; then
    echo "hostler: $1 did not arrive whole" >&2
    exit 1
  fi
  chmod "$2" "$part"
  mv -fT -- "$part" "$1"
  shift 3
done

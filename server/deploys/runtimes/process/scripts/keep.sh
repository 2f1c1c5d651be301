#!/bin/sh
# Keeps one instance running until it is told to end (TERM): what runsv does, where there is no runsv.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
log=$here/log
stopping=no
child=''
trap 'stopping=yes; [ -z "$child" ] || kill -s TERM "$child" 2>/dev/null' TERM
echo $$ >"$here/keep.pid"

# Appending writers follow a file that is cut; half a minute of output is what a site can overfill it by.
(
  # Its sleep ends with it, and it with the keeper, also when that is killed.
  trap 'kill "$!"; exit' TERM
  while sleep 30 & wait "$!" && kill -0 $$ 2>/dev/null; do
    if [ "$(wc -c <"$log")" -gt 5000000 ]; then cp "$log" "$log.1" && : >"$log"; fi
  done
) &
cutter=$!

while [ "$stopping" = no ]; do
  sh "$here/service" </dev/null &
  child=$!
  # A signal ends the wait before the child has ended; its own code comes only when it is gone.
  while :; do
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  STOPPING=$stopping sh "$here/finish" "$code" 0 &
  child=$!
  wait "$child"
done
kill "$cutter"

#!/bin/sh
# After each end of an instance: notes how it ended, ends what it left behind, and waits the longer the more often it
# ended, so that a broken site does not eat the machine.
# finish <exit code, or -1> <signal>
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/plan"
code=$1
if [ "$code" = -1 ]; then code=$((128 + $2)); fi

killed=$(sed -n 's/^oom_kill //p' "/sys/fs/cgroup/$CGROUP/memory.events" "/sys/fs/cgroup/memory/$CGROUP/memory.oom_control" 2>/dev/null)
if [ "${killed:-0}" -gt 0 ]; then echo memory; else echo exit; fi >"$here/reason"
echo "$code" >"$here/exit"
sh "$here/sweep" "$here"

# Nobody waits for an instance that shall stay down.
case ${STOPPING:-}$(cat "$here/supervise/stat" 2>/dev/null) in yes* | *'want down'* | *'want exit'*) exit 0 ;; esac

count=1 started=0
if [ -f "$here/starts" ]; then read -r count started <"$here/starts"; fi
if [ $(($(date +%s) - started)) -gt 60 ]; then count=1; fi
case $count in
  1) ;;
  2 | 3) exec sleep 1 ;;
  4 | 5 | 6) exec sleep 3 ;;
  *) exec sleep 15 ;;
esac

#!/bin/sh
# Ends whatever a run left behind: its session, and everything in its control group, where also those are that made a
# session of their own. TERM, at most two seconds, KILL.
# sweep.sh <folder>
set -u
# shellcheck source=/dev/null
. "$1/plan"
leader=$(cat "$1/pid" 2>/dev/null) || leader=''
limits=$(cat "$1/limits" 2>/dev/null) || limits=''

# An id is used again sooner or later; nobody but the site's own processes has its user.
of_session() {
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- "${line%% *}" ${line##*) }
    if [ "$5" = "$leader" ] && [ "$2" != Z ] && [ "$(stat -c %U "/proc/$1" 2>/dev/null)" = "$SITE_USER" ]; then echo "$1"; fi
  done
}
# Whoever is in the control group cannot leave it; looking through all processes is for where there is none.
left() {
  cat "/sys/fs/cgroup/$CGROUP/cgroup.procs" "/sys/fs/cgroup/memory/$CGROUP/cgroup.procs" 2>/dev/null
  if [ "$limits" != enforced ] && [ -n "$leader" ]; then of_session; fi
}
signal() { # <name> <ids…>
  name=$1
  shift
  for id in "$@"; do kill -s "$name" "$id" 2>/dev/null; done
}

ids=$(left)
looks=0
while [ -n "$ids" ] && [ "$looks" -lt 28 ]; do
  # shellcheck disable=SC2086
  [ "$looks" -gt 0 ] || signal TERM $ids
  looks=$((looks + 1))
  if [ "$looks" -le 10 ]; then sleep 0.02; else sleep 0.1; fi
  ids=$(left)
done
# shellcheck disable=SC2086
signal KILL $ids
rm -f "$1/pid"
# A control group is kept busy for a moment by what was just killed.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  is_there=no
  for controller in . memory cpu pids; do
    group=/sys/fs/cgroup/$controller/$CGROUP
    if [ -d "$group" ] && ! rmdir "$group" 2>/dev/null; then is_there=yes; fi
  done
  [ "$is_there" = yes ] || break
  sleep 0.02
done
exit 0

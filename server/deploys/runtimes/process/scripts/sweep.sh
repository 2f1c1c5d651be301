#!/bin/sh
# Ends whatever a run left behind: its session, and everything in its control group, where also those are that made a
# session of their own. TERM, at most two seconds, KILL.
# sweep.sh <folder>
set -u
# shellcheck source=/dev/null
. "$1/plan"
leader=$(cat "$1/pid" 2>/dev/null) || leader=''

# An id is used again sooner or later; nobody but the site's own processes has its user.
of_session() {
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- "${line%% *}" ${line##*) }
    if [ "$5" = "$leader" ] && [ "$2" != Z ] && [ "$(stat -c %U "/proc/$1" 2>/dev/null)" = "$SITE_USER" ]; then echo "$1"; fi
  done
}
left() {
  cat "/sys/fs/cgroup/$CGROUP/cgroup.procs" "/sys/fs/cgroup/memory/$CGROUP/cgroup.procs" 2>/dev/null
  if [ -n "$leader" ]; then of_session; fi
}
signal() {
  for id in $(left); do kill -s "$1" "$id" 2>/dev/null; done
}

signal TERM
tenths=0
while [ -n "$(left)" ] && [ "$tenths" -lt 20 ]; do
  sleep 0.1
  tenths=$((tenths + 1))
done
signal KILL
rm -f "$1/pid"
# A control group is kept busy for a moment by what was just killed.
for try in 1 2 3; do
  for controller in . memory cpu pids; do rmdir "/sys/fs/cgroup/$controller/$CGROUP" 2>/dev/null; done
  [ -d "/sys/fs/cgroup/$CGROUP" ] || [ -d "/sys/fs/cgroup/memory/$CGROUP" ] || break
  [ "$try" = 3 ] || sleep 0.1
done
exit 0

#!/bin/sh
# Ends a process group: TERM, and KILL after five seconds for what is still there. Does nothing when it is another
# group by now (a process id is used again sooner or later), so it may run twice. Fails when something survives.
# end-group.sh <group id> <start time of its leader>
# end-group.sh <file that start.sh wrote>
case $1 in /*)
  [ -r "$1" ] || exit 0
  read -r group start <"$1" || exit 0
  ;;
*) group=$1 start=$2 ;;
esac
case $group-$start in *[!0-9-]* | -* | *- | 0-* | 1-*) exit 0 ;; esac

# Prints "<id> <start time>" of each member. Zombies are not counted: who should reap them may never come.
members() {
  for stat in /proc/[0-9]*/stat; do
    { read -r line <"$stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086
    set -- "${line%% *}" ${line##*) }
    if [ "$4" = "$group" ] && [ "$2" != Z ]; then echo "$1 ${21}"; fi
  done
}

# The leader with its start time proves it; when the leader is gone, a member that carries its mark does.
is_ours() {
  members | {
    while read -r id since; do
      if [ "$id" = "$group" ]; then
        [ "$since" = "$start" ]
        return
      fi
      if tr '\0' '\n' <"/proc/$id/environ" 2>/dev/null | grep -qx "HOSTLER_GROUP=$group-$start"; then return 0; fi
    done
    return 1
  }
}

# Mostly there is nothing to end; looking through all processes takes a while on a busy machine.
kill -s 0 -- "-$group" 2>/dev/null || exit 0
is_ours || exit 0
kill -s TERM -- "-$group" 2>/dev/null
read -r now _ </proc/uptime
# Whole seconds: the sixth begins when five have passed.
deadline=$((${now%.*} + 6))
while kill -s 0 -- "-$group" 2>/dev/null && [ -n "$(members)" ]; do
  read -r now _ </proc/uptime
  if [ "${now%.*}" -ge "$deadline" ]; then
    kill -s KILL -- "-$group" 2>/dev/null
    sleep 0.3
    [ -z "$(members)" ]
    exit
  fi
  sleep 0.1
done
exit 0

#!/bin/sh
# Runs one command as the leader of its own session, after saying which process group that is.
# start.sh <marker> <group file or nothing> <text of end-group.sh> <command> [<lock file of the lease> <its number>]
marker=$1 file=$2 end_group=$3 command=$4 lock=${5:-} number=${6:-}
# Messages are matched by pattern (explanations.ts), so they must not be in the language of the server.
export LC_ALL=C.UTF-8
# The name of a program may hold spaces and brackets; the fields after the last bracket are numbers.
read -r stat <"/proc/$$/stat"
# shellcheck disable=SC2086
set -- ${stat##*) }
# Field 22 is when the process started: with it, the id cannot be mistaken for a later process. The variable marks the
# members of the group, who may outlive their leader.
export HOSTLER_GROUP="$$-${20}"
printf '%s %s %s\n' "$marker" "$$" "${20}"
if [ -z "$file" ]; then
  show_lease "$lock" "$number" short
else
  show_lease "$lock" "$number" long
  # What a lost run left under the same file goes first.
  if ! sh -c "$end_group" end-group "$file"; then
    echo 'hostler: what an earlier run left does not end' >&2
    exit 76
  fi
  [ -d "${file%/*}" ] || (umask 077 && mkdir -p -- "${file%/*}") || exit 1
  printf '%s %s\n' "$$" "${HOSTLER_GROUP#*-}" >"$file.part" && mv -f -- "$file.part" "$file" || exit 1
fi
# What the command starts and leaves running must not hold the lease.
{ eval "$command"; } 8>&-
# Without this line the shell would become its last command, and how a signal ended that would be lost.
exit $?

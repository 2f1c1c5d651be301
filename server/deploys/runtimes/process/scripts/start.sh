#!/bin/sh
# Runs the command of the folder that this file was copied to, as the site's user, within its limits. A build, a release
# command and an instance are all started this way. As root it confines itself and steps down; then it runs itself again
# ("enter") as the user, who alone can read the environment.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# Written by the panel (plan.ts): SITE_USER SITE_HOME DIRECTORY NODE_BIN MEMORY_BYTES CPU_QUOTA CGROUP OWN_SESSION
# shellcheck source=/dev/null
. "$here/plan"

if [ "${1:-}" = enter ]; then
  cd -- "$DIRECTORY"
  unset OLDPWD
  # Kept in $1 and $2: the site's variables may have any name, also one that is used here. bash becomes the last program
  # of "a && b", which thereby gets the signals; other shells stay before it, and die of them in its stead.
  set -- "$(cat "$here/command")" /bin/sh
  if [ -x /bin/bash ]; then set -- "$1" /bin/bash; fi
  # shellcheck source=/dev/null
  . "$here/env.sh"
  exec "$2" -c "$1"
fi

# A quota that nothing can exceed would only cost what the kernel spends on counting.
if [ "$CPU_QUOTA" -ge "$(($(nproc) * 100000))" ]; then CPU_QUOTA=''; fi

confine_v2() {
  echo '+memory +cpu +pids' >/sys/fs/cgroup/cgroup.subtree_control || return 1
  group=/sys/fs/cgroup/$CGROUP
  mkdir -p "$group" || return 1
  echo "$MEMORY_BYTES" >"$group/memory.max" || return 1
  echo 0 >"$group/memory.swap.max" || true
  echo "${CPU_QUOTA:-max} 100000" >"$group/cpu.max" || return 1
  echo 1024 >"$group/pids.max" || return 1
  echo $$ >"$group/cgroup.procs"
}

confine_v1() {
  for controller in memory cpu pids; do
    mkdir -p "/sys/fs/cgroup/$controller/$CGROUP" || return 1
  done
  echo "$MEMORY_BYTES" >"/sys/fs/cgroup/memory/$CGROUP/memory.limit_in_bytes" || return 1
  echo "${CPU_QUOTA:--1}" >"/sys/fs/cgroup/cpu/$CGROUP/cpu.cfs_quota_us" || return 1
  echo 1024 >"/sys/fs/cgroup/pids/$CGROUP/pids.max" || return 1
  for controller in memory cpu pids; do
    echo $$ >"/sys/fs/cgroup/$controller/$CGROUP/cgroup.procs" || return 1
  done
}

step_down=''
if [ "${1:-}" = unit ]; then
  # systemd has done all of this, as the unit says.
  OWN_SESSION=no
elif [ "$(id -u)" = 0 ]; then
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then version=v2; else version=v1; fi
  if "confine_$version" 2>/dev/null; then echo enforced; else echo none; fi >"$here/limits"
  step_down="setpriv --reuid=$SITE_USER --regid=$SITE_USER --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all --"
fi
if [ "$OWN_SESSION" = yes ]; then
  # The id stays the same through every exec: the program that is started has it, and leads a group of its own.
  echo $$ >"$here/pid"
  step_down="setsid $step_down"
fi
# A Node of ours brings its own list of authorities; it shall also trust those that this machine trusts (a company's own
# registry, say).
authorities=''
for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
  if [ -r "$file" ]; then authorities="NODE_EXTRA_CA_CERTS=$file"; break; fi
done
# shellcheck disable=SC2086
exec env -i PATH="$NODE_BIN:$DIRECTORY/node_modules/.bin:/usr/local/bin:/usr/bin:/bin" \
  HOME="$SITE_HOME" USER="$SITE_USER" LOGNAME="$SITE_USER" SHELL=/bin/sh LANG=C.UTF-8 $authorities ${HOSTLER_GROUP:+HOSTLER_GROUP="$HOSTLER_GROUP"} \
  $step_down /bin/sh "$here/start" enter

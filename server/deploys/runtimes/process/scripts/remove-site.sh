#!/bin/sh
# Leaves nothing of a site: what runs, its folder, its user.
# remove-site.sh <user> <site's folder> <root folder>
set -eu
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
user=$1 folder=$2 root=$3

for job in "$folder"/instances/*/ "$folder"/builds/*/; do
  [ -d "$job" ] || continue
  sh "$scripts/supervisor.sh" remove "${job%/}"
done
if [ "$(id -u)" = 0 ] && id -u "$user" >/dev/null 2>&1; then
  # Whatever escaped everything else still has the user.
  for process in /proc/[0-9]*; do
    if [ "$(stat -c %U "$process" 2>/dev/null)" = "$user" ]; then kill -s KILL "${process#/proc/}" 2>/dev/null || true; fi
  done
  exec 9>"$root/.users.lock"
  flock 9
  userdel "$user"
  flock -u 9
fi
rm -rf -- "$folder"

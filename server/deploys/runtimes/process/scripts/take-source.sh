#!/bin/sh
# Gives the files of a checked-out commit to the site's user, for one build. May run again: what a lost run has moved
# stays, and what an earlier try left is gone.
# take-source.sh <source> <release's folder> <user>
set -eu
source=$1 release=$2 user=$3

if [ -e "$source" ]; then
  rm -rf -- "$release"
  # Closed until it has its owner: nobody can plant a link in a tree that root is still working on.
  mkdir -m 700 "$release"
  mv -T -- "$source" "$release/app"
fi
chmod 700 "$release"
if [ "$(id -u)" = 0 ]; then chown -R -h "$user:$user" "$release/app"; fi
chmod 755 "$release" "$release/app"

#!/bin/sh
# A fresh copy of a checked-out commit for one build, owned by the site's user. What an earlier try left is gone.
# copy-source.sh <source> <release's folder> <user>
set -eu
source=$1 release=$2 user=$3

rm -rf -- "$release"
# Closed until it is whole and has its owner: nobody can plant a link in a tree that root is still writing.
mkdir -m 700 "$release"
mkdir "$release/app"
cp -a -- "$source/." "$release/app/"
rm -rf -- "$release/app/.git"
if [ "$(id -u)" = 0 ]; then chown -R -h "$user:$user" "$release/app"; fi
chmod 755 "$release" "$release/app"

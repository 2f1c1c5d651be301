#!/bin/sh
# Gives the files of a build or an instance, just uploaded, the owners and modes they need.
# settle.sh <folder>
set -eu
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=/dev/null
. "$1/plan"
cp "$scripts/start.sh" "$1/start"
cp "$scripts/sweep.sh" "$1/sweep"
chmod 755 "$1" "$1/start" "$1/sweep"
chmod 644 "$1/plan" "$1/command"
chmod 600 "$1/env.sh"
if [ "$(id -u)" = 0 ]; then chown "$SITE_USER:$SITE_USER" "$1/env.sh"; fi

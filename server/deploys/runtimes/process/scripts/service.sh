#!/bin/sh
# What a supervisor starts: counts, then becomes the instance. Both streams go to the log.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
count=0
if [ -f "$here/starts" ]; then read -r count _ <"$here/starts"; fi
echo "$((count + 1)) $(date +%s)" >"$here/starts"
exec /bin/sh "$here/start" 2>&1

#!/bin/sh
# Makes <address> the one name in <folder>, by one rename: whoever lists the folder finds the old name or the new one.
# switch.sh <folder> <address>
set -eu
cd -- "$1"
address=$2

if [ ! -e "$address" ]; then
  for old in *; do break; done
  if [ -e "$old" ]; then mv -fT -- "$old" "$address"; else : >"$address"; fi
fi

# More than one is nobody's plan, and the edge would take either.
for other in *; do
  [ "$other" = "$address" ] || rm -f -- "$other"
done

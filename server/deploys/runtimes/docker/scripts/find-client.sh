#!/bin/sh
# Prints the first Docker client that can build with BuildKit: secrets reach a build by no other way. Up to 22 the client
# has it in itself, later ones need their plugin, and a machine may have a client of each.
# find-client.sh
set -u
IFS=:
for folder in $PATH; do
  client=$folder/docker
  [ -x "$client" ] || continue
  version=$("$client" version --format '{{.Client.Version}}' 2>/dev/null)
  case ${version%%.*} in '' | *[!0-9]*) continue ;; esac
  if "$client" buildx version >/dev/null 2>&1 || [ "${version%%.*}" -lt 23 ]; then
    echo "$client"
    exit 0
  fi
done
echo 'hostler: no Docker client with BuildKit' >&2
exit 69

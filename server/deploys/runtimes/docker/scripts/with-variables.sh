#!/bin/sh
# Runs Docker's client with variables that its environment file cannot hold (values of several lines); it is told their
# names and takes the values from here.
# with-variables.sh <file of exports> <command words…>
set -eu
file=$1
shift
# shellcheck source=/dev/null
. "$file"
exec "$@"

#!/bin/sh
# Instances on a machine with neither systemd nor runit: keep.sh, a loop of our own, in a session of its own.
# shellcheck source-path=SCRIPTDIR source=supervising.sh
. "$(dirname -- "$0")/supervising.sh"

# The loop holds this lock for as long as it lives, so its number cannot be that of another process.
is_down() { flock -n "$folder/keep.lock" true; }
is_up() { ! is_down; }
is_started() { [ -f "$folder/starts" ]; }

start() {
  if is_up; then return 0; fi
  prepare
  cp "$scripts/keep.sh" "$folder/keep"
  env -u HOSTLER_GROUP setsid -f flock --nonblock --close "$folder/keep.lock" sh "$folder/keep" </dev/null >>"$folder/log" 2>&1
  within 50 is_started
}

stop() {
  if is_down; then return 0; fi
  kill -s TERM "$(cat "$folder/keep.pid")"
  if within "$(($1 * 10))" is_down; then return 0; fi
  if [ -f "$folder/pid" ]; then kill -s KILL "$(cat "$folder/pid")" 2>/dev/null || true; fi
  within 100 is_down
}

case $action in
  start) start ;;
  stop) stop "$1" && sweep ;;
  remove) stop "${1:-0}" && sweep && rm -rf -- "$folder" ;;
  logs) show "$folder/log" "$@" ;;
  observe)
    if is_down; then echo state=exited
    elif [ -f "$folder/pid" ]; then echo state=running
    else echo state=starting; fi
    report
    tail -n "$1" "$folder/log" 2>/dev/null || true
    ;;
esac

#!/bin/sh
# The one door to whatever keeps instances running on this machine. The folder remembers who started it, so an instance
# that was started by one is not lost when a better one is installed.
# supervisor.sh start <folder> | stop <folder> <seconds> | observe <folder> <lines> | logs <folder> <lines> <follow: yes or no> | remove <folder> [<seconds>]
set -eu
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
action=$1 folder=$2
shift 2

if [ ! -d "$folder" ]; then
  case $action in
    observe) echo state=missing ;;
    start) echo "hostler: there is no $folder to start" >&2 && exit 1 ;;
  esac
  exit 0
fi

choose() {
  if [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]; then echo systemd
  elif command -v runsv >/dev/null && command -v sv >/dev/null && command -v svlogd >/dev/null; then echo runit
  else echo plain; fi
}
if [ ! -f "$folder/supervisor" ]; then
  case $action in
    start) choose >"$folder/supervisor" ;;
    observe) echo state=missing && exit 0 ;;
    remove)
      # A build, or an instance that was never started.
      if [ -f "$folder/plan" ]; then sh "$scripts/sweep.sh" "$folder"; fi
      rm -rf -- "$folder" && exit 0
      ;;
    *) exit 0 ;;
  esac
fi
exec sh "$scripts/$(cat "$folder/supervisor").sh" "$action" "$folder" "$@"

#!/bin/sh
# Instances as systemd units. The panel has put the unit's file into the folder, where it was needed or not.
# shellcheck source-path=SCRIPTDIR source=supervising.sh
. "$(dirname -- "$0")/supervising.sh"
# shellcheck source=/dev/null
. "$folder/plan"
unit=$CGROUP.service

is_down() { ! systemctl is-active --quiet "$unit"; }

start() {
  prepare
  cp "$folder/unit" "/etc/systemd/system/$unit"
  systemctl daemon-reload
  systemctl enable --quiet "$unit"
  systemctl start "$unit"
}

# The time to drain is known only now, and the unit cannot be told: it allows a day, and is cut short from here.
stop() {
  systemctl disable --quiet "$unit" 2>/dev/null || true
  systemctl stop --no-block "$unit" 2>/dev/null || return 0
  within "$(($1 * 10))" is_down && return 0
  systemctl kill --signal=KILL "$unit" 2>/dev/null || true
  within 100 is_down
}

case $action in
  start) start ;;
  stop) stop "$1" ;;
  remove)
    stop "${1:-0}"
    rm -f "/etc/systemd/system/$unit"
    systemctl daemon-reload
    systemctl reset-failed "$unit" 2>/dev/null || true
    rm -rf -- "$folder"
    ;;
  logs)
    follow=--no-pager
    if [ "$2" = yes ]; then follow=--follow; fi
    exec journalctl "$follow" --unit "$unit" --output short-iso-precise --no-hostname --lines "$1"
    ;;
  observe)
    systemctl show --property ActiveState,Result,ExecMainStatus,ExecMainCode,NRestarts,ExecMainStartTimestamp "$unit"
    echo --
    journalctl --unit "$unit" --output cat --lines "$1"
    ;;
esac

#!/bin/sh
# Instances as systemd units. The panel has put the unit's file into the folder, where it was needed or not.
# shellcheck source-path=SCRIPTDIR source=supervising.sh
. "$(dirname -- "$0")/supervising.sh"
# shellcheck source=/dev/null
. "$folder/plan"
unit=$CGROUP.service
file=/etc/systemd/system/$unit

start() {
  prepare
  cp "$scripts/on-end.sh" "$folder/on-end"
  cp "$folder/unit" "$file"
  systemctl daemon-reload
  systemctl enable --quiet --no-reload "$unit"
  systemctl start "$unit"
}

# systemd itself waits and kills, also when who asked for it has gone. The time to drain is known only now; what the unit
# said is for the end of the machine. 0 would mean to wait for ever.
stop() {
  [ -f "$file" ] || return 0
  if [ "$1" -gt 0 ]; then drain=${1}s; else drain=100ms; fi
  sed -i "s/^TimeoutStopSec=.*/TimeoutStopSec=$drain/" "$file"
  systemctl disable --quiet --no-reload "$unit"
  systemctl daemon-reload
  systemctl stop "$unit"
}

# What the instance itself has said: not what systemd says of it, nor where a restart of the machine fell.
journal() { journalctl --quiet --no-pager --lines "$@" "_SYSTEMD_UNIT=$unit"; }

case $action in
  start) start ;;
  stop) stop "$1" ;;
  remove)
    stop "${1:-0}"
    rm -f "$file"
    systemctl daemon-reload
    systemctl reset-failed "$unit" 2>/dev/null || true
    rm -rf -- "$folder"
    ;;
  logs)
    if [ "$2" = yes ]; then set -- "$1" --follow; else set -- "$1"; fi
    journal "$@" --output short-iso-precise --no-hostname
    ;;
  observe)
    # In UTC, as what is not said in it cannot be read everywhere.
    TZ=UTC systemctl show --property ActiveState,NRestarts,ExecMainStartTimestamp "$unit"
    echo "Ended=$(cat "$folder/ended" 2>/dev/null)"
    echo --
    journal "$1" --output cat
    ;;
esac

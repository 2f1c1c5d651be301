#!/bin/sh
# The relay on this machine: finds a Node for it, starts it, says under which id it runs, ends it.
# relay.sh check|pid|state|point|start|supervise|stop|stop-if-idle <root> [<version, for state and point>]
set -eu
act=$1 root=$2 version=${3:-}
folder="$root/relay"
# One relay per root; only a unit that "prepare server" wrote is ever started.
unit="hostler-relay-$(printf %s "$root" | cksum | cut -d' ' -f1).service"
unit_file="/etc/systemd/system/$unit"

# The newest that Hostler brought, else the machine's own; nothing is printed where neither is 20 or newer.
find_node() {
  { printf '%s\n' "$root"/node/*/bin/node | sort -rV; command -v node || true; } | while read -r node; do
    case $node in *.partial/*) continue ;; esac
    "$node" -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null || continue
    echo "$node"
    break
  done
}

# An id is used again sooner or later, so the process must be this relay. Nothing is printed where none runs.
find_pid() {
  read -r pid 2>/dev/null <"$folder/relay.pid" || return 0
  if tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF -- "$folder/relay.cjs"; then echo "$pid"; fi
}

# Nothing has to be done where this version is there and linked to, and one runs.
state() {
  linked=$(readlink "$folder/relay.cjs") || return 0
  if [ "$linked" = "versions/$version/relay.cjs" ] && [ -f "$folder/relay.cjs" ] && [ -n "$(find_pid)" ]; then echo current; fi
}

start() {
  mkdir -p -- "$folder/sites"
  # Two at a time must not start two.
  exec 9>"$folder/start.lock"
  flock 9
  if [ -n "$(find_pid)" ]; then return 0; fi
  node=$(find_node)
  if [ -z "$node" ]; then
    echo 'hostler: no Node 20 or newer here' >&2
    exit 69
  fi
  rm -f -- "$folder/relay.pid"
  if [ -f "$unit_file" ]; then systemctl start "$unit"; else start_detached "$node"; fi
  tries=0
  while [ "$tries" -lt 75 ]; do
    if [ -n "$(find_pid)" ]; then return 0; fi
    sleep 0.2
    tries=$((tries + 1))
  done
  if [ -f "$unit_file" ]; then journalctl --quiet --lines 5 --output cat --unit "$unit" >&2; else tail -n 5 "$folder/relay.log" >&2; fi
  exit 70
}

start_detached() {
  if [ "$(stat -c %s "$folder/relay.log" 2>/dev/null || echo 0)" -gt 5000000 ]; then mv -f "$folder/relay.log" "$folder/relay.log.1"; fi
  # Nothing of the command that starts it may cling to it: not its environment, not its outputs, not the lock.
  env -i PATH="$PATH" setsid -f "$1" "$folder/relay.cjs" "$folder" </dev/null >>"$folder/relay.log" 2>&1 9>&-
}

# The link is made beside, under a name that nobody else has, and renamed: at no moment is there none.
point() {
  ln -sfn -- "versions/$version/relay.cjs" "$folder/relay.cjs.new-$$"
  mv -fT -- "$folder/relay.cjs.new-$$" "$folder/relay.cjs"
}

# A unit, so that it is there again after a restart of the machine. Where systemd does not run, or not for us, the panel's health
# poll does that.
supervise() {
  if [ ! -d /run/systemd/system ] || [ ! -w /etc/systemd/system ]; then return 0; fi
  node=$(find_node)
  cat >"$unit_file.new" <<UNIT
[Unit]
Description=Hostler relay for $root
After=network.target
ConditionPathExists=$folder/relay.cjs
StartLimitIntervalSec=0

[Service]
ExecStart="$node" "$folder/relay.cjs" "$folder"
ExecReload=/bin/kill -HUP \$MAINPID
KillMode=mixed
TimeoutStopSec=30
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
UNIT
  if cmp -s "$unit_file.new" "$unit_file"; then
    rm -f "$unit_file.new"
  else
    mv -f "$unit_file.new" "$unit_file"
    systemctl daemon-reload
  fi
  systemctl is-enabled --quiet "$unit" || systemctl enable --quiet "$unit"
}

stop() {
  if [ -f "$unit_file" ]; then systemctl stop "$unit"; fi
  # One that ran before there was a unit is not the unit's.
  pid=$(find_pid)
  if [ -n "$pid" ]; then kill -TERM "$pid"; fi
}

case $act in
# Where it runs, it has found its Node.
check) if [ -n "$(find_pid)" ]; then echo running; else find_node; fi ;;
pid) find_pid ;;
state) state ;;
point) point ;;
start) start ;;
supervise) supervise ;;
stop) stop ;;
stop-if-idle) if [ -z "$(find "$folder/sites" -name '*.json' 2>/dev/null)" ]; then stop; fi ;;
esac

#!/bin/sh
# Instances under runit without runit being the first process: one runsv each, in a session of its own.
# shellcheck source-path=SCRIPTDIR source=supervising.sh
. "$(dirname -- "$0")/supervising.sh"

is_up() { sv status "$folder" >/dev/null 2>&1; }
is_down() { ! is_up; }

start() {
  if is_down; then
    prepare
    mkdir -p "$folder/log/main"
    cp "$folder/service" "$folder/run"
    printf 's2000000\nn5\n' >"$folder/log/main/config"
    printf '#!/bin/sh\nexec svlogd -tt -l 16000 -b 64000 ./main\n' >"$folder/log/run"
    chmod 755 "$folder/log/run"
    env -u HOSTLER_GROUP setsid -f runsv "$folder" </dev/null >/dev/null 2>&1
    within 50 is_up
  fi
  # One that ends at once is never seen up. Whether it stays is for whoever watches its health.
  sv -w 2 up "$folder" >/dev/null || true
}

stop() {
  is_up || return 0
  # Waited for here, as sv itself looks only every 0.42 s. Its last act is finish, which takes two seconds when something
  # was left behind.
  sv exit "$folder" >/dev/null || true
  within "$(($1 * 10))" is_down && return 0
  sv kill "$folder" >/dev/null || true
  within 100 is_down
}

case $action in
  start) start ;;
  stop) stop "$1" && sweep ;;
  remove) stop "${1:-0}" && sweep && rm -rf -- "$folder" ;;
  logs) show "$folder/log/main/current" "$@" ;;
  observe)
    case $(sv status "$folder" 2>/dev/null) in
      run:*) echo state=running ;;
      finish:* | down:*', want up'*) echo state=starting ;;
      *) echo state=exited ;;
    esac
    report
    tail -n "$1" "$folder/log/main/current" 2>/dev/null || true
    ;;
esac

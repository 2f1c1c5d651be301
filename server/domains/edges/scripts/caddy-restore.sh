#!/bin/sh
# Puts Hostler's sites back into a Caddy that has just read its own configuration file, which knows nothing of them. Run by
# systemd after Caddy's start and reload, so the sites are there although the panel may not be.
# caddy-restore.sh <folder of sites> <admin address> [<admin socket>]
set -u
folder=$1 address=$2 socket=${3:-}

# ask <method> <path> <body, or @file>
ask() {
  curl -fsS -o /dev/null --max-time 60 ${socket:+--unix-socket "$socket"} \
    -X "$1" -H 'Content-Type: application/json' --data-binary "$3" "http://$address/config/$2"
}

# has <@id>
has() {
  curl -fsS -o /dev/null --max-time 60 ${socket:+--unix-socket "$socket"} "http://$address/id/$1" 2>/dev/null
}

# PUT creates and never replaces: what is there stays.
for parent in apps apps/http apps/http/servers logging logging/logs logging/logs/default; do ask PUT "$parent" '{}' 2>/dev/null; done
ask PUT logging/logs/default/exclude '[]' 2>/dev/null
ask POST logging/logs/default/exclude '"http.log.access.hostler"'

failed=0
for site in "$folder"/*.server.json; do
  [ -e "$site" ] || continue
  id=${site##*/}
  id=${id%.server.json}
  ask PUT "logging/logs/hostler-$id" "@$folder/$id.log.json"
  ask PUT "apps/http/servers/hostler-$id" "@$site" || failed=1
done

# Names of sites: servers of our own, or routes and policies at the front of lists, which must not come twice.
for part in "$folder"/../web/*.path; do
  [ -e "$part" ] || continue
  id=${part##*/}
  id=${id#*.}
  id=${id%.path}
  case $id in hostler-policy-*)
    for parent in apps/tls apps/tls/automation; do ask PUT "$parent" '{}' 2>/dev/null; done
    ask PUT apps/tls/automation/policies '[]' 2>/dev/null
    ;;
  hostler-certificate-*)
    for parent in apps/tls apps/tls/certificates; do ask PUT "$parent" '{}' 2>/dev/null; done
    ask PUT apps/tls/certificates/load_files '[]' 2>/dev/null
    ;;
  esac
  has "$id" && continue
  path=$(cat "$part")
  case $path in
    # An empty list has no first place to put anything before.
    */0) ask PUT "$path" "@${part%.path}.json" 2>/dev/null || ask POST "${path%/0}" "@${part%.path}.json" || failed=1 ;;
    *) ask PUT "$path" "@${part%.path}.json" || failed=1 ;;
  esac
done

# Last, as from now on each change takes three seconds.
ask PUT apps/http/shutdown_delay 3000000000 2>/dev/null
exit $failed

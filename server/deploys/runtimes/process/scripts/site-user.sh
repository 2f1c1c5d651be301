#!/bin/sh
# Makes a site's place: its folders, and, where we may, a system user of its own that owns nothing else on the machine.
# The site's folder belongs to root, so that nothing the site does can turn a path in it into another; the user may
# write in home and in the releases.
# site-user.sh <user> <site's folder> <root folder>
set -eu
user=$1 folder=$2 root=$3

mkdir -p "$folder/home" "$folder/releases" "$folder/builds" "$folder/instances"
if [ "$(id -u)" != 0 ]; then
  chmod 700 "$folder"
  exit 0
fi

# useradd gives up when somebody else holds its lock; so we queue for a lock of our own.
exec 9>"$root/.users.lock"
flock 9
if ! id -u "$user" >/dev/null 2>&1; then
  useradd --system --user-group --no-create-home --home-dir "$folder/home" --shell /usr/sbin/nologin "$user"
fi
flock -u 9

chown "root:$user" "$folder"
# Others may pass through but not look: Caddy, as its own user, reads `upstream` in it. What is the site's stays closed.
chmod 751 "$folder"
chmod 711 "$root" "$root/sites"
chown "$user:$user" "$folder/home"
chmod 700 "$folder/home"
chown "root:$user" "$folder/releases" "$folder/builds" "$folder/instances"
chmod 750 "$folder/releases" "$folder/builds" "$folder/instances"
if ! setpriv --reuid="$user" --regid="$user" --init-groups test -x "$folder"; then
  echo "hostler: $user cannot enter $folder" >&2
  exit 77
fi

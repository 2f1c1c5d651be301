/**
 * What somebody would type to deploy a Node site under runit without a panel, and the same work: free space, a fetch into the
 * mirror, the commit's files owned by the site's user, the same build command as that user with the same npm cache, the
 * instance's own files, a start under `runsv` with `svlogd`, asking until it is healthy, a switch by rename, TERM for the old
 * one, then its folder and its release go. Not in it is what only a panel does: limits, a fence, a log, rows.
 */
export const byHand = (site: {
  folder: string
  user: string
  node: string
  repository: string
  ports: readonly [number, number]
}): string => `set -eu
release=$1
cd / && mkdir -p ${site.folder} && cd ${site.folder}
stop() { sv -w 10 force-shutdown "$1" >/dev/null 2>&1 || true; rm -rf "$1"; }
if [ "$release" = stop ]; then for old in sv-*; do stop "$PWD/$old"; done; exit 0; fi

test "$(df -Pk . | awk 'NR == 2 { print $4 }')" -gt 300000
[ -d mirror.git ] || git clone -q --mirror ${site.repository} mirror.git
git -C mirror.git fetch -q --prune origin '+refs/heads/*:refs/heads/*'
commit=$(git -C mirror.git rev-parse main)
mkdir -p home "releases/$release"
git -C mirror.git archive "$commit" | tar -x -C "releases/$release"
chown -R ${site.user}: home "releases/$release"

cd "releases/$release"
began=$(date +%s%N)
setpriv --reuid=${site.user} --regid=${site.user} --init-groups env -i HOME=${site.folder}/home PATH=${site.node}/bin:/usr/bin:/bin \\
  sh -c 'npm ci --no-audit --no-fund --offline' >/dev/null
# For whoever measures: the milliseconds of the build alone.
echo $((($(date +%s%N) - began) / 1000000))
cd ../..

port=${site.ports[0]}
if [ "$(cat upstream 2>/dev/null)" = "$port" ]; then port=${site.ports[1]}; fi
new=$PWD/sv-$release
mkdir -p "$new/log/main"
cat >"$new/run" <<END
#!/bin/sh
cd ${site.folder}/releases/$release
exec 2>&1 setpriv --reuid=${site.user} --regid=${site.user} --init-groups env -i PORT=$port HOME=${site.folder}/home PATH=${site.node}/bin:/usr/bin:/bin node server.js
END
printf '#!/bin/sh\\nexec svlogd -tt ./main\\n' >"$new/log/run"
chmod 755 "$new/run" "$new/log/run"
setsid -f runsv "$new" </dev/null >/dev/null 2>&1
tries=0
until ${site.node}/bin/node -e 'fetch("http://127.0.0.1:'$port'/").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))'; do
  tries=$((tries + 1)); [ $tries -lt 300 ]
  sleep 0.1
done
printf %s "$port" >upstream.new && mv -T upstream.new upstream
for old in sv-*; do [ "$PWD/$old" = "$new" ] || stop "$PWD/$old"; done
for old in releases/*; do [ "$old" = "releases/$release" ] || rm -rf "$old"; done
`

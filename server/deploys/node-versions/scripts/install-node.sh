#!/bin/sh
# Unpacks one Node release with its npm into <folder>, once. Two at a time wait for each other, and a run that was
# killed half-way leaves nothing that the next takes for whole: the folder gets its name last.
# usage: install-node.sh <folder> <node.tgz> <sha256> <npm.tgz> <sha256>
set -eu

folder=$1 node_archive=$2 node_sha256=$3 npm_archive=$4 npm_sha256=$5
partial="$folder.partial"

# What a run that was killed left behind.
find "${node_archive%/*}" -type f -mtime +0 -delete
exec 9>"$folder.lock"
flock 9
trap 'rm -f -- "$node_archive" "$npm_archive"' EXIT
if [ -x "$folder/bin/node" ]; then exit 0; fi

printf '%s  %s\n' "$node_sha256" "$node_archive" "$npm_sha256" "$npm_archive" | sha256sum --check --quiet

rm -rf -- "$partial"
mkdir -p -- "$partial/lib/node_modules/npm"
tar -xzf "$node_archive" --strip-components=1 --no-same-owner -C "$partial"
tar -xzf "$npm_archive" --strip-components=1 --no-same-owner -C "$partial/lib/node_modules/npm"
# The package's tests and change log are a third of it and nothing runs them.
rm -rf -- "$partial/CHANGELOG.md" "$partial/share" "$partial/package.json"
chmod -R a+rX,go-w -- "$partial"
chmod 755 "$partial/bin/node"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$partial/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$partial/bin/npx"
chmod 755 "$partial/lib/node_modules/npm/bin/npm-cli.js" "$partial/lib/node_modules/npm/bin/npx-cli.js"

"$partial/bin/node" --version
mv -T -- "$partial" "$folder"

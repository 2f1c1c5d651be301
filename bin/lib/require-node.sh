# shellcheck shell=bash
# Read by bin/up and bin/test before any JavaScript runs, so that an old or missing Node is told in words.

for program in node npm git; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "Hostler needs $program, and this machine has none. Install it and run this again." >&2
    exit 1
  fi
done

if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "Hostler needs Node 20.19 or newer; this is Node $(node --version). Install a newer one and run this again." >&2
  exit 1
fi

# shellcheck shell=sh
# What the supervisors share. Each is called as: <supervisor>.sh <action> <folder> <arguments of supervisor.sh>
set -eu
scripts=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck disable=SC2034
action=$1 folder=$2
shift 2

# Copies, because the folder of the scripts may be gone by the time an instance is started again.
prepare() {
  rm -f "$folder/exit" "$folder/reason" "$folder/ended" "$folder/starts" "$folder/pid"
  for script in start service finish sweep; do
    cp "$scripts/$script.sh" "$folder/$script"
    chmod 755 "$folder/$script"
  done
}

# Mostly it is a matter of moments, so the first fifth of a second is looked at closely.
within() { # <tenths of a second> <command…>
  fiftieths=$(($1 * 5)) looks=0
  shift
  while ! "$@"; do
    [ "$fiftieths" -gt 0 ] || return 1
    looks=$((looks + 1))
    if [ "$looks" -le 10 ]; then sleep 0.02 && fiftieths=$((fiftieths - 1)); else sleep 0.1 && fiftieths=$((fiftieths - 5)); fi
  done
}

# Once more when all is down: a stop may have ended "finish" before it was done.
sweep() { sh "$scripts/sweep.sh" "$folder"; }

show() { # <file> <lines> <follow: yes or no>
  if [ "$3" = yes ]; then exec tail -n "$2" -F -- "$1" 2>/dev/null; fi
  exec tail -n "$2" -- "$1"
}

# The rest of an observation, after state=; a line "--" ends it.
report() {
  if [ -f "$folder/exit" ]; then echo "exit=$(cat "$folder/exit")"; fi
  if [ -f "$folder/reason" ]; then echo "reason=$(cat "$folder/reason")"; fi
  if [ -f "$folder/limits" ]; then echo "limits=$(cat "$folder/limits")"; fi
  if [ -f "$folder/starts" ]; then
    read -r count started <"$folder/starts"
    echo "restarts=$((count - 1))"
    echo "started=$started"
  fi
  echo --
}

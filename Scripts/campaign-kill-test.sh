#!/usr/bin/env bash
# Kills campaign commands at random instants and lets the same commands go on. Usage: Scripts/campaign-kill-test.sh KILLS [STRUCTURES]
# Holds if the database of each killed campaign is that of an undisturbed one (times, the token and locks of processes apart), and
# no calculation ran twice.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "campaign-kill-test: left out, python3 is missing"; exit 0; }

kills=${1:-20}
count=${2:-40}
halite=${HALITE:-$PWD/.build/release/halite}
stand_in=$PWD/Scripts/stand-in-vasp.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "campaign-kill-test: FAILED, $1"
  exit 1
}

"$halite" generate sample --recipe lithium-drx-2024 --count "$count" -o "$work/set.extxyz" >/dev/null
"$stand_in" --library "$work/potcars"
"$halite" campaign init --show-preset lithium-drx-2024-static |
  sed "s|potcar_library: null|potcar_library: $work/potcars|" >"$work/preset.yaml"
# A run notes that it began.
command="echo run >>begun; \"$stand_in\" by-structure"

step() { # FOLDER STEP
  case $2 in
    add) "$halite" campaign add "$1" "$work/set.extxyz" ;;
    prepare) "$halite" campaign prepare "$1" ;;
    submit) "$halite" campaign submit "$1" --workers 2 ;;
    scan) "$halite" campaign scan "$1" ;;
    repair) "$halite" campaign repair "$1" ;;
    submit-again) "$halite" campaign submit "$1" --workers 2 ;;
    accept) "$halite" campaign accept "$1" ;;
    export) "$halite" campaign export "$1" -o "$1/data.extxyz" ;;
  esac
}
steps=(add prepare submit scan repair submit-again accept export)

dump() { # everything but times, the token, and columns of queues
  python3 - "$1/campaign.db" <<'PY'
import sqlite3, sys, re
db = sqlite3.connect(sys.argv[1])
print(db.execute("PRAGMA integrity_check").fetchone())
for table, drop in [("halite_campaign", []), ("halite_entries", []), ("systems", ["ctime", "mtime"]), ("species", []), ("keys", []),
                    ("text_key_values", []), ("number_key_values", []),
                    ("halite_attempts", ["stamp", "seconds", "prepared_at", "submitted_at", "read_at"])]:
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in drop]
    rows = sorted(map(repr, db.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()))
    for row in rows:
        if not row.startswith("('token'"):
            print(table, row)
PY
}
new() {
  "$halite" campaign init "$1" --name killed --preset "$work/preset.yaml" --command "$command" >/dev/null
}

new "$work/whole"
for name in "${steps[@]}"; do
  started=$EPOCHREALTIME
  step "$work/whole" "$name" >"$work/log" 2>&1 || { cat "$work/log"; fail "$name of the undisturbed campaign"; }
  eval "took_${name//-/_}=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))"
done
dump "$work/whole" >"$work/whole.dump"
[ "$(head -n 1 "$work/whole.dump")" = "('ok',)" ] || fail "the undisturbed database is damaged"
echo "campaign-kill-test: an undisturbed campaign of $count: $("$halite" campaign status "$work/whole" --json | tr -d '\n ' | head -c 200)"

RANDOM=${SEED:-1}
landed=0
round=0
while [ $landed -lt "$kills" ]; do
  round=$((round + 1))
  [ $round -le $((kills + 10)) ] || fail "too few kills landed"
  folder=$work/round-$round
  new "$folder"
  here=0
  for name in "${steps[@]}"; do
    took="took_${name//-/_}"
    for try in 1 2 3; do # up to three kills in each step
      step "$folder" "$name" >"$work/log" 2>&1 &
      pid=$!
      # the step is a function in a subshell: the command is its child
      delay=$(((${!took} + 20) * (RANDOM % 1000) / 900))
      sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
      # Started again for better kernels of OpenBLAS it may be called "exe".
      child=$(pgrep -P $pid '^(halite|exe)' || true)
      if [ $landed -ge "$kills" ] || [ -z "$child" ] || ! kill -KILL "$child" 2>/dev/null; then break; fi
      wait $pid 2>/dev/null && break # over before the kill
      landed=$((landed + 1))
      here=$((here + 1))
    done
    wait $pid 2>/dev/null || true
    # The same command again ends what was begun; runs that a killed queue left behind are waited for.
    step "$folder" "$name" >"$work/log" 2>&1 || { cat "$work/log"; fail "$name after a kill"; }
  done
  "$halite" campaign scan "$folder" >/dev/null
  twice=$(find "$folder/runs" -name begun -exec sh -c '[ "$(wc -l <"$1")" -gt 1 ] && echo "$1"' _ {} \; | head -n 1)
  [ -z "$twice" ] || fail "$twice: a calculation ran twice"
  dump "$folder" >"$work/killed.dump"
  cmp -s "$work/whole.dump" "$work/killed.dump" ||
    { diff "$work/whole.dump" "$work/killed.dump" | cut -c1-300 | head -n 20; fail "round $round: the database is another one"; }
  cmp -s <(grep -v '^$' "$work/whole/data.extxyz") <(grep -v '^$' "$folder/data.extxyz") || fail "round $round: data.extxyz is another one"
  echo "campaign-kill-test: round $round, $here kills, same database, same data, nothing ran twice"
  rm -rf "$folder"
done
echo "campaign-kill-test: $landed kills in $round campaigns of $count structures, each ended as the undisturbed one"

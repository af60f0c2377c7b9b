#!/usr/bin/env bash
# A campaign of the size of the benchmark: times of init, add, prepare, scan and a second scan, and every verdict. Usage: Scripts/campaign-size-test.sh [STRUCTURES]
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "campaign-size-test: left out, python3 is missing"; exit 0; }
count=${1:-10842}
halite=${HALITE:-$PWD/.build/release/halite}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "campaign-size-test: FAILED, $1"
  exit 1
}
timed() { # NAME MOST_SECONDS COMMAND…
  local name=$1 most=$2 started=$EPOCHREALTIME
  shift 2
  "$@"
  local took=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
  echo "campaign-size-test: $name of $count took $took ms, $most s allowed"
  [ $took -le $((1000 * most)) ] || fail "$name is too slow"
}

"$halite" generate sample --recipe lithium-drx-2024 --count "$count" -o "$work/set.extxyz" >/dev/null
Scripts/stand-in-vasp.py --library "$work/potcars"
"$halite" campaign init --show-preset lithium-drx-2024-static |
  sed "s|potcar_library: null|potcar_library: $work/potcars|" >"$work/preset.yaml"
begin() {
  "$halite" campaign init "$work/c" --name size --preset "$work/preset.yaml" --command true
  "$halite" campaign add "$work/c" "$work/set.extxyz"
  "$halite" campaign prepare "$work/c"
}
timed "init, add and prepare" 120 begin
Scripts/stand-in-vasp.py --tree "$work/c"
scan() { "$halite" campaign scan "$work/c" --json >"$work/$1.json"; }
timed "the first scan" 180 scan first
timed "the second scan" 10 scan second
cat "$work/first.json" "$work/second.json"
python3 - "$count" "$work/c/campaign.db" "$work/second.json" <<'PY'
import json, sqlite3, sys
count, db, second = int(sys.argv[1]), sqlite3.connect(sys.argv[2]), open(sys.argv[3]).read()
wanted = [("finished", None), ("failed", "scf-unconverged"), ("failed", "truncated"), ("prepared", None)]
rows = db.execute("SELECT id, state, reason FROM halite_entries ORDER BY id").fetchall()
wrong = [row for row in rows if (row[1], row[2]) != wanted[row[0] % 4]]
assert len(rows) == count and not wrong, f"{len(wrong)} wrong verdicts, as {wrong[:3]}"
second = json.loads(second[second.index("{"):second.rindex("}") + 1])
assert second["read"] == 0 and second["changed"] == 0, second
print(f"campaign-size-test: all {count} verdicts are right, the second scan read nothing")
PY

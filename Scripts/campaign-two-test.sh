#!/usr/bin/env bash
# Two processes submit and scan one campaign at once. Usage: Scripts/campaign-two-test.sh [STRUCTURES]
# Holds if every calculation ran exactly once and every entry has its verdict.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v python3 >/dev/null || { echo "campaign-two-test: left out, python3 is missing"; exit 0; }
count=${1:-60}
halite=${HALITE:-$PWD/.build/release/halite}
stand_in=$PWD/Scripts/stand-in-vasp.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "campaign-two-test: FAILED, $1"
  exit 1
}

"$halite" generate sample --recipe lithium-drx-2024 --count "$count" -o "$work/set.extxyz" >/dev/null
"$stand_in" --library "$work/potcars"
"$halite" campaign init --show-preset lithium-drx-2024-static |
  sed "s|potcar_library: null|potcar_library: $work/potcars|" >"$work/preset.yaml"
"$halite" campaign init "$work/c" --preset "$work/preset.yaml" --command "echo run >>begun; '$stand_in'" >/dev/null
# Adding and preparing at once, too.
"$halite" campaign add "$work/c" "$work/set.extxyz" >/dev/null &
first=$!
"$halite" campaign add "$work/c" "$work/set.extxyz" >/dev/null || fail "a second add"
wait $first || fail "the first add"
"$halite" campaign prepare "$work/c" >/dev/null &
first=$!
"$halite" campaign prepare "$work/c" >/dev/null || fail "a second prepare"
wait $first || fail "the first prepare"

"$halite" campaign submit "$work/c" --workers 2 >"$work/first" 2>&1 &
first=$!
"$halite" campaign submit "$work/c" --workers 2 >"$work/second" 2>&1 &
second=$!
scans=0
while kill -0 $first 2>/dev/null || kill -0 $second 2>/dev/null; do
  "$halite" campaign scan "$work/c" >/dev/null || fail "a scan meanwhile"
  scans=$((scans + 1))
done
wait $first || { cat "$work/first"; fail "the first submit"; }
wait $second || { cat "$work/second"; fail "the second submit"; }
"$halite" campaign scan "$work/c" >"$work/scan"
cat "$work/first" "$work/second" "$work/scan"
grep -q "^finished $count$" "$work/scan" || fail "not every entry is finished"
[ "$(cat "$work"/c/runs/*/1/begun | wc -l)" = "$count" ] || fail "a calculation ran twice or never"
echo "campaign-two-test: $count runs by two processes with $scans scans meanwhile, each ran once"

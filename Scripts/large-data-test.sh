#!/usr/bin/env bash
# Usage: Scripts/large-data-test.sh [MEGABYTES [LIMIT]]
# The data commands on made-up extxyz files of MEGABYTES/4 and MEGABYTES (default 400): prints the largest memory of each. Exit status 1
# where a command fails or takes more than LIMIT megabytes (default 200).
set -euo pipefail
cd "$(dirname "$0")/.."

size=${1:-400} limit=${2:-200}
halite=${HALITE:-$PWD/.build/release/halite}
scratch=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

# Frames of 128 atoms with energies, forces, stresses and moments, each another one.
make_set() { # MEGABYTES FILE
  awk -v bytes=$(($1 * 1000000)) 'BEGIN {
    srand(7); n = 128; a = 12
    while (total < bytes) {
      text = n "\nLattice=\"" a " 0 0 0 " a " 0 0 0 " a "\" Properties=species:S:1:pos:R:3:REF_forces:R:3:REF_magmoms:R:1 REF_energy=" \
        sprintf("%.8f", -700 - rand()) " REF_stress=\"0.01 0 0 0 0.01 0 0 0 0.01\" config_type=made pbc=\"T T T\"\n"
      for (i = 0; i < n; i++) {
        metal = i % 4 == 1
        text = text (i % 4 == 0 ? "Li" : metal ? "Mn" : "O") sprintf(" %.8f %.8f %.8f %.8f %.8f %.8f %.3f\n",
          (i % 4) * 3 + 0.2 * rand(), (int(i / 4) % 4) * 3 + 0.2 * rand(), int(i / 16) * 1.5 + 0.2 * rand(),
          rand() - 0.5, rand() - 0.5, rand() - 0.5, metal ? 3.8 : 0.01)
      }
      printf "%s", text
      total += length(text)
    }
  }' >"$2"
}

failed=0
run() { # NAME ARGUMENTS …: prints seconds and the largest memory in MB
  local name=$1 log=$scratch/log status=0
  shift
  rm -rf "$scratch"/out*
  command time -f '%M %U %S %e' -o "$scratch/time" "$halite" "$@" >"$log" 2>&1 || status=$?
  read -r memory user system wall < <(tail -n 1 "$scratch/time")
  memory=$((memory / 1024))
  local verdict=ok
  if [ "$status" -ne 0 ]; then
    verdict="FAILED: $(tail -n 1 "$log")" failed=1
  elif [ "$memory" -gt "$limit" ]; then
    verdict="FAILED: more than $limit MB" failed=1
  fi
  printf '%-28s %6d MB of memory, %8.1f s of processor, %8.1f s  %s\n' "$name" "$memory" \
    "$(awk "BEGIN { print $user + $system }")" "$wall" "$verdict"
}

for megabytes in $((size / 4)) "$size"; do
  set=$scratch/set.extxyz
  make_set "$megabytes" "$set"
  echo "$megabytes MB:"
  run "census" data census "$set"
  run "check" data check "$set" --min-distance 0.5 --max-net-force 0.05 -o "$scratch/out.extxyz" --quarantine "$scratch/out.bad.extxyz"
  run "select" data select "$set" -o "$scratch/out.extxyz" --above-minimum 0.003
  run "spins" data spins "$set"
  run "split" data split "$set" -o "$scratch/out.json"
  run "convert to extxyz.gz" convert "$set" -o "$scratch/out.extxyz.gz"
  run "convert to cfg" convert "$set" -o "$scratch/out.cfg"
  mv "$scratch/out.cfg" "$scratch/set.cfg"
  run "convert from cfg" convert "$scratch/set.cfg" -o "$scratch/out.extxyz"
  gzip -1 -f "$scratch/set.cfg"
  run "convert from cfg.gz" convert "$scratch/set.cfg.gz" -o "$scratch/out.dump"
  rm -f "$scratch/set.cfg.gz"
  run "convert to deepmd/npy" convert "$set" -o "$scratch/out.npy.d"
  mv "$scratch/out.npy.d" "$scratch/set.npy.d"
  run "convert from deepmd/npy" convert "$scratch/set.npy.d" -o "$scratch/out.extxyz"
  rm -rf "$scratch/set.npy.d"
  run "convert to ase-db" convert "$set" -o "$scratch/out.db"
  mv "$scratch/out.db" "$scratch/set.db"
  run "convert from ase-db" convert "$scratch/set.db" -o "$scratch/out.extxyz"
  rm -f "$scratch/set.db"
  run "merge" data merge "$set" -o "$scratch/out.extxyz"
  run "import" data import "$set" -o "$scratch/out.extxyz" --accept geometry-suspect
  gzip -1 -c "$set" >"$scratch/set.extxyz.gz"
  run "census of .gz" data census "$scratch/set.extxyz.gz"
  run "diff with .gz" data diff "$set" "$scratch/set.extxyz.gz"
  rm -f "$scratch/set.extxyz.gz"
done
exit $failed

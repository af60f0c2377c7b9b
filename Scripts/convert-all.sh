#!/usr/bin/env bash
# Usage: Scripts/convert-all.sh DATA [SET …]
# Every data set under the folder DATA is converted to every format that is written, and back; `halite data diff` must find every frame
# again. Prints a line for each set and format; exit status 1 where a frame is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

data=${1:?usage: Scripts/convert-all.sh DATA [SET …]}
shift
halite=${HALITE:-$PWD/.build/release/halite}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$data"

sets=("$@")
if [ ${#sets[@]} -eq 0 ]; then
  mapfile -t sets < <(
    find . -path ./LICENSES -prune -o -path ./fixtures -prune -o -type f \( -name '*.extxyz' -o -name '*.extxyz.gz' -o -name '*.cfgs' \
      -o -name '*.json' -o -name '*vasprun*' \) -print | sort
    find . -name fixtures -prune -o -type d \( -name 'xsf*' -o -name 'deepmd-npy' -o -name 'deepspin-raw' \) -print | sort
  )
fi
targets=(extxyz:a.extxyz extxyz:a.extxyz.gz xsf:a.xsf.d poscar:a.poscar.d cfg:a.cfg deepmd/npy:a.npy.d deepmd/npy/mixed:a.mixed.d
  deepmd/raw:a.raw.d ase-db:a.db lammps-data:a.lmp.d lammps-dump:a.dump)

number() { grep -oE "\"$1\" ?: ?[0-9]+" | grep -oE '[0-9]+$'; }

failed=0
for set in "${sets[@]}"; do
  base=$scratch/base.extxyz
  if ! "$halite" convert "$set" -o "$base" >"$scratch/log" 2>&1; then
    # A split or a table of results is no data set: say so and go on.
    echo "$set: no data set: $(tail -n 1 "$scratch/log")"
    continue
  fi
  frames=$(grep -c '^[0-9]*$' "$base")
  for target in "${targets[@]}"; do
    format=${target%%:*} place=$scratch/${target#*:} back=$scratch/back.extxyz
    rm -rf "$place" "$back"
    if ! "$halite" convert "$base" --to "$format" -o "$place" >"$scratch/log" 2>&1; then
      if [[ $format == lammps-* ]] && grep -q "left-handed\|free cluster" "$scratch/log"; then
        echo "$set: $format refuses it: $(tail -n 1 "$scratch/log")"
        continue
      fi
      echo "$set: $format FAILED: $(tail -n 1 "$scratch/log")"
      failed=1
      continue
    fi
    "$halite" convert "$place" --from "$format" -o "$back" >"$scratch/log" 2>&1 || { cat "$scratch/log"; failed=1; continue; }
    if "$halite" data diff "$base" "$back" --json >"$scratch/diff" 2>"$scratch/log"; then
      same=$(number same <"$scratch/diff")
      lost=$(($(number only_first <"$scratch/diff") + $(number only_second <"$scratch/diff") + $(number relabelled <"$scratch/diff")))
    else
      same=0 lost=$frames
      cat "$scratch/log"
    fi
    verdict=ok
    [ "$lost" -eq 0 ] && [ "$same" -eq "$frames" ] || { verdict=FAILED; failed=1; }
    echo "$set: ${target#*:}: $same of $frames frames found again: $verdict"
    rm -rf "$place" "$back"
  done
done
exit $failed

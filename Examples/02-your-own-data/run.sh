#!/usr/bin/env bash
# From XSF files with faults to one clean extxyz. Writes into the current folder. See README.md beside this file.
set -euo pipefail
halite=${HALITE:-halite}

# Stand-in for your files: the sample as a folder of XSF, one frame a file, two of them spoiled.
"$halite" demo --save-data drx.extxyz.gz
"$halite" convert drx.extxyz.gz -o calculations.xsf.d
files=(calculations.xsf.d/*.xsf)
sed -i 's/^\( *\)O\([[:space:]]\)/\1\2/' "${files[3]}" # the symbol of oxygen went missing
awk '/^PRIMCOORD/ { row = NR + 3 }                          # the second atom moved onto the first
  NR == row - 1 { x = $2; y = $3; z = $4 }
  NR == row { $2 = x + 0.1; $3 = y; $4 = z } { print }' "${files[7]}" >spoiled && mv spoiled "${files[7]}"

# 1. A fault in a file is an error with file and line; nothing is guessed.
if "$halite" data census calculations.xsf.d; then
  echo "a file without element symbols was accepted" >&2
  exit 1
fi

# 2. The one fault that can be mended is mended when asked for, and said.
"$halite" convert calculations.xsf.d -o all.extxyz --repair

# 3. Frames that no calculation should give are moved aside, each with its reason; the rest goes on.
"$halite" data check all.extxyz --quarantine aside.extxyz -o clean.extxyz
"$halite" data census clean.extxyz

# 4. The frames that have every label that a training is to fit.
"$halite" data select clean.extxyz --with energy,forces -o labelled.extxyz
[ "$(grep -c Lattice= aside.extxyz)" = 1 ] || { echo "one frame belongs aside" >&2; exit 1; }
[ "$(grep -c Lattice= clean.extxyz)" = 119 ] || { echo "119 frames belong in clean.extxyz" >&2; exit 1; }

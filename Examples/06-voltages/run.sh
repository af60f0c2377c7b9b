#!/usr/bin/env bash
# Voltages, relaxation and a ranking of hosts by a committee. Writes into the current folder. See README.md beside this file.
set -euo pipefail
halite=${HALITE:-halite}

# 1. A committee of three small SNAPs on the sample (GFN1-xTB, not DFT).
"$halite" demo --save-data drx.extxyz.gz
"$halite" data split drx.extxyz.gz --train 0.9 --seed 1 -o split.json
"$halite" train snap --data drx.extxyz.gz --split split.json --set twojmax=4 --set weight_rule=distinct --committee 3 --bootstrap -o snap
"$halite" evaluate snap/potential.safetensors --data drx.extxyz.gz --split split.json -o judged

# 2. Hosts with and without their lithium: partners are known by the key `host`.
"$halite" generate sample --species Li,Mn,Ti --composition Li8Mn4Ti4 --sites 16 --count 8 --seed 3 -o hosts.extxyz
"$halite" generate delithiate hosts.extxyz --content 0.5 --method random --count 2 -o half.extxyz
"$halite" generate delithiate hosts.extxyz -o empty.extxyz

# 3. Voltages. The metal's energy by the same method is not comparable (see the page), so differences only.
"$halite" voltage snap/potential.safetensors hosts.extxyz half.extxyz empty.extxyz --difference-only -o voltages

# 4. Hosts in their minimum, positions only; what stopped short is said and kept.
"$halite" relax snap/potential.safetensors hosts.extxyz --max-steps 30 -o relaxed.extxyz

# 5. All of them ranked.
"$halite" screen snap/potential.safetensors hosts.extxyz half.extxyz empty.extxyz --difference-only -o ranked

[ "$(wc -l <voltages/voltage.csv)" = 25 ] || { echo "8 hosts with 2 steps each are expected" >&2; exit 1; }
[ "$(wc -l <ranked/screen.csv)" = 9 ] || { echo "8 ranked hosts are expected" >&2; exit 1; }
[ "$(grep -c relaxation= relaxed.extxyz)" = 8 ] || { echo "8 relaxed hosts are expected" >&2; exit 1; }

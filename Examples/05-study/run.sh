#!/usr/bin/env bash
# Two potentials, three sizes, one split, one page; then better settings. Writes into the current folder. See README.md beside this file.
set -euo pipefail
halite=${HALITE:-halite}

"$halite" demo --save-data drx.extxyz.gz
cat >study.yaml <<'YAML'
data: drx.extxyz.gz
split: {train: 0.8, seed: 1, by: frame}
sizes: [40, 80, all]
seeds: [1]
potentials:
  - kind: snap
    settings: {twojmax: 4}
  - kind: aenet
    epochs: [10, 30, 60]
    settings: {radial_cutoff: 5, angular_cutoff: 4, force_weight: 0, stress_weight: 0}
YAML

# 1. What would it take?
"$halite" compare study.yaml --dry-run

# 2. Do it, stop it, go on with it.
timeout --signal KILL 1 "$halite" compare study.yaml -o study || true
"$halite" compare study.yaml -o study

# 3. Better settings for SNAP, without a look at the test part.
"$halite" data split drx.extxyz.gz --train 0.8 --seed 1 -o split.json
cat >space.yaml <<'YAML'
twojmax: [2, 4]
energy_weight: {from: 10, to: 1000, log: true}
YAML
"$halite" tune snap --data drx.extxyz.gz --split split.json --space space.yaml --trials 6 --sizes 30,50 -o snap-tune
"$halite" train snap --data drx.extxyz.gz --split split.json --config snap-tune/best.yaml -o snap

for file in study/{study.html,study.json,tables/errors.csv,figures/figure-4-energy.svg} snap-tune/{best.yaml,trials.csv}; do
  [ -s "$file" ] || { echo "missing: $file" >&2; exit 1; }
done
[ "$(grep -c '^snap,' study/tables/errors.csv)" = 9 ] || { echo "three sizes of three parts are expected" >&2; exit 1; }

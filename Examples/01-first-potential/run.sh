#!/usr/bin/env bash
# A first potential, from data to report. Writes into the current folder. See README.md beside this file.
set -euo pipefail
halite=${HALITE:-halite}

"$halite" demo --save-data drx.extxyz.gz
"$halite" data census drx.extxyz.gz
"$halite" data check drx.extxyz.gz
"$halite" data split drx.extxyz.gz --train 0.9 --seed 1 -o split.json

cat >aenet.yaml <<'YAML'
max_epochs: 80
seed: 1
YAML
"$halite" train aenet --data drx.extxyz.gz --split split.json --config aenet.yaml -o first
"$halite" evaluate first/potential.safetensors --data drx.extxyz.gz --split split.json --part test -o first-test
"$halite" predict first/potential.safetensors drx.extxyz.gz -o predicted.extxyz

for file in first/{potential.safetensors,config.yaml,log.csv,report.html,report.json} first-test/report.html; do
  [ -s "$file" ] || { echo "missing: $file" >&2; exit 1; }
done
[ "$(grep -c Lattice= predicted.extxyz)" = 120 ] || { echo "predicted.extxyz does not hold 120 frames" >&2; exit 1; }

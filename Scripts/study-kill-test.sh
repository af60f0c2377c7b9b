#!/usr/bin/env bash
# Kills a study at random moments, one call after the other. Usage: Scripts/study-kill-test.sh KILLS
# Holds if the last call ends with the tables of an uninterrupted study, bit for bit (times aside).
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-5}
halite=$PWD/.build/release/halite
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$halite" demo --save-data drx.extxyz.gz >/dev/null
cat >study.yaml <<'YAML'
data: drx.extxyz.gz
split: {train: 0.8, seed: 1}
sizes: [40, 80, all]
seeds: [1, 2]
checkpoint_interval: 10
potentials:
  - kind: snap
    settings: {twojmax: 4}
  - kind: aenet
    epochs: [10, 50, 400]
    settings: {force_weight: 0, stress_weight: 0, network: ["8:tanh"], radial_cutoff: 5, angular_cutoff: 4, gradient_tolerance: 0}
YAML
fail() {
  echo "study-kill-test: FAILED, $1"
  exit 1
}

started=$EPOCHREALTIME
"$halite" compare study.yaml -o whole >whole.log 2>&1 || { tail whole.log; fail "the uninterrupted study"; }
milliseconds=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
echo "study-kill-test: an uninterrupted study takes $milliseconds ms"

RANDOM=1
landed=0
for ((round = 1; landed < kills; round++)); do
  [ $round -le $((4 * kills)) ] || fail "too few kills landed before the study was over"
  "$halite" compare study.yaml -o killed >"round-$round.log" 2>&1 &
  pid=$!
  delay=$((milliseconds * (300 + RANDOM % 900) / 1000 / kills))
  sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
  kill -KILL $pid 2>/dev/null || true
  status=0
  wait $pid 2>/dev/null || status=$?
  if [ $status != 137 ]; then # over before the kill: begin anew
    rm -rf killed
    continue
  fi
  landed=$((landed + 1))
  # Its trainings end with it.
  sleep 0.3
  ! grep -lsa '[k]illed/runs/' /proc/[0-9]*/cmdline >/dev/null || fail "a training outlived its study"
  echo "study-kill-test: killed after $delay ms, $(find killed/runs -name report.html 2>/dev/null | wc -l) runs done"
done
"$halite" compare study.yaml -o killed >last.log 2>&1 || { tail last.log; fail "the study did not go on"; }
for table in whole/tables/*.csv; do
  name=${table##*/}
  case $name in *times.csv) continue ;; esac
  cmp "$table" "killed/tables/$name" || fail "$name is another one"
done
for run in whole/runs/*/; do
  name=$(basename "$run")
  cmp "$run/potential.safetensors" "killed/runs/$name/potential.safetensors" || fail "the potential of $name is another one"
done
echo "study-kill-test: $landed kills, then the same tables and potentials, bit for bit"

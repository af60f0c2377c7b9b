#!/usr/bin/env bash
# Kills trainings at random moments and lets the same command go on. Usage: Scripts/kill-test.sh KILLS [lbfgs|adam]
# Holds if each resumed run ends with the bits of an uninterrupted one and lost at most one checkpoint interval.
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-10}
method=${2:-lbfgs}
case $method in
  lbfgs) interval=20 settings=$'force_weight: 0\nstress_weight: 0\nmax_epochs: 600' ;; # energies alone
  adam) interval=2 settings='max_epochs: 20' ;;                                        # every label
  *) echo "kill-test: unknown method $method, expected lbfgs or adam" >&2; exit 2 ;;
esac
halite=$PWD/.build/release/halite
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$halite" demo --save-data "$work/drx.extxyz.gz" >/dev/null
cat >"$work/aenet.yaml" <<YAML
method: $method
$settings
patience: 0
gradient_tolerance: 0
checkpoint_interval: $interval
seed: 3
YAML

train() { # NAME: in a folder of its own, so that every run has the same command line
  mkdir -p "$work/$1"
  cd "$work/$1"
  exec "$halite" train aenet --data ../drx.extxyz.gz --config ../aenet.yaml -o run
}
fail() {
  echo "kill-test: FAILED, $1"
  exit 1
}
epochs() { # rows of a log without its header
  [ -f "$1" ] && awk -F, 'NR > 1 { last = $1 } END { print last + 0 }' "$1" || echo 0
}

started=$EPOCHREALTIME
(train whole) >"$work/whole.log" 2>&1 || { tail "$work/whole.log"; fail "the uninterrupted run"; }
milliseconds=$(((${EPOCHREALTIME/./} - ${started/./}) / 1000))
echo "kill-test: an uninterrupted run takes $milliseconds ms"

RANDOM=1
landed=0
for ((round = 1; landed < kills; round++)); do
  [ $round -le $((4 * kills)) ] || fail "too few kills landed before the run was over"
  run=$work/round-$round
  (train "round-$round") >"$run.first" 2>&1 &
  pid=$!
  delay=$((milliseconds * (RANDOM % 1000) / 1000))
  sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
  kill -KILL $pid 2>/dev/null || true
  status=0
  wait $pid 2>/dev/null || status=$?
  [ $status = 137 ] || continue # over before the kill: does not count
  landed=$((landed + 1))

  reached=$(epochs "$run/run/log.csv")
  (train "round-$round") >"$run.second" 2>&1 || grep -q 'holds a finished run' "$run.second" ||
    { tail "$run.second"; fail "the run did not go on after $delay ms"; }
  resumed=$(sed -n 's/.*resuming from epoch \([0-9]*\).*/\1/p' "$run.second" | head -n 1)
  [ $((reached - ${resumed:-0})) -le $interval ] || fail "killed at epoch $reached, went on from ${resumed:-0}"
  cmp "$work/whole/run/potential.safetensors" "$run/run/potential.safetensors" ||
    fail "killed after $delay ms at epoch $reached: the potential is another one"
  [ "$(epochs "$run/run/log.csv")" = "$(epochs "$work/whole/run/log.csv")" ] || fail "log.csv lacks epochs"
  echo "kill-test: killed after $delay ms at epoch $reached, went on from ${resumed:-0}, same bits"
  rm -rf "$run" "$run".*
done
echo "kill-test: $method, $landed kills, each resumed with the same bits, none lost more than $interval epochs"

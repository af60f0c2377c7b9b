#!/usr/bin/env bash
# Usage: Scripts/fuzz.sh INPUTS [READER …]   (see Fuzzing/README.md)
set -euo pipefail
cd "$(dirname "$0")/.."

inputs=${1:?usage: Scripts/fuzz.sh INPUTS [READER …]}
shift
readers=("$@")
[ ${#readers[@]} -gt 0 ] || readers=(
  extxyz xsf poscar outcar vasprun cfg deepmd-npy deepmd-npy-mixed deepmd-raw ase-db lammps-data lammps-dump
  pymatgen-json fitsnap-json aenet-train cif potential aenet aenet-setup mtp snap gap
)

scratch=.build/fuzzing
HALITE_FUZZING=1 swift build -c release --scratch-path "$scratch" --product halite-fuzzing \
  -Xswiftc -parse-as-library -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address \
  -Xswiftc -use-ld=lld

# The backtracer of Swift and the leak check hide what AddressSanitizer and libFuzzer have to say.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
findings=$scratch/findings
mkdir -p "$findings"

fuzz() { # READER: runs it on fresh inputs, grown from the seeds; the same seed gives the same inputs
  local corpus seeds=Fuzzing/seeds/$1 log=$scratch/$1.log
  corpus=$(mktemp -d)
  case $1 in potential | aenet)
    seeds=$scratch/seeds/$1
    mkdir -p "$seeds"
    HALITE_READER=$1 HALITE_POTENTIAL_SEEDS=$seeds "$scratch/release/halite-fuzzing" ;;
  esac
  HALITE_READER=$1 "$scratch/release/halite-fuzzing" -runs="$inputs" -seed=1 -max_len=4096 -timeout=60 \
    -rss_limit_mb=2048 -dict="Fuzzing/words/$1.txt" -artifact_prefix="$findings/$1-" -print_final_stats=1 \
    "$corpus" "$seeds" >"$log" 2>&1 </dev/null || {
    tail -n 40 "$log"
    echo "fuzz: $1 FAILED, the input is in $findings; whole log: $log"
    return 1
  }
  rm -rf "$corpus"
  awk -v reader="$1" '/number_of_executed_units/ { n = $2 } /average_exec_per_sec/ { rate = $2 }
    END { printf "fuzz: %s read %d inputs without a finding%s\n", reader, n, (rate > 0 ? " (" rate " a second)" : "") }' "$log"
}

failed=0
for reader in "${readers[@]}"; do fuzz "$reader" || failed=1; done
exit $failed

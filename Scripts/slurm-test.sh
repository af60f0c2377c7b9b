#!/usr/bin/env bash
# A campaign through a real Slurm on this machine: controller and node are started here, in a folder of their own, and ended behind it.
# Needs Debian's slurmctld, slurmd, slurm-client and munge, and root (Slurm starts jobs as other users). Usage: Scripts/slurm-test.sh
# One task of the job array is cancelled; scan says so, retry brings it home. HALITE_TBLITE names a Python with tblite: then GFN1-xTB
# makes the labels, else a stand-in for VASP.
set -euo pipefail
cd "$(dirname "$0")/.."
halite=${HALITE:-$PWD/.build/release/halite}
stand_in=$PWD/Scripts/stand-in-vasp.py

for program in slurmctld slurmd sbatch squeue scancel munged; do
  command -v $program >/dev/null || {
    echo "slurm-test: left out, $program is missing: apt-get install slurmctld slurmd slurm-client munge"
    exit 0
  }
done
[ "$(id -u)" = 0 ] || { echo "slurm-test: left out, needs root"; exit 0; }

work=$(mktemp -d)
chmod 755 "$work"
children=()
finish() {
  # Jobs first, then the node, the controller and munge: each by its own number.
  scancel --user=root >/dev/null 2>&1 || true
  for ((k = ${#children[@]} - 1; k >= 0; k--)); do kill "${children[k]}" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT
fail() {
  echo "slurm-test: FAILED, $1"
  tail -n 5 "$work"/slurm/*.log 2>/dev/null || true
  exit 1
}

# 1. munge, controller and node with ports and sockets of their own.
mkdir -p "$work/munge" "$work/slurm/state" "$work/slurm/spool"
dd if=/dev/urandom bs=1 count=1024 of="$work/munge/key" 2>/dev/null
chmod 700 "$work/munge"
chmod 400 "$work/munge/key"
munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
  --log-file="$work/munge/log" --seed-file="$work/munge/seed" >/dev/null 2>&1 &
children+=($!)
host=$(hostname -s)
cpus=$(nproc)
cat >"$work/slurm/slurm.conf" <<CONF
ClusterName=halite
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=${SLURM_TEST_PORT:-16817}
SlurmdPort=$((${SLURM_TEST_PORT:-16817} + 1))
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd.pid
SlurmctldLogFile=$work/slurm/slurmctld.log
SlurmdLogFile=$work/slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MinJobAge=3600
SchedulerParameters=sched_interval=1,batch_sched_delay=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus State=UNKNOWN
PartitionName=local Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
CONF
export SLURM_CONF=$work/slurm/slurm.conf
for _ in $(seq 50); do [ -S "$work/munge/socket" ] && break; sleep 0.1; done
slurmctld -D >/dev/null 2>&1 &
children+=($!)
slurmd -D >/dev/null 2>&1 &
children+=($!)
for _ in $(seq 300); do sinfo -h -o %T 2>/dev/null | grep -qE 'idle|mixed' && break; sleep 0.2; done
sinfo -h -o %T | grep -qE 'idle|mixed' || fail "the node does not come up: $(sinfo -h -o '%T %E' 2>&1)"
echo "slurm-test: $(sinfo --version), one node, $cpus cores"

# 2. A campaign.
"$halite" generate sample --species Li,Ti --composition LiTiO2 --sites 4 --count 1 -o "$work/host.extxyz" >/dev/null 2>&1 ||
  "$halite" generate enumerate --species Li,Mn --sites 4 --composition LiMnO2 -o "$work/host.extxyz" >/dev/null
"$halite" generate rattle "$work/host.extxyz" --displacement 0.02 --count 6 -o "$work/set.extxyz" >/dev/null
if [ -n "${HALITE_TBLITE:-}" ]; then
  "$halite" campaign init "$work/c" --name real --preset gfn1-xtb --python "$HALITE_TBLITE" >/dev/null
  # The task that is cancelled must still run then.
  sed -i 's|^command: "|command: "sleep ${WAIT_BEFORE:-4}; |' "$work/c/campaign.yaml"
else
  "$stand_in" --library "$work/potcars"
  "$halite" campaign init --show-preset lithium-drx-2024-static |
    sed "s|potcar_library: null|potcar_library: $work/potcars|" >"$work/preset.yaml"
  "$halite" campaign init "$work/c" --name real --preset "$work/preset.yaml" --command "sleep 4; '$stand_in'" >/dev/null
fi
"$halite" campaign add "$work/c" "$work/set.extxyz"
"$halite" campaign prepare "$work/c"
count=$("$halite" campaign status "$work/c" --json | sed -n 's/.*"prepared": \([0-9]*\).*/\1/p')

# 3. Two submissions at once: one job array.
"$halite" campaign submit "$work/c" --slurm >"$work/first" 2>&1 &
first=$!
"$halite" campaign submit "$work/c" --slurm >"$work/second" 2>&1 || { cat "$work/second"; fail "a second submit at once"; }
wait $first || { cat "$work/first"; fail "submit"; }
cat "$work/first" "$work/second"
[ "$(squeue -h -r -t all -n halite-real-1 | wc -l)" = "$count" ] || fail "not every run was submitted exactly once"
[ "$(squeue -h -t all -o %j | sort -u)" = halite-real-1 ] || fail "there is another job"

# 4. One task is cancelled.
job=$(squeue -h -t all -o %F -n halite-real-1 | head -n 1)
for _ in $(seq 100); do squeue -h -r -t running -j "${job}_2" 2>/dev/null | grep -q . && break; sleep 0.1; done
scancel "${job}_2"
echo "slurm-test: cancelled task 2 of $count of job $job"
settled() { # until no run is submitted or running
  for _ in $(seq 900); do
    "$halite" campaign scan "$work/c" >"$work/scan"
    grep -qE '(submitted|running) [1-9]' "$work/scan" || return 0
    sleep 0.5
  done
  cat "$work/scan"
  fail "runs do not end"
}
settled
cat "$work/scan"
grep -q "failed: cancelled 1" "$work/scan" || fail "the cancelled task is not seen"
grep -q "finished $((count - 1))" "$work/scan" || fail "not all others are finished"

# 5. Killed between sbatch and the commit: what the database forgets is found again by name.
"$halite" campaign retry "$work/c"
"$halite" campaign submit "$work/c" --slurm
python3 - "$work/c/campaign.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE halite_batches SET job = NULL WHERE id = 2")
db.commit()
PY
"$halite" campaign submit "$work/c" --slurm
[ "$(squeue -h -r -t all -n halite-real-2 | wc -l)" = 1 ] || fail "a job that Slurm had was submitted again"
settled
cat "$work/scan"
grep -q "finished $count" "$work/scan" || fail "retry did not bring the cancelled run home"
"$halite" campaign accept "$work/c"
"$halite" campaign export "$work/c" -o "$work/data.extxyz"
[ "$(grep -c Lattice= "$work/data.extxyz")" = "$count" ] || fail "the data set lacks frames"
echo "slurm-test: $count runs under sbatch, one cancelled and brought home, none submitted twice"

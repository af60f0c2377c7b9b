#!/usr/bin/env bash
# Full disk and unwritable folder: one clear line, exit status 1, no partial output.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'umount "$work/small" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"
install -m 755 .build/release/halite "$work/halite" # where another user can run it
cd "$work"
mkdir small locked
./halite demo --save-data drx.extxyz.gz >/dev/null
printf 'max_epochs: 3\n' >aenet.yaml
./halite train aenet --data drx.extxyz.gz --config aenet.yaml -o good >/dev/null 2>&1
chmod -R a+rX .

refused() { # NAME FOLDER COMMAND…: fails with one line, and leaves no result and no half file in FOLDER
  local name=$1 folder=$2 status=0
  shift 2
  "$@" >out 2>err || status=$?
  [ $status = 1 ] || { tail -n 5 err; echo "disk-test: FAILED, $name: exit status $status"; exit 1; }
  ! grep -qE 'Fatal error|Crash|Stack dump' err || { cat err; echo "disk-test: FAILED, $name: a crash dump"; exit 1; }
  # A training that stopped half-way keeps its settings, its log and whole checkpoints, to go on from.
  if find "$folder" -type f ! -path '*/run/config.yaml' ! -path '*/run/log.csv' ! -path '*/run/checkpoint/[!.]*' | grep .; then
    echo "disk-test: FAILED, $name: left the above"
    exit 1
  fi
  rm -rf "${folder:?}"/*
  echo "disk-test: $name: $(tail -n 1 err)"
}

# A disk of 64 kB where this user may mount one, else a limit on the size of files (in units of 1 kB).
if mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
  full() { "$@"; }
else
  full() { (trap '' XFSZ; ulimit -f 16; "$@" | cat; exit "${PIPESTATUS[0]}") 2>err.inner; local s=$?; cat err.inner >&2; return $s; }
fi
refused "full disk, convert" small full ./halite convert drx.extxyz.gz -o small/out.extxyz
refused "full disk, predict" small full ./halite predict good/potential.safetensors drx.extxyz.gz -o small/out.extxyz
train=(./halite train aenet --data drx.extxyz.gz --config aenet.yaml)
refused "full disk, end of training" small full "${train[@]}" -o small/run
refused "full disk, checkpoint" small full "${train[@]}" --checkpoint-every 1 -o small/run

chmod 555 locked
nobody() { "$@"; }
[ "$(id -u)" != 0 ] || nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
refused "unwritable folder, convert" locked nobody ./halite convert drx.extxyz.gz -o locked/out.extxyz
refused "unwritable folder, split" locked nobody ./halite data split drx.extxyz.gz --train 0.9 --seed 1 -o locked/split.json
refused "unwritable folder, train" locked nobody "${train[@]}" -o locked/run

# A campaign whose disk is full, or whose folder may not be written, says so in one line (after warnings of its data) and loses nothing: with room the same command goes on.
one_line() { # NAME COMMAND…
  local name=$1 status=0
  shift
  "$@" >out 2>err || status=$?
  [ $status = 1 ] && [ "$(grep -vc "^warning: " err)" = 1 ] || { cat err; echo "disk-test: FAILED, $name: status $status or not one line"; exit 1; }
  echo "disk-test: $name: $(tail -n 1 err)"
}
./halite generate sample --recipe lithium-drx-2024 --count 400 -o set.extxyz >/dev/null
if mount -o remount,size=400k small 2>/dev/null; then
  ./halite campaign init small/c --preset lithium-drx-2024-static >/dev/null
  one_line "full disk, campaign add" ./halite campaign add small/c set.extxyz
  mount -o remount,size=4m small
  ./halite campaign add small/c set.extxyz >/dev/null
  one_line "full disk, campaign prepare" ./halite campaign prepare small/c
  mount -o remount,size=100m small
  ./halite campaign prepare small/c >/dev/null
  ./halite campaign status small/c --json | grep -q '"prepared": 400' || { echo "disk-test: FAILED, the campaign lost entries"; exit 1; }
fi
./halite campaign init kept --preset lithium-drx-2024-static >/dev/null
./halite campaign add kept set.extxyz >/dev/null
chmod 444 kept/*
chmod 555 kept
one_line "unwritable folder, campaign prepare" nobody ./halite campaign prepare kept
chmod 755 kept
chmod 644 kept/*
./halite campaign prepare kept >/dev/null
./halite campaign status kept --json | grep -q '"prepared": 400' || { echo "disk-test: FAILED, the campaign lost entries"; exit 1; }
echo "disk-test: passed"

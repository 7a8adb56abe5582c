#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Release check: does this tree's zcctl take over what an older one left in force?
#
#   scripts/test-upgrade.sh [REVISION...]      default: the last ones with pins of layouts 2 and 4
#
# Builds the older zcctl from this repository's history, and lets it make the pins in
# tests/netns/test_takeover.py. Needs root, and a build of this tree (make test, or make build).
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- db98293 24c729d
[ -x build/zcctl ] || { echo "test-upgrade: no build/zcctl: make build" >&2; exit 1; }
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
scripts/install-deps.sh build bench

# upgrade_from REVISION
upgrade_from() {
  git rev-parse --quiet --verify "$1^{commit}" >/dev/null ||
    { echo "test-upgrade: no revision $1 here: a clone with its history has it" >&2; exit 1; }
  mkdir "$old/$1"
  git archive "$1" | tar -x -C "$old/$1"
  cmake -S "$old/$1" -B "$old/$1/build" -DZC_TESTS=OFF -DZC_BENCH=OFF >/dev/null
  cmake --build "$old/$1/build" --target zcctl --parallel "$(nproc)" >/dev/null
  echo "test-upgrade: from $("$old/$1/build/zcctl" --version) of $1 to $(build/zcctl --version)"
  ZCCTL=$PWD/build/zcctl ZC_OLD_ZCCTL=$old/$1/build/zcctl python3 -B tests/netns/test_takeover.py
}

for revision; do upgrade_from "$revision"; done

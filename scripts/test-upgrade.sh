#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Release check: does this tree's zcctl take over what an older one left in force?
#
#   scripts/test-upgrade.sh [REVISION]      default: the last one with pins of layout 2
#
# Builds the older zcctl from this repository's history, and lets it make the pins in
# tests/netns/test_takeover.py. Needs root, and a build of this tree (make test, or make build).
set -euo pipefail
cd "$(dirname "$0")/.."

revision=${1:-db98293}
[ -x build/zcctl ] || { echo "test-upgrade: no build/zcctl: make build" >&2; exit 1; }
git rev-parse --quiet --verify "$revision^{commit}" >/dev/null ||
  { echo "test-upgrade: no revision $revision here: a clone with its history has it" >&2; exit 1; }

old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$revision" | tar -x -C "$old"
scripts/install-deps.sh build bench
cmake -S "$old" -B "$old/build" -DZC_TESTS=OFF -DZC_BENCH=OFF >/dev/null
cmake --build "$old/build" --target zcctl --parallel "$(nproc)" >/dev/null
echo "test-upgrade: from $("$old/build/zcctl" --version) of $revision to $(build/zcctl --version)"
ZCCTL=$PWD/build/zcctl ZC_OLD_ZCCTL=$old/build/zcctl python3 -B tests/netns/test_takeover.py

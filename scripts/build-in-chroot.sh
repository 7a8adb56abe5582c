#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Builds the program and runs the unit tests on another Debian: scripts/build-in-chroot.sh SUITE,
# such as trixie (Debian 13). A release check; needs root, the machine's Debian mirror and 2 GB.
#
# The other Debian is a folder that debootstrap fills and that is gone at the end. All mounts are in
# a mount namespace of its own, so that none can stay behind, however this ends.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)

die() {
  echo "build-in-chroot: $*" >&2
  exit 1
}

say() { printf '\n== %s\n' "$*"; }

# The mirror that this machine's apt takes Debian from; none is named here.
# shellcheck disable=SC2016 # apt-get's placeholder
mirror_of_apt() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' |
    sed -n 1p
}

# The files under version control as they are now, and new ones that are not ignored.
copy_source() {
  mkdir -p "$1"
  git -C "$top" ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -r -d '' file; do
      [ ! -e "$top/$file" ] || printf '%s\0' "$file"
    done | tar -C "$top" --null -T - --create | tar -C "$1" --extract --no-same-owner
}

# What runs in the other Debian, in the folder of the source.
in_chroot() {
  set -eu
  grep ^PRETTY_NAME /etc/os-release
  apt-get -q update
  scripts/install-deps.sh build bench unit
  dpkg-query -W g++ clang cmake libbpf-dev libfmt-dev libcli11-dev nlohmann-json3-dev
  CI=true make build-bench
  build/zcctl --version
  build/zcctl bench --version
  # Again with the tests; what is compiled already stays.
  cmake -S . -B build -DZC_TESTS=ON
  cmake --build build --parallel "$(nproc)"
  ctest --test-dir build --label-regex unit --output-on-failure
}

# Of the namespace: what is made here ends with it.
inside() {
  local suite=$1 root=$2 mirror=$3
  say "debootstrap $suite"
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -n 20 "$root.log" >&2; die "debootstrap failed"; }
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys" # devices, and terminals: for tests/install
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -sf pts/ptmx "$root/dev/ptmx"
  copy_source "$root/src"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  say "packages, build and unit tests"
  chroot "$root" /bin/bash -c "cd /src; $(declare -f in_chroot); in_chroot"
}

if [ "${1:-}" = --inside ]; then
  shift
  inside "$@"
  exit
fi

[ $# -eq 1 ] || die "give the suite: trixie, bookworm"
suite=$1
[ "$(id -u)" -eq 0 ] || die "needs root: debootstrap and chroot"
"$top/scripts/install-deps.sh" chroot
mirror=$(mirror_of_apt)
[ -n "$mirror" ] || die "apt of this machine knows no Debian mirror (apt-get update first?)"

work=$(mktemp -d --tmpdir "zcctl-$suite.XXXXXX")
child=

# unshare blocks INT and TERM; when it is gone, all that runs inside goes (--kill-child), though
# perhaps not at once.
clean_up() {
  [ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
  for _ in {1..20}; do
    ! rm -rf --one-file-system "$work" 2>/dev/null || return 0
    sleep 0.5
  done
  echo "build-in-chroot: $work could not be removed" >&2
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir "$work/root"
# In the background, so that a signal is heard while it runs.
unshare --mount --propagation private --pid --fork --kill-child --mount-proc \
  "$0" --inside "$suite" "$work/root" "$mirror" &
child=$!
wait "$child" || { child=; exit 1; }
child=
say "builds on $suite, and its unit tests pass"

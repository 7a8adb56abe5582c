#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Installs the Debian packages that a job needs: scripts/install-deps.sh [JOB...], default build.
# Does nothing, and needs neither root nor a network, when all of them are there.
set -euo pipefail

# The tests run the examples and the programs: `test` is meant to be named with `build` and `bench`,
# the others with `build`.
packages_of() {
  case $1 in
    build) echo cmake make g++ clang bpftool pkg-config libbpf-dev libelf-dev zlib1g-dev \
      libmnl-dev libcli11-dev libfmt-dev nlohmann-json3-dev linux-libc-dev ;;
    test) echo libgtest-dev libgmock-dev python3 bash-completion iproute2 ethtool nftables strace \
      libcap2-bin util-linux ffmpeg tshark gstreamer1.0-tools gstreamer1.0-plugins-base \
      gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gnuplot-nox ;;
    unit) echo libgtest-dev libgmock-dev python3 bash-completion ;; # tests without root alone
    demo) echo python3 iproute2 ethtool strace ffmpeg tshark util-linux gstreamer1.0-tools \
      gstreamer1.0-plugins-base gstreamer1.0-plugins-good ;;
    bench) echo liburing-dev libxdp-dev iproute2 ethtool gnuplot-nox ;;
    micro) echo libbenchmark-dev iproute2 ;;
    browser) echo chromium gnuplot-nox ;; # 115 MB, for one test that is skipped without
    lint) echo clang-format clang-tidy shellcheck mandoc git python3 ;;
    guest) echo qemu-system-x86 busybox-static cpio xz-utils iproute2 python3 ;;
    chroot) echo debootstrap util-linux git ;;
    *) return 1 ;;
  esac
}

wanted=()
for job in "${@:-build}"; do
  if ! listed=$(packages_of "$job"); then
    echo "install-deps: unknown job '$job': build, test, unit, demo, bench, micro, browser, lint, guest or chroot" >&2
    exit 2
  fi
  read -ra names <<<"$listed"
  wanted+=("${names[@]}")
done

if ! command -v dpkg-query >/dev/null; then
  echo "install-deps: no dpkg on this machine; needed (Debian's names): ${wanted[*]}" >&2
  exit 1
fi

declare -A have=()
while read -r status name; do
  [ "$status" = installed ] && have[$name]=1
done < <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)

missing=()
for name in "${wanted[@]}"; do
  [ -n "${have[$name]:-}" ] || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "install-deps: not root, and missing: ${missing[*]}" >&2
  exit 1
fi

echo "install-deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Two makes at once: the second waits for dpkg's lock.
apt=(apt-get -q -o DPkg::Lock::Timeout=300)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"

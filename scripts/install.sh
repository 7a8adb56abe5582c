#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts a finished build into the file system, or takes it out again:
#
#   [DESTDIR=DIR] [PREFIX=/usr/local] scripts/install.sh install [BUILD]
#   [DESTDIR=DIR] [PREFIX=/usr/local] scripts/install.sh uninstall
#
# A list of what was made, folders too, is installed along. Uninstall goes by this list alone: it
# needs no build folder, takes what an older version put there, and leaves every folder that was
# there before or that holds something of somebody else.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)

die() {
  echo "install: $*" >&2
  exit 1
}

# Folders of PATH, its own name included if it is one, that are not there, each ending in '/'.
missing_folders() {
  local folder=${1%/*}
  while [ -n "$folder" ] && [ ! -d "$destdir$folder" ]; do
    printf '%s/\n' "$folder"
    folder=${folder%/*}
  done
}

# What is to be installed, in a folder of its own: which files these are is CMake's to say. The
# build folder may be another user's, and nothing is written there.
stage_build() {
  [ -f "$1/packaging/cmake_install.cmake" ] || die "no build in $1: make build"
  DESTDIR=$stage cmake --install "$1/packaging" --prefix "${prefix:-/}" --strip >/dev/null
}

install_all() {
  local files file
  stage=$(mktemp -d)
  trap 'rm -rf "$stage"' EXIT
  stage_build "$1"
  mapfile -t files < <(cd "$stage" && find . ! -type d -printf '/%P\n' | LC_ALL=C sort)
  # Written before the first file, so that an installation that stops halfway can be taken back.
  {
    [ ! -f "$destdir$list" ] || cat "$destdir$list"
    for file in "${files[@]}" "$list"; do
      missing_folders "$file"
      echo "$file"
    done
  } | LC_ALL=C sort -u >"$stage.list"
  trap 'rm -rf "$stage" "$stage.list"' EXIT
  install -D -m 644 "$stage.list" "$destdir$list"
  for file in "${files[@]}"; do
    echo "$destdir$file"
    install -D -m "$(stat -c %a "$stage$file")" "$stage$file" "$destdir$file"
  done
}

uninstall_all() {
  local path installed
  if [ ! -f "$destdir$list" ]; then
    echo "install: nothing to remove: there is no $destdir$list"
    return
  fi
  # In reverse order what is in a folder comes before it.
  mapfile -t installed < <(LC_ALL=C sort -r "$destdir$list")
  for path in "${installed[@]}"; do
    [[ $path == /* && $path/ != */../* ]] || die "$destdir$list: '$path' is no path"
    [[ $path != */ && $path != "$list" ]] || continue
    echo "$destdir$path"
    rm -f -- "$destdir$path"
  done
  rm -f -- "$destdir$list"
  for path in "${installed[@]}"; do
    [[ $path != */ || ! -d $destdir$path ]] ||
      rmdir --ignore-fail-on-non-empty -- "$destdir$path"
  done
}

prefix=$(realpath -m -s "${PREFIX:-/usr/local}")
prefix=${prefix%/}
destdir=${DESTDIR:+$(realpath -m -s "$DESTDIR")}
destdir=${destdir%/}
list=$prefix/share/zcctl/installed
case ${1:-} in
  install) install_all "${2:-$top/build}" ;;
  uninstall) uninstall_all ;;
  *) die "say install or uninstall" ;;
esac

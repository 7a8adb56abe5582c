#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What a reader would complain about: scripts/lint.sh all | changed [BASE]
#
# Form, scripts, manual and licence lines are checked in all files, which takes seconds. clang-tidy
# takes 20 s a file. `all` compiles all with -Werror and checks all; `changed` checks the sources
# that changed since BASE or include a header that did, and not too many of them: it ends within 5
# minutes on two cores, and says what it left out.
#
# Without BASE that is: since this branch left origin's, or else since the last commit but one. In a
# clone of one commit nobody can know, and all counts as changed.
#
# Needs what scripts/install-deps.sh installs for: build test bench lint.
set -euo pipefail
cd "$(dirname "$0")/.."
most=20

# A build folder apart, for -Werror is not for everybody; under CI it is, and there the tests' one
# will do.
build=build/lint
[ "${CI:-}" != true ] || build=build

failed=()
left_out=0

# check NAME COMMAND...: goes on after a failure, so that one run shows all of them.
check() {
  local name=$1
  shift
  echo "lint: $name"
  "$@" || failed+=("$name")
}

# Files under version control and new ones, that are there.
tree() {
  local file
  git ls-files --cached --others --exclude-standard --deduplicate | while IFS= read -r file; do
    [ ! -f "$file" ] || echo "$file"
  done
}

# golden_packets.h is made by a script and stays as it was made; vmlinux.h too.
form() {
  tree | grep -E '^(bpf|ctl|include|tests|bench|examples)/.*\.(c|h|cpp)$' |
    grep -v golden_packets.h | xargs -d '\n' clang-format --dry-run -Werror
}

scripts() {
  local file
  tree | while IFS= read -r file; do
    case $file in
      *.sh | *.bash) echo "$file" ;;
      *) ! head -n 1 "$file" | tr -d '\0' | grep -qE '^#!.*\b(ba|da)?sh\b' || echo "$file" ;;
    esac
  done | xargs -d '\n' shellcheck
}

manual() { mandoc -T lint -W warning man/*.8; }

# Prose has none, and the licence is one.
licence() {
  local bare
  bare=$(tree | grep -vE '\.md$|^LICENSE$' |
    xargs -d '\n' awk 'FNR > 3 { nextfile } /SPDX-License-Identifier: GPL-2\.0-only/ { has[FILENAME] }
      FNR == 1 { seen[FILENAME] } END { for (file in seen) if (!(file in has)) print file }')
  [ -z "$bare" ] || {
    printf 'no SPDX line: %s\n' "$bare" >&2
    return 1
  }
}

configure() { cmake -S . -B $build -DZC_TESTS=ON -DZC_BENCH=ON -DZC_MICRO=ON -DZC_WERROR=ON >/dev/null; }
compile() { cmake --build $build --parallel "$(nproc)" "$@" >/dev/null; }
tidy() { xargs -r -d '\n' -n 1 -P "$(nproc)" clang-tidy --quiet -p $build; }

# The commit to compare with; empty where there is none.
base() {
  local origin
  origin=$(git merge-base HEAD '@{upstream}' 2>/dev/null ||
    git merge-base HEAD origin/HEAD 2>/dev/null || true)
  if [ -n "$origin" ] && [ "$origin" != "$(git rev-parse HEAD)" ]; then
    echo "$origin"
  else
    git rev-parse --quiet --verify 'HEAD~1' || true
  fi
}

# changed_files BASE: in the working tree, whether committed or not.
changed_files() {
  [ -n "$1" ] || { tree; return; }
  git diff --name-only "$1" --
  git ls-files --others --exclude-standard
}

tidy_changed() {
  local list sources=()
  list=$(changed_files "$1" | scripts/changed-sources.py $build/compile_commands.json) || return
  [ -z "$list" ] || mapfile -t sources <<<"$list"
  echo "lint: clang-tidy: ${#sources[@]} sources to check since ${1:-the beginning}"
  if [ ${#sources[@]} -gt $most ]; then
    echo "lint: more than 5 minutes' worth: the first $most only; NOT checked (make lint does):"
    printf '  %s\n' "${sources[@]:most}"
    left_out=$((${#sources[@]} - most))
    sources=("${sources[@]:0:most}")
  fi
  [ ${#sources[@]} -eq 0 ] || printf '%s\n' "${sources[@]}" | tidy
}

all_sources() { tree | scripts/changed-sources.py $build/compile_commands.json; }
tidy_all() { all_sources | tidy; }

mode=${1:-all}
case $mode in
  all | changed) ;;
  *)
    echo "lint: say all or changed [BASE]" >&2
    exit 2
    ;;
esac
check "clang-format" form
check "shellcheck" scripts
check "mandoc" manual
check "licence lines" licence
check "configure" configure
if [ "$mode" = all ]; then
  check "compile with -Werror" compile
  check "clang-tidy" tidy_all
else
  since=${2:-}
  [ -z "$since" ] || since=$(git rev-parse --verify "$since^{commit}")
  [ -n "$since" ] || since=$(base)
  check "generated headers" compile --target generated
  check "clang-tidy" tidy_changed "$since"
fi
[ ${#failed[@]} -eq 0 ] || {
  printf 'lint: FAILED: %s\n' "${failed[@]}" >&2
  exit 1
}
[ $left_out -eq 0 ] || echo "lint: $left_out sources were not checked, see above"
echo "lint: nothing to complain about in what was checked"

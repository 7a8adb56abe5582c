#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Release check: libFuzzer at the RTCP parser, with the address and undefined behaviour sanitizers.
# RUNS inputs (10,000,000 if not given), the same ones for the same SEED; begins with the corpus that
# `make test` replays.
set -eu

runs=${1:-10000000}
seed=${2:-1}
cd "$(dirname "$0")/.."
out=build/fuzz
rm -rf "$out/corpus"
mkdir -p "$out/corpus"

clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
  -Iinclude -Ictl/core/include -Itests/fuzz \
  tests/fuzz/rtcp_fuzz.cpp ctl/core/rtcp/parse.cpp -o "$out/rtcp_fuzz"
python3 - "$out/corpus" <<'EOF'
import sys
with open("tests/fuzz/rtcp_corpus.txt", encoding="ascii") as lines:
    packets = [line for line in lines if line.strip() and not line.startswith("#")]
for number, packet in enumerate(packets):
    with open(f"{sys.argv[1]}/{number:03}", "wb") as out:
        out.write(bytes.fromhex(packet))
EOF
exec "$out/rtcp_fuzz" -runs="$runs" -seed="$seed" -max_len=2048 -timeout=5 -rss_limit_mb=1024 \
  -print_final_stats=1 -artifact_prefix="$out/" "$out/corpus"

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check: do the verifiers of older kernels take the program, and does it do there what
tests/bpf and tests/tcp say? Runs this build's bpf_tests, tcp_tests and a short zcctl in QEMU; and
kTLS, which this machine's kernel need not have.

    tests/drivers/test_kernels.py [--build build] [--kernel 6.1] [--filter GTEST_FILTER] [--quick]
                                  [--part programs|frames|ktls]

--quick loads the program once in every way, under a minute; exit 0 if all is well."""
import argparse
import os
import re
import sys
import time

import frames
import guest
import kernels

MODULES = "tun veth macvlan sch_ingress sch_fq cls_bpf act_mirred af_packet".split()
# Loads each of the program's variants, and counts what the verifier looked at.
QUICK = "*Verifier*"
# Under emulation the thousands of mutations take longer than all the rest.
FULL = "*:-*Fuzz*:*utat*"
SCRIPT = """
bpf_tests --gtest_filter='{filter}' --gtest_print_time=0 > /tmp/out 2>&1; code=$?
cat /tmp/out
echo "result: bpf_tests $code"
ip link add va type veth peer name vb
ip link set va up; ip link set vb up
ip addr add 10.9.0.1/24 dev va; ip -6 addr add fd00:9::1/64 dev va nodad
for to in 10.9.0.2:5004 10.9.0.2:5006 [fd00:9::2]:5004; do
  zcctl attach va --to $to --payload MP2T; echo "result: attach $?"
done
zcctl attach va --to 10.9.0.2:5008 --payload MP2T --rate auto; echo "result: attach $?"
# RTP over TCP: loaded and attached, or refused with the reason.
mkdir /tmp/cgroup; mount -t cgroup2 none /tmp/cgroup; mkdir /tmp/cgroup/media
zcctl attach cgroup:/tmp/cgroup/media --from :8554 --payload MP2T --framing rfc4571 --segment 1316
echo "result: framing $(($? - {framing}))"
zcctl show
zcctl detach cgroup:/tmp/cgroup/media --all
zcctl detach va --all; echo "result: detach $?"
echo "result: left $(ls /sys/fs/bpf | grep -cv ^zcctl$)"
"""


SCRIPT_RESULTS = 8  # and guest.py's own
# What attach of a cgroup says: a frame is made in place from Linux 6.5 on.
FRAMING = {"6.1": 3, "6.12": 0}
PARTS = ("programs", "frames", "ktls")
# From there on the kernel itself takes no keys of a socket that is in a sockmap (net/tls).
NO_KEYS = "6.12.111"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", help="the build folder to test")
    parser.add_argument("--cache", help="where kernels are kept (default: BUILD/guest)")
    parser.add_argument("--kernel", action="append", choices=kernels.SERIES)
    parser.add_argument("--filter", help="GoogleTest's filter")
    parser.add_argument("--part", action="append", choices=PARTS, help="not all")
    parser.add_argument("--quick", action="store_true", help="load the program only")
    parser.add_argument("--seconds", type=int, default=900, help="of one guest")
    return parser.parse_args()


def show(lines, everything):
    """What the guest said; of tests that passed only how many there were."""
    for line in lines:
        if everything or not re.match(r"\[ RUN|\[       OK|\[---|$", line):
            print(f"  {line}")


def script_of(series, asked):
    """The script for the newest kernel of this series, and how many results it says."""
    parts = ["programs"] if asked.quick else asked.part or PARTS
    script, results = "", 0
    if "programs" in parts:
        script += SCRIPT.format(filter=asked.filter or (QUICK if asked.quick else FULL),
                                framing=FRAMING[series])
        results += SCRIPT_RESULTS
    if "frames" in parts and FRAMING[series] == 0:
        script, results = script + frames.FRAMES, results + frames.FRAMES_RESULTS
    if "ktls" in parts and FRAMING[series] == 0:
        script, results = script + frames.ktls(False), results + frames.KTLS_RESULTS
    return script, results


def run(kernel, script, wanted, asked):
    """True if all is well."""
    work = f"{asked.build}/guest/kernels-{kernel.release}"
    os.makedirs(work, exist_ok=True)
    built = {"bpf_tests": "tests/bpf/bpf_tests", "tcp_tests": "tests/tcp/tcp_tests",
             "ktls": "tests/drivers/guest_ktls", "zcctl": "zcctl"}
    programs = {name: f"{asked.build}/{path}" for name, path in built.items()}
    initrd = guest.initramfs(work, kernel, MODULES + frames.MODULES,
                             {**programs, **frames.PROGRAMS}, script)
    begun = time.monotonic()
    lines = guest.boot(kernel, initrd, f"{work}/console", asked.seconds)
    results = re.findall(r"^(?:result|guest): (\w+) (-?\d+)$", "\n".join(lines), re.MULTILINE)
    wrong = [f"{what} {value}" for what, value in results if value != "0"]
    if len(results) != wanted + 1:
        wrong.append(f"{len(results)} results of {wanted + 1}")
    show(lines, everything=bool(wrong))
    print(f"{kernel.release}: {', '.join(wrong) or 'all well'} ({time.monotonic() - begun:.0f} s)")
    return not wrong


def run_series(series, asked, cache):
    script, results = script_of(series, asked)
    return not results or run(kernels.kernel(series, cache), script, results, asked)


def run_ktls(asked, cache):
    """On a kernel that encrypts for a socket in a sockmap. Debian will not always have one."""
    try:
        kernel = kernels.kernel_before(NO_KEYS, cache)
    except kernels.CannotHave as error:
        print(f"LEFT OUT, kTLS with keys: {error}")
        return True
    return run(kernel, frames.ktls(True), frames.KTLS_RESULTS, asked)


def main():
    asked, well = arguments(), True
    cache = asked.cache or f"{asked.build}/guest"
    checks = [(f"Linux {series}", lambda series=series: run_series(series, asked, cache))
              for series in asked.kernel or kernels.SERIES]
    if not asked.quick and "ktls" in (asked.part or PARTS):
        checks.append((f"kTLS, Linux before {NO_KEYS}", lambda: run_ktls(asked, cache)))
    for name, check in checks:
        print(f"== {name}", flush=True)
        try:
            well &= check()
        except (guest.Failed, kernels.CannotHave) as error:
            print(f"{name}: {error}")
            well = False
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())

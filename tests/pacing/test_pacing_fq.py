#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check: --rate with fq, in QEMU, on kernels that have it. Nothing may be lost, whatever
SO_SNDBUF the app has; averages are right; --rate auto goes by the stream's PCRs.

    tests/pacing/test_pacing_fq.py [--build build] [--cache DIR] [--kernel 6.1]

A guest is emulated: single gaps say nothing there. `make bench-pacing` measures them, with HTB where
the host has no fq."""
import argparse
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "drivers"))

import guest  # pylint: disable=wrong-import-position
import kernels  # pylint: disable=wrong-import-position
import transport_stream  # pylint: disable=wrong-import-position

MODULES = "veth macvlan sch_ingress cls_bpf act_mirred af_packet sch_fq".split()
SECONDS, LARGE = 5, 8 << 20
# name: rate, bytes a call, SO_SNDBUF (0: default), sockets
CASES = {
    "single": ("8000000", 1316, 0, 1),
    "single_large": ("20000000", 1316, LARGE, 1),
    "super": ("8000000", 46 * 1316, 0, 1),
    "super_large": ("20000000", 46 * 1316, LARGE, 1),
    "ten": ("1000000", 1316, 0, 10),
    "auto": ("auto", 1316, 0, 1),
    "auto_super": ("auto", 46 * 1316, LARGE, 1),
}
SETUP = """
ip netns add far
ip link add out type veth peer name in netns far
ip addr add 10.9.0.1/24 dev out; ip link set out up
ip -n far addr add 10.9.0.2/24 dev in; ip -n far link set in up
ip neigh replace 10.9.0.2 lladdr $(ip netns exec far cat /sys/class/net/in/address) dev out
zcctl probe | grep rate
case_() {  # name rate bytes sndbuf sockets file seconds
  ip netns exec far paced_app receive 5004 $5 $( [ $2 = auto ] && echo 2000000 || echo $2 ) > /tmp/got &
  until grep -q ready /tmp/got; do sleep 1; done
  for port in $(seq 5004 $((5003 + $5))); do
    zcctl attach out --to 10.9.0.2:$port --payload MP2T --rate $2 || return
  done
  paced_app send 10.9.0.2 5004 $6 $3 $7 $4 $5 > /tmp/sent
  zcctl show | head -3
  wait
  for line in $(seq 1 $5); do echo "result: $1 $(head -1 /tmp/sent) $(grep ^port /tmp/got | head -$line | tail -1)"; done
  echo "errors: $1" $(grep Udp: /proc/net/snmp)
  zcctl detach out --all
  ls /sys/class/net | tr '\\n' ' '; echo
}
"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build")
    parser.add_argument("--cache", help="where kernels are kept (default: BUILD/guest)")
    parser.add_argument("--kernel", action="append", choices=kernels.SERIES)
    parser.add_argument("--case", action="append", choices=CASES)
    return parser.parse_args()


def script_for(cases):
    lines = [SETUP]
    for name in cases:
        rate, count, buffer, sockets = CASES[name]
        film, seconds = ("/film_vbr", 0) if rate == "auto" else ("/film", SECONDS)
        lines.append(f"case_ {name} {rate} {count} {buffer} {sockets} {film} {seconds}")
    return "\n".join(lines) + "\n"


def numbers(line):
    return {name: int(value) for name, value in re.findall(r"(\w+) (-?\d+)", line)}


def told(name, found):
    """What a reader wants to see of one stream."""
    wanted = ["packets", "lost", "refused", "span_us", "rate_ppm", "p50_us"]
    if CASES[name][0] == "auto":
        wanted = ["packets", "lost", "refused", "span_us", "media_us", "pcr_p50_us", "pcr_p99_us"]
    return ", ".join(f"{word} {found.get(word)}" for word in wanted)


def judge(name, found, media_seconds):
    """What is wrong with one case."""
    wrong = []
    if found["lost"] or found["refused"]:
        wrong.append(f"{found['lost']} lost, {found['refused']} sends refused")
    if CASES[name][0] == "auto":
        if abs(found["span_us"] / 1e6 / media_seconds - 1) > 0.01:
            wrong.append(f"{found['span_us'] / 1e6:.3f} s for {media_seconds:.3f} s of media")
    elif abs(found["rate_ppm"]) > 10_000:
        wrong.append(f"average off by {found['rate_ppm']} ppm")
    return wrong


def sndbuf_errors(lines):
    """What each case added to Udp's SndbufErrors, by its name: sends that found no room."""
    added, before = {}, 0
    for name, names, values in re.findall(r"^errors: (\w+) Udp: (.*) Udp: (.*)$", "\n".join(lines),
                                          re.MULTILINE):
        counted = int(dict(zip(names.split(), values.split()))["SndbufErrors"])
        added[name], before = counted - before, counted
    return added


def run(series, asked):
    kernel = kernels.kernel(series, asked.cache or f"{asked.build}/guest")
    work = f"{asked.build}/guest/pacing-{series}"
    os.makedirs(work, exist_ok=True)
    film, media_seconds = transport_stream.variable(14.7)
    programs = {"zcctl": f"{asked.build}/zcctl", "paced_app": f"{asked.build}/tests/pacing/paced_app"}
    cases = asked.case or list(CASES)
    initrd = guest.initramfs(work, kernel, MODULES, programs, script_for(cases),
                             {"/film": os.urandom(20 * 46 * 1316), "/film_vbr": film})
    begun = time.monotonic()
    lines = guest.boot(kernel, initrd, f"{work}/console", 900)
    wrong, seen = [], {}
    for name, rest in re.findall(r"^result: (\w+) (.*)$", "\n".join(lines), re.MULTILINE):
        found = numbers(rest)
        seen[name] = seen.get(name, 0) + 1
        problems = judge(name, found, media_seconds) if "packets" in found else ["nothing came"]
        print(f"  {name}: {told(name, found)}{''.join(' !! ' + p for p in problems)}")
        wrong += problems
    wrong += [f"{name} has not run" for name in cases if seen.get(name) != CASES[name][3]]
    refused = sndbuf_errors(lines)
    wrong += [f"{name}: SndbufErrors {refused.get(name)}" for name in cases if refused.get(name) != 0]
    wrong += [line for line in lines if line.startswith("guest: oops") and line[-2:] != " 0"]
    if wrong:
        print("\n".join("  " + line for line in lines))
    print(f"{kernel.release}: {', '.join(wrong) or 'all well'} ({time.monotonic() - begun:.0f} s)")
    return wrong


def main():
    asked, failed = arguments(), False
    for series in asked.kernel or kernels.SERIES:
        print(f"== Linux {series}", flush=True)
        try:
            failed = bool(run(series, asked)) or failed
        except (kernels.CannotHave, guest.Failed) as error:
            print(f"{series}: {error}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

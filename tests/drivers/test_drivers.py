#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check: what real drivers and cards make of a stamped packet. Guests with Debian's kernels
and QEMU's cards send by rules of every checksum way; every captured frame is judged.

    tests/drivers/test_drivers.py [--build build] [--kernel 6.1] [--cache DIR]

Needs root, for a network namespace of its own. Exit 0 if all is as plan.py expects."""
import argparse
import collections
import itertools
import json
import os
import random
import re
import subprocess
import sys
import time

import guest
import host_nic
import judge
import kernels
import plan

# Of one guest; it takes about a minute.
SECONDS = 600
SETUP = """
for device in /sys/class/net/*; do
  case $(cat $device/address) in
{names}
  esac
done
"""
SETUP_NIC = """
ip link set {nic} up
ip addr add {own4}/24 dev {nic}; ip -6 addr add {own6}/64 dev {nic} nodad
ip neigh add {peer4} lladdr {mac} dev {nic} nud permanent
ip neigh add {peer6} lladdr {mac} dev {nic} nud permanent
echo "driver {nic} $(basename $(readlink /sys/class/net/{nic}/device/driver))"
"""
ATTACH = """
zcctl attach {nic} --to {to} --payload MP2T --checksum {way}
echo attach {nic} {way} {family} $?
"""
END = """
sender /payload < /flows; echo "sender $?"
sleep 3
echo "show: $(zcctl --json show | tr -d '\\n')"
for nic in {nics}; do zcctl detach $nic --all; echo "detach $nic $?"; done
"""


def combinations():
    return list(itertools.product(plan.NICS, plan.WAYS, plan.FAMILIES))


def guest_script():
    names = "\n".join(f"  {plan.mac(nic)}) ip link set ${{device##*/}} name {nic.name} ;;"
                      for nic in plan.NICS)
    parts = [SETUP.format(names=names)]
    for nic in plan.NICS:
        parts.append(SETUP_NIC.format(
            nic=nic.name, mac=plan.mac(nic, 2), own4=plan.address(nic, 4, 1),
            own6=plan.address(nic, 6, 1), peer4=plan.address(nic, 4, 2),
            peer6=plan.address(nic, 6, 2)))
    parts += [ATTACH.format(nic=nic.name, to=plan.endpoint(nic, family, way), way=way,
                            family=family)
              for nic, way, family in combinations()]
    parts.append(END.format(nics=" ".join(nic.name for nic in plan.NICS)))
    return "\n".join(parts)


def sender_lines(series):
    """Of rules that are taken: without one a packet leaves as it was, which is no matter here."""
    return "".join(plan.sender_line(nic, way, family, mode, series) + "\n"
                   for nic, way, family in combinations()
                   if plan.expected(nic, way, family) != plan.REFUSED
                   for mode in plan.modes(nic, family, series))


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Host:
    """Behind the guest's cards, a TAP device each, of this namespace and gone with it. What QEMU's
    card makes of a frame is captured there; of virtio over a host's card, what that card makes of
    it: the TAP hands all that comes from the guest on to it, checksum unmade."""

    def __init__(self, work):
        self.work, self.cards = work, {}
        for number, nic in enumerate(plan.NICS):
            self._tap(number, nic)
            if nic.host:
                self._pass_on(f"guest{number}", f"card{number}", nic)

    def _tap(self, number, nic):
        ip("tuntap", "add", f"guest{number}", "mode", "tap", *(["vnet_hdr"] if nic.host else []))
        self._up(f"guest{number}")

    @staticmethod
    def _up(device):
        ip("link", "set", device, "txqueuelen", "10000", "addrgenmode", "none", "up")

    def _pass_on(self, tap, card, nic):
        self.cards[nic.name] = host_nic.Card(card, nic.host, self.capture(nic))
        self._up(card)
        subprocess.run(["tc", "qdisc", "add", "dev", tap, "ingress"], check=True)
        subprocess.run(["tc", "filter", "add", "dev", tap, "ingress", "u32", "match", "u32", "0",
                        "0", "action", "mirred", "egress", "redirect", "dev", card], check=True)

    def capture(self, nic):
        return f"{self.work}/{nic.name}.pcap"

    def qemu_words(self):
        words = []
        for number, nic in enumerate(plan.NICS):
            header = "on" if nic.host else "off"
            words += ["-netdev", f"tap,id=n{number},ifname=guest{number},script=no,downscript=no,"
                      f"vhost=off,vnet_hdr={header}", "-device",
                      f"{nic.model},netdev=n{number},mac={plan.mac(nic)},romfile="]
            if not nic.host:
                words += ["-object", f"filter-dump,id=d{number},netdev=n{number},"
                          f"file={self.capture(nic)}"]
        return words

    def close(self):
        for card in self.cards.values():
            card.close()


def counted(lines):
    """(card, destination) -> (packets stamped, way taken), as zcctl says."""
    shown = next(line for line in lines if line.startswith("show: "))
    return {(device["dev"], rule["to"]): (rule["counters"]["stamped"], rule["checksum"])
            for device in json.loads(shown[6:])["devices"] for rule in device["rules"]}


class Verdicts:
    """What was expected and what came of each card, way and family."""

    def __init__(self):
        self.failed, self.frames, self.outcomes = [], 0, {}

    def fail(self, what):
        self.failed.append(what)

    def take(self, name, expected, outcome, detail=""):
        self.outcomes[name] = outcome
        if outcome != expected:
            self.fail(f"{' '.join(map(str, name))}: {outcome}, not {expected} {detail}")


def outcome_of(results, way, family, modes):
    """Right, or wrong and in which modes for what."""
    problems = {mode.name: dict(results[plan.flow(way, family, mode).key]) for mode in modes}
    wrong = {name: found for name, found in problems.items() if found}
    if not wrong:
        return plan.RIGHT, ""
    return plan.WRONG if len(wrong) == len(modes) else "wrong in some modes", str(wrong)


class NicCheck:
    """Of one card: its capture, judged against what was attached and sent."""

    def __init__(self, nic, series, codes, counts):
        self.nic, self.codes, self.counts = nic, codes, counts
        self.modes = {family: plan.modes(nic, family, series) for family in plan.FAMILIES}

    def run(self, capture, payload, verdicts):
        pairs = [(way, family) for way in plan.WAYS for family in plan.FAMILIES]
        sent = [pair for pair in pairs if self._code(*pair) == 0
                and plan.expected(self.nic, *pair) != plan.REFUSED]
        flows = [plan.flow(*pair, mode) for pair in sent for mode in self.modes[pair[1]]]
        frames = list(judge.read_pcap(capture))
        results = judge.judge(frames, flows, payload)
        verdicts.frames += len(frames)
        if results[None]:
            verdicts.fail(f"{self.nic.name}: {dict(results[None])}")
        for pair in pairs:
            name, wanted = (self.nic.name, *pair), plan.expected(self.nic, *pair)
            if pair in sent:
                verdicts.take(name, wanted, *outcome_of(results, *pair, self.modes[pair[1]]))
                self._check_count(name, pair, verdicts)
            else:
                code = self._code(*pair)
                verdicts.take(name, wanted, plan.REFUSED if code == 3 else f"attach exit {code}")

    def _code(self, way, family):
        return self.codes.get((self.nic.name, way, family))

    def _check_count(self, name, pair, verdicts):
        sent = sum(len(mode.datagrams) for mode in self.modes[pair[1]])
        stamped = self.counts[self.nic.name, plan.endpoint(self.nic, pair[1], pair[0])][0]
        if stamped != sent:
            verdicts.fail(f"{' '.join(map(str, name))}: stamped {stamped} of {sent}")


def check_console(lines, verdicts):
    text = "\n".join(lines)
    if "sender 0" not in lines:
        verdicts.fail("the sender failed")
    for nic, code in re.findall(r"^detach (\S+) (\d+)$", text, re.MULTILINE):
        if code != "0":
            verdicts.fail(f"detach {nic}: exit {code}")
    if "guest: oops 0" not in lines:
        verdicts.fail("the guest's kernel complained: see its console")


def cell(nic, way, counts, verdicts):
    """IPv4/IPv6: the outcome; of auto, where that is right, what it took."""
    words = []
    for family in plan.FAMILIES:
        word = verdicts.outcomes[nic.name, way, family]
        if (way, word) == ("auto", plan.RIGHT):
            word = counts[nic.name, plan.endpoint(nic, family, way)][1]
        words.append(word)
    return "/".join(words)


def report(release, lines, counts, verdicts, seconds):
    drivers = dict(re.findall(r"^driver (\S+) (\S+)$", "\n".join(lines), re.MULTILINE))
    print(f"{'card':<15} {'driver':<11} " + " ".join(f"{way:<16}" for way in plan.WAYS))
    for nic in plan.NICS:
        cells = " ".join(f"{cell(nic, way, counts, verdicts):<16}" for way in plan.WAYS)
        print(f"{nic.name:<15} {drivers.get(nic.name, '?'):<11} {cells}")
    tally = collections.Counter(verdicts.outcomes.values())
    print(f"{release}: {verdicts.frames} frames judged in {seconds:.0f} s; of card x way x family "
          + ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
          + f"; {len(verdicts.failed)} not as expected")
    for what in verdicts.failed:
        print(f"  NOT AS EXPECTED {what}")


def run(series, asked):
    """True if all was as expected."""
    kernel = kernels.kernel(series, asked.cache or f"{asked.build}/guest")
    work = f"{asked.build}/guest/drivers-{series}"
    os.makedirs(work, exist_ok=True)
    payload = random.Random(11).randbytes(plan.PAYLOAD_BYTES)
    programs = {"zcctl": f"{asked.build}/zcctl",
                "sender": f"{asked.build}/tests/drivers/guest_sender"}
    initrd = guest.initramfs(work, kernel, plan.MODULES, programs, guest_script(),
                             {"/payload": payload, "/flows": sender_lines(series).encode()})
    begun = time.monotonic()
    host = Host(work)
    try:
        lines = guest.boot(kernel, initrd, f"{work}/console", SECONDS, host.qemu_words())
    finally:
        host.close()
    codes = {(nic, way, int(family)): int(code) for nic, way, family, code in re.findall(
        r"^attach (\S+) (\w+) (\d) (\d+)$", "\n".join(lines), re.MULTILINE)}
    verdicts, counts = Verdicts(), counted(lines)
    check_console(lines, verdicts)
    for nic in plan.NICS:
        NicCheck(nic, series, codes, counts).run(host.capture(nic), payload, verdicts)
        if nic.host and not host.cards[nic.name].partial:
            verdicts.fail(f"{nic.name}: no checksum was left to the card")
    report(kernel.release, lines, counts, verdicts, time.monotonic() - begun)
    return not verdicts.failed


def run_inside(series, words):
    """The same program in namespaces of its own, which end with it, and the devices in them."""
    return subprocess.run(["unshare", "--net", "--mount", "--fork", "--kill-child", sys.executable,
                           "-B", __file__, *words, "--inside", series], check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build", help="the build folder to test")
    parser.add_argument("--cache", help="where kernels are kept (default: BUILD/guest)")
    parser.add_argument("--kernel", action="append", choices=kernels.SERIES)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    try:
        if asked.inside:
            return 0 if run(asked.inside, asked) else 1
        well = True
        for series in asked.kernel or kernels.SERIES:
            print(f"== Linux {series}", flush=True)
            # Downloads need the host's network; what is tried has none but its own.
            kernels.kernel(series, asked.cache or f"{asked.build}/guest")
            well &= run_inside(series, sys.argv[1:])
    except (guest.Failed, kernels.CannotHave) as error:
        print(error)
        well = False
    print("all as expected" if well else "FAILED")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())

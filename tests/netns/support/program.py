# SPDX-License-Identifier: GPL-2.0-only
"""Running zcctl, and looking at what it leaves in the kernel."""
import json
import os
import socket
import subprocess
from dataclasses import dataclass

from support import bpf
from support.net import run

ZCCTL = os.environ.get("ZCCTL", "zcctl")
PINS = "/sys/fs/bpf/zcctl"
SECONDS = 30  # no command may take longer


@dataclass
class Result:
    command: tuple
    code: int
    out: str
    err: str

    def __str__(self):
        return f"{' '.join(self.command)}: exit {self.code}\n{self.out}{self.err}"

    @property
    def json(self):
        return json.loads(self.out)


class Zcctl:
    """zcctl in one network namespace."""

    def __init__(self, netns):
        self.netns = netns

    def command(self, *words):
        return (ZCCTL, "-n", self.netns, *map(str, words))

    def run(self, *words, **options):
        return execute(self.command(*words), **options)

    def ok(self, *words):
        """The command must succeed."""
        result = self.run(*words)
        assert result.code == 0, result
        return result

    def attach(self, to, *options, dev="out", payload="MP2T"):
        kind = () if "--pt" in options else ("--payload", payload)
        return self.ok("attach", dev, "--to", to, *kind, *options)

    def detach(self, to, *options, dev="out"):
        return self.ok("detach", dev, "--to", to, *options)

    def start(self, *words):
        """Runs in the background."""
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def show(self):
        """Without a second look, which takes time, and without the age of streams: two that are
        otherwise the same are equal."""
        shown = self.ok("--json", "show", "--over", 0).json
        for device in shown["devices"]:
            for stream in device["streams"]:
                assert stream.pop("age_s") >= 0 and stream.pop("rate_bps") is None, stream
        return shown

    def device(self, dev="out"):
        return next((d for d in self.show()["devices"] if d["dev"] == dev), None)

    def rule(self, to, dev="out"):
        device = self.device(dev) or {"rules": []}
        return next((r for r in device["rules"] if r["to"] == to), None)

    def counters(self, to, dev="out"):
        """What became of packets; only what is not 0. `unaligned` is counted besides."""
        counters = self.rule(to, dev)["counters"]
        return {name: n for name, n in counters.items() if n and name != "unaligned"}

    def streams(self, to, dev="out"):
        return [s for s in self.device(dev)["streams"] if s["to"] == to]


def execute(command, **options):
    done = subprocess.run(command, stdout=options.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, text=True, timeout=SECONDS, check=False,
                          **options)
    return Result(tuple(command), done.returncode, done.stdout or "", done.stderr)


def pins():
    """All that is pinned, as paths below the bpffs."""
    found = []
    for folder, folders, names in os.walk(PINS):
        found += [os.path.join(folder, name) for name in folders + names]
    return sorted(found) + ([PINS] if os.path.isdir(PINS) else [])


def pin(name):
    """The path of the one pin of that name: "zc_meta", "link/egress"."""
    found = [path for path in pins() if path.endswith(f"/{name}")]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def programs_on(namespace, dev="out"):
    """How many programs are at the device's egress: (tcx, clsact)."""
    with namespace.entered():
        tcx = bpf.count_tcx(socket.if_nametoindex(dev))
    filters = run("tc", "-n", namespace.name, "filter", "show", "dev", dev, "egress", check=False)
    return tcx, filters.stdout.count(" handle ")

# SPDX-License-Identifier: GPL-2.0-only
"""A program of somebody else on the same hook (neighbour.bpf.c), and what it has seen."""
import os
import struct
from dataclasses import dataclass

from support import bpf
from support.net import run

_OBJECT = os.environ.get("ZC_NEIGHBOUR", "")
_FOLDER = "/sys/fs/bpf/neighbour"


@dataclass
class Seen:
    len: int
    linear: int
    gso_size: int
    udp_payload: bytes

    @property
    def is_rtp(self):
        return self.udp_payload[0] & 0xC0 == 0x80


class Neighbour:
    def __init__(self):
        run("bpftool", "prog", "load", _OBJECT, f"{_FOLDER}_prog", "type", "classifier",
            "pinmaps", _FOLDER)
        self._held = [bpf.get(f"{_FOLDER}_prog")]

    def attach_tcx(self, namespace, dev, where):
        """`where`: bpf.BEFORE or bpf.AFTER all others."""
        with namespace.entered():
            self._held.append(bpf.link_tcx(self._held[0], namespace.ifindex(dev), where))

    def attach_clsact(self, namespace, dev, priority):
        # Avoids `tc -n`: it hides the bpffs behind a fresh /sys.
        namespace.run("tc", "qdisc", "add", "dev", dev, "clsact", check=False)
        namespace.run("tc", "filter", "add", "dev", dev, "egress", "prio",
                      str(priority), "bpf", "da", "pinned", f"{_FOLDER}_prog")

    def seen(self):
        """All packets to the watched port, in their order."""
        with bpf.Map(f"{_FOLDER}/nb_count") as count, bpf.Map(f"{_FOLDER}/nb_seen") as records:
            total = struct.unpack("=Q", count[bytes(4)])[0]
            raw = [records[struct.pack("=I", index)] for index in range(total)]
        return [Seen(*struct.unpack("=III4s", record)) for record in raw]

    def close(self):
        for fd in self._held:
            os.close(fd)
        run("rm", "-rf", _FOLDER, f"{_FOLDER}_prog")

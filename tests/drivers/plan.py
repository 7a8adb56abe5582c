# SPDX-License-Identifier: GPL-2.0-only
"""What test_drivers.py tries: cards, rules, what is sent, what is expected of it. Values only."""
import dataclasses
import functools

import judge


@dataclasses.dataclass(frozen=True)
class Nic:
    name: str  # in the guest and of its capture
    model: str  # QEMU's
    host: str = ""  # virtio over a card of this kind (host_nic.KINDS); empty: captured as it leaves
    offloads: tuple = (4, 6)  # transmit checksums of these IP versions


# QEMU's virtio offloads only where its other side can complete a checksum.
NICS = (Nic("e1000", "e1000"),
        Nic("e1000e", "e1000e"),
        Nic("vmxnet3", "vmxnet3"),
        Nic("8139cp", "rtl8139", offloads=(4,)),
        Nic("virtio", "virtio-net-pci", offloads=()),
        Nic("virtio-follows", "virtio-net-pci", "follows"),
        Nic("virtio-ignores", "virtio-net-pci", "ignores"),
        Nic("virtio-seeded", "virtio-net-pci", "seeded"))
MODULES = ("e1000", "e1000e", "vmxnet3", "8139cp", "virtio_pci", "virtio_net",
           "macvlan", "sch_ingress", "cls_bpf", "af_packet")

WAYS = ("auto", "uni", "sum", "lco", "zero")
FAMILIES = (4, 6)

RIGHT, REFUSED, WRONG = "right", "refused", "wrong"
# (card, way, family) -> what is expected; RIGHT where nothing is said. WRONG must be wrong: a card
# that was thought to need care and does not is a line to take away.
EXPECTED = {}
for _nic in NICS:
    EXPECTED[_nic.name, "zero", 6] = REFUSED  # RFC 8200 8.1
# lco has a finished sum in the checksum field, and this card adds it to its own.
EXPECTED["virtio-seeded", "lco", 4] = EXPECTED["virtio-seeded", "lco", 6] = WRONG


@dataclasses.dataclass(frozen=True)
class Mode:
    """How an app sends: calls of these sizes, cut at `segment`."""
    name: str
    how: str  # file, copy
    calls: tuple
    segment: int = 0

    @functools.cached_property
    def datagrams(self):
        if not self.segment:
            return self.calls
        return tuple(min(self.segment, call - at) for call in self.calls
                     for at in range(0, call, self.segment))


# Files in even sizes: kernels from 6.5 on miscount odd ones where they sum file pages themselves
# (docs/checksums.md). 64 is the least that all ways can stamp.
MODES = (Mode("single", "file", (1316,) * 60 + (1388, 64, 188, 1316)),
         Mode("single-odd", "copy", (1001, 1387, 65, 333, 1316, 64, 777) * 10),
         Mode("super", "file", (40 * 1316, 7 * 1316 + 658, 3 * 1316 + 64, 2 * 1316) * 2, 1316),
         Mode("super-odd", "copy", (30 * 1001, 5 * 1001 + 333, 3 * 1001 + 65, 2 * 1001) * 2, 1001))


def modes(nic, family, series):
    """Before Linux 6.11 UDP_SEGMENT fails with EIO where the device has no checksum offload."""
    return MODES if family in nic.offloads or series != "6.1" else MODES[:2]


def how(mode, family, series):
    """Before Linux 6.5 IPv6 has no sendpage of its own: sendfile makes a datagram of each page."""
    return "copy" if (family, series) == (6, "6.1") else mode.how


PAYLOAD_BYTES = max(sum(mode.calls) for mode in MODES)
FIRST_PORT, FIRST_SOURCE_PORT = 6000, 7000


def address(nic, family, host):
    number = NICS.index(nic) + 1
    return f"10.9.{number}.{host}" if family == 4 else f"fd00:9:{number}::{host}"


def mac(nic, host=1):
    return f"02:00:00:09:{NICS.index(nic) + 1:02x}:{host:02x}"


def endpoint(nic, family, way):
    port = FIRST_PORT + WAYS.index(way)
    peer = address(nic, family, 2)
    return f"{peer}:{port}" if family == 4 else f"[{peer}]:{port}"


def expected(nic, way, family):
    return EXPECTED.get((nic.name, way, family), RIGHT)


def flow(way, family, mode):
    no_checksum = "always" if way == "zero" else "never"
    return judge.Flow(family, FIRST_SOURCE_PORT + MODES.index(mode), FIRST_PORT + WAYS.index(way),
                      mode.datagrams, no_checksum)


def sender_line(nic, way, family, mode, series):
    """What sender.c reads."""
    one = flow(way, family, mode)
    return " ".join(map(str, (family, one.source_port, address(nic, family, 2), one.port,
                              how(mode, family, series), mode.segment, *mode.calls)))

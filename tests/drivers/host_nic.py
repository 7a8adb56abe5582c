# SPDX-License-Identifier: GPL-2.0-only
"""The card of a host whose guest has a virtio NIC: TAP devices whose reader completes checksums as
one of three kinds of card does, and writes what then is on the wire to a capture. Knows nothing of
RTP, guests or zcctl; must not be asked whether a checksum is right."""
import fcntl
import os
import select
import struct
import threading

_TUNSETIFF, _TUNSETVNETHDRSZ, _TUNSETOFFLOAD = 0x400454CA, 0x400454D8, 0x400454D0
_TAP, _NO_PI, _VNET_HDR = 0x2, 0x1000, 0x4000
_CHECKSUM_OFFLOAD = 1  # TUN_F_CSUM
_NEEDS_CHECKSUM = 1  # VIRTIO_NET_HDR_F_NEEDS_CSUM
_PCAP = struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)


def _store_sum(frame, start, at, initial=0):
    data = bytes(frame[start:]) + b"\0" * (len(frame) - start & 1)
    total = initial + sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    struct.pack_into("!H", frame, at, ~total & 0xffff or 0xffff)


def _udp_at(frame):
    """Where the card's parser finds UDP, and the addresses; None where it is not UDP."""
    kind, = struct.unpack_from("!H", frame, 12)
    if kind == 0x0800 and frame[23] == 17:
        return 14 + (frame[14] & 15) * 4, bytes(frame[26:34])
    if kind == 0x86dd and frame[20] == 17:
        return 54, bytes(frame[22:54])
    return None


def follow(frame, start, offset):
    """VIRTIO 5.1.6.2, and what a card does that is told both places."""
    _store_sum(frame, start, start + offset)


def ignore(frame, start, offset):
    """Parses; makes the pseudo header's sum itself, whatever the checksum field has."""
    found = _udp_at(frame)
    if not found:
        return follow(frame, start, offset)
    udp, addresses = found
    struct.pack_into("!H", frame, udp + 6, 0)
    length, = struct.unpack_from("!H", frame, udp + 4)
    pseudo = struct.unpack(f"!{len(addresses) // 2}H", addresses)
    return _store_sum(frame, udp, udp + 6, sum(pseudo) + 17 + length)


def seeded(frame, start, offset):
    """Parses; takes the checksum field for the pseudo header's sum."""
    found = _udp_at(frame)
    if not found:
        return follow(frame, start, offset)
    return _store_sum(frame, found[0], found[0] + 6)


KINDS = {"follows": follow, "ignores": ignore, "seeded": seeded}


class Card:
    """A TAP device of this name, which lasts until close(). Its checksums are completed in a
    thread: what has come by then is in the capture after close()."""

    def __init__(self, name, kind, capture):
        self._complete, self.partial = KINDS[kind], 0
        self._tap = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.ioctl(self._tap, _TUNSETIFF, struct.pack("16sH22x", name.encode(),
                                                       _TAP | _NO_PI | _VNET_HDR))
        fcntl.ioctl(self._tap, _TUNSETVNETHDRSZ, struct.pack("i", 10))
        fcntl.ioctl(self._tap, _TUNSETOFFLOAD, _CHECKSUM_OFFLOAD)
        self._capture = open(capture, "wb")
        self._capture.write(_PCAP)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            ended = self._ended.is_set()
            try:
                self._take(os.read(self._tap, 70000))
            except BlockingIOError:
                if ended:
                    return
                select.select([self._tap], [], [], 0.2)

    def _take(self, handed):
        flags, _, _, _, start, offset = struct.unpack_from("<BBHHHH", handed)
        frame = bytearray(handed[10:])
        if flags & _NEEDS_CHECKSUM:
            self.partial += 1
            self._complete(frame, start, offset)
        self._capture.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)

    def close(self):
        self._ended.set()
        self._thread.join()
        self._capture.close()
        os.close(self._tap)

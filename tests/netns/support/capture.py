# SPDX-License-Identifier: GPL-2.0-only
"""Every frame that reaches a device, completed as a NIC would have sent it.

veth hands over packets whose checksum is still to be made (kernel-facts.md 1.1). PACKET_VNET_HDR
tells what the sender left to the device: the sum from csum_start to the end, stored at csum_start
+ csum_offset (virtio 1.2, 5.1.6.2). It is made here, so that the checks see what a wire would."""
import errno
import select
import socket
import struct
import time
from dataclasses import dataclass

from support import rtp

_SOL_PACKET, _PACKET_AUXDATA, _PACKET_VNET_HDR = 263, 8, 15
_SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 33, 35
_VNET = struct.Struct("=BBHHHH")
_AUX = struct.Struct("=IIIHHHH")
_NEEDS_CSUM = 1
_VLAN_VALID, _TPID_VALID = 1 << 4, 1 << 6
_OUTGOING = 4
_PATIENCE, _SURPLUS = 3.0, 0.004  # seconds: veth delivers before send() returns, or nearly so


@dataclass
class Frame:
    data: bytes
    when: float
    partial: bool  # its sender left the checksum to the device


def complete(data, csum_start, csum_offset):
    """What a device does that follows csum_start."""
    at = csum_start + csum_offset
    total = rtp.checksum(data[csum_start:])
    return data[:at] + struct.pack("!H", total) + data[at + 2:]


class Capture:
    """Open before the packets come. What the namespace itself sends is left out."""

    def __init__(self, namespace, dev):
        self._socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 256 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        with namespace.entered():
            self._socket.bind((dev, 3))  # ETH_P_ALL
        self._socket.setblocking(False)

    def close(self):
        self._socket.close()

    def frames(self, quiet=0.05, limit=20.0):
        """All that came, until nothing comes for `quiet` seconds."""
        found, deadline = [], time.monotonic() + limit
        while select.select([self._socket], [], [], quiet)[0] and time.monotonic() < deadline:
            frame = self._receive()
            if frame:
                found.append(frame)
        return found

    def datagrams(self, port=None, count=0, quiet=0.05):
        """Accepted UDP datagrams to `port` (or any); a malformed frame raises. Waits long for
        `count` of them, and then for surplus ones only as long as it is not quiet."""
        found, deadline = [], time.monotonic() + _PATIENCE
        while True:
            enough = len(found) >= count
            found += self._accepted(port, quiet if not count else _SURPLUS)
            if enough or time.monotonic() > deadline:
                return found

    def _accepted(self, port, quiet):
        found = []
        for frame in self.frames(quiet):
            datagram = rtp.parse_frame(frame.data)
            if datagram and port in (None, datagram.dport):
                datagram.when = frame.when
                found.append(datagram)
        return found

    def _receive(self):
        try:
            data, controls, _, address = self._socket.recvmsg(70000, 512)
        except OSError as error:
            if error.errno == errno.ENETDOWN:  # told once, when the device goes down
                return None
            raise
        if address[2] == _OUTGOING:
            return None
        flags, _, _, _, start, offset = _VNET.unpack_from(data)
        data = data[_VNET.size:]
        if flags & _NEEDS_CSUM:
            data = complete(data, start, offset)
        when = 0.0
        for level, kind, value in controls:
            if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
                data = _with_tag(data, _AUX.unpack_from(value))
            elif level == socket.SOL_SOCKET:
                seconds, ns = struct.unpack_from("=qq", value)
                when = seconds + ns / 1e9
        return Frame(data, when, bool(flags & _NEEDS_CSUM))


def _with_tag(data, aux):
    """The receiving kernel takes the outer tag out of the frame: put it back."""
    status, *_, tci, tpid = aux
    if not status & _VLAN_VALID:
        return data
    tpid = tpid if status & _TPID_VALID else rtp.ETH_VLAN
    return data[:12] + struct.pack("!HH", tpid, tci) + data[12:]


class RawSender:
    """Sends frames as they are, by the device's egress. With `vnet`, also unfinished ones."""

    def __init__(self, namespace, dev, vnet=False):
        self._vnet, self._dev = vnet, dev
        self._socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        if vnet:
            self._socket.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        with namespace.entered():
            self._socket.bind((dev, 0))

    def send(self, frame, csum_start=None, csum_offset=6, gso=(0, 0, 0), protocol=0):
        """`gso`: type, header bytes, segment bytes. `protocol`: what the kernel is told that the
        frame carries; 0: it looks. False where the kernel itself refuses."""
        if self._vnet:
            flags, start = (0, 0) if csum_start is None else (_NEEDS_CSUM, csum_start)
            frame = _VNET.pack(flags, *gso, start, csum_offset if flags else 0) + frame
        try:
            return self._socket.sendto(frame, (self._dev, protocol)) == len(frame)
        except OSError as error:
            return error.errno == errno.ENOBUFS  # it was sent, and dropped on its way out

    def close(self):
        self._socket.close()

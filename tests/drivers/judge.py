# SPDX-License-Identifier: GPL-2.0-only
"""Judges captured frames byte by byte, from RFC 791, 8200, 768, 3550 and 8285. Knows nothing of
zcctl, guests and cards, and believes no card's word: every checksum is computed."""
import collections
import dataclasses
import struct

MP2T = 33  # RFC 3551 table 5
_ETHERNET, _UDP, _RTP = 14, 8, 12


@dataclasses.dataclass(frozen=True)
class Flow:
    """What one socket sent: datagrams of these sizes, cut from the payload one after the other."""
    family: int
    source_port: int
    port: int
    sizes: tuple
    no_checksum: str = "never"  # UDP checksum 0: "never", "always", "may"

    @property
    def key(self):
        return self.family, self.source_port, self.port


def read_pcap(path):
    """The frames of a file in the old format of libpcap, little-endian."""
    with open(path, "rb") as file:
        content = file.read()
    at = 24
    while at + 16 <= len(content):
        size, whole = struct.unpack_from("<II", content, at + 8)
        if size != whole or at + 16 + size > len(content):
            raise ValueError(f"{path}: a frame is cut off")
        yield content[at + 16:at + 16 + size]
        at += 16 + size


def ones_sum(data):
    """RFC 1071: the sum of 16-bit words, 0xffff for what comes to nothing but is not all zeros."""
    if len(data) % 2:
        data += b"\0"
    number = int.from_bytes(data, "big")
    return number % 0xffff or (0xffff if number else 0)


class Frame:
    """One Ethernet frame taken apart as far as it can be; `problems` has what is wrong with it."""

    def __init__(self, frame):
        self.problems, self.key, self.noise = [], None, False
        kind = struct.unpack_from("!H", frame, 12)[0]
        packet = frame[_ETHERNET:]
        if kind == 0x0800 and len(packet) >= 20:
            self._ipv4(packet)
        elif kind == 0x86dd and len(packet) >= 40:
            self._ipv6(packet)
        else:
            self.noise = kind == 0x0806  # ARP

    def _bad(self, what, wrong=True):
        if wrong:
            self.problems.append(what)

    def _ipv4(self, packet):
        header = (packet[0] & 15) * 4
        total, = struct.unpack_from("!H", packet, 2)
        fragment, = struct.unpack_from("!H", packet, 6)
        self.noise = packet[9] in (1, 2)  # ICMP, IGMP
        self._bad("IP version", packet[0] >> 4 != 4)
        self._bad("IP options", header != 20)
        self._bad("IP checksum", ones_sum(packet[:header]) != 0xffff)
        self._bad("fragment", fragment & 0x3fff)
        self._lengths(packet, total)
        if packet[9] == 17:
            self._udp(4, packet[header:total], packet[12:20])

    def _ipv6(self, packet):
        total = 40 + struct.unpack_from("!H", packet, 4)[0]
        self.noise = packet[6] == 58 or packet[6] == 0  # ICMPv6, also behind hop-by-hop options
        self._bad("IP version", packet[0] >> 4 != 6)
        self._lengths(packet, total)
        if packet[6] == 17:
            self._udp(6, packet[40:total], packet[8:40])

    def _lengths(self, packet, total):
        self._bad("IP length", total > len(packet))
        # Ethernet pads frames of less than 60 bytes.
        self._bad("bytes behind the packet", len(packet) > max(total, 60 - _ETHERNET))

    def _udp(self, family, datagram, addresses):
        if len(datagram) < _UDP:
            return
        source, port, length, checksum = struct.unpack_from("!HHHH", datagram)
        self.key = (family, source, port)
        self._bad("UDP length", length != len(datagram))
        self.no_checksum = checksum == 0
        pseudo = addresses + struct.pack("!II", length, 17)
        self._bad("UDP checksum", checksum and ones_sum(pseudo + datagram) != 0xffff)
        self._rtp(datagram[_UDP:])

    def _rtp(self, data):
        self.sequence = self.timestamp = self.ssrc = self.payload = None
        if len(data) < _RTP or data[0] >> 6 != 2:
            self._bad("RTP version")
            return
        self._bad("RTP padding bit", data[0] & 0x20)
        self._bad("RTP CSRC count", data[0] & 15)
        self._bad("RTP marker bit", data[1] & 0x80)
        self._bad("RTP payload type", data[1] & 0x7f != MP2T)
        self.sequence, self.timestamp, self.ssrc = struct.unpack_from("!HII", data, 2)
        start = _RTP
        if data[0] & 0x10:
            profile, words = struct.unpack_from("!HH", data.ljust(16, b"\0"), _RTP)
            self._bad("RTP extension", profile != 0xbede)
            self._elements(data[_RTP + 4:_RTP + 4 + words * 4], words)
            start += 4 + words * 4
        self.payload = data[start:]

    def _elements(self, data, words):
        """RFC 8285 4.2: one-byte headers; 0 pads."""
        self._bad("RTP extension", len(data) != words * 4)
        at = 0
        while at < len(data):
            identifier, size = data[at] >> 4, (data[at] & 15) + 1
            if data[at] == 0:
                size = 0
            self._bad("RTP extension", data[at] and identifier in (0, 15))
            at += 1 + size
        self._bad("RTP extension", at > len(data))


def _follow(frames, flow, payload, problems):
    """What a flow's frames are to each other and to what was sent."""
    offset, before = 0, None
    for frame, size in zip(frames, flow.sizes):
        problems.update(frame.problems)
        problems["UDP checksum 0"] += flow.no_checksum == "never" and frame.no_checksum
        problems["UDP checksum not 0"] += flow.no_checksum == "always" and not frame.no_checksum
        if before and None not in (before.ssrc, frame.ssrc):
            problems["SSRC"] += frame.ssrc != before.ssrc
            problems["sequence number"] += frame.sequence != (before.sequence + 1) & 0xffff
            problems["timestamp"] += (frame.timestamp - before.timestamp) & 0xffffffff >= 1 << 31
        problems["payload"] += frame.payload != payload[offset:offset + size]
        before, offset = frame, offset + size


def judge(frames, flows, payload):
    """Flow key -> {what is wrong: in how many frames}, and under None what belongs to no flow."""
    by_flow = collections.defaultdict(list)
    result = {None: collections.Counter()}
    wanted = {flow.key for flow in flows}
    for frame in map(Frame, frames):
        if frame.key in wanted:
            by_flow[frame.key].append(frame)
        elif not frame.noise:
            result[None]["frame of no flow"] += 1
    for flow in flows:
        seen, problems = by_flow[flow.key], collections.Counter()
        problems["missing"] = max(0, len(flow.sizes) - len(seen))
        problems["too many"] = max(0, len(seen) - len(flow.sizes))
        _follow(seen, flow, payload, problems)
        result[flow.key] = +problems
    return result

# SPDX-License-Identifier: GPL-2.0-only
"""RTP over UDP over IP as the RFCs have it: 791, 768, 8200, 3550 5.1, 8285 4.2. A strict reader,
and a writer of plain UDP packets. Written from the RFCs; knows nothing of zcctl."""
import ipaddress
import struct
from dataclasses import dataclass, field

ETH_IPV4, ETH_IPV6, ETH_VLAN, ETH_QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8
UDP = 17


class Malformed(AssertionError):
    """A receiver would drop it, and say why."""


def ones_sum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data):
    return ~ones_sum(data) & 0xFFFF


def _require(condition, why):
    if not condition:
        raise Malformed(why)


@dataclass
class Datagram:
    """A UDP datagram that a receiver would accept."""
    src: str
    sport: int
    dst: str
    dport: int
    payload: bytes
    udp_checksum: int
    tags: list = field(default_factory=list)  # VLAN ids, outermost first
    when: float = 0.0  # seconds, when it arrived
    headers: int = 0  # bytes before the payload

    @property
    def flow(self):
        return self.src, self.sport, self.dst, self.dport


def pseudo_header(src, dst, length):
    src, dst = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if src.version == 4:
        return src.packed + dst.packed + struct.pack("!BBH", 0, UDP, length)
    return src.packed + dst.packed + struct.pack("!IBBBB", length, 0, 0, 0, UDP)


def parse_frame(frame):
    """The datagram in an Ethernet frame, or None where it is no unfragmented UDP."""
    off, tags = 12, []
    kind = struct.unpack_from("!H", frame, off)[0]
    while kind in (ETH_VLAN, ETH_QINQ):
        tag, kind = struct.unpack_from("!HH", frame, off + 2)
        tags.append(tag & 0xFFF)
        off += 4
    reader = {ETH_IPV4: _read_ipv4, ETH_IPV6: _read_ipv6}.get(kind)
    found = reader(frame[off + 2:]) if reader else None
    if not found:
        return None
    src, dst, header_bytes, body = found
    datagram = _read_udp(src, dst, body)
    datagram.tags, datagram.headers = tags, off + 2 + header_bytes + 8
    return datagram


def _read_ipv4(packet):
    _require(len(packet) >= 20, "IPv4 header cut off")
    ihl, total = (packet[0] & 15) * 4, struct.unpack_from("!H", packet, 2)[0]
    _require(packet[0] >> 4 == 4 and ihl >= 20, "no IPv4 header")
    _require(ihl <= total <= len(packet), f"IPv4 length {total} of {len(packet)}")
    _require(ones_sum(packet[:ihl]) == 0xFFFF, "IPv4 header checksum")
    if packet[9] != UDP or struct.unpack_from("!H", packet, 6)[0] & 0x3FFF:
        return None
    src, dst = (str(ipaddress.IPv4Address(packet[i:i + 4])) for i in (12, 16))
    return src, dst, ihl, packet[ihl:total]


def _read_ipv6(packet):
    _require(len(packet) >= 40 and packet[0] >> 4 == 6, "no IPv6 header")
    length = struct.unpack_from("!H", packet, 4)[0]
    _require(40 + length <= len(packet), f"IPv6 length {length} of {len(packet) - 40}")
    if packet[6] != UDP:
        return None
    src, dst = (str(ipaddress.IPv6Address(packet[i:i + 16])) for i in (8, 24))
    return src, dst, 40, packet[40:40 + length]


def _read_udp(src, dst, body):
    _require(len(body) >= 8, "UDP header cut off")
    sport, dport, length, check = struct.unpack_from("!4H", body)
    _require(length == len(body), f"UDP length {length}, IP says {len(body)}")
    if check == 0:
        _require(":" not in src, "UDP over IPv6 without a checksum (RFC 8200 8.1)")
    else:
        _require(ones_sum(pseudo_header(src, dst, length) + body) == 0xFFFF, "UDP checksum")
    return Datagram(src, sport, dst, dport, body[8:], check)


@dataclass
class Packet:
    """An RTP packet (RFC 3550 5.1)."""
    payload_type: int
    marker: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes
    elements: list  # (id, data) of an RFC 8285 one-byte extension; None where X is 0


def parse_rtp(data):
    _require(len(data) >= 12, "RTP header cut off")
    first, second, seq, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    _require(first >> 6 == 2, f"RTP version {first >> 6}")
    off = 12 + 4 * (first & 15)
    elements = None
    if first & 0x10:
        elements, off = _read_extension(data, off)
    end = len(data)
    if first & 0x20:
        _require(0 < data[-1] <= end - off, "RTP padding")
        end -= data[-1]
    _require(off <= end, "RTP packet shorter than its header")
    return Packet(second & 0x7F, second >> 7, seq, timestamp, ssrc, data[off:end], elements)


@dataclass
class Header:
    seq: int
    timestamp: int
    marker: int


def peek(frame, port):
    """The RTP header in a plain IPv4 frame to that UDP port, or None. Nothing is verified: for where
    there are very many."""
    if frame[12:14] != b"\x08\x00" or frame[23] != UDP:
        return None
    at = 14 + (frame[14] & 15) * 4
    _, to, _, _, _, second, seq, timestamp = struct.unpack_from("!HHHHBBHI", frame, at)
    return Header(seq, timestamp, second >> 7) if to == port else None


def _read_extension(data, off):
    _require(len(data) >= off + 4, "extension cut off")
    profile, words = struct.unpack_from("!HH", data, off)
    end = off + 4 + 4 * words
    _require(profile == 0xBEDE, f"extension profile {profile:#x}")
    _require(end <= len(data), "extension longer than the packet")
    body, elements, at = data[off + 4:end], [], 0
    while at < len(body):
        ident, length = body[at] >> 4, (body[at] & 15) + 1
        if ident == 0:  # padding
            at += 1
            continue
        _require(ident != 15 and at + 1 + length <= len(body), "extension element")
        elements.append((ident, body[at + 1:at + 1 + length]))
        at += 1 + length
    return elements, end


def udp_header(src, sport, dst, dport, payload, length=None):
    length = 8 + len(payload) if length is None else length
    header = struct.pack("!4H", sport, dport, length, 0)
    total = checksum(pseudo_header(src, dst, length & 0xFFFF) + header + payload)
    return header[:6] + struct.pack("!H", total or 0xFFFF)


def ipv4_header(src, dst, body_bytes, **fields):
    """Fields: total, ident, frag (flags and offset), ttl, proto, options."""
    options = fields.get("options", b"")
    total = fields.get("total", 20 + len(options) + body_bytes)
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | (5 + len(options) // 4), 0, total,
                         fields.get("ident", 1), fields.get("frag", 0), fields.get("ttl", 64),
                         fields.get("proto", UDP), 0, ipaddress.ip_address(src).packed,
                         ipaddress.ip_address(dst).packed) + options
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def ipv6_header(src, dst, body_bytes, **fields):
    """Fields: length, next."""
    return struct.pack("!IHBB", 6 << 28, fields.get("length", body_bytes),
                       fields.get("next", UDP), 64) + (ipaddress.ip_address(src).packed
                                                       + ipaddress.ip_address(dst).packed)

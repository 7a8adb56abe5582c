#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes golden_packets.h: packets before and after zc_egress, from the RFCs alone.

It shares no code and no header with the project, so that two errors cannot cancel. With
`--pcap FILE` it writes the same packets as a capture, for a judge that nobody here wrote:

  ./golden_packets.py --pcap /tmp/golden.pcap
  tshark -r /tmp/golden.pcap -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -d udp.port==5004,rtp \
         -T fields -e ip.checksum.status -e udp.checksum.status -e rtp.ssrc -e rtp.seq
"""
import socket
import struct
import sys

SSRC, SEQ, TS = 0x11223344, 0x1234, 0x55667788
ETHER = bytes.fromhex("020000000902020000000901")
FILLER_EXTENSION = bytes.fromhex("bede0001e2000000")  # RFC 8285 4.2: ID 14, three bytes of data


def ones_complement_sum(data):  # RFC 1071
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data):
    return ~ones_complement_sum(data) & 0xFFFF


class Flow:
    def __init__(self, source="10.9.0.1", dest="10.9.0.2", ports=(40000, 5004)):
        self.family = socket.AF_INET6 if ":" in dest else socket.AF_INET
        self.source = socket.inet_pton(self.family, source)
        self.dest = socket.inet_pton(self.family, dest)
        self.text = f"[{dest}]:{ports[1]}" if ":" in dest else f"{dest}:{ports[1]}"
        self.ports = ports


V4 = Flow()
V6 = Flow("2001:db8::1", "2001:db8::2")


def udp(flow, body, check):
    """check: None computes it; a number stands as it is."""
    header = struct.pack("!4H", *flow.ports, 8 + len(body), 0)
    if check is None:
        pseudo = flow.source + flow.dest + struct.pack("!IHBB", 8 + len(body), 0, 0, 17)
        check = checksum(pseudo + header + body) or 0xFFFF  # RFC 768
    return header[:6] + struct.pack("!H", check)


def ip(flow, length, tos, ttl, ip_id):
    if flow.family == socket.AF_INET6:  # RFC 8200 3; ip_id serves as flow label
        return struct.pack("!IHBB", 6 << 28 | tos << 20 | ip_id, length, 17, ttl) + flow.source + flow.dest
    header = struct.pack("!BBHHHBBH", 0x45, tos, 20 + length, ip_id, 0x4000, ttl, 17, 0)
    header += flow.source + flow.dest
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def frame(flow, vlans, rtp, payload, check, tos, ttl, ip_id, trailer):
    ethertype = 0x86DD if flow.family == socket.AF_INET6 else 0x0800
    l2 = ETHER + b"".join(struct.pack("!HH", *tag) for tag in vlans) + struct.pack("!H", ethertype)
    body = rtp + payload
    return [l2, ip(flow, 8 + len(body), tos, ttl, ip_id), udp(flow, body, check), rtp, payload, trailer]


def rtp_header(pt, extension):  # RFC 3550 5.1
    return struct.pack("!BBHII", 0x90 if extension else 0x80, pt, SEQ, TS, SSRC)


CASES = []


def case(text, flow, way, payload, pt=33, header_bytes=0, vlans=(), check=None, tos=0, ttl=64, ip_id=7,
         trailer=b""):
    """check: the UDP checksum that comes in; 0 means "none" and must stay."""
    rtp = rtp_header(pt, way == "LCO")
    rtp += FILLER_EXTENSION if way == "LCO" else bytes(header_bytes)
    out_check = 0 if way == "ZERO" or check == 0 else None
    rest = (tos, ttl, ip_id, trailer)
    CASES.append((text, flow.text, way, pt, header_bytes,
                  frame(flow, vlans, b"", payload, check, *rest),
                  frame(flow, vlans, rtp, payload, out_check, *rest)))


def payload_for_zero(flow, way):
    """A payload whose last word makes the stamped packet's checksum come out as 0."""
    rtp = rtp_header(33, way == "LCO") + (FILLER_EXTENSION if way == "LCO" else b"")
    body = rtp + b"zero" + b"\0\0"
    header = struct.pack("!4H", *flow.ports, 8 + len(body), 0)
    pseudo = flow.source + flow.dest + struct.pack("!IHBB", 8 + len(body), 0, 0, 17)
    word = checksum(pseudo + header + body)
    assert checksum(pseudo + header + body[:-2] + struct.pack("!H", word)) == 0
    return b"zero" + struct.pack("!H", word)


def cases():
    even, odd = bytes.fromhex("4740001000ab"), bytes.fromhex("47400010ff")
    for flow, name in ((V4, "IPv4"), (V6, "IPv6")):
        ways = ("FULL", "LCO", "ZERO") if flow is V4 else ("FULL", "LCO")
        for way in ways:
            case(f"{name}, {way.lower()}: an even payload", flow, way, even)
            case(f"{name}, {way.lower()}: an odd payload", flow, way, odd)
            case(f"{name}, {way.lower()}: one byte", flow, way, b"\x47")
            case(f"{name}, {way.lower()}: no payload at all", flow, way, b"")
            case(f"{name}, {way.lower()}: UDP checksum 0 stays 0", flow, way, even, check=0)
        for way in ("FULL", "LCO"):
            case(f"{name}, {way.lower()}: a checksum that computes to 0 goes as 0xffff", flow, way,
                 payload_for_zero(flow, way))
    case("IPv4, full: 1316 bytes of transport stream", V4, "FULL", bytes(i * 7 & 255 for i in range(1316)))
    case("IPv4, full: DSCP, TTL and identification stay", V4, "FULL", even, tos=0xB8, ttl=3, ip_id=0xBEEF)
    case("IPv6, full: traffic class, flow label and hop limit stay", V6, "FULL", even, tos=0xB8, ttl=3,
         ip_id=0xBEEF)
    case("IPv4, full: Ethernet padding stays behind the packet", V4, "FULL", b"\x47", trailer=bytes(17))
    case("IPv4, full: payload type 0", V4, "FULL", even, pt=0)
    case("IPv4, full: payload type 127", V4, "FULL", even, pt=127)
    case("IPv4, full: a multicast group", Flow("10.9.0.1", "239.1.2.3"), "FULL", even)
    case("IPv6, lco: a multicast group", Flow("2001:db8::1", "ff3e::8000:1"), "LCO", even)
    case("IPv4, full: the lowest and the highest port", Flow("10.9.0.1", "10.9.0.2", (1, 65535)), "FULL", even)
    for flow, name in ((V4, "IPv4"), (V6, "IPv6")):
        case(f"{name}, full: four zeros before an MPA payload", flow, "FULL", odd, pt=14, header_bytes=4)
    case("IPv4, zero: four zeros before an MPA payload", V4, "ZERO", odd, pt=14, header_bytes=4)
    one, two = ((0x8100, 0x2005),), ((0x88A8, 0x0064), (0x8100, 0x2005))
    for tags, name in ((one, "one 802.1Q tag"), (two, "an 802.1ad and an 802.1Q tag")):
        case(f"IPv4 behind {name}, full", V4, "FULL", odd, vlans=tags)
        case(f"IPv4 behind {name}, zero", V4, "ZERO", odd, vlans=tags)
        case(f"IPv6 behind {name}, lco", V6, "LCO", odd, vlans=tags)


def write_pcap(path):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for entry in CASES:
            for layers in entry[5:]:
                data = b"".join(layers)
                file.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


def literal(layers):
    """One string literal a layer: Ethernet, IP, UDP, RTP, payload, padding."""
    lines = []
    for layer in layers:
        text = layer.hex()
        lines += [f'"{text[i:i + 80]}"' for i in range(0, len(text), 80)]
    return "\n     ".join(lines)


def write_header():
    print("// SPDX-License-Identifier: GPL-2.0-only")
    print("// Packets before and after zc_egress, one line a layer. Made by golden_packets.py, judged by")
    print("// tshark: do not edit.")
    print("#pragma once\n\nnamespace zc::test {\n")
    print("// The rules that made them give these first values.")
    print(f"constexpr unsigned kGoldenSsrc = {SSRC:#010x};")
    print(f"constexpr unsigned kGoldenSeq = {SEQ:#06x};")
    print(f"constexpr unsigned kGoldenTs = {TS:#010x};\n")
    print("struct GoldenPacket {\n  const char* description;\n  const char* to;\n  int checksum;  // 1 lco, 2 zero, "
          "3 full\n  int payload_type;\n  int payload_header_bytes;\n  const char* in;   // hexadecimal\n"
          "  const char* out;  // hexadecimal\n};\n")
    print("// clang-format off\ninline constexpr GoldenPacket kGoldenPackets[] = {")
    for text, to, way, pt, header_bytes, before, after in CASES:
        number = {"LCO": 1, "ZERO": 2, "FULL": 3}[way]
        print(f'    {{"{text}", "{to}", {number}, {pt}, {header_bytes},\n     {literal(before)},\n'
              f"     {literal(after)}}},")
    print("};\n// clang-format on\n\n}  // namespace zc::test")


cases()
if len(sys.argv) == 3 and sys.argv[1] == "--pcap":
    write_pcap(sys.argv[2])
else:
    write_header()

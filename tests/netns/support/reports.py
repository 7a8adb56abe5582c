# SPDX-License-Identifier: GPL-2.0-only
"""Ways that a stream can go, and receiver reports about one, written by hand from RFC 3550 6.4.2.
Knows nothing of what the agent makes of them."""
import socket
import struct
from dataclasses import dataclass

from support.net import GROUP_V4, GROUP_V6, VIEWER_V4, VIEWER_V6


@dataclass
class Way:
    """Where a stream goes, and what its app asks of the network."""
    host: str
    port: int
    hops: int
    dscp: int
    rtcp: str = "on"
    timestamp: str = "pcr"

    @property
    def is_ipv6(self):
        return ":" in self.host

    @property
    def is_group(self):
        return self.host in (GROUP_V4, GROUP_V6)

    @property
    def to(self):
        return f"[{self.host}]:{self.port}" if self.is_ipv6 else f"{self.host}:{self.port}"

    @property
    def rtcp_port(self):
        return self.port + (self.rtcp == "on")

    @property
    def options(self):
        """ip(7), ipv6(7)."""
        if self.is_ipv6:
            level, tos = socket.IPPROTO_IPV6, socket.IPV6_TCLASS
            hops = socket.IPV6_MULTICAST_HOPS if self.is_group else socket.IPV6_UNICAST_HOPS
        else:
            level, tos = socket.IPPROTO_IP, socket.IP_TOS
            hops = socket.IP_MULTICAST_TTL if self.is_group else socket.IP_TTL
        return (level, hops, self.hops), (level, tos, self.dscp << 2)


class ReceiverReports:
    """What the viewer says of streams, and what `show` must have of it."""

    def __init__(self, viewer):
        self._viewer = viewer
        self.expected = []

    def say(self, way, stream, to, port):
        """One report, about the stream with that SSRC as `show` has it."""
        number = len(self.expected) + 1
        local = 7000 + number
        with self._socket(way) as sock:
            sock.bind(("", local))
            sock.sendto(struct.pack("!BBHIIIIIII", 0x81, 201, 7, number, int(stream, 16),
                                    64 << 24 | number, 1000 + number, 900, 0, 0), (to, port))
        address = f"[{VIEWER_V6}]:{local}" if way.is_ipv6 else f"{VIEWER_V4}:{local}"
        self.expected.append({"address": address, "ssrc": f"0x{number:08x}", "stream": stream,
                              "reports": 1, "fraction_lost": 0.25, "lost": number,
                              "highest_seq": 1000 + number, "jitter_ms": 10, "round_trip_ms": None})

    def _socket(self, way):
        """One that can send to a group, and does not hear itself."""
        if way.is_ipv6:
            sock = self._viewer.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                            self._viewer.ifindex("in"))
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        else:
            sock = self._viewer.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(VIEWER_V4))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        return sock

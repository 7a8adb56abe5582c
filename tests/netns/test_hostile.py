#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Frames that no honest app sends, put on the device as they are. What matches a rule is stamped
and well formed, or dropped and counted once; everything else leaves byte for byte as it came."""
import random
import struct

from support import rtp, sandbox
from support.capture import RawSender
from support.case import PORT, TO, WireCase, on_both_hooks
from support.net import SERVER_MAC, SERVER_V4, SERVER_V6, VIEWER_MAC, VIEWER_V4, VIEWER_V6

PASSES, STAMPED, REFUSED = "passes untouched", "stamped", "refused by the kernel"
TO_V6 = f"[{VIEWER_V6}]:{PORT}"
MACS = bytes.fromhex((VIEWER_MAC + SERVER_MAC).replace(":", ""))
PAYLOAD = bytes(range(18))
SPORT = 4321
FRAGMENT_HEADER, HOP_BY_HOP, ROUTING, AH, DESTINATION, NO_NEXT = 44, 0, 43, 51, 60, 59


def ethernet(kind, packet, tags=()):
    """`tags`: (TPID, TCI), outermost first."""
    stack = b"".join(struct.pack("!HH", *tag) for tag in tags)
    return MACS + stack + struct.pack("!H", kind) + packet


def udp_v4(payload=PAYLOAD, length=None, dport=PORT):
    return rtp.udp_header(SERVER_V4, SPORT, VIEWER_V4, dport, payload, length) + payload


def udp_v6(payload=PAYLOAD, length=None, dport=PORT):
    return rtp.udp_header(SERVER_V6, SPORT, VIEWER_V6, dport, payload, length) + payload


def frame_v4(body=None, tags=(), **fields):
    body = udp_v4() if body is None else body
    packet = rtp.ipv4_header(SERVER_V4, VIEWER_V4, len(body), **fields) + body
    return ethernet(rtp.ETH_IPV4, packet, tags)


def frame_v6(body=None, tags=(), **fields):
    body = udp_v6() if body is None else body
    packet = rtp.ipv6_header(SERVER_V6, VIEWER_V6, len(body), **fields) + body
    return ethernet(rtp.ETH_IPV6, packet, tags)


def extensions(*kinds, body=None):
    """(first next-header value, the chain with UDP at its end)."""
    chain, following = (udp_v6() if body is None else body), rtp.UDP
    for kind in reversed(kinds):
        rest = bytes(10) + bytes(16 if kind == AH else 0)
        length = {AH: 5, FRAGMENT_HEADER: 0}.get(kind, 1)  # AH counts words, the others 8 bytes
        size = 8 if kind == FRAGMENT_HEADER else (length + 2) * 4 if kind == AH else 16
        chain = (bytes([following, length]) + rest + bytes(16))[:size] + chain
        following = kind
    return following, chain


class HostileCase(WireCase):
    hook = None

    def setUp(self):
        super().setUp()
        for to in (TO, TO_V6):
            self.zcctl.attach(to, "--hook", self.hook or "auto", "--checksum", "uni")
        self.sender = self.watch(RawSender(self.server, "out"))
        self.before = self.counts()

    def counts(self):
        total = {}
        for rule in self.zcctl.device()["rules"]:
            for name, count in rule["counters"].items():
                total[name] = total.get(name, 0) + count
        return total

    def counted(self):
        """The counters that moved since the last call; `unaligned` counts besides."""
        now, before = self.counts(), self.before
        self.before = now
        return {name: now[name] - before[name] for name in now
                if now[name] != before[name] and name != "unaligned"}

    def ours(self):
        return [f.data for f in self.capture.frames(quiet=0.01) if f.data.startswith(MACS)]

    def check(self, expected, frame, payload=PAYLOAD, **how):
        """`expected`: PASSES, STAMPED, REFUSED, or the counter of a drop (or several, any of which
        is right)."""
        drops = (expected,) if isinstance(expected, str) else expected
        sent = (how.pop("sender", None) or self.sender).send(frame, **how)
        counted, arrived = self.counted(), self.ours()
        self.assertEqual(sent, expected != REFUSED)
        if expected in (PASSES, REFUSED):
            self.assertEqual((arrived, counted), ([frame] if sent else [], {}))
        elif expected == STAMPED:
            self.assertEqual(counted, {"stamped": 1})
            datagram = rtp.parse_frame(arrived[0])
            self.assertEqual((len(arrived), rtp.parse_rtp(datagram.payload).payload), (1, payload))
        else:
            self.assertEqual((arrived, sum(counted.values())), ([], 1))
            self.assertIn(list(counted)[0], drops)

    def check_table(self, table):
        for name, (expected, *frames) in table.items():
            for number, frame in enumerate(frames):
                with self.subTest(name, number=number):
                    self.check(expected, frame)


class Truncated(HostileCase):
    def check_truncations(self, frame, ports_end):
        for size in range(len(frame) + 1):
            expected = (REFUSED if size < 14 else PASSES if size < ports_end
                        else STAMPED if size == len(frame) else "malformed")
            with self.subTest(size=size):
                self.check(expected, frame[:size])

    def test_ipv4_at_every_byte(self):
        self.check_truncations(frame_v4(), 14 + 20 + 4)

    def test_ipv6_at_every_byte(self):
        self.check_truncations(frame_v6(), 14 + 40 + 4)


class Headers(HostileCase):
    def test_ipv4_options(self):
        nops = [b"\x01" * 4 * words for words in range(1, 11)]
        self.check_table({
            "1 to 10 words": ("ip_options", *[frame_v4(options=o) for o in nops]),
            "an option of length 0": ("ip_options", frame_v4(options=b"\x07\x00\x00\x00")),
            "more header than packet": (PASSES, frame_v4()[:14] + b"\x4f" + frame_v4()[15:]),
            "a header of 16 bytes": (PASSES, frame_v4()[:14] + b"\x44" + frame_v4()[15:]),
            "of another version": (PASSES, frame_v4()[:14] + b"\x55" + frame_v4()[15:]),
        })

    def test_ipv6_extension_headers(self):
        def chain(*kinds):
            first, body = extensions(*kinds)
            return frame_v6(body, next=first)
        lying = frame_v6(bytes([rtp.UDP, 255]) + bytes(6) + udp_v6(), next=DESTINATION)
        nothing = frame_v6(bytes([NO_NEXT, 0]) + bytes(6) + udp_v6(), next=DESTINATION)
        self.check_table({
            "one of each": ("ip_options", *[chain(k) for k in (HOP_BY_HOP, ROUTING, DESTINATION,
                                                               AH)]),
            "chains": ("ip_options", *[chain(*[DESTINATION] * n) for n in (2, 8, 40, 64)]),
            "all kinds": ("ip_options", chain(HOP_BY_HOP, DESTINATION, ROUTING, AH, DESTINATION)),
            "an atomic fragment": (("fragment", "ip_options"), chain(FRAGMENT_HEADER)),
            "a length behind the packet's end": (PASSES, lying),
            "no next header": (PASSES, nothing),
        })

    def check_tagged(self, frames, tags):
        datagram, = map(rtp.parse_frame, frames)
        self.assertEqual(datagram.tags, [tci & 0xFFF for _, tci in tags])
        self.assertEqual(rtp.parse_rtp(datagram.payload).payload, PAYLOAD)

    def test_a_protocol_that_lies(self):
        """A raw socket may tell the kernel anything about a frame."""
        for tags in ((), ((rtp.ETH_VLAN, 7),), ((rtp.ETH_QINQ, 8), (rtp.ETH_VLAN, 7))):
            for protocol in (rtp.ETH_IPV4, rtp.ETH_IPV6, rtp.ETH_VLAN, rtp.ETH_QINQ, 0x0806):
                for build in (frame_v4, frame_v6):
                    with self.subTest(tags=tags, protocol=hex(protocol), family=build.__name__):
                        self.sender.send(build(tags=tags), protocol=protocol)
                        counted, arrived = self.counted(), self.ours()
                        self.assertEqual(sum(counted.values()), 1, counted)
                        self.assertEqual(len(arrived), counted.get("stamped", 0))
                        if arrived:
                            self.check_tagged(arrived, tags)

    def test_vlan_tags(self):
        q, ad = (rtp.ETH_VLAN, 0x2007), (rtp.ETH_QINQ, 0x0008)
        for name, tags in {"one": (q,), "two": (ad, q), "two alike": (q, q)}.items():
            for build in (frame_v4, frame_v6):
                with self.subTest(name, family=build.__name__):
                    self.sender.send(build(tags=tags))
                    self.assertEqual(self.counted(), {"stamped": 1})
                    self.check_tagged(self.ours(), tags)
        self.check_table({"three": (PASSES, frame_v4(tags=(ad, q, q)))})

    def test_other_protocols_pass(self):
        arp = ethernet(0x0806, bytes(46))
        self.check_table({
            "neither IP nor UDP": (PASSES, arp, frame_v4(proto=6), frame_v4(proto=136),
                                   frame_v6(next=58), ethernet(0x0000, bytes(60)),
                                   ethernet(rtp.ETH_IPV6, frame_v4()[14:]),
                                   ethernet(rtp.ETH_IPV4, frame_v6()[14:])),
            "another port": (PASSES, frame_v4(udp_v4(dport=PORT + 1)),
                             frame_v6(udp_v6(dport=PORT + 1))),
        })


class Fragments(HostileCase):
    MORE = 0x2000

    def test_ipv4_first_and_later_ones(self):
        self.check_table({
            "later, first unknown": (PASSES, frame_v4(bytes(24), frag=3, ident=7)),
            "first": ("fragment", frame_v4(frag=self.MORE, ident=7)),
            "later ones": ("fragment", frame_v4(bytes(24), frag=self.MORE | 3, ident=7),
                           frame_v4(bytes(8), frag=9, ident=7), frame_v4(b"", frag=9, ident=7)),
            "of another datagram": (PASSES, frame_v4(bytes(24), frag=3, ident=8)),
            "first of another port": (PASSES, frame_v4(udp_v4(dport=9), frag=self.MORE, ident=9)),
            "and its later ones": (PASSES, frame_v4(bytes(24), frag=3, ident=9)),
            "first with options": (("fragment", "ip_options"),
                                   frame_v4(frag=self.MORE, ident=10, options=b"\x01" * 8)),
            "a first one without ports": (PASSES, frame_v4(b"\x10", frag=self.MORE, ident=11)),
            "do not fragment, reserved bit": (STAMPED, frame_v4(frag=0x4000),
                                              frame_v4(frag=0xC000)),
        })

    def test_ipv6_first_and_later_ones(self):
        def fragment(offset, more, ident, body):
            header = struct.pack("!BBHI", rtp.UDP, 0, offset << 3 | more, ident)
            return frame_v6(header + body, next=FRAGMENT_HEADER)
        self.check_table({
            "later, first unknown": (PASSES, fragment(3, 0, 7, bytes(24))),
            "first": ("fragment", fragment(0, 1, 7, udp_v6())),
            "later": ("fragment", fragment(3, 1, 7, bytes(24)), fragment(6, 0, 7, bytes(9))),
            "of another datagram": (PASSES, fragment(3, 0, 8, bytes(24))),
            "cut off": (PASSES, fragment(0, 1, 9, b"")[:14 + 40 + 5]),
        })


class Lengths(HostileCase):
    def test_ipv4_lengths_that_lie(self):
        real = len(frame_v4()) - 14
        too_small = [0, 19, 20, 21, 24, 27, 28, real - 1]
        self.check_table({
            "IP says less": ("malformed", *[frame_v4(total=t) for t in too_small]),
            "IP says more": ("malformed", *[frame_v4(total=t) for t in (real + 1, 1500, 65535)]),
            "UDP lies": ("malformed", *[frame_v4(udp_v4(length=n))
                                        for n in (0, 1, 7, 8, 25, 27, 1000, 65535)]),
            "padding behind": (STAMPED, frame_v4() + bytes(1), frame_v4() + b"\xff" * 40),
        })

    def test_ipv6_lengths_that_lie(self):
        real = len(frame_v6()) - 14 - 40
        self.check_table({
            "IP says less": ("malformed", *[frame_v6(length=n) for n in (0, 1, 4, 7, 8, real - 1)]),
            "IP says more": ("malformed", *[frame_v6(length=n) for n in (real + 1, 65535)]),
            "UDP lies": ("malformed", *[frame_v6(udp_v6(length=n))
                                        for n in (0, 1, 7, 8, 25, 27, 1000, 65535)]),
            "padding behind": (STAMPED, frame_v6() + bytes(1), frame_v6() + b"\xff" * 40),
        })


class UnfinishedChecksums(HostileCase):
    """What a virtual machine behind a bridge, or a raw socket with PACKET_VNET_HDR, may ask for."""

    def setUp(self):
        super().setUp()
        self.vnet = self.watch(RawSender(self.server, "out", vnet=True))

    @staticmethod
    def unfinished(payload=PAYLOAD):
        """UDP with the sum of the pseudo-header, as the stack leaves it to the device."""
        pseudo = rtp.ones_sum(rtp.pseudo_header(SERVER_V4, VIEWER_V4, 8 + len(payload)))
        body = struct.pack("!4H", SPORT, PORT, 8 + len(payload), pseudo) + payload
        return frame_v4(body)

    def test_at_the_udp_header_it_is_stamped(self):
        for payload in (b"", b"x", PAYLOAD, PAYLOAD * 60):
            self.check(STAMPED, self.unfinished(payload), payload, sender=self.vnet, csum_start=34)

    def test_at_another_place_it_is_dropped(self):
        for start, offset in ((32, 6), (36, 6), (42, 6), (34, 4), (34, 8), (34, 0)):
            with self.subTest(start=start, offset=offset):
                self.check("checksum", self.unfinished(), sender=self.vnet, csum_start=start,
                           csum_offset=offset)

    def test_padding_that_the_sum_would_include_is_dropped(self):
        self.check("malformed", self.unfinished() + bytes(2), sender=self.vnet, csum_start=34)

    def test_several_datagrams_in_one_packet_are_cut_and_stamped(self):
        gso_udp_l4 = 5
        payload = PAYLOAD * 60
        self.vnet.send(self.unfinished(payload), csum_start=34, gso=(gso_udp_l4, 42, 500))
        pieces = [rtp.parse_rtp(rtp.parse_frame(f).payload).payload for f in self.ours()]
        self.assertEqual((b"".join(pieces), len(pieces)), (payload, -(-len(payload) // 500)))
        self.assertEqual(self.counted(), {"stamped": len(pieces), "super": 1})


class Fuzz(HostileCase):
    ROUNDS = 1500

    @staticmethod
    def aims_at_the_rule(frame):
        """Would a router see UDP to the rule's destination here? Written from the RFCs."""
        if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
            off = 14 + (frame[14] & 15) * 4
            later = struct.unpack_from("!H", frame, 20)[0] & 0x1FFF
            plain = (frame[14] >> 4 == 4 and off >= 34 and frame[23] == 17 and not later
                     and frame[30:34] == bytes([10, 77, 0, 2]))
        elif frame[12:14] == b"\x86\xdd" and len(frame) >= 54:
            off = 54
            address = bytes.fromhex("fd77") + bytes(13) + b"\x02"
            plain = frame[14] >> 4 == 6 and frame[20] == 17 and frame[38:54] == address
        else:
            return False
        return plain and frame[off + 2:off + 4] == struct.pack("!H", PORT)

    @staticmethod
    def mutate(rng, frame):
        frame = bytearray(frame)
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(12, min(len(frame), 66))
            frame[at] = rng.choice((0, 1, 255, rng.randrange(256)))
        if rng.random() < 0.3:
            frame = frame[:rng.randrange(14, len(frame) + 1)]
        return bytes(frame + bytes(rng.choice((0, 0, 0, 1, 7))))

    @staticmethod
    def mend(frame):
        """Makes the checksums right, so that a wrong one that comes out was made on the way."""
        frame = bytearray(frame)
        if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
            end = 14 + (frame[14] & 15) * 4
            frame[24:26] = bytes(2)
            frame[24:26] = struct.pack("!H", rtp.checksum(bytes(frame[14:end])))
            off, total = end, struct.unpack_from("!H", frame, 16)[0] - (end - 14)
            src, dst = bytes(frame[26:30]), bytes(frame[30:34])
        elif frame[12:14] == b"\x86\xdd" and len(frame) >= 54:
            off, total = 54, struct.unpack_from("!H", frame, 18)[0]
            src, dst = bytes(frame[22:38]), bytes(frame[38:54])
        else:
            return bytes(frame)
        if total >= 8 and off + total <= len(frame):
            frame[off + 6:off + 8] = bytes(2)
            pseudo = src + dst + struct.pack("!II", total, rtp.UDP)
            check = rtp.checksum(pseudo + bytes(frame[off:off + total])) or 0xFFFF
            frame[off + 6:off + 8] = struct.pack("!H", check)
        return bytes(frame)

    def test_every_frame_leaves_untouched_or_stamped_or_is_counted(self):
        rng = random.Random(3550)
        sent = []
        for _ in range(self.ROUNDS):
            build = rng.choice((frame_v4, frame_v6))
            frame = self.mend(self.mutate(rng, build()))
            if self.sender.send(frame):
                sent.append(frame)
        arrived, counted = self.ours(), self.counted()
        untouched = [f for f in arrived if f in set(sent)]
        stamped = [f for f in arrived if f not in set(sent)]
        for frame in untouched:
            self.assertFalse(self.aims_at_the_rule(frame), frame.hex())
        for frame in stamped:
            datagram = rtp.parse_frame(frame)
            self.assertTrue(rtp.parse_rtp(datagram.payload).elements, frame.hex())
        self.assertEqual(counted.get("stamped"), len(stamped))
        self.assertEqual(sum(counted.values()) + len(untouched), len(sent))


on_both_hooks(globals(), Truncated, Fuzz)

if __name__ == "__main__":
    sandbox.main()

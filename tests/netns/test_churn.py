#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Rules that come and go while apps send super-packets without a pause: nothing leaves bare once
`attach` has returned, nothing leaves malformed at any time, and other rules lose nothing.
ZC_CHURN_ROUNDS=1000 for a long run."""
import os
import struct
import time
from dataclasses import dataclass

from support import program, sandbox, segmented
from support.case import TO, WireCase
from support.net import VIEWER_V4, VIEWER_V6

ROUNDS = int(os.environ.get("ZC_CHURN_ROUNDS", "200"))
FIRST_ROUNDS = max(ROUNDS // 8, 3)  # of the rule whose program is loaded and verified each time
SEGMENT, PIECES = 188, 10
SECOND_PORT = 5006
SECOND, TO_V6 = f"{VIEWER_V4}:{SECOND_PORT}", f"[{VIEWER_V6}]:5004"
# The plain 12 bytes of RTP: what auto takes on a veth.
STAMPED_BYTES = {4: 14 + 20 + 8 + 12 + SEGMENT, 6: 14 + 40 + 8 + 12 + SEGMENT}


@dataclass
class Seen:
    """What of a frame is judged here; test_segments.py looks at every byte."""
    when: float
    port: int
    stamped: bool
    seq: int


def read_header(frame):
    """None: not an app's. Fails on a frame that may be on no wire at any time."""
    kind, data = struct.unpack_from("!H", frame.data, 12)[0], frame.data
    if kind == 0x0800:
        version, udp, protocol = 4, 34, data[23]
        assert data[14] == 0x45, f"IPv4 options: {data[14:40].hex()}"
        assert not struct.unpack_from("!H", data, 20)[0] & 0x3FFF, "a fragment"
    elif kind == 0x86DD:
        version, udp, protocol = 6, 54, data[20]
        assert protocol in (17, 58, 0), f"IPv6 next header {protocol}"
        if protocol == 0:  # MLD, of the kernel's own (RFC 2710: hop-by-hop options)
            assert data[54] == 58, f"IPv6 hop-by-hop before {data[54]}"
    else:
        return None
    if protocol != 17:
        return None
    port = struct.unpack_from("!H", data, udp + 2)[0]
    first = data[udp + 8]
    if first == 0x47:  # what the apps send, bare: one super-packet, or its pieces
        return Seen(frame.when, port, False, 0)
    assert first & 0xC0 == 0x80 and len(data) == STAMPED_BYTES[version], data[:80].hex()
    assert data[-SEGMENT:] == b"\x47" * SEGMENT, "another payload"
    return Seen(frame.when, port, True, struct.unpack_from("!H", data, udp + 10)[0])


class Churn(WireCase):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(sandbox.WORK, "ts")
        with open(self.path, "wb") as file:
            file.write(b"\x47" * SEGMENT * PIECES)
        self.frames = []

    def sender(self, host, port=5004, pause_us=1000):
        return self.watch(segmented.Sender(self.server, self.path, host, port, segment=SEGMENT,
                                           call=SEGMENT * PIECES, pause_us=pause_us))

    def read(self, quiet=0.0):
        new = [seen for seen in map(read_header, self.capture.frames(quiet)) if seen]
        self.frames += new

    def run_timed(self, *words):
        """Runs zcctl; the moments before and after."""
        begin = time.time()
        self.zcctl.ok(*words)
        return begin, time.time()

    def rounds(self, count, attach, detach, load=lambda: None):
        """Spans of time in which the rule is certainly in force."""
        spans = []
        for _ in range(count):
            _, attached = self.run_timed("attach", "out", "--to", *attach)
            load()
            detaching, _ = self.run_timed("detach", "out", *detach)
            spans.append((attached, detaching))
            self.read()
        return spans

    def check_spans(self, spans, port):
        """No bare packet within them; and the test saw both kinds."""
        flow = [seen for seen in self.frames if seen.port == port]
        bare = [seen.when for seen in flow if not seen.stamped]
        late = [(when, span) for when in bare for span in spans if span[0] < when < span[1]]
        self.assertEqual(late, [])
        self.assertTrue(bare and len(flow) > len(bare), f"{len(bare)} bare of {len(flow)}")

    def check_unbroken(self, senders, port):
        """All pieces of all calls arrived, stamped, one after the other."""
        calls = sum(sender.finish()[0] for sender in senders)
        self.read(quiet=0.05)
        flow = [seen for seen in self.frames if seen.port == port]
        self.assertTrue(all(seen.stamped for seen in flow))
        self.assertEqual(len(flow), calls * PIECES)
        for index, seen in enumerate(flow):
            self.assertEqual(seen.seq, (flow[0].seq + index) % 65536, f"packet {index}")

    def state(self):
        return self.server.links(), self.server.qdiscs("out"), program.pins()

    def test_the_first_rule_of_a_device(self):
        before = self.state()
        for host, to in ((VIEWER_V4, TO), (VIEWER_V6, TO_V6)):
            for hook in ("tcx", "clsact"):
                with self.subTest(to=to, hook=hook):
                    self.frames = []
                    self.capture.frames(quiet=0)
                    sender = self.sender(host)
                    spans = self.rounds(FIRST_ROUNDS // 4 + 1,
                                        (to, "--payload", "MP2T", "--hook", hook), ("--all",),
                                        lambda: time.sleep(0.01))
                    sender.finish()
                    self.check_spans(spans, 5004)
                    self.assertEqual(self.state(), before)

    def test_another_rule_beside_one_that_must_not_notice(self):
        self.zcctl.attach(TO)
        before = self.state()
        other = self.sender(VIEWER_V4, SECOND_PORT)
        unbroken = self.sender(VIEWER_V4, pause_us=3000)
        spans = self.rounds(ROUNDS, (SECOND, "--payload", "MP2T"), ("--to", SECOND))
        other.finish()
        self.check_unbroken([unbroken], 5004)
        self.check_spans(spans, SECOND_PORT)
        self.assertEqual(self.state(), before)
        self.assertEqual(set(self.zcctl.counters(TO)), {"stamped", "super"})
        self.zcctl.detach(TO)
        self.check_nothing_left()


if __name__ == "__main__":
    sandbox.main()

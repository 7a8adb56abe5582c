#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`show` on a device with 20,000 streams: readable for people, complete for scripts, and quick."""
import struct
import time

from support import rtp, sandbox
from support.capture import RawSender
from support.case import PORT, TO, WireCase
from support.net import SERVER_MAC, SERVER_V4, VIEWER_MAC, VIEWER_V4

STREAMS = 20000
FIRST_PORT = 10000
OCTETS = 30
LISTED = 10
SECONDS = 2  # by far more than it takes here (docs/testing.md), but a core may be shared


class Many(WireCase):
    def setUp(self):
        super().setUp()
        self.zcctl.attach(TO)
        sender = self.watch(RawSender(self.server, "out"))
        for port in range(FIRST_PORT, FIRST_PORT + STREAMS):
            sender.send(self.frame(port))
        # The busiest: LISTED + 1 of them, the n-th with n packets more.
        for extra in range(1, LISTED + 2):
            for _ in range(extra):
                sender.send(self.frame(FIRST_PORT + STREAMS - extra))

    @staticmethod
    def frame(source_port):
        macs = bytes.fromhex((VIEWER_MAC + SERVER_MAC).replace(":", "")) + b"\x08\x00"
        udp = struct.pack("!4H", source_port, PORT, 8 + OCTETS, 0) + bytes(OCTETS)
        return macs + rtp.ipv4_header(SERVER_V4, VIEWER_V4, len(udp)) + udp

    def timed(self, *words):
        start = time.monotonic()
        result = self.zcctl.ok(*words)
        self.assertLess(time.monotonic() - start, SECONDS, words)
        return result

    def test_it_is_readable_and_nothing_is_kept_back(self):
        packets = STREAMS + sum(range(1, LISTED + 2))
        text = self.timed("show", "out").out
        streams = [line.split() for line in text.splitlines() if line.startswith("  stream ")]
        self.assertLess(len(text.splitlines()), 20)
        self.assertIn(f"  {STREAMS} streams: {packets} packets, {packets * OCTETS} octets\n", text)
        self.assertIn(f"{STREAMS - LISTED} streams with fewer packets: `show --all`", text)
        self.assertEqual([(words[1], int(words[words.index("packets") + 1])) for words in streams],
                         [(f"{SERVER_V4}:{FIRST_PORT + STREAMS - extra}", 1 + extra)
                          for extra in range(LISTED + 1, 1, -1)])

        everything = self.timed("show", "--all").out
        self.assertEqual(everything.count("\n  stream "), STREAMS)
        for words in (("show",), ("show", "--all")):
            device = self.timed("--json", *words).json["devices"][0]
            self.assertEqual(len({stream["from"] for stream in device["streams"]}), STREAMS)
            self.assertEqual(sum(stream["packets"] for stream in device["streams"]), packets)


if __name__ == "__main__":
    sandbox.main()

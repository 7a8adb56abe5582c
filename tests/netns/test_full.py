#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Many rules, and tables that are full."""
import struct

from support import apps, bpf, program, rtp, sandbox
from support.capture import RawSender
from support.case import PORT, TO, WireCase
from support.net import SERVER_MAC, SERVER_V4, VIEWER_MAC, VIEWER_V4

FAILED = 1


class Full(WireCase):
    def test_300_rules(self):
        for number in range(300):
            self.zcctl.attach(f"10.77.{number // 250}.{number % 250 + 1}:5004", "--seq", number)
        rules = self.zcctl.device()["rules"]
        self.assertEqual(len({rule["to"] for rule in rules}), 300)
        self.check_stamped()
        for number in range(0, 300, 3):
            self.zcctl.detach(f"10.77.{number // 250}.{number % 250 + 1}:5004")
        self.assertEqual(len(self.zcctl.device()["rules"]), 200)
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()

    def test_a_full_rule_table_is_named(self):
        self.zcctl.attach("10.77.0.9:9999")
        with bpf.Map(program.pin("zc_match")) as match:
            for number in range(1, match.max_entries):  # rule 0 is there already
                key = struct.pack("=I", number) + bytes(match.key_bytes - 4)
                match[key] = struct.pack("=I", number)
        pins = program.pins()
        result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T")
        self.check_exit(result, FAILED)
        self.assertIn("full", result.err)
        self.assertEqual(program.pins(), pins)
        self.check_bystander()

    def test_a_full_stream_table_drops_and_counts(self):
        self.zcctl.attach(TO)
        sender = self.watch(RawSender(self.server, "out"))
        macs = bytes.fromhex((VIEWER_MAC + SERVER_MAC).replace(":", "")) + b"\x08\x00"
        for source in (SERVER_V4, "10.77.0.3"):
            header = rtp.ipv4_header(source, VIEWER_V4, 8 + 30)
            for port in range(1, 33000):
                udp = struct.pack("!4H", port, PORT, 8 + 30, 0) + bytes(30)
                self.assertTrue(sender.send(macs + header + udp))
        sent = 2 * 32999
        counters = self.zcctl.counters(TO)
        self.assertEqual(counters["stamped"] + counters["no_state"], sent)
        self.assertEqual(counters["stamped"], 65536)
        self.capture.frames(quiet=0)
        apps.say(self.socket(source_port=40000), b"a new one" * 9)
        self.assertEqual(self.received()[-1:], [])
        self.zcctl.detach(TO)
        self.zcctl.attach(TO)
        self.check_stamped()


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How large a segment may be, how many streams there may be, what a changed MTU does, and that a
full socket buffer still stops the sender."""
import json
import socket
import time

from support import apps, program, sandbox, segmented
from support.case import PORT, TO, WireCase
from support.net import VIEWER_V4, VIEWER_V6, run
from support.segmented import CALL_BYTES, pieces

USAGE, EXISTS = 2, 5
SECOND = f"{VIEWER_V4}:5006"


class Bytes(WireCase):
    """`--segment BYTES`."""

    def attach(self, size, *options, to=TO, kind=("--payload", "MP2T")):
        return self.zcctl.run("attach", "out", "--to", to, *kind, f"--segment={size}", *options)

    def check_refused(self, size, reason, *options, **words):
        result = self.attach(size, *options, **words)
        self.check_exit(result, USAGE)
        self.assertIn(reason, result.err)
        self.check_nothing_left()

    def test_what_is_no_size_is_refused(self):
        for size in ("0", "-1", "-188", "65508", "4294967296", "99999999999999999999", "1316B",
                     "many", " ", "1.5", "0x", "188,188"):
            with self.subTest(size=size):
                self.check_refused(size, "--segment")

    def test_an_empty_size_is_refused(self):
        self.check_refused("", "--segment")

    def test_a_size_that_cuts_ts_packets_is_refused_unless_forced(self):
        self.check_refused(1400, "would cut TS packets: it is no multiple of 188")
        self.assertIn("hint: 1316 is one", self.attach(1400).err)
        self.check_refused(100, "it is no multiple of 188")
        self.assertEqual(self.attach(1400, "--force").code, 0)
        self.assertEqual(self.zcctl.rule(TO)["segment"], 1400)

    def test_other_payloads_have_no_such_unit(self):
        self.assertEqual(self.attach(161, kind=("--pt", 96, "--clock", 8000)).code, 0)

    def test_packets_that_need_their_own_timestamps_are_refused(self):
        wall = ("--timestamp", "wall")
        for kind in (("--payload", "PCMU", *wall), ("--payload", "L16/44100/2", *wall),
                     ("--payload", "MPA"), ("--pt", 8, "--clock", 8000, *wall)):
            self.check_refused(160, "the packets of one call share a timestamp", kind=kind)
        self.assertIn("one datagram a call", self.attach(160, kind=("--payload", "opus")).err)

    def test_frames_that_would_be_cut_are_refused(self):
        self.check_refused(162, "no multiple of 4 bytes", kind=("--payload", "L16/44100/2"))
        self.assertEqual(self.attach(160, kind=("--payload", "L16/44100/2")).code, 0)

    def test_force_without_what_it_forces_is_refused(self):
        self.check_refused(161, "nothing to force", "--force",
                           kind=("--pt", 96, "--clock", 8000))
        result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T", "--force")
        self.check_exit(result, USAGE)
        self.assertIn("nothing to force", result.err)

    def test_the_largest_that_fits_is_taken_and_one_more_is_refused(self):
        # 1500 bytes less 20 (40) for IP, 8 for UDP, 12 for RTP, and 16 for uni's extension.
        for to, way, most in ((TO, "uni", 1444), (TO, "sum", 1460),
                              (f"[{VIEWER_V6}]:{PORT}", "uni", 1424)):
            with self.subTest(to=to, way=way):
                options = {"to": to, "kind": ("--pt", 96, "--clock", 90000, "--checksum", way)}
                self.check_refused(most + 1, "it would exceed the MTU of out (1500)", **options)
                self.assertIn(f"hint: at most {most} bytes fit",
                              self.attach(most + 1, **options).err)
                self.assertEqual(self.attach(most, **options).code, 0)
                self.zcctl.detach(to)



class Mtu(WireCase):
    def app(self, segment=apps.TS_BYTES):
        sock = self.socket()
        segmented.set_segment(sock, segment)
        return sock

    def set_mtu(self, mtu):
        self.server.ip(f"link set out mtu {mtu}")

    def test_pieces_that_no_longer_fit_are_dropped_and_fit_again_later(self):
        """1316 + 28 + 12 = 1356 bytes with all headers. The app itself needs 1344."""
        path = self.file(CALL_BYTES)
        self.zcctl.attach(TO, "--segment", apps.TS_BYTES)
        sock, sent = self.app(), []
        for mtu, passes in ((1500, True), (1356, True), (1355, False), (1344, False), (1500, True),
                            (9000, True)):
            self.set_mtu(mtu)
            apps.stream(sock, path, size=CALL_BYTES)
            sent += pieces(path) if passes else []
        self.check_stream(self.received(len(sent)), sent)
        counters = self.zcctl.counters(TO)
        self.assertEqual(counters.pop("oversize"), 2)
        self.assertEqual(counters, {"stamped": 4 * 45, "super": 4})

    def test_changing_it_under_load_lets_nothing_bare_or_malformed_out(self):
        path = self.file(CALL_BYTES)
        self.zcctl.attach(TO, "--segment", apps.TS_BYTES)
        sender = self.watch(segmented.Sender(self.server, path, VIEWER_V4, PORT, pause_us=4000,
                                             segment=apps.TS_BYTES))
        for mtu in (1344, 1500, 1355, 9000, 1200, 1500, 1000, 1500):
            self.set_mtu(mtu)
            time.sleep(0.03)
        sender.finish()
        packets = self.received(45)  # a malformed one raises
        numbers = [p.seq for p in packets]
        self.assertEqual(numbers, [(numbers[0] + i) % 65536 for i in range(len(numbers))])
        self.assertEqual({len(p.payload) for p in packets}, {apps.TS_BYTES})
        self.check_cuts()

    def check_cuts(self):
        path = self.file(CALL_BYTES)
        apps.stream(self.app(), path, size=CALL_BYTES)
        self.check_stream(self.received(45), pieces(path))


class Streams(WireCase):
    """`--max-streams`."""

    def map_entries(self, name):
        out = run("bpftool", "-j", "map", "show", "pinned", program.pin(name)).stdout
        return json.loads(out)["max_entries"]

    def apps_say(self, count):
        for _ in range(count):
            apps.say(self.socket(), bytes(188))

    def test_it_sizes_the_tables(self):
        for options, streams in (((), 65536), (("--max-streams", 1), 1),
                                 (("--max-streams", 1000), 1000), (("--max-streams", 200000), 200000)):
            with self.subTest(streams=streams), self.rule(TO, *options):
                self.assertEqual(self.map_entries("zc_streams"), streams)
                self.assertEqual(self.map_entries("zc_slots"), 2 * streams)
                self.check_stamped()

    def test_what_is_no_number_of_streams_is_refused(self):
        for text in ("0", "-1", "4194305", "1e3", "many", " ", "99999999999999999999"):
            with self.subTest(text=text):
                result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T",
                                        f"--max-streams={text}")
                self.check_exit(result, USAGE)
                self.assertIn("--max-streams", result.err)
                self.check_nothing_left()

    def test_another_number_on_a_living_device_is_refused(self):
        self.zcctl.attach(TO, "--max-streams", 10)
        result = self.zcctl.run("attach", "out", "--to", SECOND, "--payload", "MP2T",
                                "--max-streams", 11)
        self.check_exit(result, EXISTS)
        self.assertIn("the tables of out hold 10 streams already", result.err)
        self.assertEqual(len(self.zcctl.device()["rules"]), 1)
        self.zcctl.attach(SECOND, "--max-streams", 10)
        self.zcctl.attach("10.77.0.2:5008")

    def test_streams_beyond_it_are_dropped_and_counted(self):
        for most in (1, 4):
            with self.subTest(most=most):
                self.zcctl.attach(TO, "--max-streams", most)
                self.apps_say(6)
                self.assertEqual(len({p.ssrc for p in self.received(most)}), most)
                self.assertEqual(self.zcctl.counters(TO), {"stamped": most, "no_state": 6 - most})
                self.assertEqual(len(self.zcctl.streams(TO)), most)
                self.zcctl.detach(TO)

    def test_super_packets_beyond_it_are_dropped_and_counted(self):
        self.zcctl.attach(TO, "--max-streams", 1)
        for _ in range(3):
            sock = self.socket()
            segmented.set_segment(sock, 188)
            apps.say(sock, bytes(1880))
        self.check_stream(self.received(10), [bytes(188)] * 10)
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 10, "super": 1, "no_state": 2})


class Pressure(WireCase):
    """The pieces belong to the sender's socket until they have left."""

    def fill(self, sock, data):
        """Sends until the buffer is full; how many calls were taken."""
        for calls in range(1000):
            try:
                sock.send(data, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return calls
            except ConnectionRefusedError:
                continue
        return 1000

    def test_a_slow_device_stops_a_sender_of_super_packets(self):
        self.server.run("tc", "qdisc", "add", "dev", "out", "root", "tbf", "rate", "4mbit", "burst",
                        "10kb", "limit", "10mb")
        for way in ("uni", "sum"):
            with self.subTest(way=way), self.rule(TO, "--checksum", way):
                sock = self.socket()
                segmented.set_segment(sock, apps.TS_BYTES)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 200_000)
                calls = self.fill(sock, bytes(10 * apps.TS_BYTES))
                self.assertTrue(1 <= calls < 100, f"{calls} calls of 13160 bytes were taken")
                # What the kernel grants is twice what was asked for (socket(7)).
                self.assertLess(calls * 13160, 2 * 200_000)
                self.capture.frames(quiet=0.02)
        packets = self.received()
        self.assertEqual({len(p.payload) for p in packets}, {apps.TS_BYTES} if packets else set())

    def test_the_buffer_is_free_again_when_all_has_left(self):
        sock = self.socket()
        segmented.set_segment(sock, apps.TS_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100_000)
        with self.rule(TO):
            sock.setblocking(False)
            for _ in range(50):
                apps.say(sock, bytes(30 * apps.TS_BYTES))
            self.assertEqual(len(self.received(1500)), 1500)


if __name__ == "__main__":
    sandbox.main()

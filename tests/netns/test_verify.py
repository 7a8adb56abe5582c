#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`probe --verify` against `probe --listen`: what each way is said to do is what this file's own
capture sees, and what a bad path does is found and named."""
import contextlib
import os
import random
import signal
import socket
import struct
import time

from support import bpf, program, sandbox
from support.capture import Capture
from support.case import WireCase
from support.net import SERVER_V4, VIEWER_V4, VIEWER_V6, Namespace, wait_until

PORT = 47000
PACKETS = 200  # of each test but the one for lengths
FAILED, USAGE, EXISTS = 1, 2, 5
PATHS = os.path.dirname(os.environ.get("ZC_NEIGHBOUR", ""))
WAYS_V4, WAYS_V6 = ["uni", "sum", "zero", "lco"], ["uni", "sum", "lco"]


class VerifyCase(WireCase):
    def setUp(self):
        super().setUp()
        self.wire.set_tx_checksum(False)
        self.far = program.Zcctl("viewer")
        self.listeners = []

    def tearDown(self):
        for listener in self.listeners:
            if listener.poll() is None:
                listener.kill()
            listener.wait()
            listener.stdout.close()
            listener.stderr.close()
        super().tearDown()

    def listen(self, *words, zcctl=None):
        listener = (zcctl or self.far).start("probe", "--listen", *words)
        self.listeners.append(listener)
        self.assertIn("zcctl: listening on TCP and UDP port", listener.stderr.readline())
        return listener

    def end(self, listener, how=signal.SIGTERM):
        """What it has said on stdout."""
        if how:
            listener.send_signal(how)
        self.assertEqual(listener.wait(timeout=10), 0)
        return listener.stdout.read()

    def verify(self, to=VIEWER_V4, code=0, dev="out"):
        result = self.zcctl.run("--json", "probe", dev, "--verify", to)
        self.assertEqual(result.code, code, result)
        self.assertIsNone(self.zcctl.device(dev), "the rule is gone again")
        return result.json

    def ways(self, report):
        return {way["checksum"]: way for way in report["ways"] if way["not_tried"] is None}

    def bad_path(self, name):
        self.viewer.run("tc", "qdisc", "add", "dev", "in", "clsact")
        self.viewer.run("tc", "filter", "add", "dev", "in", "ingress", "bpf", "da", "obj",
                        f"{PATHS}/path_{name}.bpf.o", "sec", "tc")


class Right(VerifyCase):
    def check_right(self, to, tried):
        listener = self.listen()
        report = self.verify(to)
        self.assertEqual(list(self.ways(report)), tried)
        self.assertEqual((report["auto"], report["auto_right"], report["advice"]),
                         ("sum", True, "sum"))
        arrived = 0
        for way in self.ways(report).values():
            self.assertTrue(way["right"], way)
            self.assertEqual((way["largest_sent"], way["largest"]), (1500, 1500))
            for shape in (way["single"], way["many"]):
                self.assertEqual((shape["sent"], shape["stamped"], shape["lost"],
                                  shape["seen"]["right"]), (PACKETS, PACKETS, 0, PACKETS))
                arrived += PACKETS
        # The capture refuses what a receiver would refuse.
        seen = self.capture.datagrams(PORT)
        self.assertGreater(len(seen), arrived)
        self.assertIn(f"{len(seen)} packets arrived, {len(seen)} of them right", self.end(listener))
        self.check_nothing_left()

    def test_ipv4(self):
        self.check_right(VIEWER_V4, WAYS_V4)

    def test_ipv6(self):
        self.check_right(VIEWER_V6, WAYS_V6)
        # RFC 8200 8.1
        self.assertEqual(self.capture.datagrams(PORT), [])

    def test_text(self):
        listener = self.listen("--once")
        result = self.zcctl.ok("probe", "out", "--verify", f"{VIEWER_V4}:{PORT}")
        lines = result.out.splitlines()
        self.assertEqual(lines[-1], "attach with --checksum sum")
        self.assertEqual(sum(line.endswith("right") for line in lines), 8, result)
        self.assertNotIn("note: ", result.out)
        self.assertRegex(self.end(listener, None), r"^10\.77\.0\.1:\d+: 12 tests, \d+ packets")

    def test_checksums_that_were_never_made_prove_nothing(self):
        self.wire.set_tx_checksum(True)
        self.listen()
        report = self.verify()
        self.assertEqual((report["advice"], report["auto_right"]), ("sum", True))
        ways = self.ways(report)
        for name in ("uni", "lco"):
            self.assertFalse(ways[name]["right"])
            self.assertEqual(ways[name]["single"]["seen"]["unfinished"], PACKETS)
            self.assertIn("without a finished checksum: the path is on this host",
                          ways[name]["single"]["fault"])
        for name in ("sum", "zero"):
            self.assertTrue(ways[name]["right"])
        self.assertIn("uni   single   200 of 200      0         0    1500   not proved: ",
                      self.zcctl.ok("probe", "out", "--verify", VIEWER_V4).out)

    def test_two_at_once(self):
        listener = self.listen()
        both = [self.zcctl.start("--json", "probe", "out", "--verify", to)
                for to in (VIEWER_V4, VIEWER_V6)]
        for process in both:
            out, err = process.communicate(timeout=30)
            self.assertEqual((process.returncode, err), (0, ""))
            self.assertIn('"advice":"sum"', out)
        self.assertEqual(self.end(listener).count(" tests, "), 2)
        self.check_nothing_left()

    def test_other_rules_of_the_device_stay(self):
        self.zcctl.attach("10.77.0.2:5004")
        self.listen()
        result = self.zcctl.run("probe", "out", "--verify", VIEWER_V4)
        self.assertEqual(result.code, 0, result)
        self.assertEqual([rule["to"] for rule in self.zcctl.device()["rules"]], ["10.77.0.2:5004"])
        self.check_stamped(5004)


class BadPath(VerifyCase):
    def test_damaged_packets(self):
        self.bad_path("break")
        self.listen()
        for to in (VIEWER_V4, VIEWER_V6):
            report = self.verify(to, FAILED)
            self.assertIsNone(report["advice"])
            for name, way in self.ways(report).items():
                seen = way["single"]["seen"]
                self.assertEqual((seen["arrived"], seen["bad_payload"], seen["right"]),
                                 (PACKETS, PACKETS, 0))
                self.assertEqual(seen["wrong_sum"], 0 if name == "zero" else PACKETS)
            self.assertIn("200 with a wrong checksum", report["path_fault"])
        result = self.zcctl.run("probe", "out", "--verify", VIEWER_V4)
        self.assertIn("no way is proved right: 200 with a wrong checksum", result.out)
        self.assertIn("what --checksum auto takes here, sum, does not arrive right", result.err)

    def test_a_way_that_the_path_does_not_take(self):
        self.bad_path("extension")
        self.listen()
        report = self.verify()
        ways = self.ways(report)
        self.assertEqual({name: way["right"] for name, way in ways.items()},
                         {"uni": False, "sum": True, "zero": True, "lco": False})
        self.assertEqual(ways["uni"]["single"]["fault"], "200 with a wrong checksum")
        self.assertEqual(ways["uni"]["many"]["seen"]["wrong_sum"], PACKETS)
        self.assertEqual(report["advice"], "sum")

    def test_a_listener_that_merges_packets_is_told(self):
        """Generic receive offload hands many packets on as one, with a checksum of its own."""
        self.viewer.run("ethtool", "-K", "in", "gro", "on")
        self.listen()
        for option in ("rx-udp-gro-forwarding", "rx-gro-list"):
            with self.subTest(option=option):
                self.viewer.run("ethtool", "-K", "in", option, "on")
                report = self.verify(code=FAILED)
                self.viewer.run("ethtool", "-K", "in", option, "off")
                many = self.ways(report)["uni"]["many"]
                self.assertGreater(many["seen"]["merged"], 0)
                self.assertEqual(many["seen"]["bad_payload"] + many["seen"]["wrong_sum"], 0)
                self.assertIn("merged by the listener's kernel", many["fault"])
                self.assertIsNone(report["advice"])
                self.assertIn(option, report["path_fault"])
        self.assertEqual(self.verify()["advice"], "sum")

    def test_loss(self):
        self.bad_path("lose")
        self.listen()
        report = self.verify(code=FAILED)
        for way in self.ways(report).values():
            for shape in (way["single"], way["many"]):
                self.assertEqual(shape["lost"], PACKETS // 10)
                self.assertEqual(shape["seen"]["right"], PACKETS - PACKETS // 10)
                self.assertEqual(shape["fault"], "20 lost")

    def test_a_smaller_mtu_on_the_way(self):
        """server ─ 1500 ─ viewer ─ 1400 ─ end"""
        end = Namespace("end")
        self.addCleanup(end.remove)
        self.viewer.ip("link add last type veth peer name in netns end",
                       "addr add 10.78.0.1/24 dev last", "link set last mtu 1400 up")
        end.ip("link set lo up", "addr add 10.78.0.2/24 dev in", "link set in mtu 1400 up",
               "route add default via 10.78.0.1")
        with self.viewer.entered(), open("/proc/sys/net/ipv4/ip_forward", "w",
                                         encoding="ascii") as forward:
            forward.write("1")
        self.server.ip(f"route add 10.78.0.0/24 via {VIEWER_V4}")
        self.listen(zcctl=program.Zcctl("end"))
        report = self.verify("10.78.0.2")
        self.assertEqual(report["advice"], "sum")
        for way in self.ways(report).values():
            self.assertTrue(way["right"], way)
            self.assertEqual((way["largest_sent"], way["largest"]), (1500, 1400))
        self.assertIn("note: packets of more than 1400 bytes do not arrive",
                      self.zcctl.ok("probe", "out", "--verify", "10.78.0.2").out)

    def test_packets_that_leave_by_another_device(self):
        self.server.ip("link add other type veth peer name rehto", "link set other up",
                       "link set rehto up")
        self.listen()
        report = self.verify(code=FAILED, dev="other")
        self.assertEqual(report["path_fault"], "they do not leave by this device; 200 without RTP header")


    def before_ours(self, name):
        """A program on tcx, while ours is on clsact behind it."""
        if not bpf.kernel_has_tcx():
            self.skipTest("this kernel has no tcx")
        self.zcctl.attach("10.77.0.2:5004", "--hook", "clsact")
        path = "/sys/fs/bpf/before"
        self.server.run("rm", "-f", path)
        program.execute(["bpftool", "prog", "load", f"{PATHS}/path_{name}.bpf.o", path, "type",
                         "classifier"])
        self.addCleanup(os.unlink, path)
        loaded = bpf.get(path)
        self.addCleanup(os.close, loaded)
        with self.server.entered():
            link = bpf.link_tcx(loaded, self.server.ifindex("out"), bpf.AFTER)
        self.addCleanup(os.close, link)

    def prove_behind(self):
        result = self.zcctl.run("--json", "probe", "out", "--verify", VIEWER_V4)
        self.assertEqual(result.code, FAILED, result)
        self.assertEqual([rule["to"] for rule in self.zcctl.device()["rules"]], ["10.77.0.2:5004"])
        return result.json

    def test_a_program_before_ours_that_accepts_packets(self):
        self.before_ours("accept")
        self.listen()
        for offload in (False, True):  # with it super-packets cross a veth uncut
            self.wire.set_tx_checksum(offload)
            report = self.prove_behind()
            self.assertRegex(report["path_fault"],
                             r"^they left by out unstamped: tcx program \d+ \(path\) stands "
                             r"before zcctl's program; 200 without RTP header" +
                             ("" if offload else "$"))
            for way in self.ways(report).values():
                for shape in (way["single"], way["many"]):
                    seen = shape["seen"]
                    self.assertEqual((shape["stamped"], seen["bare"], seen["merged"],
                                      seen["bad_payload"]), (0, PACKETS, 0, 0))

    def test_loss_before_ours_is_no_damage(self):
        self.before_ours("lose_here")
        self.listen()
        for way in self.ways(self.prove_behind()).values():
            seen = way["single"]["seen"]
            self.assertEqual((way["single"]["stamped"], seen["arrived"], seen["bad_header"]),
                             (PACKETS - PACKETS // 10, PACKETS - PACKETS // 10, 0))
            self.assertEqual(way["single"]["fault"],
                             "20 lost, 20 of them here, before zcctl's program")


class Ends(VerifyCase):
    """Ends that go, or were never there."""

    def test_nobody_listens(self):
        result = self.zcctl.run("probe", "out", "--verify", VIEWER_V4)
        self.check_exit(result, EXISTS)
        self.assertIn(f"nobody listens at {VIEWER_V4}:{PORT}", result.err)
        self.assertIn(f"zcctl probe --listen :{PORT}", result.err)
        self.check_nothing_left()

    def test_somebody_else_listens(self):
        with self.viewer.entered(), socket.create_server((VIEWER_V4, PORT)) as server:
            verify = self.zcctl.start("probe", "out", "--verify", VIEWER_V4)
            peer, _ = server.accept()
            peer.recv(100)
            peer.sendall(b"220 mail.example.com ESMTP\r\n")
            out, err = verify.communicate(timeout=20)
            peer.close()
        self.assertEqual((verify.returncode, out), (FAILED, ""))
        self.assertIn("is no `zcctl probe --listen`", err)
        self.check_nothing_left()

    @contextlib.contextmanager
    def under_way(self):
        """A verify whose rule is in force."""
        verify = self.zcctl.start("probe", "out", "--verify", VIEWER_V4)
        self.assertTrue(wait_until(self.zcctl.device))
        yield verify
        verify.wait(timeout=20)
        verify.stdout.close()
        verify.stderr.close()

    def test_the_listener_is_killed(self):
        listener = self.listen()
        with self.under_way() as verify:
            listener.kill()
            self.assertIn("the listener", verify.stderr.read())
        self.assertEqual(verify.returncode, FAILED)
        self.check_nothing_left()

    def test_an_interrupted_verify_takes_its_rule_away(self):
        self.listen()
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.under_way() as verify:
                verify.send_signal(how)
                self.assertIn("interrupted", verify.stderr.read())
            self.assertEqual(verify.returncode, FAILED)
            self.check_nothing_left()

    def test_a_device_that_is_renamed_meanwhile_keeps_no_rule(self):
        self.listen()
        with self.under_way() as verify:
            # Older kernels rename none that is up.
            self.server.ip("link set out down", "link set dev out name wan", "link set wan up")
            verify.communicate(timeout=20)
        self.assertIsNone(self.zcctl.device("wan"))
        self.assertEqual(program.pins(), [])

    def test_a_killed_verify_leaves_a_rule_that_shows(self):
        self.listen()
        with self.under_way() as verify:
            verify.kill()
        rule, = self.zcctl.device()["rules"]
        self.assertEqual(rule["to"], f"{VIEWER_V4}:{PORT}")
        self.assertTrue(rule["from"].startswith(f"{SERVER_V4}:"), rule)
        self.assertEqual(rule["pt"], 96)
        self.zcctl.detach(rule["to"], "--from", rule["from"])
        self.check_nothing_left()

    def test_a_rule_for_the_listener_is_left_alone(self):
        self.zcctl.attach(f"{VIEWER_V4}:{PORT}")
        self.listen()
        result = self.zcctl.run("probe", "out", "--verify", VIEWER_V4)
        self.check_exit(result, EXISTS)
        self.assertIn(f"{VIEWER_V4}:{PORT}", result.err)
        self.assertEqual(len(self.zcctl.device()["rules"]), 1)

    def test_the_listener_ends_by_signals(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            self.assertEqual(self.end(self.listen(), how), "")

    def test_a_port_that_somebody_has(self):
        self.listen()
        result = self.far.run("probe", "--listen")
        self.check_exit(result, EXISTS)
        self.assertIn("port 47000 is in use", result.err)
        self.end(self.listen(f"{VIEWER_V4}:47001"))

    def test_words(self):
        for words in (("--listen", "--verify", VIEWER_V4), ("out", "--listen"),
                      ("--verify", VIEWER_V4), ("out", "--once"), ("--once",),
                      ("out", "--verify", "239.0.0.1"),
                      ("out", "--verify", "255.255.255.255"), ("out", "--verify", "host"),
                      ("out", "--verify", ""), ("--listen", ""), ("--listen="),
                      ("--listen", ":0"), ("--listen", "239.0.0.1"), ("--listen", "--dry-run"),
                      ("out", "--verify", VIEWER_V4, "--dry-run")):
            words = (words,) if isinstance(words, str) else words
            with self.subTest(words=words):
                self.check_exit(self.zcctl.run("probe", *words), USAGE)


class Hostile(VerifyCase):
    """Anybody may send to the listener's port."""

    def talk(self, data, wait=True):
        with self.server.entered(), socket.create_connection((VIEWER_V4, PORT), timeout=5) as peer:
            with contextlib.suppress(ConnectionError):
                peer.sendall(data)
                return peer.recv(1000) if wait else b""
        return b""

    def test_noise_is_counted_and_harms_nobody(self):
        listener = self.listen()
        rng = random.Random(11)
        sock = self.socket(port=PORT)
        noise = [rng.randbytes(rng.randrange(0, 1400)) for _ in range(300)]
        noise += [b"zcverify" + rng.randbytes(n) for n in range(200)]
        noise += [struct.pack("!BBHII", 0x90, 96, 1, 2, 3) + b"zcverify" * 9] * 10
        for payload in noise:
            sock.send(payload)
        for data in (b"\n", b"\x00" * 600, b"A" * 5000, b"GET / HTTP/1.1\r\n\r\n",
                     b"hello version=99999999999999999999\n", b"done number=1\n",
                     b"hello version=1\ntest number=1 packets=-1 way=uni pt=96 ssrc=1\n",
                     b"\xff\xfe=\xfd\n", b"hello " + b"a=b " * 100 + b"\n"):
            self.talk(data)
        silent = [self.viewer.socket() for _ in range(40)]
        for peer in silent:
            peer.settimeout(0.2)
            with contextlib.suppress(OSError), self.viewer.entered():
                peer.connect((VIEWER_V4, PORT))
        time.sleep(0.3)
        for peer in silent:
            peer.close()
        report = self.verify()
        self.assertEqual(report["advice"], "sum")
        out = self.end(listener)
        self.assertEqual(out.count(" tests, "), 1)
        self.assertIn(f"{len(noise)} packets to the port were of no test", listener.stderr.read())

    def test_a_flood_beside_a_test(self):
        listener = self.listen()
        verify = self.zcctl.start("--json", "probe", "out", "--verify", VIEWER_V4)
        sock = self.socket(port=PORT)
        while verify.poll() is None:
            for _ in range(20):
                sock.send(b"x" * 100)
            time.sleep(0.002)
        out, err = verify.communicate()
        self.assertEqual((verify.returncode, err), (0, ""), out)
        self.end(listener)


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`check`: each fault is made for real, and found by its word; where all is well nothing is found."""
import os
import socket

from support import apps, bpf, sandbox, segmented
from support.case import PORT, TO
from support.check import FAR, FAR_TO, FOUND, MP2T, SEGMENT, USAGE, CheckCase
from support.net import SERVER_V4, VIEWER_MAC, VIEWER_V4, VIEWER_V6, wait_until
from support.segmented import App, Sender, connected

NOT_FOUND = 5
TO_V6 = f"[{VIEWER_V6}]:{PORT}"
NO_TS = ("--timestamp", "wall")  # what the tests send is called MP2T, and has no PCRs


class AllIsWell(CheckCase):
    def test_one_datagram_a_call_before_while_and_after(self):
        self.zcctl.attach(TO)
        sock = self.socket()
        self.found([])
        with self.sending(sock):
            self.found([], TO, "--watch", 1)
        self.found([])
        self.assertGreater(self.last["stamped"], 0)

    def test_many_packets_a_call_set_from_outside(self):
        path = self.file(segmented.CALL_BYTES)
        app = self.watch(App(self.server, *connected(VIEWER_V4, PORT, path)))
        self.assertEqual(
            len(self.attach_says(*SEGMENT, *NO_TS, "--pid", app.pid).splitlines()), 1)
        for _ in range(3):
            app.sendfile(0, segmented.CALL_BYTES)
        self.found([])
        app.close()
        self.zcctl.detach(TO)
        sender = self.watch(Sender(self.server, path, VIEWER_V4, PORT, pause_us=2000,
                                   segment=apps.TS_BYTES))
        self.zcctl.attach(TO, *SEGMENT, *NO_TS)
        self.found([], TO, "--watch", 1)
        sender.finish()
        self.found([])

    def test_a_device_without_offload(self):
        self.wire.set_tx_checksum(False)
        self.zcctl.attach(TO)
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.found([])

    def test_ipv6_multicast_and_a_source(self):
        self.zcctl.attach(TO_V6)
        apps.say(self.socket(VIEWER_V6), b"x" * apps.TS_BYTES)
        self.found([], TO_V6)
        for group in ("239.7.7.7", "[ff05::7:7]"):
            self.assertEqual(self.attach_says(to=f"{group}:{PORT}"), "")
            apps.say(self.socket(group.strip("[]")), b"x" * apps.TS_BYTES)
            self.found([], f"{group}:{PORT}")
        self.assertEqual(self.attach_says("--from", SERVER_V4), "")
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.found([])
        self.found([], TO, "--from", SERVER_V4)

    def test_a_router_on_the_way_and_a_sender_that_is_not_connected(self):
        self.server.ip(f"route add 192.0.2.0/24 via {VIEWER_V4}")
        self.assertEqual(self.attach_says(to=FAR_TO), "")
        self.watch(sock := self.server.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.sendto(b"x" * apps.TS_BYTES, (FAR, PORT))
        self.found([], FAR_TO)

    def test_a_port_of_a_bridge(self):
        """The packets are given to the bridge, and leave by its port."""
        self.server.ip("link add br0 type bridge", f"addr del {SERVER_V4}/24 dev out",
                       "link set out master br0", f"addr add {SERVER_V4}/24 dev br0",
                       "link set br0 up")
        self.assertEqual(self.attach_says(), "")
        self.server.ip(f"neigh replace {VIEWER_V4} lladdr {VIEWER_MAC} dev br0 nud permanent")
        self.assertTrue(wait_until(lambda: "forwarding" in self.server.run(
            "ip", "-d", "link", "show", "out").stdout, seconds=40))
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.found([])

    def test_a_port_whose_bridge_has_no_address(self):
        """It sends what comes from elsewhere: the host's routes say nothing about it."""
        self.server.ip("link add br0 type bridge", "link set out master br0", "link set br0 up")
        self.assertEqual(self.attach_says(to=FAR_TO), "")

    def test_an_app_that_is_bound_to_the_device(self):
        self.server.ip("link add other type veth peer name rehto", "link set other up",
                       "link set rehto up", f"route add {FAR}/32 dev other")
        self.watch(sock := self.server.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"out")
        sock.connect((FAR, PORT))
        self.assertEqual(self.attach_says(to=FAR_TO), "")


class Rules(CheckCase):
    def test_no_rule(self):
        self.found(["no-rule"])
        self.zcctl.attach(f"{VIEWER_V4}:5006")
        self.found(["no-rule"])

    def test_the_rule_is_elsewhere_or_for_another_source(self):
        self.zcctl.attach(TO, dev="lo")
        self.found(["no-rule"])
        self.assertIn(f"lo: {TO}", self.text("no-rule"))
        self.zcctl.attach(TO, "--from", "10.77.0.1:4000")
        self.found(["no-rule"], TO, "--from", "10.77.0.1:4002")
        self.assertIn(f"out: {TO} from 10.77.0.1:4000", self.text("no-rule"))

    def test_a_source_that_is_not_here(self):
        self.assertEqual(self.attach_says("--from", "10.77.0.50"), "")
        self.found(["from-not-here"])

    def test_words(self):
        self.check_exit(self.zcctl.run("check", "nonsuch0", "--to", TO), NOT_FOUND)
        for words in (("check",), ("check", "out"), ("check", "out", "--to", "nowhere"),
                      ("check", "out", "--to", TO, "--watch", "0"),
                      ("check", "out", "--to", TO, "--watch", "soon")):
            self.check_exit(self.zcctl.run(*words), USAGE)

    def test_the_text_names_what_mends_it(self):
        result = self.zcctl.run("check", "out", "--to", TO)
        self.assertEqual((result.code, result.err), (FOUND, ""), result)
        self.assertIn(f"! out has no rule for {TO}\n  hint: zcctl attach out --to {TO}", result.out)
        self.zcctl.attach(TO)
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.assertEqual(self.zcctl.ok("check", "out", "--to", TO).out,
                         "nothing found; stamped 1\n")


class Drops(CheckCase):
    def test_a_lost_stage(self):
        self.zcctl.attach(TO, *SEGMENT)
        index = self.server.ifindex("out")
        self.server.ip(f"link del zcstage{index}")
        self.found(["stage-lost", "no-packets"])
        self.assertIn("  ! the stage of out", self.zcctl.ok("show").out)
        self.check_exit(self.zcctl.run("attach", "out", "--to", TO, *MP2T, *SEGMENT), 0)
        self.found(["no-packets"])

    def test_packets_without_a_stage(self):
        self.zcctl.attach(TO)
        self.server.ip(f"link set zcstage{self.server.ifindex('out')} down")
        self.many_packets()
        self.found(["stage-lost"])

    def test_packets_of_many_segments_where_there_can_be_no_stage(self):
        self.zcctl.attach(f"127.0.0.1:{PORT}", dev="lo")
        self.many_packets("127.0.0.1")
        self.found(["dropped-uncut"], f"127.0.0.1:{PORT}", dev="lo")

    def test_a_filter_that_eats_the_pieces(self):
        """`super` grows and `stamped` does not, whoever stands in the way."""
        self.needs_hook("tcx")
        self.zcctl.attach(TO)
        stage = self.server.ifindex(f"zcstage{self.server.ifindex('out')}")
        filters = [bpf.load_drop()]
        with self.server.entered():
            filters.append(bpf.link_tcx(filters[0], stage, bpf.BEFORE))
        self.many_packets()
        self.assertEqual(self.zcctl.counters(TO), {"super": 100})
        self.found(["pieces-lost"])
        self.assertIn("  ! rule 10.77.0.2:5004: 100 packets", self.zcctl.ok("show").out)
        for each in filters:
            os.close(each)
        with self.sending(self.socket()):
            self.found([], TO, "--watch", 1)

    def test_a_program_that_came_before_ours(self):
        self.needs_hook("tcx")
        self.zcctl.attach(TO)
        out = self.server.ifindex("out")
        filters = [bpf.load_drop()]
        with self.server.entered():
            filters.append(bpf.link_tcx(filters[0], out, bpf.BEFORE))
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.found(["before-us"])
        for each in filters:
            os.close(each)
        apps.say(self.socket(), b"x" * apps.TS_BYTES)
        self.found([])

    def many_packets(self, host=VIEWER_V4):
        sock = self.socket(host)
        segmented.set_segment(sock, apps.TS_BYTES)
        for _ in range(100):
            apps.say(sock, b"x" * (20 * apps.TS_BYTES))

    def test_a_queue_that_drops(self):
        self.zcctl.attach(TO)
        self.server.run("tc", "qdisc", "add", "dev", "out", "root", "tbf", "rate", "100kbit",
                        "burst", "2000", "limit", "3000")
        with self.sending(self.socket()):
            self.found(["queue-drops"], TO, "--watch", 1)
        self.found([])
        self.assertIn("has dropped", self.last["notes"][0])


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `check` finds between the host's routes and the device, and `attach` warns of at once: ways
that lead elsewhere, and packets that are too large for them."""
import socket
import time

from support import apps, program, sandbox
from support.case import PORT, TO
from support.check import FAR, FAR_TO, MP2T, SEGMENT, USAGE, CheckCase
from support.net import SERVER_V4, VIEWER_V4, run, wait_until


class Path(CheckCase):
    """What keeps packets from the device: `attach` warns of it, too."""

    def both(self, word, to=FAR_TO, *options, dev="out", says=""):
        """attach warns, exit 0; check finds it, and nothing else."""
        said = self.attach_says(*options, to=to, dev=dev)
        self.assertIn("zcctl: warning: ", said)
        self.assertIn(says, said)
        self.found([word], to, dev=dev)
        self.assertIn(self.text(word), said)
        self.zcctl.detach(to, *options, dev=dev)

    def test_another_device(self):
        self.server.ip("link add other type veth peer name rehto", "link set other up",
                       "link set rehto up", f"route add {FAR}/32 dev other")
        self.both("other-route", says="leave by other")

    def test_no_route_and_routes_that_discard(self):
        self.both("no-route")
        for kind in ("blackhole", "unreachable", "prohibit"):
            self.server.ip(f"route replace {kind} {FAR}/32")
            self.both("route-discards")
        self.both("no-route", f"[2001:db8::7]:{PORT}")

    def test_the_broadcast_address(self):
        to = f"255.255.255.255:{PORT}"
        self.zcctl.run("attach", "out", "--to", to, *MP2T)
        self.found(["no-route"], to)
        command = self.last["findings"][0]["mend"].split(";")[0]
        self.assertEqual(command, "ip route add 255.255.255.255 dev out")
        self.server.run(*command.split())
        self.assertNotIn("no-route", self.check(to))

    def test_an_own_address_and_loopback(self):
        self.both("own-address", f"{SERVER_V4}:{PORT}")
        self.both("own-address", f"127.0.0.1:{PORT}")
        self.both("own-address", f"[::1]:{PORT}")
        self.assertEqual(self.attach_says(to=f"127.0.0.1:{PORT}", dev="lo"), "")
        self.zcctl.detach(f"127.0.0.1:{PORT}", dev="lo")

    def test_a_device_that_is_down_or_has_no_far_end(self):
        self.server.ip("link set out down")
        self.both("device-down", TO)
        self.server.ip("link set out up")
        self.viewer.ip("link set in down")
        self.both("no-carrier", TO)

    def test_a_neighbour_that_does_not_answer(self):
        to = f"10.77.0.99:{PORT}"
        apps.say(self.socket("10.77.0.99"), b"anybody?")
        with self.server.entered():
            self.assertTrue(wait_until(lambda: "FAILED" in run("ip", "neigh").stdout, seconds=10))
        self.both("neighbour-failed", to)

    def test_a_neighbour_that_did_not_answer_long_ago(self):
        """Nobody has asked since: it may be back."""
        self.server.ip("neigh add 10.77.0.99 dev out nud failed")
        time.sleep(11)
        with self.server.entered():
            self.assertIn("FAILED", run("ip", "neigh").stdout)
        self.assertEqual(self.attach_says(to=f"10.77.0.99:{PORT}"), "")

    def test_a_group_without_a_route(self):
        """An app that names the device sends there all the same (ip(7), IP_MULTICAST_IF)."""
        to = f"239.7.7.7:{PORT}"
        self.server.ip("route del 224.0.0.0/4")
        self.assertIn("unless they name the device (IP_MULTICAST_IF)", self.attach_says(to=to))
        self.found(["no-packets"], to)
        self.found(["no-route"], to, "--watch", 1)
        self.watch(sock := self.server.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(SERVER_V4))
        sock.connect(("239.7.7.7", PORT))
        with self.sending(sock):
            self.found([], to, "--watch", 1)

    def test_json_of_attach_has_it(self):
        report = self.zcctl.ok("--json", "attach", "out", "--to", FAR_TO, *MP2T).json
        self.assertEqual([f["id"] for f in report["findings"]], ["no-route"])


class Sizes(CheckCase):
    def test_a_datagram_that_is_too_large(self):
        self.zcctl.attach(TO)
        apps.say(self.socket(), b"x" * 1472)
        self.found(["dropped-oversize"])
        self.assertIn("pkt_size=1316", self.zcctl.ok("show").out)
        with self.sending(self.socket(), 1472):
            self.found(["dropped-oversize"], TO, "--watch", 1)

    def test_a_segment_that_no_longer_fits(self):
        self.zcctl.attach(TO, *SEGMENT)
        self.server.ip("link set out mtu 1300")
        self.assertIn("too-large-for-path", self.check())

    def test_the_route_s_mtu_and_a_learned_one(self):
        # 20 + 8 + 12 + 1316 = 1356 bytes do not fit, 1128 + 40 do.
        self.server.ip(f"route add {FAR}/32 via {VIEWER_V4} mtu 1350")
        self.refused_segment(FAR_TO, "the route to 192.0.2.7 (1350)")
        self.assertEqual(self.attach_says("--segment", 1128, to=FAR_TO), "")
        self.zcctl.detach(FAR_TO)
        self.server.ip(f"route replace {FAR}/32 via {VIEWER_V4}")
        self.zcctl.attach(FAR_TO, *SEGMENT)
        self.server.ip(f"route replace {FAR}/32 via {VIEWER_V4} mtu 1350")
        self.found(["too-large-for-path", "no-packets"], FAR_TO)

    def refused_segment(self, to, says):
        result = self.zcctl.run("attach", "out", "--to", to, *MP2T, *SEGMENT)
        self.check_exit(result, USAGE)
        self.assertIn(says, result.err)
        self.assertIn("at most 1128 bytes fit", result.err)
        self.assertEqual(program.pins(), [])

    def test_a_path_mtu_that_a_router_told(self):
        """The viewer forwards to a link of 1300 bytes and says so (ICMP, RFC 1191)."""
        self.viewer.ip("link add far type veth peer name raf", "link set far mtu 1300 up",
                       "link set raf up", f"route add {FAR}/32 dev far",
                       f"neigh replace {FAR} lladdr 02:00:00:00:00:09 dev far nud permanent")
        self.viewer.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        self.server.ip(f"route add {FAR}/32 via {VIEWER_V4}")
        apps.say(self.socket(FAR), b"x" * 1400)

        def told():
            return "mtu 1300" in self.server.run("ip", "route", "get", FAR).stdout
        self.assertTrue(wait_until(told))
        self.refused_segment(FAR_TO, "which a router told (1300)")


if __name__ == "__main__":
    sandbox.main()

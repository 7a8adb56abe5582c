#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`check`: each fault is made for real, and found by its word; where all is well nothing is found.
And what `attach` warns of at once."""
import contextlib
import os
import socket
import threading
import time

from support import apps, bpf, program, sandbox, segmented
from support.case import PORT, TO, WireCase
from support.net import SERVER_V4, VIEWER_MAC, VIEWER_V4, VIEWER_V6, Namespace, run, wait_until
from support.segmented import App, Sender, connected

FOUND, USAGE, UNSUPPORTED, NOT_FOUND = 1, 2, 3, 5
FAR = "192.0.2.7"  # behind no route
FAR_TO = f"{FAR}:{PORT}"
TO_V6 = f"[{VIEWER_V6}]:{PORT}"
SEGMENT = ("--segment", apps.TS_BYTES)
NO_TS = ("--timestamp", "wall")  # what the tests send is called MP2T, and has no PCRs
MP2T = ("--payload", "MP2T")


class CheckCase(WireCase):
    def check(self, to=TO, *options, dev="out"):
        """The ids of what is found. The text view must agree with JSON."""
        result = self.zcctl.run("--json", "check", dev, "--to", to, *options)
        self.assertEqual(result.err, "", result)
        report = result.json
        self.assertEqual(report["schema"], 1)
        self.assertEqual(result.code, FOUND if report["findings"] else 0, result)
        for finding in report["findings"]:
            self.assertEqual(set(finding), {"id", "text", "mend"})
            self.assertNotIn("\n", finding["text"])
            self.explained(finding["id"])
        self.last = report
        return [finding["id"] for finding in report["findings"]]

    def explained(self, word):
        """docs/troubleshooting.md has it."""
        path = os.path.join(os.path.dirname(__file__), "../../docs/troubleshooting.md")
        with open(path, encoding="utf-8") as page:
            text = page.read()
        self.assertTrue(f"| {word} |" in text or f"### {word}\n" in text, word)

    def found(self, words, to=TO, *options, dev="out"):
        """Exactly these are found."""
        self.assertEqual(self.check(to, *options, dev=dev), words, self.last)

    def text(self, word):
        return next(f["text"] for f in self.last["findings"] if f["id"] == word)

    @contextlib.contextmanager
    def sending(self, sock, size=apps.TS_BYTES, pause=0.002):
        """An app that sends in the background."""
        stop = threading.Event()

        def send():
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    sock.send(b"\x47" * size)
                time.sleep(pause)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def attach_says(self, *options, to=TO, dev="out"):
        """What a successful attach says on stderr."""
        result = self.zcctl.run("attach", dev, "--to", to, *MP2T, *options)
        self.assertEqual(result.code, 0, result)
        return result.err


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


class Apps(CheckCase):
    def test_no_app_at_all(self):
        self.zcctl.attach(TO)
        self.found(["no-packets"])

    def test_an_app_that_is_silent(self):
        self.zcctl.attach(TO)
        app = self.watch(App(self.server, *connected(VIEWER_V4, PORT)))
        self.found([])
        self.found(["no-packets"], TO, "--watch", 1)
        self.assertIn(f"process {app.pid} (python3", self.text("no-packets"))

    def test_an_app_whose_name_would_play_with_the_terminal(self):
        self.zcctl.attach(TO)
        app = self.watch(App(self.server, *connected(VIEWER_V4, PORT)))
        app.do("open('/proc/self/comm', 'wb').write(b'a\\x1b]0;owned\\x07')")
        result = self.zcctl.run("check", "out", "--to", TO, "--watch", 1)
        self.assertEqual(result.code, FOUND, result)
        self.assertIn(rf"process {app.pid} (a\x1b]0;owned\x07), descriptor", result.out)
        self.assertNotIn("\x1b", result.out)

    def test_an_app_in_another_namespace(self):
        self.zcctl.attach(TO)
        elsewhere = Namespace("elsewhere")
        self.addCleanup(elsewhere.remove)
        elsewhere.ip("link set lo up", f"route add {VIEWER_V4}/32 dev lo")
        app = self.watch(App(elsewhere, *connected(VIEWER_V4, PORT)))
        self.found(["app-elsewhere"])
        self.assertIn(f"process {app.pid} ", self.text("app-elsewhere"))

    def test_an_app_that_is_bound_to_another_device_or_has_another_source(self):
        self.server.ip("link add other type veth peer name rehto", "link set other up",
                       "link set rehto up")
        self.zcctl.attach(TO)
        app = self.watch(App(
            self.server, "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'other')",
            f"s.connect(({VIEWER_V4!r}, {PORT}))"))
        self.found(["app-device"])
        app.close()
        self.zcctl.detach(TO)
        self.zcctl.attach(TO, "--from", f"{SERVER_V4}:4000")
        self.socket()
        self.found(["app-source"])

    def test_segment_sizes_that_are_not_the_rule_s(self):
        self.zcctl.attach(TO, *SEGMENT)
        app = self.watch(App(self.server, *connected(VIEWER_V4, PORT)))
        self.found(["socket-segment"])
        self.assertIn(f"--pid {app.pid}", self.last["findings"][0]["mend"])
        app.do("s.setsockopt(17, 103, 1316)")
        self.found([])
        app.do("s.setsockopt(socket.SOL_SOCKET, 11, 1)")  # SO_NO_CHECK
        self.found(["socket-no-checksum"])

    @sandbox.needs("setpriv")
    def test_a_file_among_the_namespaces_that_is_none_is_no_gap(self):
        """As `ip netns` leaves it of one that was made in another mount namespace."""
        self.zcctl.attach(TO)
        with open("/run/netns/stale", "w", encoding="ascii"):
            pass
        self.addCleanup(os.remove, "/run/netns/stale")
        self.check()
        self.assertEqual(self.last["notes"], [])

    def test_what_may_not_be_looked_at_is_said(self):
        self.zcctl.attach(TO, *SEGMENT)
        app = self.watch(App(self.server, *connected(VIEWER_V4, PORT)))
        words = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace",
                 *self.zcctl.command("check", "out", "--to", TO))
        result = program.execute(words)
        self.assertEqual((result.code, result.err), (0, ""), result)
        self.assertIn("note: what ", result.out)
        self.assertIn("CAP_SYS_PTRACE", result.out)
        app.close()


class NoChecksum(CheckCase):
    """`--pid` looks before it sets: such a socket's larger sends would fail with EINVAL."""

    def refused(self, host, option):
        to = f"[{host}]:{PORT}" if ":" in host else f"{host}:{PORT}"
        path = self.file(segmented.CALL_BYTES)
        app = self.watch(App(self.server, *connected(host, PORT, path)))
        app.do(option)
        result = self.zcctl.run("attach", "out", "--to", to, *MP2T, *SEGMENT, "--pid", app.pid)
        self.check_exit(result, UNSUPPORTED)
        self.assertIn("checksum", result.err)
        self.assertEqual((app.segment, program.pins()), (0, []))
        # What would have come of it: the kernel's own word.
        app.do(f"s.setsockopt(17, 103, {apps.TS_BYTES})")
        self.assertEqual(app.sendfile(0, segmented.CALL_BYTES), 22)

    def test_ipv4(self):
        self.refused(VIEWER_V4, "s.setsockopt(socket.SOL_SOCKET, 11, 1)")

    def test_ipv6(self):
        self.refused(VIEWER_V6, "s.setsockopt(17, 101, 1)")


if __name__ == "__main__":
    sandbox.main()

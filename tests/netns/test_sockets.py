#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`--pid`: the segment size of sockets of a running app, set from outside and put back. The app is a
process of its own that never hears of it."""
from support import apps, program, sandbox, segmented
from support.case import PORT, TO, WireCase
from support.net import VIEWER_V4, VIEWER_V6, Namespace, wait_until
from support.segmented import CALL_BYTES, App, connected, pieces

EXISTS = 5
SEGMENT = ("--segment", apps.TS_BYTES)
OTHER = 6 * 188
SIZES = (OTHER, 4 * 188, 7 * 188)
TO_V6 = f"[{VIEWER_V6}]:{PORT}"


class SocketCase(WireCase):
    def app(self, *setup, namespace=None):
        """An app that sends the file `self.path`, or does what `setup` says."""
        self.path = self.file(3 * CALL_BYTES)
        setup = setup or connected(VIEWER_V4, PORT, self.path)
        return self.watch(App(namespace or self.server, *setup))

    def words(self, pid, *options, to=TO, segment=SEGMENT):
        return ("attach", "out", "--to", to, "--payload", "MP2T", *segment, "--pid", pid, *options)

    def attach_pid(self, pid, *options, **words):
        """Succeeds, and returns what it says on stderr."""
        result = self.zcctl.run(*self.words(pid, *options, **words))
        self.assertEqual(result.code, 0, result)
        return result.err

    def check_calls(self, app, segment=apps.TS_BYTES, calls=3):
        """The app's calls of 59220 bytes arrive as packets of `segment` bytes."""
        self.capture.frames(quiet=0)
        for call in range(calls):
            self.assertEqual(app.sendfile(call * CALL_BYTES, CALL_BYTES), CALL_BYTES)
        sent = pieces(self.path, segment)
        self.check_stream(self.received(len(sent)), sent)


def is_connected(pid):
    """Has a UDP socket in its namespace the viewer's port as its other end? 01: TCP_ESTABLISHED."""
    with open(f"/proc/{pid}/net/udp", encoding="ascii") as sockets:
        return f":{PORT:04X} 01 " in sockets.read()


class Running(SocketCase):
    """Unmodified apps, while they run."""

    def test_a_running_app_s_calls_become_many_packets_and_it_is_told_which_socket(self):
        app = self.app()
        fd, (host, port) = app.do("s.fileno()"), app.do("s.getsockname()")
        said = self.attach_pid(app.pid)
        self.assertEqual(said, f"zcctl: set UDP_SEGMENT of process {app.pid}, descriptor {fd} "
                               f"({host}:{port} to {TO}) from 0 to {apps.TS_BYTES}\n")
        self.assertEqual(self.zcctl.rule(TO)["segment"], apps.TS_BYTES)
        self.check_calls(app)
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 0)

    def test_a_c_program_from_its_first_call_after_attach_on(self):
        path = self.file(2 * CALL_BYTES)
        sender = self.watch(segmented.Sender(self.server, path, VIEWER_V4, PORT, pause_us=2000))
        self.assertTrue(wait_until(lambda: is_connected(sender.pid)))
        self.attach_pid(sender.pid)
        self.assertTrue(wait_until(lambda: self.zcctl.counters(TO).get("super", 0) > 3))
        sender.finish()
        counters = self.zcctl.counters(TO)
        self.assertEqual(counters["stamped"], 45 * counters["super"])

    def test_one_descriptor_of_several(self):
        app = self.app()
        app.do("t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
        app.do(f"t.connect(({VIEWER_V4!r}, {PORT}))")
        said = self.attach_pid(f"{app.pid}:{app.do('s.fileno()')}")
        self.assertEqual(len(said.splitlines()), 1)
        self.assertEqual((app.segment, app.do("t.getsockopt(17, 103)")), (apps.TS_BYTES, 0))

    def test_all_sockets_that_go_there_and_no_other(self):
        app = self.app()
        app.do("more = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]")
        for number, port in enumerate((PORT, PORT, PORT + 2)):
            app.do(f"more[{number}].connect(({VIEWER_V4!r}, {port}))")
        app.do("copy = os.dup(s.fileno())")
        said = self.attach_pid(app.pid)
        self.assertEqual(len(said.splitlines()), 3, said)
        self.assertEqual(app.do("[m.getsockopt(17, 103) for m in more]"),
                         [apps.TS_BYTES, apps.TS_BYTES, 0, 0])

    def test_only_the_socket_of_the_rule_s_source(self):
        app = self.app()
        app.do("t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)")
        app.do("t.bind(('', 40001))")
        app.do(f"t.connect(({VIEWER_V4!r}, {PORT}))")
        self.attach_pid(app.pid, "--from", "10.77.0.1:40001")
        self.assertEqual((app.segment, app.do("t.getsockopt(17, 103)")), (0, apps.TS_BYTES))

    def test_ipv6_and_an_ipv6_socket_that_sends_ipv4(self):
        for host, to in ((VIEWER_V6, TO_V6), (f"::ffff:{VIEWER_V4}", TO)):
            with self.subTest(host=host):
                self.path = self.file(3 * CALL_BYTES)
                app = self.app(*connected(host, PORT, self.path))
                self.attach_pid(app.pid, to=to)
                self.check_calls(app)
                self.zcctl.detach(to)
                self.assertEqual(app.segment, 0)

    def test_a_dry_run_tells_and_changes_nothing(self):
        app = self.app()
        result = self.zcctl.ok("--dry-run", *self.words(app.pid))
        self.assertIn(f"would set UDP_SEGMENT of process {app.pid}", result.out)
        self.assertEqual((result.err, app.segment, program.pins()), ("", 0, []))


class Container(SocketCase):
    """An app in a network namespace of its own, behind a bridge: its packets leave by `out`, too."""

    def setUp(self):
        super().setUp()
        self.box = Namespace("box")
        self.addCleanup(self.box.remove)
        self.server.ip("link add dock type bridge", "addr add 10.88.0.1/24 dev dock",
                       "link set dock up", "link add port type veth peer name eth netns box",
                       "link set port master dock up")
        self.box.ip("addr add 10.88.0.2/24 dev eth", "link set eth up",
                    "route add default via 10.88.0.1")
        self.server.run("sysctl", "-qw", "net.ipv4.ip_forward=1")

    def test_its_sockets_are_set_and_put_back(self):
        app = self.app(namespace=self.box)
        self.assertIn("in another network namespace) from 0 to 1316", self.attach_pid(app.pid))
        app.sendfile(0, 1)  # wakes the bridge's port and the neighbours
        self.assertTrue(self.received(1))
        self.check_calls(app)
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 0)

    def test_behind_a_nat_the_rule_s_source_is_not_the_socket_s(self):
        app = self.app(namespace=self.box)
        self.assertIn("from 0 to 1316", self.attach_pid(app.pid, "--from", "10.77.0.1"))
        self.zcctl.ok("detach", "out", "--all")
        self.assertEqual(app.segment, 0)

    def test_one_that_goes_elsewhere_is_refused_for_that_reason(self):
        app = self.app(*connected("10.88.0.1", PORT), namespace=self.box)
        result = self.zcctl.run(*self.words(f"{app.pid}:{app.do('s.fileno()')}"))
        self.check_exit(result, 1)
        self.assertIn("connected to 10.88.0.1:5004, not to", result.err)

    def test_a_socket_stays_where_it_was_made_when_its_process_goes(self):
        """It is asked whether the packets leave there, where the receiver is the box itself."""
        self.box.ip(f"addr add {VIEWER_V4}/32 dev eth")
        app = self.app(namespace=self.box)
        app.do("import ctypes")
        app.do(f"n = os.open('/run/netns/{self.server.name}', os.O_RDONLY)")
        self.assertEqual(app.do("ctypes.CDLL(None).setns(n, 0)"), 0)
        result = self.zcctl.run(*self.words(f"{app.pid}:{app.do('s.fileno()')}"))
        self.check_exit(result, 1)
        self.assertIn("is its own address", result.err)


class Again(SocketCase):
    """The same rule once more, or another segment size."""

    def test_an_app_that_comes_later_is_told_too_and_nothing_else_is_changed(self):
        self.zcctl.attach(TO, *SEGMENT)
        app = self.app()
        self.assertIn("from 0 to 1316", self.attach_pid(app.pid))
        self.check_exit(self.zcctl.run(*self.words(app.pid)), EXISTS)
        self.check_exit(self.zcctl.run(*self.words(app.pid, "--replace")), 0)
        self.check_calls(app)

    def test_another_size_while_packets_flow(self):
        app = self.app()
        self.attach_pid(app.pid)
        self.check_calls(app)
        self.check_exit(self.zcctl.run(*self.words(app.pid, segment=("--segment", OTHER))), EXISTS)
        self.assertEqual(app.segment, apps.TS_BYTES)
        said = self.attach_pid(app.pid, "--replace", segment=("--segment", OTHER))
        self.assertIn("from 1316 to 1128", said)
        self.check_calls(app, OTHER)
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 0, "what was there before the first time goes back")

    def test_no_packet_is_lost_or_bare_when_the_size_changes_under_load(self):
        path = self.file(CALL_BYTES)
        sender = self.watch(segmented.Sender(self.server, path, VIEWER_V4, PORT, pause_us=8000,
                                             segment=apps.TS_BYTES))
        self.zcctl.attach(TO, *SEGMENT)
        self.capture.frames(quiet=0.001)
        for segment in SIZES * 3:
            self.attach_pid(sender.pid, "--replace", segment=("--segment", segment))
        sender.finish()
        packets = self.received(45)
        lengths = set(SIZES) | {CALL_BYTES % segment for segment in SIZES} - {0}
        self.assertEqual({len(p.payload) for p in packets}, lengths)
        numbers = [p.seq for p in packets]
        self.assertEqual(numbers, [(numbers[0] + i) % 65536 for i in range(len(numbers))])


class Restored(SocketCase):
    """`detach` gives the option back as it was."""

    def test_an_app_s_own_value_comes_back(self):
        app = self.app()
        app.do("s.setsockopt(17, 103, 500)")
        self.assertIn("from 500 to 1316", self.attach_pid(app.pid))
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 500)

    def test_what_the_app_changed_meanwhile_stays(self):
        app = self.app()
        self.attach_pid(app.pid)
        app.do("s.setsockopt(17, 103, 700)")
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 700)

    def test_what_the_app_changed_between_two_attaches_comes_back(self):
        app = self.app()
        self.attach_pid(app.pid)
        app.do("s.setsockopt(17, 103, 700)")
        self.attach_pid(app.pid, "--replace", segment=("--segment", OTHER))
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 700)

    def test_by_detaching_one_rule_of_several_or_all_or_by_losing_the_device(self):
        def one():
            self.zcctl.attach("10.77.0.2:7000")
            self.zcctl.detach(TO)

        def lost():
            self.wire.unplug()
            self.zcctl.ok("clean")

        for way in (one, lambda: self.zcctl.ok("detach", "out", "--all"), lost):
            app = self.app()
            self.attach_pid(app.pid)
            way()
            self.assertEqual(app.segment, 0)

    def test_when_the_descriptor_was_copied_and_closed(self):
        app = self.app()
        self.attach_pid(app.pid)
        app.do("t = socket.socket(fileno=os.dup(s.fileno()))")
        app.do("s.close()")
        self.zcctl.detach(TO)
        self.assertEqual(app.do("t.getsockopt(17, 103)"), 0)

    def test_when_a_child_inherited_the_socket_and_the_parent_died(self):
        app = self.app()
        self.attach_pid(app.pid)
        # The parent ends; the child goes on answering.
        app.do("child = os.fork() and os._exit(0)")
        self.assertEqual(app.segment, apps.TS_BYTES)
        self.zcctl.detach(TO)
        self.assertEqual(app.segment, 0)

    def test_when_the_app_is_gone_there_is_nothing_to_do(self):
        app = self.app()
        self.attach_pid(app.pid)
        app.close()
        self.check_exit(self.zcctl.run("detach", "out", "--to", TO), 0)
        self.check_nothing_left()


if __name__ == "__main__":
    sandbox.main()

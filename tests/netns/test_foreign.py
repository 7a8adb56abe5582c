#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`--pid` with what is not an app's UDP socket to the rule's destination: refused, in one line that
says why, and nothing is changed."""
from support import apps, program, sandbox, segmented
from support.case import PORT, TO, WireCase
from support.net import VIEWER_V4, VIEWER_V6, Namespace
from support.segmented import App, connected

FAILED, USAGE, NOT_PERMITTED, EXISTS = 1, 2, 4, 5


class Foreign(WireCase):
    def app(self, *setup, namespace=None):
        return self.watch(App(namespace or self.server, *setup))

    def attach(self, pid, *options, segment=("--segment", apps.TS_BYTES), before=()):
        words = ("attach", "out", "--to", TO, "--payload", "MP2T", *segment, "--pid", pid, *options)
        return program.execute((*before, *self.zcctl.command(*words)))

    def check_refused(self, pid, code, reason, **words):
        result = self.attach(pid, **words)
        self.check_exit(result, code)
        self.assertIn(reason, result.err)
        self.assertEqual(program.pins(), [])
        self.check_nothing_left()

    def test_a_descriptor_that_is_no_udp_socket(self):
        app = self.app("s = socket.socket()", "u = socket.socket(socket.AF_UNIX)",
                       "r, w = os.pipe()", "f = os.open('/dev/null', os.O_RDONLY)",
                       "raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 17)")
        for thing in ("s.fileno()", "u.fileno()", "r", "w", "f"):
            with self.subTest(thing=thing):
                fd = app.do(thing)
                self.check_refused(f"{app.pid}:{fd}", FAILED,
                                   f"process {app.pid}, descriptor {fd}: it is not a UDP socket")

    def test_a_raw_socket_of_the_protocol_udp(self):
        app = self.app("s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 17)",
                       f"s.connect(({VIEWER_V4!r}, {PORT}))")
        self.assertNotEqual(self.attach(f"{app.pid}:{app.do('s.fileno()')}").code, 0)
        self.check_nothing_left()

    def test_a_socket_that_is_not_connected(self):
        app = self.app("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
                       "s.bind(('', 40000))")
        self.check_refused(f"{app.pid}:{app.do('s.fileno()')}", FAILED, "it is not connected")
        self.check_refused(app.pid, EXISTS, f"has no UDP socket that is connected to {TO}")
        self.assertEqual(app.segment, 0)

    def test_a_socket_that_goes_elsewhere(self):
        for host, port, text in ((VIEWER_V4, 9, f"{VIEWER_V4}:9"),
                                 ("10.77.0.9", PORT, f"10.77.0.9:{PORT}"),
                                 (VIEWER_V6, PORT, f"[{VIEWER_V6}]:{PORT}")):
            with self.subTest(host=host, port=port):
                app = self.app(*connected(host, port))
                self.check_refused(f"{app.pid}:{app.do('s.fileno()')}", FAILED,
                                   f"it is connected to {text}, not to {TO}")
                self.check_refused(app.pid, EXISTS, "has no UDP socket")
                self.assertEqual(app.segment, 0)

    def test_a_socket_of_another_source_than_the_rule_s(self):
        app = self.app(*connected(VIEWER_V4, PORT))
        result = self.attach(f"{app.pid}:{app.do('s.fileno()')}", "--from", "10.77.0.1:1")
        self.check_exit(result, FAILED)
        self.assertIn("not from 10.77.0.1:1", result.err)

    def test_a_socket_of_another_namespace_whose_packets_stay_there(self):
        other = Namespace("other")
        self.addCleanup(other.remove)
        other.ip("link set lo up", f"addr add {VIEWER_V4}/32 dev lo")
        app = self.app(*connected(VIEWER_V4, PORT), namespace=other)
        self.check_refused(f"{app.pid}:{app.do('s.fileno()')}", FAILED,
                           "it is in another network namespace")
        self.check_refused(app.pid, EXISTS, f"where {VIEWER_V4} is its own address")
        self.assertEqual(app.segment, 0)

    def test_no_such_process_and_no_such_descriptor(self):
        app = self.app()
        self.check_refused(f"{app.pid}:999", EXISTS, f"{app.pid}, descriptor 999: it is not open")
        app.close()
        self.check_refused(app.pid, EXISTS, f"there is no process {app.pid}")
        self.check_refused(f"{app.pid}:3", EXISTS, f"there is no process {app.pid}")

    def test_words_that_are_no_process(self):
        for pid in ("0", "-1", "x", "1:", ":1", "1:x", "1:-1", "1:2:3", "4294967296", "1.5"):
            with self.subTest(pid=pid):
                self.check_refused(pid, USAGE, "--pid")

    def test_pid_without_segment(self):
        app = self.app(*connected(VIEWER_V4, PORT))
        self.check_refused(app.pid, USAGE, "--pid sets the segment size of its sockets: it needs "
                                           "--segment BYTES", segment=())

    def test_a_socket_that_is_refused_leaves_a_rule_in_force_as_it_was(self):
        self.zcctl.attach(TO)
        before = self.zcctl.show()
        app = self.app(*connected(VIEWER_V4, 9))
        self.check_exit(self.attach(app.pid, "--replace"), EXISTS)
        self.assertEqual(self.zcctl.show(), before)

    @sandbox.needs("setpriv")
    def test_without_cap_sys_ptrace_the_capability_is_named(self):
        """Tries an app of root and one of somebody else's."""
        without = ("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")
        for drop in ((), ("os.setgid(65534)", "os.setuid(65534)")):
            app = self.app(*connected(VIEWER_V4, PORT), *drop)
            for pid in (app.pid, f"{app.pid}:{app.do('s.fileno()')}"):
                with self.subTest(pid=pid, drop=drop):
                    self.check_refused(pid, NOT_PERMITTED, "CAP_SYS_PTRACE", before=without)
            self.assertEqual(app.segment, 0)

    @sandbox.needs("setpriv")
    def test_a_user_without_capabilities_is_told_so(self):
        app = self.app(*connected(VIEWER_V4, PORT))
        nobody = ("nsenter", f"--net={self.server.path}", "setpriv", "--reuid=65534", "--clear-groups",
                  "--inh-caps=-all", "--ambient-caps=-all", program.ZCCTL, "attach", "out", "--to",
                  TO, "--payload", "MP2T", "--segment", "1316", "--pid", str(app.pid))
        self.check_exit(program.execute(nobody), NOT_PERMITTED)


if __name__ == "__main__":
    sandbox.main()

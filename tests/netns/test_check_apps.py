#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `check` finds at the applications' sockets, and what `attach --pid` refuses for it."""
import os

from support import apps, program, sandbox, segmented
from support.case import PORT, TO
from support.check import FOUND, MP2T, SEGMENT, CheckCase
from support.net import SERVER_V4, VIEWER_V4, VIEWER_V6, Namespace
from support.segmented import App, connected

UNSUPPORTED = 3


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

# SPDX-License-Identifier: GPL-2.0-only
"""What every test in namespaces begins and ends with."""
import contextlib
import hashlib
import mmap
import os
import random
import unittest

from support import apps, bpf, program, rtp, sandbox
from support.capture import Capture
from support.kernel_log import KernelLog
from support.net import VIEWER_V4, Wire, run, wait_until

PORT = 5004
TO = f"{VIEWER_V4}:{PORT}"
BYSTANDER_PORT = 6000  # of an app that no rule knows
HOOKS = ("tcx", "clsact")


class WireCase(unittest.TestCase):
    """A fresh wire and zcctl in its server. Afterwards nothing may be left, in whatever state the
    test ended: that is one more check of `clean`."""

    hook = None  # tests that care say which

    def setUp(self):
        self.needs_hook(self.hook)
        self.log = KernelLog()
        self.wire = Wire()
        self.server, self.viewer = self.wire.server, self.wire.viewer
        self.zcctl = program.Zcctl("server")
        self.capture = Capture(self.viewer, "in")
        self._sockets = []

    def tearDown(self):
        self.capture.close()
        for sock in self._sockets:
            sock.close()
        self.wire.remove()
        try:
            self.assertTrue(wait_until(self._clean), f"clean leaves {program.pins()}")
            self.assertEqual(self.log.complaints(), [], "the kernel complains")
        finally:
            self.log.close()
            run("rm", "-rf", program.PINS)
            for name in os.listdir(sandbox.WORK):
                os.remove(os.path.join(sandbox.WORK, name))

    def needs_hook(self, hook):
        if hook == "tcx" and not bpf.kernel_has_tcx():
            self.skipTest("this kernel has no tcx")

    @staticmethod
    def _clean():
        result = program.execute((program.ZCCTL, "clean", "--force"))
        assert result.code == 0, result
        return not program.pins()

    def file(self, size, name="film"):
        """A file of random bytes, the same in every run."""
        path = os.path.join(sandbox.WORK, name)
        with open(path, "wb") as out:
            out.write(random.Random(size).randbytes(size))
        return path

    def socket(self, host=VIEWER_V4, port=PORT, source_port=0):
        """Opens one of an app in the server; closed after the test."""
        sock = apps.connect(self.server, host, port, source_port)
        self._sockets.append(sock)
        return sock

    def watch(self, thing):
        """Closes it after the test."""
        self._sockets.append(thing)
        return thing

    def received(self, count=0, port=PORT):
        """The RTP packets that reached the viewer, each one from an accepted datagram. It waits
        longer for the first `count`."""
        return [rtp.parse_rtp(d.payload) for d in self.capture.datagrams(port, count)]

    @contextlib.contextmanager
    def rule(self, to, *options, **words):
        """A rule that is gone afterwards, whatever happened."""
        self.zcctl.attach(to, *options, **words)
        source = options[options.index("--from"):][:2] if "--from" in options else ()
        try:
            yield
        finally:
            self.zcctl.detach(to, *source)

    def check_bystander(self):
        """An app of no rule is not affected."""
        self.capture.frames(quiet=0)
        apps.say(self.socket(port=BYSTANDER_PORT), b"not yours")
        payloads = [d.payload for d in self.capture.datagrams(BYSTANDER_PORT, 1)]
        self.assertEqual(payloads, [b"not yours"])

    def check_stamped(self, port=PORT):
        """One datagram of a new app goes and arrives as RTP."""
        payload = b"stamp me" * 8
        self.capture.frames(quiet=0)
        apps.say(self.socket(port=port), payload)
        self.assertEqual([packet.payload for packet in self.received(1, port)], [payload])

    def check_nothing_left(self):
        """Everything is as if zcctl had never been here."""
        self.assertEqual(program.pins(), [])
        # The kernel ends an unpinned link a moment later. test_lifecycle asks whether that shows.
        self.assertTrue(wait_until(lambda: program.programs_on(self.server) == (0, 0), seconds=2),
                        program.programs_on(self.server))
        self.assertNotIn("clsact", self.server.qdiscs("out"))
        self.assertEqual([name for name in self.server.links() if name.startswith("zcstage")], [])

    def check_stream(self, packets, payloads, payload_type=33):
        """One unbroken stream that carries exactly these payloads."""
        self.assertEqual(len(packets), len(payloads))
        first = packets[0]
        for index, (packet, payload) in enumerate(zip(packets, payloads)):
            self.assertEqual(packet.seq, (first.seq + index) % 65536, f"packet {index}")
            self.assertEqual((packet.ssrc, packet.payload_type, packet.marker),
                             (first.ssrc, payload_type, 0))
            self.assertEqual(packet.payload, payload, f"packet {index}")

    def check_exit(self, result, code):
        """The exit code of docs/interface.md, and its one line of reason and one of hint."""
        self.assertEqual(result.code, code, result)
        lines = result.err.splitlines()
        if code == 0:
            self.assertEqual(lines, [], result)
            return
        self.assertTrue(1 <= len(lines) <= 2, result)
        self.assertTrue(lines[0].startswith("zcctl: "), result)
        self.assertTrue(len(lines) == 1 or lines[1].startswith("hint: "), result)
        self.assertEqual(result.out, "", result)


class HookCase(WireCase):
    """Base of tests that run once per hook: see on_both_hooks."""

    def attach(self, to=TO, *options, **words):
        return self.zcctl.attach(to, "--hook", self.hook, *options, **words)


def on_both_hooks(module, *cases):
    """The cases are for tcx: has each of them once more for clsact."""
    for case in cases:
        case.hook = "tcx"
        name = f"{case.__name__}OnClsact"
        module[name] = type(name, (case,), {"hook": "clsact", "__module__": case.__module__})


def chunks(path, size=apps.TS_BYTES):
    with open(path, "rb") as file:
        data = file.read()
    return [data[i:i + size] for i in range(0, len(data), size)]


def cached_bytes_hash(path):
    """Hash of the page cache's pages: a mapping shows them as they are now."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        return hashlib.sha256(pages).hexdigest()

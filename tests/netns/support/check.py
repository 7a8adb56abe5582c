# SPDX-License-Identifier: GPL-2.0-only
"""What tests of `check` have in common: faults are made by each of them, and found by their words."""
import contextlib
import os
import time

from support import apps
from support.background import background
from support.case import PORT, TO, WireCase

FOUND, USAGE = 1, 2
FAR = "192.0.2.7"  # behind no route
FAR_TO = f"{FAR}:{PORT}"
SEGMENT = ("--segment", apps.TS_BYTES)
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
        path = os.path.join(os.path.dirname(__file__), "../../../docs/troubleshooting.md")
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
        def send(stop):
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    sock.send(b"\x47" * size)
                time.sleep(pause)

        with background(send):
            yield

    def attach_says(self, *options, to=TO, dev="out"):
        """What a successful attach says on stderr."""
        result = self.zcctl.run("attach", dev, "--to", to, *MP2T, *options)
        self.assertEqual(result.code, 0, result)
        return result.err

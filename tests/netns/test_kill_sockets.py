#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9 of `attach --pid` and of the detach that follows: whatever it left, the app's sockets have
their own segment size again after the next detach."""
from support import apps, sandbox, segmented
from support.case import PORT, TO
from support.kill import KillCase
from support.net import VIEWER_V4
from support.segmented import App, connected

OTHER = 6 * 188
OWN = 500  # what the app itself had set


@sandbox.needs("strace")
class KillWithSockets(KillCase):
    def setUp(self):
        super().setUp()
        self.app = self.watch(App(self.server, *connected(VIEWER_V4, PORT)))
        self.app.do(f"s.setsockopt(17, {segmented.UDP_SEGMENT}, {OWN})")

    def attach_words(self, to=TO, segment=apps.TS_BYTES):
        return (*super().attach_words(to), "--segment", str(segment), "--pid", str(self.app.pid))

    def attach(self, to=TO):
        self.assertEqual(self.zcctl.run(*self.attach_words(to)).code, 0)

    def steps(self, *words):
        """What comes before the last steps of an attach has nothing to do with sockets: see
        test_kill.py."""
        return super().steps(*words)[-12 if words[0] == "attach" else 0:]

    def sweep(self):
        """The rule goes, if it is there, and with it all that was done."""
        self.zcctl.ok("clean")
        self.assertIn(self.zcctl.run("detach", "out", "--all").code, (0, 5))
        self.check_nothing_left()
        self.assertEqual(self.app.segment, OWN)

    def test_the_attach_that_sets_them(self):
        def mend(number):
            if number % 2:
                self.assertIn(self.zcctl.run(*self.attach_words()).code, (0, 5))
                self.assertEqual(self.app.segment, apps.TS_BYTES)
            self.sweep()

        self.each_step(self.sweep, self.attach_words(), mend)

    def test_the_attach_that_changes_them(self):
        words = (*self.attach_words(segment=OTHER), "--replace")

        def prepare():
            self.sweep()
            self.attach()

        def mend(number):
            if number % 2:
                self.assertEqual(self.zcctl.run(*words).code, 0)
                self.assertEqual(self.app.segment, OTHER)
            self.sweep()

        self.each_step(prepare, words, mend)

    def test_the_detach_that_puts_them_back(self):
        def mend(number):
            if number % 2:
                self.assertIn(self.zcctl.run("detach", "out", "--to", TO).code, (0, 5))
            self.sweep()

        self.each_step(self.attach, ("detach", "out", "--to", TO), mend)

    def test_an_attach_that_fails_leaves_them_as_they_were(self):
        for before in (False, True):
            words = (*self.attach_words(segment=OTHER), "--replace")
            expected = apps.TS_BYTES if before else OWN

            def prepare():
                self.sweep()
                if before:
                    self.attach()

            prepare()
            steps = self.steps(*words)
            for step in self.chosen(steps, first=2):
                with self.subTest(step=step.text, before=before), self.swept_where_it_fails():
                    prepare()
                    if not self.fail_at(step, *words):
                        self.assertEqual(self.app.segment, expected)
                        self.assertEqual((self.zcctl.rule(TO) or {}).get("segment"),
                                         apps.TS_BYTES if before else None)


if __name__ == "__main__":
    sandbox.main()

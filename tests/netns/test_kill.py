#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9, or a refusal of the kernel, at the steps of attach and detach (docs/interface.md): a
sample of them and the last ones, or with ZC_KILL_EVERY=1 each.

A first, whole run under strace lists the system calls of a command. Then the command is run again
and again, and killed each time just before another one of them. Whatever it left: the host works,
the next command succeeds, and afterwards nothing is left."""
import shutil

from support import apps, program, sandbox
from support.case import TO, on_both_hooks
from support.kill import SECOND, KillCase


@sandbox.needs("strace")
class Kill(KillCase):
    def test_the_first_attach(self):
        """The next command is clean, detach or attach, in turns."""
        def mend(number):
            if number % 3 == 0:
                self.zcctl.ok("clean")
                # Killed late: the rule may be in force, then it is detached as any other.
                self.zcctl.run("detach", "out", "--all")
            elif number % 3 == 1:
                self.assertIn(self.zcctl.run("detach", "out", "--all").code, (0, 5))
                self.zcctl.ok("clean")
            else:
                self.assertIn(self.zcctl.run(*self.attach_words()).code, (0, 5))
                self.check_left(TO)
                self.zcctl.detach(TO)
            self.check_left()
        self.each_step(self.nothing, self.attach_words(), mend)

    def test_the_second_attach(self):
        def prepare():
            self.attach_missing(TO)

        def mend(number):
            if number % 2:
                self.zcctl.ok("clean")
            self.assertIn(self.zcctl.run(*self.attach_words(SECOND)).code, (0, 5))
            self.check_left(TO, SECOND)
            self.zcctl.detach(SECOND)
            self.check_left(TO)
        self.each_step(prepare, self.attach_words(SECOND), mend)

    def test_the_detach_of_one_of_two(self):
        def prepare():
            self.attach_missing(TO, SECOND)
            apps.say(self.socket(port=5006), b"a stream to remove" * 3)

        def mend(number):
            if number % 2:
                self.zcctl.ok("clean")
            self.assertIn(self.zcctl.run("detach", "out", "--to", SECOND).code, (0, 5))
            self.check_left(TO)
            self.assertEqual(len(self.zcctl.streams(SECOND)), 0)
        self.each_step(prepare, ("detach", "out", "--to", SECOND), mend)

    def test_the_detach_of_the_last(self):
        def mend(number):
            if number % 3 == 0:
                self.zcctl.ok("clean")
                self.zcctl.run("detach", "out", "--all")
            elif number % 3 == 1:
                self.assertIn(self.zcctl.run("detach", "out", "--to", TO).code, (0, 5))
            else:
                self.assertIn(self.zcctl.run(*self.attach_words()).code, (0, 5))
                self.check_left(TO)
                self.zcctl.detach(TO)
            self.check_left()
        self.each_step(self.attach, ("detach", "out", "--to", TO), mend)

    def test_an_attach_that_fails_leaves_the_host_as_it_was(self):
        for before, words in (((), self.attach_words()), ((TO,), self.attach_words(SECOND))):
            self.attach_missing(*before)
            steps = self.steps(*words)
            self.zcctl.detach(words[3])
            for step in self.chosen(steps, first=2):
                with self.subTest(step=step.text, before=before), self.swept_where_it_fails():
                    self.attach_missing(*before)
                    if self.fail_at(step, *words):
                        self.zcctl.detach(words[3])
                    self.check_left(*before)

    def test_clean_of_what_a_lost_device_left(self):
        def prepare():
            if "out" not in self.server.links():
                self.wire.plug()
            self.attach()
            self.wire.unplug()

        prepare()
        for step in self.chosen(self.steps("clean")):
            with self.subTest(step=step.text):
                prepare()
                self.kill_at(step, "clean")
                self.zcctl.ok("clean")
                left, _ = program.pins(), shutil.rmtree(program.PINS, ignore_errors=True)
                self.assertEqual(left, [])


on_both_hooks(globals(), Kill)

if __name__ == "__main__":
    sandbox.main()

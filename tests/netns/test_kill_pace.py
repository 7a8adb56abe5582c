#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9, or a refusal of the kernel, at the steps of commands that make, change and remove the
queue of --rate, beside a rule without one. Whatever is left: the next command succeeds, and the queue
is there exactly as long as a rule wants it."""
from support import sandbox
from support.case import TO
from support.kill import SECOND, KillCase


@sandbox.needs("strace")
class KillPace(KillCase):
    def paced_words(self, rate="8M"):
        return (*self.attach_words(SECOND), "--rate", rate)

    def queues(self):
        return [name for name in self.server.links() if name.startswith("zcpace")]

    def detach(self):
        """One that finds no rule any more leaves what the killed one left to the next command."""
        code = self.zcctl.run("detach", "out", "--to", SECOND).code
        self.assertIn(code, (0, 5))
        if code == 5:
            self.zcctl.ok("clean")

    def check_queue(self):
        """Behind a command that has come to its end."""
        rule = self.zcctl.rule(SECOND)
        paced = bool(rule and rule["rate"])
        self.assertEqual(len(self.queues()), int(paced))
        findings = [finding["id"] for finding in self.zcctl.device()["findings"]]
        self.assertNotIn("queue-lost", findings)
        self.check_left(*([TO, SECOND] if rule else [TO]))

    def only_the_first(self):
        self.attach_missing(TO)
        if self.zcctl.rule(SECOND):
            self.zcctl.detach(SECOND)

    def paced(self):
        self.attach_missing(TO)
        self.zcctl.ok(*self.paced_words(), "--replace")

    def test_an_attach_with_rate(self):
        def mend(number):
            if number % 2:
                self.zcctl.ok("clean")
            else:
                self.assertIn(self.zcctl.run(*self.paced_words()).code, (0, 5))
            self.check_queue()
            self.only_the_first()
            self.check_queue()
        self.each_step(self.only_the_first, self.paced_words(), mend)

    def test_another_rate_and_none(self):
        for words in ((*self.paced_words("2M"), "--replace"),
                      (*self.attach_words(SECOND), "--replace")):
            def mend(number, words=words):
                if number % 2:
                    self.zcctl.ok("clean")
                else:
                    self.zcctl.ok(*words)
                self.check_queue()
            self.each_step(self.paced, words, mend)

    def test_the_detach_of_the_last_with_rate(self):
        def mend(number):
            if number % 2:
                self.zcctl.ok("clean")
            else:
                self.detach()
            self.check_queue()
        self.each_step(self.paced, ("detach", "out", "--to", SECOND), mend)

    def test_the_detach_of_all(self):
        def mend(number):
            if number % 2:
                self.zcctl.ok("clean")
            self.zcctl.run("detach", "out", "--all")
            self.assertEqual(self.queues(), [])
            self.check_left()
        self.each_step(self.paced, ("detach", "out", "--all"), mend)

    def test_an_attach_that_fails_leaves_no_queue(self):
        self.only_the_first()
        steps = self.steps(*self.paced_words())
        for step in self.chosen(steps):
            with self.subTest(step=step.text), self.swept_where_it_fails():
                self.only_the_first()
                self.fail_at(step, *self.paced_words())
                self.check_queue()


if __name__ == "__main__":
    sandbox.main()

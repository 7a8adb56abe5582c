#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""kill -9, or a refusal of the kernel, at every step of attach and detach of a cgroup's rule: as
test_kill.py has it of a device's."""
from support import cgroup, program, sandbox
from support.kill import KillCase
from support.net import SERVER_V4

FIRST, SECOND = 8554, 8555


@sandbox.needs("strace")
class Kill(KillCase):
    def setUp(self):
        if not cgroup.mount_point():
            self.skipTest("no cgroup2 is mounted")
        super().setUp()
        self.group = cgroup.Cgroup()
        self.film = self.file(20_000)
        self.servers = [cgroup.Server(self.server, self.group, self.film, port)
                        for port in (FIRST, SECOND)]

    def tearDown(self):
        self.zcctl.run("detach", self.group.target, "--all")
        for server in self.servers:
            server.close()
        super().tearDown()
        self.group.remove()

    def attach_words(self, to=FIRST):
        return ("attach", self.group.target, "--from", f":{to}", "--payload", "MP2T", "--framing",
                "rfc4571", "--segment", "1316")

    def attach_missing(self, *ports):
        there = self.rules()
        for port in ports:
            if port not in there:
                self.attach(port)

    def detach_words(self, port=FIRST):
        return ("detach", self.group.target, "--from", f":{port}")

    def rules(self):
        targets = self.zcctl.ok("--json", "show", "--over", 0).json["targets"]
        return sorted(int(r["from"][1:]) for t in targets for r in t["rules"])

    def is_framed(self, port):
        sock = cgroup.connect(self.viewer, SERVER_V4, port)
        data = cgroup.receive_all(sock)
        sock.close()
        with open(self.film, "rb") as file:
            film = file.read()
        if data == film:
            return False
        self.assertEqual(b"".join(p[12:] for p in cgroup.split(data)), film)
        return True

    def check_left(self, *ports):
        self.assertEqual(self.rules(), sorted(ports))
        for port in (FIRST, SECOND):
            self.assertEqual(self.is_framed(port), port in ports)
        if not ports:
            self.assertEqual(program.pins(), [])

    def test_the_first_attach(self):
        def mend(number):
            if number % 3 == 0:
                self.zcctl.ok("clean")
                self.zcctl.run(*self.detach_words())
            elif number % 3 == 1:
                self.assertIn(self.zcctl.run("detach", self.group.target, "--all").code, (0, 5))
                self.zcctl.ok("clean")
            else:
                self.assertIn(self.zcctl.run(*self.attach_words()).code, (0, 5))
                self.check_left(FIRST)
                self.zcctl.ok(*self.detach_words())
            self.check_left()
        self.each_step(lambda: self.zcctl.run(*self.detach_words()), self.attach_words(), mend)

    def test_the_second_attach_and_its_detach(self):
        for words, prepared in ((self.attach_words(SECOND), (FIRST,)),
                                (self.detach_words(SECOND), (FIRST, SECOND))):
            def prepare():
                if len(prepared) == 1:
                    self.zcctl.run(*self.detach_words(SECOND))
                self.attach_missing(*prepared)

            def mend(number):
                if number % 2:
                    self.zcctl.ok("clean")
                self.assertIn(self.zcctl.run(*words).code, (0, 5))
                self.check_left(FIRST, *((SECOND,) if words[0] == "attach" else ()))
            self.each_step(prepare, words, mend)

    def test_the_detach_of_the_last(self):
        def mend(number):
            if number % 3 == 0:
                self.zcctl.ok("clean")
                self.zcctl.run("detach", self.group.target, "--all")
            elif number % 3 == 1:
                self.assertIn(self.zcctl.run(*self.detach_words()).code, (0, 5))
            else:
                self.assertIn(self.zcctl.run(*self.attach_words()).code, (0, 5))
                self.check_left(FIRST)
                self.zcctl.ok(*self.detach_words())
            self.check_left()
        self.each_step(lambda: self.attach_missing(FIRST), self.detach_words(), mend)

    def test_an_attach_that_fails_leaves_the_rules_as_they_were(self):
        for before, port in (((), FIRST), ((FIRST,), SECOND)):
            self.attach_missing(*before)
            steps = self.steps(*self.attach_words(port))
            self.zcctl.ok(*self.detach_words(port))
            for step in self.chosen(steps, first=2):
                with self.subTest(step=step.text, before=before), self.swept_where_it_fails():
                    self.attach_missing(*before)
                    if self.fail_at(step, *self.attach_words(port)):
                        self.zcctl.ok(*self.detach_words(port))
                    self.check_left(*before)


if __name__ == "__main__":
    sandbox.main()

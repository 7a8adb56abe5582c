#!/usr/bin/env python3
"""kill -9, or a refusal of the kernel, at every step of attach and detach (docs/interface.md).

A first, whole run under strace lists the system calls of a command. Then the command is run again
and again, and killed each time just before another one of them. Whatever it left: the host works,
the next command succeeds, and afterwards nothing is left."""
import contextlib
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass

from support import apps, program, sandbox
from support.case import TO, WireCase, on_both_hooks
from support.net import VIEWER_V4

SECOND = f"{VIEWER_V4}:5006"
KILLED = (-9, 137)
TRACE = os.path.join(sandbox.WORK, "trace")
# All calls through which a zcctl changes anything outside of its process; and some that it only
# reads with, every SAMPLE-th of which is a step, too.
CALLS = "bpf,mkdir,mkdirat,unlink,unlinkat,rmdir,mount,sendto,sendmsg,flock,membarrier"
_READS = re.compile(r"BPF_(PROG_LOAD|BTF_LOAD|MAP_CREATE|OBJ_GET|OBJ_GET_INFO_BY_FD|MAP_LOOKUP_\w+|"
                    r"MAP_GET_NEXT_KEY|MAP_FREEZE|PROG_BIND_MAP|PROG_QUERY|BTF_GET_\w+)\b|flock\(")
SAMPLE = 15
# By these a zcctl tells a living rule from a leftover: an error here must not count as "gone".
_TELLS = re.compile(r'BPF_OBJ_GET, .*/(prog|link|zc_meta)"')


@dataclass
class Step:
    call: str
    number: int  # how often the call was made, this one included
    text: str

    def inject(self, what):
        return f"inject={self.call}:{what}:when={self.number}"


def strace(command, inject=None):
    more = ("-e", inject) if inject else ()
    return subprocess.run(("strace", "-o", TRACE, "-e", f"trace={CALLS}", *more, *command),
                          capture_output=True, text=True, check=False, timeout=60)


def steps_of(trace):
    """The steps at which to kill: all that change something, and a sample of the others."""
    counts, reads, steps = Counter(), 0, []
    for line in trace.splitlines():
        match = re.match(r"(?:\d+ +)?(\w+)\(", line)
        if not match:
            continue
        counts[match[1]] += 1
        reading = bool(_READS.search(line)) and not _TELLS.search(line)
        reads += reading
        if not reading or reads % SAMPLE == 0:
            steps.append(Step(match[1], counts[match[1]], line[:100]))
    return steps


@sandbox.needs("strace")
class Kill(WireCase):
    hook = "tcx"

    def attach_words(self, to=TO):
        return ("attach", "out", "--to", to, "--payload", "MP2T", "--hook", self.hook)

    def attach(self, to=TO):
        self.zcctl.ok(*self.attach_words(to))

    def attach_missing(self, *tos):
        for to in tos:
            if not self.zcctl.rule(to):
                self.attach(to)

    def strace(self, *words, inject=None):
        return strace(self.zcctl.command(*words), inject)

    def steps(self, *words):
        done = self.strace(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(TRACE, encoding="utf-8", errors="replace") as trace:
            return steps_of(trace.read())

    def kill_at(self, step, *words):
        done = self.strace(*words, inject=step.inject("signal=SIGKILL"))
        self.assertIn(done.returncode, KILLED, f"not killed at {step}: {done.stderr}")

    def fail_at(self, step, *words):
        """The kernel refuses that one call."""
        done = self.strace(*words, inject=step.inject("error=ENOMEM"))
        # A call may be one that zcctl can do without: then it must have done its work.
        if done.returncode:
            self.assertIn(f"{done.stderr.splitlines()[-1]} ".split(":")[0], ("zcctl", "hint"))
        return done.returncode == 0

    def each_step(self, prepare, words, mend):
        """prepare, then kill `words` at a step, then `mend(number)` must put things right."""
        prepare()
        steps = self.steps(*words)
        self.assertGreater(len(steps), 4)
        for number, step in enumerate(steps):
            with self.subTest(step=step.text), self.swept_where_it_fails():
                prepare()
                self.kill_at(step, *words)
                self.check_bystander()
                mend(number)

    @contextlib.contextmanager
    def swept_where_it_fails(self):
        """One failure must not make the next steps fail."""
        try:
            yield
        except BaseException:
            shutil.rmtree(program.PINS, ignore_errors=True)
            if "clsact" in self.server.qdiscs("out"):
                self.server.run("tc", "qdisc", "del", "dev", "out", "clsact")
            raise

    def nothing(self):
        """No rule to begin with."""

    def check_left(self, *rules):
        """Exactly these rules are in force, or nothing at all is left."""
        if not rules:
            self.check_nothing_left()
            return
        self.assertEqual(sorted(r["to"] for r in self.zcctl.device()["rules"]), sorted(rules))
        self.assertEqual(sum(program.programs_on(self.server)), 1)
        for to in rules:
            self.check_stamped(int(to.split(":")[1]))

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
            for step in steps:
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
        for step in self.steps("clean"):
            with self.subTest(step=step.text):
                prepare()
                self.kill_at(step, "clean")
                self.zcctl.ok("clean")
                left, _ = program.pins(), shutil.rmtree(program.PINS, ignore_errors=True)
                self.assertEqual(left, [])


class KillWhileMounting(WireCase):
    """attach on a machine without a bpffs."""

    def test_the_mount(self):
        subprocess.run(["umount", "/sys/fs/bpf"], check=True)
        words = ("attach", "out", "--to", TO, "--payload", "MP2T")
        done = strace(self.zcctl.command(*words), Step("mount", 1, "").inject("signal=SIGKILL"))
        self.assertIn(done.returncode, KILLED)
        self.zcctl.ok(*words)
        self.check_stamped()


on_both_hooks(globals(), Kill)

if __name__ == "__main__":
    sandbox.main()

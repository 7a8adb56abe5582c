# SPDX-License-Identifier: GPL-2.0-only
"""zcctl, killed or refused at every one of its system calls that change something."""
import contextlib
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass

from support import program, sandbox
from support.case import TO, WireCase
from support.net import VIEWER_V4

SECOND = f"{VIEWER_V4}:5006"
KILLED = (-9, 137)
TRACE = os.path.join(sandbox.WORK, "trace")
# All calls through which a zcctl changes anything outside of its process; and some that it only
# reads with, every SAMPLE-th of which is a step, too.
CALLS = ("bpf,mkdir,mkdirat,unlink,unlinkat,rmdir,renameat2,mount,sendto,sendmsg,flock,membarrier,"
         "setsockopt")
_READS = re.compile(r"BPF_(PROG_LOAD|BTF_LOAD|MAP_CREATE|OBJ_GET|OBJ_GET_INFO_BY_FD|MAP_LOOKUP_\w+|"
                    r"MAP_GET_NEXT_KEY|MAP_FREEZE|PROG_BIND_MAP|PROG_QUERY|BTF_GET_\w+)\b|flock\(")
SAMPLE = 15
# Of the steps of one command every so many-th is tried, and each of the last ones, which make a
# change real. A release check tries all: ZC_KILL_EVERY=1.
EVERY = int(os.environ.get("ZC_KILL_EVERY", "5"))
LAST = 6
# With clsact other calls than with tcx: those are tried, and the last ones. strace has their names,
# or numbers (linux/rtnetlink.h).
_OF_CLSACT = re.compile(r"nlmsg_type=(RTM_(NEW|DEL)(QDISC|TFILTER)|0x2[45cd])\b")
# These tell a zcctl a living rule from a leftover: an error here must not count as "gone".
_TELLS = re.compile(r'BPF_OBJ_GET, .*/(prog|link|prog/egress|link/egress|zc_meta)"')


@dataclass
class Step:
    call: str
    number: int  # how often the call was made, this one included
    text: str

    def inject(self, what):
        return f"inject={self.call}:{what}:when={self.number}"


def strace(command, inject=None, calls=CALLS):
    # Stops at these calls only, and not at the thousands that read the kernel's types; but from such
    # a stop no signal gets through (ptrace(2), PTRACE_EVENT stops).
    quick = () if inject and ":signal=" in inject else ("-f", "--seccomp-bpf")
    more = ("-e", inject) if inject else ()
    return subprocess.run(("strace", *quick, "-o", TRACE, "-e", f"trace={calls}", *more, *command),
                          capture_output=True, text=True, check=False, timeout=60)


def steps_of(trace):
    """The steps at which to kill: all of the first thread that change something, and a sample of the
    others."""
    counts, reads, steps = Counter(), 0, []
    first = trace.split(" ", 1)[0]
    for line in trace.splitlines():
        match = re.match(first + r" +(\w+)\(", line)
        if not match:
            continue
        counts[match[1]] += 1
        reading = bool(_READS.search(line)) and not _TELLS.search(line)
        reads += reading
        if not reading or reads % SAMPLE == 0:
            steps.append(Step(match[1], counts[match[1]], line[:100]))
    return steps


class KillCase(WireCase):
    hook = "tcx"
    tables = ("--max-streams", "1000")  # of a size that is soon made and removed

    def attach_words(self, to=TO):
        return ("attach", "out", "--to", to, "--payload", "MP2T", "--hook", self.hook, *self.tables)

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
        # How many batches there are depends on the streams that came since.
        if "BPF_MAP_DELETE_BATCH" in step.text and done.returncode == 0:
            return
        self.assertIn(done.returncode, KILLED, f"not killed at {step}: {done.stderr}")

    def fail_at(self, step, *words):
        """The kernel refuses that one call."""
        done = self.strace(*words, inject=step.inject("error=ENOMEM"))
        # A call may be one that zcctl can do without: then it must have done its work.
        if done.returncode:
            self.assertIn(f"{done.stderr.splitlines()[-1]} ".split(":")[0], ("zcctl", "hint"))
        return done.returncode == 0

    def chosen(self, steps, first=0):
        """Those that are tried; `first`: so that two that try the same steps choose others."""
        if EVERY == 1:
            return steps
        early = steps[first:-LAST:EVERY]
        if self.hook == "clsact":
            early = [step for step in steps[:-LAST] if _OF_CLSACT.search(step.text)]
        return early + steps[-LAST:]

    def each_step(self, prepare, words, mend):
        """prepare, then kill `words` at a step, then `mend(number)` must put things right, also behind
        a command that came to its end."""
        prepare()
        steps = self.steps(*words)
        self.assertGreater(len(steps), 4)
        mend(0)
        for number, step in enumerate(self.chosen(steps)):
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
        device = self.zcctl.device()
        self.assertEqual(sorted(r["to"] for r in device["rules"]), sorted(rules))
        self.assertEqual(device["stage"], f"zcstage{self.server.ifindex('out')}")
        self.assertEqual(sum(program.programs_on(self.server)), 1)
        for to in rules:
            self.check_stamped(int(to.split(":")[1]))

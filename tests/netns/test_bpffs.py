#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where the pins live: whose bpffs it is, who can write to it, and what is said where it cannot be
seen. The sandbox of these tests is a container: a PID namespace with mounts of its own."""
import contextlib
import os
import re
import subprocess

from support import program, sandbox
from support.case import TO, WireCase
from support.kill import KILLED
from support.net import VIEWER_V4, run

BPFFS = "/sys/fs/bpf"
ATTACH = ("attach", "out", "--to", TO, "--payload", "MP2T")
FAILED, UNSUPPORTED, NOT_PERMITTED = 1, 3, 4
FIRST_PID_NAMESPACE = "pid:[4026531836]"  # PROC_PID_INIT_INO, include/linux/proc_ns.h
LOOKS = (("show",), ("--json", "show"), ("show", "out"), ("sdp", "out", "--to", TO),
         ("--dry-run", "clean"), ("--dry-run", *ATTACH))


class BpffsCase(WireCase):
    def tearDown(self):
        """Everything is as it was before, for the `clean` that ends each test."""
        if not os.path.ismount(BPFFS):
            run("mount", "-t", "bpf", "-o", "mode=0700", "bpf", BPFFS)
        os.chown(BPFFS, 0, 0)
        os.chmod(BPFFS, 0o700)
        super().tearDown()

    @staticmethod
    def without_bpffs():
        run("umount", BPFFS)

    def check_refused(self, command, code, *says):
        result = program.execute(command)
        self.check_exit(result, code)
        for words in says:
            self.assertIn(words, result.err)
        return result


class Container(BpffsCase):
    def test_attach_mounts_no_bpffs_that_would_vanish_with_it(self):
        self.without_bpffs()
        for words in (ATTACH, ("detach", "out", "--all"), ("clean",)):
            self.check_refused(self.zcctl.command(*words), UNSUPPORTED, "this is a container",
                               "zcctl -n NETNS", "nsenter")
        self.assertFalse(os.path.ismount(BPFFS))

    def test_who_looks_is_told_that_nothing_can_be_seen(self):
        self.without_bpffs()
        for words in LOOKS:
            self.check_refused(self.zcctl.command(*words), NOT_PERMITTED,
                               "the rules in it, cannot be seen: this is a container")
        self.assertFalse(os.path.ismount(BPFFS))

    def test_one_that_was_mounted_by_hand_is_used(self):
        self.without_bpffs()
        run("mount", "-t", "bpf", "bpf", BPFFS)  # with the kernel's own mode, 1777
        self.zcctl.attach(TO)
        self.check_stamped()
        self.assertIsNotNone(self.zcctl.rule(TO))

    @sandbox.needs("setpriv")
    def test_without_the_right_to_look_at_other_processes(self):
        """`ip netns exec` hides the bpffs, and what led to us may not be asked for its own."""
        self.zcctl.attach(TO)
        few = ("ip", "netns", "exec", "server", "setpriv",
               "--bounding-set=-all,+bpf,+net_admin,+perfmon", program.ZCCTL)
        for words in LOOKS:
            self.check_refused((*few, *words), NOT_PERMITTED, "cannot be seen")
        self.check_refused((*few, *ATTACH), UNSUPPORTED, "no bpffs is mounted")
        self.check_stamped()

    def test_a_chroot(self):
        root = os.path.join(sandbox.WORK, "root")
        os.mkdir(root)
        run("mount", "-t", "tmpfs", "tmpfs", root)
        try:
            for name in ("usr", "zcctl", "proc", "sys"):
                os.mkdir(f"{root}/{name}")
            for name in ("lib", "lib64", "bin"):
                os.symlink(f"usr/{name}", f"{root}/{name}")
            run("mount", "--bind", "/usr", f"{root}/usr")
            run("mount", "--bind", os.path.dirname(program.ZCCTL), f"{root}/zcctl")
            inside = ("nsenter", f"--net={self.server.path}", "chroot", root, "/zcctl/zcctl")
            self.check_refused((*inside, "show"), NOT_PERMITTED, "/proc is not mounted")
            self.check_refused((*inside, *ATTACH), UNSUPPORTED)
            run("mount", "-t", "proc", "proc", f"{root}/proc")
            run("mount", "-t", "sysfs", "sysfs", f"{root}/sys")  # the kernel's BTF
            self.check_exit(program.execute((*inside, *ATTACH)), 0)
            self.assertIsNotNone(self.zcctl.rule(TO), "the host's bpffs is the one")
        finally:
            run("umount", "--recursive", root)
            os.rmdir(root)


@sandbox.needs("strace")
class Host(BpffsCase):
    """zcctl believes to be in the first PID namespace: what it reads of its own is overwritten."""

    def setUp(self):
        super().setUp()
        self.without_bpffs()

    def command(self, *words, inject=()):
        believe = f"inject=readlinkat:poke_exit=@arg3={FIRST_PID_NAMESPACE.encode().hex()}:when="
        number = self.call_that_asks(*words)
        return ("strace", "-o", "/dev/null", "-e", "trace=readlinkat,mount", "-e",
                believe + str(number), *inject, *self.zcctl.command(*words))

    def call_that_asks(self, *words):
        """Which of its readlinkat calls asks for its PID namespace. It is refused here."""
        trace = os.path.join(sandbox.WORK, "trace")
        subprocess.run(("strace", "-o", trace, "-e", "trace=readlinkat",
                        *self.zcctl.command(*words)), capture_output=True, check=False, timeout=30)
        with open(trace, encoding="utf-8") as calls:
            numbers = [n for n, line in enumerate(calls, 1) if re.search("/ns/pid", line)]
        return numbers[0]

    def test_attach_mounts_the_bpffs_for_root_alone(self):
        self.check_exit(program.execute(self.command(*ATTACH)), 0)
        self.assertTrue(os.path.ismount(BPFFS))
        self.assertEqual(os.stat(BPFFS).st_mode & 0o777, 0o700)
        self.check_stamped()

    def test_where_nothing_was_ever_attached_there_is_nothing_to_show(self):
        for words in (("show",), ("--dry-run", "clean"), ("--dry-run", *ATTACH)):
            self.check_exit(program.execute(self.command(*words)), 0)
        self.assertEqual(program.execute(self.command("show")).out, "")
        self.assertFalse(os.path.ismount(BPFFS))

    def test_a_kill_while_mounting(self):
        kill = ("-e", "inject=mount:signal=SIGKILL:when=1")
        result = program.execute(self.command(*ATTACH, inject=kill))
        self.assertIn(result.code, KILLED)
        self.check_exit(program.execute(self.command(*ATTACH)), 0)
        self.check_stamped()


class Trust(BpffsCase):
    """Pins in a folder that others can write to may be anybody's."""

    def check_all_refused(self, *says):
        for words in (ATTACH, ("detach", "out", "--all"), ("clean", "--force"), ("show",)):
            self.check_refused(self.zcctl.command(*words), FAILED, "not to be trusted", "hint: ",
                               *says)

    @contextlib.contextmanager
    def folder(self):
        os.mkdir(program.PINS)
        try:
            yield program.PINS
        finally:
            os.rmdir(program.PINS)

    def test_a_bpffs_that_all_can_write_to(self):
        os.chmod(BPFFS, 0o777)
        self.check_all_refused("/sys/fs/bpf can be written by others")
        os.chmod(BPFFS, 0o1777)  # sticky: what is root's in it stays root's
        self.zcctl.attach(TO)
        self.check_stamped()

    def test_a_bpffs_of_another_user(self):
        os.chown(BPFFS, 65534, 65534)
        self.check_all_refused("/sys/fs/bpf belongs to user 65534")

    def test_a_folder_of_pins_that_another_user_made(self):
        with self.folder() as pins:
            os.chown(pins, 65534, 65534)
            self.check_all_refused("/sys/fs/bpf/zcctl belongs to user 65534")

    def test_a_folder_of_pins_that_all_can_write_to(self):
        for mode in (0o777, 0o1777, 0o770):
            with self.folder() as pins:
                os.chmod(pins, mode)
                self.check_all_refused("/sys/fs/bpf/zcctl can be written by others")

    def test_a_symbolic_link_in_its_place(self):
        os.mkdir(f"{BPFFS}/elsewhere")
        os.symlink(f"{BPFFS}/elsewhere", program.PINS)
        try:
            self.check_all_refused("/sys/fs/bpf/zcctl is no folder")
        finally:
            os.unlink(program.PINS)
            os.rmdir(f"{BPFFS}/elsewhere")


class Damage(BpffsCase):
    """What is said is what is wrong, and nobody is told to give up rules that are in force."""

    def test_a_bpffs_that_is_mounted_read_only(self):
        self.zcctl.attach(TO)
        run("mount", "-o", "remount,ro", BPFFS)
        try:
            for words in (ATTACH, ("detach", "out", "--all"), ("clean",), ("show",),
                          ("sdp", "out", "--to", TO)):
                result = self.check_refused(self.zcctl.command(*words), FAILED, "read-only",
                                            f"hint: mount -o remount,rw {BPFFS}")
                self.assertNotIn("--force", result.err)
            self.check_stamped()
        finally:
            run("mount", "-o", "remount,rw", BPFFS)
        self.assertIsNotNone(self.zcctl.rule(TO))

    def test_a_pin_that_somebody_removed(self):
        self.zcctl.attach(TO)
        os.unlink(program.pin("zc_rules"))
        for words in (("attach", "out", "--to", f"{VIEWER_V4}:5006", "--payload", "MP2T"),
                      ("detach", "out", "--to", TO)):
            result = self.check_refused(self.zcctl.command(*words), FAILED, "are damaged",
                                        "zc_rules", "No such file", "clean --force")
            self.assertNotIn("version", result.err)
        self.assertIn("zc_rules", self.zcctl.ok("show").out)
        self.check_stamped()
        self.zcctl.ok("clean", "--force")
        self.check_nothing_left()


if __name__ == "__main__":
    sandbox.main()

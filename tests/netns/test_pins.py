#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What rules leave in the bpffs: pins of other versions, of other hands, and half of them gone."""
import os
import re
import struct
import subprocess

from support import apps, bpf, program, sandbox
from support.case import PORT, TO, HookCase, on_both_hooks
from support.kill import TRACE, strace
from support.net import SERVER_V4, VIEWER_V4, Namespace, wait_until

SECOND = f"{VIEWER_V4}:5006"
FAILED, EXISTS = 1, 5


class OtherVersions(HookCase):
    """The first two words of zc_meta are magic and version, in every layout (zc/abi.h)."""

    def make_other(self, version=99):
        with bpf.Map(program.pin("zc_meta")) as meta:
            value = meta[bytes(4)]
            meta[bytes(4)] = value[:4] + struct.pack("=I", version) + value[8:]

    def test_pins_of_another_layout_are_refused_with_a_hint_and_untouched(self):
        self.attach()
        self.make_other()
        before = program.pins()
        for words in (("attach", "out", "--to", SECOND, "--payload", "MP2T"),
                      ("detach", "out", "--to", TO), ("detach", "out", "--all")):
            result = self.zcctl.run(*words)
            self.check_exit(result, FAILED)
            self.assertIn("99", result.err)
            self.assertIn("hint: ", result.err)
        self.assertIn("kept", self.zcctl.ok("clean").out)
        self.assertTrue(self.zcctl.show()["leftovers"])
        self.assertEqual(program.pins(), before)
        self.check_stamped()  # the other version's rules are at work

    def test_clean_force_puts_it_right(self):
        self.attach()
        self.make_other()
        self.zcctl.ok("clean", "--force")
        self.check_nothing_left()
        self.attach()
        self.check_stamped()

    def test_pins_of_another_layout_on_one_device_are_no_matter_to_another(self):
        self.attach()
        self.make_other()
        self.server.ip("link add second type ifb")
        self.zcctl.attach(SECOND, "--checksum", "uni", "--hook", self.hook, dev="second")
        self.zcctl.ok("detach", "second", "--all")

    def test_maps_of_another_size_are_refused(self):
        """Pins one as a zcctl of another build would: the version alone does not tell."""
        self.attach()
        path = program.pin("zc_rules")
        os.unlink(path)
        subprocess.run(["bpftool", "map", "create", path, "type", "array", "key", "4", "value",
                        "8", "entries", "4", "name", "zc_rules"], check=True)
        result = self.zcctl.run("attach", "out", "--to", SECOND, "--payload", "MP2T")
        self.check_exit(result, FAILED)
        self.check_bystander()
        self.zcctl.ok("clean", "--force")
        self.check_nothing_left()


class Pins(HookCase):
    def test_they_are_roots_alone(self):
        self.attach()
        for path in program.pins():
            self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)

    def test_detach_is_done_when_it_returns_whoever_holds_the_link(self):
        """The kernel ends a link with its last descriptor, a while after. So an unlink is not
        enough: what is still attached would stamp on, and twice once a rule is attached anew."""
        if self.hook != "tcx":
            self.skipTest("of tcx only")
        self.attach()
        held = bpf.get(program.pin("link/egress"))
        try:
            self.zcctl.detach(TO)
            self.assertEqual(program.programs_on(self.server), (0, 0))
            apps.say(self.socket(), b"plain" * 9)
            self.assertEqual([d.payload for d in self.capture.datagrams(PORT, 1)], [b"plain" * 9])
        finally:
            os.close(held)

    @sandbox.needs("strace")
    def test_a_look_that_fails_never_makes_a_living_rule_a_leftover(self):
        """Whatever system call is refused while pins are looked at: the rule stays, or zcctl fails."""
        self.attach()
        for call in ("newfstatat", "openat", "getdents64"):
            for when in range(1, 100):
                inject = f"inject={call}:error=ENFILE:when={when}"
                done = strace(self.zcctl.command("clean"), inject, calls=call)
                with open(TRACE, encoding="utf-8", errors="replace") as trace:
                    if "(INJECTED)" not in trace.read():
                        break
                self.assertIsNotNone(self.zcctl.rule(TO), f"{inject}: {done.stdout}{done.stderr}")
            else:
                self.fail(f"{call}: no end of calls")
        self.check_stamped()

    def test_strange_names_beside_them_are_passed_over(self):
        self.attach()
        for name in ("zcctl/nonsense", "zcctl/1_", "zcctl/x_2"):
            os.mkdir(f"/sys/fs/bpf/{name}")
        self.assertIsNotNone(self.zcctl.rule(TO))
        self.zcctl.ok("clean")
        self.zcctl.ok("detach", "out", "--all")
        for name in ("nonsense", "1_", "x_2"):
            os.rmdir(f"{program.PINS}/{name}")
        os.rmdir(program.PINS)

    def test_a_filter_taken_off_by_hand_is_no_dead_end(self):
        """Leaves a clsact qdisc without any chain of filters, as a kill can."""
        if self.hook == "tcx":
            self.skipTest("of clsact only")
        for mend in (("clean",), ("detach", "out", "--all"),
                     ("attach", "out", "--to", TO, "--payload", "MP2T", "--hook", "clsact")):
            with self.subTest(mend=mend[0]):
                self.attach()
                self.server.run("tc", "filter", "del", "dev", "out", "egress")
                self.check_exit(self.zcctl.run(*mend), 0)
                self.zcctl.run("detach", "out", "--all")
                self.check_nothing_left()

    def test_an_empty_clsact_qdisc_of_somebody_else_is_in_nobodys_way(self):
        """A leftover is looked for there, too: half made tcx pins are enough."""
        self.server.run("tc", "qdisc", "add", "dev", "out", "clsact")
        self.attach()
        if self.hook == "tcx":
            os.unlink(program.pin("link/egress"))
        self.zcctl.ok("show")
        self.zcctl.ok("clean")
        self.zcctl.run("detach", "out", "--all")
        self.assertEqual(program.pins(), [])
        self.assertIn("clsact", self.server.qdiscs("out"))

    def test_a_program_taken_off_by_hand_leaves_something_that_the_next_attach_mends(self):
        self.attach()
        if self.hook == "clsact":
            self.server.run("tc", "qdisc", "del", "dev", "out", "clsact")
        else:
            os.unlink(program.pin("link/egress"))
        self.assertTrue(self.zcctl.show()["leftovers"])
        self.attach()
        self.check_stamped()
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()


class TakenOff(HookCase):
    """Somebody took the program off its device; all else is there."""

    THIRD = f"{VIEWER_V4}:5008"

    def setUp(self):
        super().setUp()
        self.attach()
        self.attach(SECOND, "--from", SERVER_V4)
        self.attach(self.THIRD, "--pt", 96, "--clock", 48000, "--ssrc", 7)
        self.seq = self.one_packet().seq
        self.take_off()

    def take_off(self):
        if self.hook == "clsact":
            self.server.run("tc", "qdisc", "del", "dev", "out", "clsact")
        else:
            os.unlink(program.pin("link/egress"))
            self.assertTrue(wait_until(lambda: program.programs_on(self.server) == (0, 0)))

    def one_packet(self):
        sock = self.socket(source_port=40000)
        apps.say(sock, b"x" * 100)
        sock.close()
        packet, = self.received(1)
        return packet

    def check_all_rules_live(self, count=3):
        self.assertEqual(self.zcctl.show()["leftovers"], [])
        self.assertEqual(len(self.zcctl.device()["rules"]), count)
        self.assertEqual(self.one_packet().seq, (self.seq + 1) % 65536, "the stream goes on")
        for port in (5006, 5008):
            self.check_stamped(port)
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()

    def test_the_same_attach_hangs_it_again_and_all_rules_live_on(self):
        self.attach()
        self.check_all_rules_live()

    def test_attaching_another_rule_does_so_too(self):
        dry = self.zcctl.ok("--dry-run", "attach", "out", "--to", "10.1.1.1:1", "--payload",
                            "MP2T").out
        self.assertIn(f"attach to {self.hook} egress of out", dry)
        self.assertNotIn("remove", dry)
        self.attach("10.1.1.1:1")
        self.check_all_rules_live(4)

    def test_one_rule_can_go_and_the_others_stay_as_they_are(self):
        self.zcctl.detach(TO)
        left, = self.zcctl.show()["leftovers"]
        self.assertEqual([rule["to"] for rule in left["rules"]], [SECOND, self.THIRD])

    def test_show_and_clean_name_the_rules_that_are_not_in_force(self):
        hook = " --hook clsact" if self.hook == "clsact" else ""
        lines = [f"  not in force: zcctl attach out {rule}{hook}" for rule in (
            f"--to {TO} --payload MP2T", f"--to {SECOND} --from {SERVER_V4} --payload MP2T",
            f"--to {self.THIRD} --pt 96 --clock 48000 --ssrc 7")]
        self.assertEqual(self.zcctl.ok("show").out.splitlines()[1:], lines)
        left, = self.zcctl.show()["leftovers"]
        self.assertEqual((left["dev"], [rule["to"] for rule in left["rules"]]),
                         ("out", [TO, SECOND, self.THIRD]))
        for words in (("--dry-run", "clean"), ("clean",)):
            self.assertEqual(self.zcctl.ok(*words).out.splitlines()[1:], lines)
        self.check_nothing_left()

    def test_taken_off_twice(self):
        self.attach()
        self.take_off()
        self.attach()
        self.check_all_rules_live()

    def test_a_link_that_was_detached_by_force(self):
        """The link stays pinned, and leads nowhere."""
        if self.hook != "tcx":
            self.skipTest("of tcx only")
        self.attach()
        subprocess.run(["bpftool", "link", "detach", "pinned", program.pin("link/egress")],
                       check=True)
        self.assertEqual(program.programs_on(self.server), (0, 0))
        self.attach()
        self.check_all_rules_live()


class Lost(HookCase):
    def test_what_a_recreated_device_lost_is_named_and_can_be_attached_again(self):
        self.attach()
        self.attach(SECOND, "--from", SERVER_V4, "--segment", 1316)
        self.wire.unplug()
        self.wire.plug()
        out = self.zcctl.ok("show").out
        commands = re.findall("not in force: zcctl (attach out .*)", out)
        self.assertEqual(len(commands), 2, out)
        self.assertIn("--segment 1316", commands[1])
        self.assertEqual(re.findall("not in force: zcctl (.*)", self.zcctl.ok("clean").out), commands)
        self.assertEqual(self.zcctl.ok("show").out, "")
        for command in commands:
            self.zcctl.ok(*command.split())
        self.assertEqual([rule["to"] for rule in self.zcctl.device()["rules"]], [TO, SECOND])


class TwoProgramsOfZcctl(HookCase):
    """One that hangs on the device by pins that are not to be seen here: stamped twice, or dropped,
    is what a second one would make of its packets."""

    def check_refused(self, zcctl=None):
        """Returns the hint."""
        result = (zcctl or self.zcctl).run("attach", "out", "--to", SECOND, "--payload", "MP2T")
        self.check_exit(result, EXISTS)
        line, hint = result.err.splitlines()
        self.assertRegex(line, f"a zcctl is at work on out already, whose pins are not here: "
                               f"{self.hook} program [0-9]+ .zc_egress.")
        return hint

    def test_the_bpffs_was_mounted_anew(self):
        self.attach()
        subprocess.run(["mount", "-t", "bpf", "-o", "mode=0700", "bpf", "/sys/fs/bpf"], check=True)
        try:
            hint = self.check_refused()
            self.assertEqual(program.pins(), [])
            stage = [name for name in self.server.links() if name.startswith("zcstage")]
            self.assertEqual(len(stage), 1)
            self.assertEqual(self.zcctl.ok("clean").out, "")
            self.assertIn(stage[0], self.server.links())  # it is in use, whoever made it
            self.check_stamped()  # the first one's work, once
            command = re.search("tc filter del .* bpf$" if self.hook == "clsact" else
                                "bpftool link detach id [0-9]+", hint).group().split()
            self.server.run(*command)
            self.attach()
            self.check_stamped()
            self.zcctl.ok("detach", "out", "--all")
        finally:
            subprocess.run(["umount", "/sys/fs/bpf"], check=True)
        self.zcctl.ok("clean")
        self.check_nothing_left()

    def test_its_device_came_from_another_namespace(self):
        other = Namespace("other")
        self.addCleanup(other.remove)
        elsewhere = program.Zcctl("other")
        self.attach()
        self.server.ip("link set out netns other")
        if self.hook == "tcx":
            self.assertIn("zcctl clean", self.check_refused(elsewhere))
            self.assertIn("its device moved to this network namespace, where it is out",
                          elsewhere.ok("show").out)
            elsewhere.ok("clean")
        self.assertEqual(sum(program.programs_on(other)), 0)
        elsewhere.attach(TO, "--hook", self.hook)
        self.assertEqual(sum(program.programs_on(other)), 1)
        elsewhere.ok("detach", "out", "--all")
        self.zcctl.ok("clean")
        self.assertEqual(program.pins(), [])

    def test_a_device_that_moved_goes_on_and_is_told_so_on_both_sides(self):
        if self.hook != "tcx":
            self.skipTest("a clsact qdisc stays behind")
        other = Namespace("other")
        self.addCleanup(other.remove)
        elsewhere = program.Zcctl("other")
        self.attach()
        self.server.ip("link set out netns other")
        other.ip("link set out up")
        for zcctl in (self.zcctl, elsewhere):
            shown = zcctl.ok("show").out
            self.assertIn("and its program goes on" if zcctl is elsewhere else
                          "moved to another network namespace, where its program goes on", shown)
            self.assertIn(f"  in force: zcctl attach out --to {TO}", shown)
            self.assertTrue(zcctl.show()["leftovers"][0]["moved"])
        found = elsewhere.run("--json", "check", "out", "--to", TO).json["findings"]
        self.assertIn("pins", [finding["id"] for finding in found])
        self.assertNotIn("no-rule", [finding["id"] for finding in found])
        elsewhere.ok("clean")
        self.assertEqual(program.pins(), [])
        self.assertEqual([name for name in self.server.links() if name.startswith("zcstage")], [])
        elsewhere.attach(TO)
        elsewhere.ok("detach", "out", "--all")


on_both_hooks(globals(), OtherVersions, Pins, TakenOff, Lost, TwoProgramsOfZcctl)

if __name__ == "__main__":
    sandbox.main()

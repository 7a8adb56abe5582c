#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A new zcctl takes over what an older one left in force: layout 2, as docs/interface.md has it.

The older zcctl's pins are made out of this one's, by hand: what differs are the names of program
and link, the version in zc_meta, shorter rules, and two maps that layout 2 had not. With ZC_OLD_ZCCTL=PATH a real old
zcctl makes them (scripts/test-upgrade.sh, a release check)."""
import os
import struct
import subprocess
import threading

from support import apps, bpf, program, sandbox
from support.case import PORT, TO, HookCase, on_both_hooks
from support.kill import KillCase
from support.net import VIEWER_V4

OLD = os.environ.get("ZC_OLD_ZCCTL")
SECOND = f"{VIEWER_V4}:5006"
SSRC, FIRST_SEQ = 0x5EED5EED, 100
GIVEN = ("--ssrc", str(SSRC), "--seq", str(FIRST_SEQ))


# struct zc_rule of layout 5: where what older layouts had stands. The clock rate was in the word
# before ticks_q64; the flags of layout 5 are beyond 0x0f.
OLD_RULE = struct.Struct("=40s4BIQ4I24s")
NEW_RULE = struct.Struct("=40s4B4xQII4I8x8x8x8x32s128x")


def shorten_rule(rule):
    match, pt, checksum, header, flags, ticks, _, hz, ssrc, ts, seq, segment, name = \
        NEW_RULE.unpack(rule)
    return OLD_RULE.pack(match, pt, checksum, header, flags & 0x0F, hz, ticks, ssrc, ts, seq,
                         segment, name[:24])


def shorten(name, value_bytes, entries, mmapable, change):
    """Puts a map of an older layout's size in the place of a pin, with its first values."""
    path = program.pin(name)
    with bpf.Map(path) as new:
        values = [new[struct.pack("=I", index)] for index in range(min(entries, 16))]
    os.unlink(path)
    bpf.create_array(path, value_bytes, entries, mmapable)
    with bpf.Map(path) as old:
        for index, value in enumerate(values):
            old[struct.pack("=I", index)] = change(value)


def make_layout_2():
    """Turns the pins of one device, as this zcctl has made them, into layout 2."""
    folder = os.path.dirname(program.pin("zc_meta"))
    for name in ("link", "prog"):
        pin, aside = f"{folder}/{name}/egress", f"{folder}/aside"
        if os.path.exists(pin):
            os.rename(pin, aside)
        os.rmdir(f"{folder}/{name}")
        if os.path.exists(aside):
            os.rename(aside, f"{folder}/{name}")
    for name in ("zc_supers", "zc_clocks"):
        os.unlink(program.pin(name))
    shorten("zc_rules", 96, 16384, True, shorten_rule)
    shorten("zc_meta", 56, 1, False,
            lambda value: value[:4] + struct.pack("=I", 2) + value[8:56])


class Old:
    """Mixed into a case of one wire."""

    def attach_old(self, *options, to=TO):
        words = ("attach", "out", "--to", to, "--payload", "MP2T", "--hook", self.hook, *options)
        if OLD:
            result = program.execute((OLD, "-n", "server", *words))
            self.assertEqual(result.code, 0, result)
        else:
            self.zcctl.ok(*words)
            make_layout_2()

    def leftovers(self):
        return [left["why"] for left in self.zcctl.show()["leftovers"]]


class TakeOver(Old, HookCase):
    def test_a_stream_goes_on_with_its_numbers_whatever_command_takes_it_over(self):
        for command in (("clean",),
                        ("attach", "out", "--to", TO, "--payload", "MP2T", *GIVEN),
                        ("attach", "out", "--to", SECOND, "--payload", "PCMU"),
                        ("attach", "out", "--to", TO, "--pt", "96", "--clock", "90000",
                         "--replace")):
            with self.subTest(command=" ".join(command)):
                self.attach_old(*GIVEN)
                app = self.socket()
                apps.say(app, b"before" * 9, b"before" * 10)
                self.zcctl.ok(*command)
                apps.say(app, b"behind" * 9, b"behind" * 10)
                packets = self.received(4)
                self.assertEqual([p.seq for p in packets], [100, 101, 102, 103])
                self.assertEqual({p.ssrc for p in packets}, {SSRC})
                self.assertEqual(self.leftovers(), [])
                self.assertEqual(self.zcctl.rule(TO)["counters"]["stamped"], 4)
                self.zcctl.ok("detach", "out", "--all")
                self.check_nothing_left()

    def test_detach_takes_over_first_and_then_removes(self):
        for words in (("--to", TO), ("--all",)):
            self.attach_old()
            self.zcctl.ok("detach", "out", *words)
            self.check_nothing_left()

    def test_what_a_kill_left_beside_a_scope_goes_with_it_or_with_the_next_clean(self):
        self.attach()
        beside = os.path.dirname(program.pin("zc_meta")) + "_new"
        os.makedirs(f"{beside}/prog")
        self.zcctl.ok("clean")
        self.assertFalse(os.path.exists(beside))
        os.makedirs(f"{beside}/prog")
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()
        os.makedirs(f"{beside}/prog")
        self.zcctl.ok("clean")
        self.check_nothing_left()

    def test_under_traffic_no_number_is_left_out_and_nothing_leaves_bare(self):
        self.attach_old(*GIVEN)
        app, sent, stop = self.socket(), [], threading.Event()

        def say():
            while not stop.is_set() and len(sent) < 5000:
                apps.say(app, b"%06d" % len(sent) * 20)
                sent.append(1)
        sender = threading.Thread(target=say)
        sender.start()
        try:
            self.zcctl.ok("clean")
        finally:
            stop.set()
            sender.join()
        apps.say(app, b"%06d" % len(sent) * 20)
        packets = self.received(len(sent) + 1)
        self.check_stream(packets, [b"%06d" % i * 20 for i in range(len(sent) + 1)])
        self.assertGreater(len(packets), 1)

    def test_show_and_a_dry_run_say_what_will_be_done_and_change_nothing(self):
        self.attach_old()
        before = program.pins()
        self.assertIn("`zcctl clean` takes its rules and streams over", self.zcctl.ok("show").out)
        self.assertEqual(len(self.leftovers()), 1)
        self.assertIn("would take over", self.zcctl.ok("--dry-run", "clean").out)
        words = ("attach", "out", "--to", SECOND, "--payload", "PCMU")
        self.assertIn("would take over the rules and streams of out",
                      self.zcctl.ok("--dry-run", *words).out)
        self.assertEqual(program.pins(), before)
        self.check_stamped()

    def test_from_another_namespace_it_is_left_alone(self):
        self.attach_old()
        before = program.pins()
        for words in (("clean",), ("show",)):
            result = program.execute((program.ZCCTL, *words))
            self.assertEqual(result.code, 0, result)
            self.assertIn("`zcctl -n NETNS clean` takes its rules and streams over", result.out)
        if self.hook == "clsact":  # its filter can be reached from inside only
            self.check_exit(program.execute((program.ZCCTL, "clean", "--force")), 1)
        self.assertEqual(program.pins(), before)
        self.check_stamped()

    def test_force_and_detach_end_it_without_a_take_over(self):
        for words in (("clean", "--force"), ("detach", "out", "--all"), ("detach", "out", "--to", TO)):
            self.attach_old()
            self.assertNotIn("take over", self.zcctl.ok("--dry-run", *words).out)
            self.zcctl.ok(*words)
            self.check_nothing_left()

    def test_a_set_beside_that_is_not_of_these_maps_is_made_anew(self):
        """As an older zcctl leaves it that removes its pins and makes new ones in between."""
        if self.hook != "tcx":
            self.skipTest("a filter that is replaced leaves nothing dead behind")
        self.attach()
        folder = os.path.dirname(program.pin("zc_meta"))
        subprocess.run(["bpftool", "link", "detach", "pinned", program.pin("link/egress")], check=True)
        os.rename(folder, "/sys/fs/bpf/kept")
        self.attach_old()
        os.rename("/sys/fs/bpf/kept", f"{folder}_new")
        self.zcctl.ok("clean")
        self.check_stamped()
        self.assertEqual(self.leftovers(), [])


@sandbox.needs("strace")
class KilledWhileTakingOver(Old, KillCase):
    tables = ()  # as the old ones are

    def steps(self, *words):
        """Before a program takes another's place the hooks do not differ: once is enough."""
        return super().steps(*words)[0 if self.hook == "tcx" else -14:]

    def test_it_stamps_all_the_time_and_the_next_command_goes_on(self):
        """Kills at every step of `clean`; then clean, attach, detach in turns."""
        def prepare():
            self.zcctl.run("detach", "out", "--all")
            self.attach_old()

        def mend(number):
            self.check_stamped()
            if number % 3 == 0:
                self.zcctl.ok("clean")
            elif number % 3 == 1:
                self.zcctl.ok(*self.attach_words(SECOND))
                self.zcctl.detach(SECOND)
            if number % 3 != 2:
                self.assertEqual(self.leftovers(), [])
                self.check_left(TO)
            self.zcctl.ok("detach", "out", "--all")
            self.check_left()
        self.each_step(prepare, ("clean",), mend)

    def test_where_the_kernel_refuses_a_step_the_old_one_stays_in_force(self):
        if self.hook != "tcx":
            self.skipTest("but for one step the hooks do not differ, and a minute is a minute")
        self.attach_old()
        steps = self.steps("clean")[2::5]  # others than the kills are at
        self.zcctl.ok("detach", "out", "--all")
        for step in steps:
            with self.subTest(step=step.text), self.swept_where_it_fails():
                self.attach_old()
                self.fail_at(step, "clean")
                self.check_stamped(PORT)
                self.zcctl.ok("clean")
                self.check_left(TO)
                self.zcctl.ok("detach", "out", "--all")
                self.check_left()


on_both_hooks(globals(), TakeOver, KilledWhileTakingOver)

if __name__ == "__main__":
    sandbox.main()

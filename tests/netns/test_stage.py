#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The stage, the device behind DEV that cuts packets of many segments: when it is there, what it is,
and when it is gone. What passes through it is in test_segments.py, kills are in test_kill.py."""
import json
import shutil

from support import apps, program, sandbox, segmented
from support.capture import Capture
from support.case import TO, HookCase, on_both_hooks
from support.net import SERVER_MAC, VIEWER_V4, Namespace

SECOND = f"{VIEWER_V4}:5006"


class StageCase(HookCase):
    hook = "tcx"

    def stages(self, namespace=None):
        return [name for name in (namespace or self.server).links() if name.startswith("zcstage")]

    def stage_name(self, dev="out"):
        return f"zcstage{self.server.ifindex(dev)}"

    def link(self, dev):
        """What `ip` knows about a device."""
        out = self.server.run("ip", "-json", "-details", "-statistics", "link", "show", dev).stdout
        return json.loads(out)[0]

    def addresses(self, dev):
        out = self.server.run("ip", "-json", "address", "show", dev).stdout
        return json.loads(out)[0]["addr_info"]

    def lose_pins(self):
        """Somebody removes what there is of zcctl, but for the stage."""
        shutil.rmtree(program.PINS)
        if self.hook == "clsact":
            self.server.run("tc", "qdisc", "del", "dev", "out", "clsact")

    def check_no_stage(self):
        self.assertEqual(self.stages(), [])

    def one_call(self, pieces=45, segment=apps.TS_BYTES):
        """An app with UDP_SEGMENT makes one call; the payloads of its pieces."""
        path = self.file(pieces * segment)
        sock = self.socket()
        segmented.set_segment(sock, segment)
        apps.stream(sock, path, size=pieces * segment)
        return segmented.pieces(path, segment, pieces * segment)

    def check_cuts(self):
        """A call of many segments arrives as a stream."""
        self.capture.frames(quiet=0)
        sent = self.one_call()
        self.check_stream(self.received(len(sent)), sent)


class Life(StageCase):
    def test_the_first_rule_makes_it_and_the_last_takes_it_with_it(self):
        for options in ((), ("--segment", apps.TS_BYTES)):
            with self.subTest(options=options):
                self.attach(TO, *options)
                self.attach(SECOND)
                self.assertEqual(self.stages(), [self.stage_name()])
                self.assertEqual(self.zcctl.device()["stage"], self.stage_name())
                self.zcctl.detach(TO)
                self.assertEqual(self.stages(), [self.stage_name()])
                self.zcctl.detach(SECOND)
                self.check_no_stage()
                self.check_nothing_left()

    def test_detaching_all_rules_takes_it_too(self):
        self.attach()
        self.attach(SECOND)
        self.zcctl.ok("detach", "out", "--all")
        self.check_no_stage()

    def test_one_that_somebody_deleted_is_made_again_by_the_next_attach(self):
        self.attach()
        self.server.ip(f"link del {self.stage_name()}")
        self.assertIsNone(self.zcctl.device()["stage"])
        self.one_call()
        self.check_stamped()  # single datagrams are, and nothing else left
        self.attach(SECOND)
        self.assertEqual(self.zcctl.device()["stage"], self.stage_name())
        self.check_cuts()
        self.zcctl.ok("detach", "out", "--all")
        self.check_no_stage()

    def test_one_that_somebody_changed_is_mended_by_the_next_attach(self):
        """Mended also by the same attach again. `show` says that there is none that works."""
        self.attach()
        for change in ("down", "gso_max_size 60000", "gso_max_segs 64"):
            with self.subTest(change=change):
                self.server.ip(f"link set {self.stage_name()} {change}")
                self.assertIsNone(self.zcctl.device()["stage"])
                self.attach()
                self.assertEqual(self.zcctl.device()["stage"], self.stage_name())
                self.check_cuts()

    def test_with_one_that_somebody_set_down_nothing_leaves_bare(self):
        self.attach()
        self.server.ip(f"link set {self.stage_name()} down")
        self.one_call()
        self.check_stamped()

    def test_a_stray_one_is_told_by_a_dry_run_and_removed_by_clean(self):
        self.attach()
        self.zcctl.ok("clean")
        self.assertEqual(self.stages(), [self.stage_name()], "clean took one that is at work")
        self.lose_pins()
        index = self.server.ifindex("out")
        dry = self.zcctl.ok("--json", "--dry-run", "clean").json
        self.assertEqual((dry["stages"], self.stages()), ([index], [self.stage_name()]))
        self.assertEqual(self.zcctl.ok("clean").out,
                         f"removed the stage of device index {index}, which no pins belong to\n")
        self.check_no_stage()
        self.check_nothing_left()

    def test_a_stray_one_is_taken_by_the_next_attach(self):
        self.attach()
        index = self.server.ifindex(self.stage_name())
        self.lose_pins()
        self.attach()
        self.assertEqual(self.server.ifindex(self.stage_name()), index)
        self.check_cuts()


class Shape(StageCase):
    """What it is, seen by `ip`, and that nobody on the wire can see it."""

    def test_it_is_a_deaf_and_mute_macvlan_that_cuts_by_size(self):
        self.attach()
        stage = self.link(self.stage_name())
        self.assertEqual((stage["link"], stage["linkinfo"]["info_kind"],
                          stage["linkinfo"]["info_data"]["mode"]), ("out", "macvlan", "source"))
        self.assertEqual((stage["gso_max_size"], stage["mtu"]), (400, 1500))
        self.assertIn("NOARP", stage["flags"])
        self.assertIn("UP", stage["flags"])
        self.assertNotIn("MULTICAST", stage["flags"])
        self.assertEqual(stage["ifalias"], "zcctl: cuts packets of out")

    def test_it_has_no_address(self):
        self.attach()
        self.assertEqual(self.addresses(self.stage_name()), [])

    def test_it_sends_nothing_of_its_own_and_receives_nothing(self):
        """Sends no MLD report, no router solicitation, no neighbour discovery."""
        self.attach()
        listener = self.watch(Capture(self.server, self.stage_name()))
        self.viewer.run("ping", "-c", "1", "-W", "1", "-b", "255.255.255.255", "-I", "in",
                        check=False)
        self.assertEqual([f.data.hex() for f in listener.frames(quiet=1.2)], [])
        mac = bytes.fromhex(SERVER_MAC.replace(":", ""))
        strangers = [f.data.hex() for f in self.capture.frames() if f.data[6:12] != mac]
        self.assertEqual(strangers, [])
        stats = self.link(self.stage_name())["stats64"]
        self.assertEqual((stats["tx"]["packets"], stats["rx"]["packets"]), (0, 0))

    def test_a_device_whose_mtu_is_too_small_for_ipv6_has_one_too(self):
        self.server.ip("link set out mtu 1000")
        self.attach(TO, "--segment", 4 * 188)
        self.assertEqual(self.link(self.stage_name())["mtu"], 1000)
        self.assertEqual(self.addresses(self.stage_name()), [])
        sent = self.one_call(20, 4 * 188)
        self.check_stream(self.received(len(sent)), sent)


class Devices(StageCase):
    def add_ifb(self, name):
        self.server.ip(f"link add {name} type ifb", f"link set {name} up")
        self.zcctl.attach(TO, "--checksum", "uni", "--hook", self.hook, dev=name)

    def test_each_device_has_its_own(self):
        for name in ("ifb0", "ifb1"):
            self.add_ifb(name)
        self.attach()
        names = {dev: self.stage_name(dev) for dev in ("out", "ifb0", "ifb1")}
        self.assertEqual(sorted(self.stages()), sorted(names.values()))
        for dev, stage in names.items():
            self.assertEqual((self.zcctl.device(dev)["stage"], self.link(stage)["link"]),
                             (stage, dev))
        self.zcctl.ok("detach", "ifb0", "--all")
        self.assertEqual(sorted(self.stages()), sorted([names["out"], names["ifb1"]]))
        self.check_cuts()

    def test_it_goes_with_its_device(self):
        self.attach()
        self.wire.unplug()
        self.check_no_stage()
        self.zcctl.ok("clean")
        self.assertEqual(program.pins(), [])

    def test_a_renamed_device_keeps_it(self):
        self.attach()
        name = self.stage_name()
        self.server.ip("link set out down", "link set out name away", "link set away up")
        self.assertEqual(self.zcctl.device("away")["stage"], name)
        self.zcctl.ok("detach", "away", "--all")
        self.check_no_stage()

    def test_a_device_that_moves_away_leaves_it_for_clean(self):
        other = Namespace("other")
        self.addCleanup(other.remove)
        self.attach()
        self.server.ip("link set out netns other")
        self.zcctl.ok("clean")
        self.check_no_stage()
        self.assertEqual(self.stages(other), [])
        self.assertEqual(program.pins(), [])

    def test_of_twenty_zcctl_at_once_one_makes_it_and_one_removes_it(self):
        tos = [f"10.1.1.{n}:5004" for n in range(1, 21)]
        for words in (("--payload", "MP2T", "--hook", self.hook), ()):
            command = "attach" if words else "detach"
            running = [self.zcctl.start(command, "out", "--to", to, *words) for to in tos]
            for process in running:
                _, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0, err)
            self.assertEqual(self.stages(), [self.stage_name()] if words else [])
        self.check_nothing_left()


on_both_hooks(globals(), Life)

if __name__ == "__main__":
    sandbox.main()

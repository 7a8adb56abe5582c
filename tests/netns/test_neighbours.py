#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Devices beside DEV: zcctl's own stage, others called like one, and those that the same packets
leave through."""
from support import apps, program, rtp, sandbox
from support.case import PORT, TO, WireCase
from support.net import SERVER_MAC, SERVER_V4, VIEWER_MAC, VIEWER_V4

UNSUPPORTED, EXISTS = 3, 5
SECOND = f"{VIEWER_V4}:5006"
MP2T = ("--payload", "MP2T")


class Stages(WireCase):
    def stage(self):
        return f"zcstage{self.server.ifindex('out')}"

    def test_zcctls_own_stage_is_no_device_for_rules(self):
        self.zcctl.attach(TO)
        for words in ((), ("--dry-run",)):
            result = self.zcctl.run(*words, "attach", self.stage(), "--to", SECOND, *MP2T)
            self.check_exit(result, UNSUPPORTED)
            self.assertIn(f"{self.stage()} is the stage of out", result.err)
            self.assertIn("hint: attach to out\n", result.err)
        about = self.zcctl.ok("--json", "probe", self.stage()).json["device"]
        self.assertIn("is the stage of out", about["refusal"])
        self.check_stamped()

    def test_somebody_elses_device_of_that_name_is_neither_taken_nor_removed(self):
        """Tries a macvlan as people make them, and one that is no macvlan at all."""
        for kind in ("link out type macvlan mode bridge", "link out type macvlan mode source",
                     "type ifb"):
            with self.subTest(kind=kind):
                where, _, what = kind.rpartition("type ")
                self.server.ip(f"link add {where} name {self.stage()} type {what}",
                               f"link set {self.stage()} alias mine up")
                result = self.zcctl.run("attach", "out", "--to", TO, *MP2T, "--segment", 1316)
                self.check_exit(result, UNSUPPORTED)
                self.assertIn(f"its name, {self.stage()}, is that of somebody else", result.err)
                self.assertEqual(program.pins(), [])
                self.zcctl.attach(TO)  # without --segment a stage is a wish
                self.assertIsNone(self.zcctl.device()["stage"])
                self.check_stamped()
                self.zcctl.ok("clean")
                self.zcctl.ok("detach", "out", "--all")
                self.zcctl.ok("clean", "--force")
                self.assertIn(self.stage(), self.server.links())
                self.server.ip(f"link del {self.stage()}")

    def test_one_that_was_killed_between_its_making_and_its_alias_is_zcctls(self):
        self.server.ip(f"link add link out name {self.stage()} type macvlan mode source")
        self.zcctl.ok("clean")
        self.assertNotIn(self.stage(), self.server.links())


class Stacked(WireCase):
    """The same packet through two devices with rules is stamped twice, or dropped."""

    def bridge(self):
        self.server.ip(f"link add br0 address {SERVER_MAC} type bridge", "addr flush dev out",
                       "link set out master br0", "link set br0 addrgenmode none",
                       "link set br0 up", f"addr add {SERVER_V4}/24 dev br0",
                       f"neigh replace {VIEWER_V4} lladdr {VIEWER_MAC} dev br0 nud permanent")

    def macvlan(self, lower="out", name="mac0"):
        self.server.ip(f"link add link {lower} name {name} type macvlan mode private",
                       f"link set {name} addrgenmode none", f"link set {name} up")

    def check_refused(self, dev, other, *options, to=TO):
        for words in ((), ("--dry-run",)):
            result = self.zcctl.run(*words, "attach", dev, "--to", to, *MP2T, *options)
            self.check_exit(result, EXISTS)
            self.assertIn(f" on {dev} would match packets that pass {other} too", result.err)
            self.assertIn("--from", result.err)
        self.assertIsNone(self.zcctl.device(dev))

    def check_pair(self, upper, lower):
        for first, second in ((upper, lower), (lower, upper)):
            with self.subTest(first=first, second=second):
                self.zcctl.attach(TO, "--from", SERVER_V4, "--checksum", "lco", dev=first)
                self.check_refused(second, first)
                self.check_refused(second, first, "--from", f"{SERVER_V4}:9")
                self.zcctl.attach(SECOND, dev=second)
                self.zcctl.attach(TO, "--from", "10.77.0.9", "--checksum", "lco", dev=second)
                self.assertEqual([d["doubled"] for d in self.zcctl.show()["devices"]], [[], []])
                for dev in (first, second):
                    self.zcctl.ok("detach", dev, "--all")

    def test_a_bridge_and_its_port(self):
        self.bridge()
        self.check_pair("br0", "out")
        self.zcctl.attach(TO, dev="br0")
        payload = b"once" * 20
        apps.say(self.socket(), payload)
        datagram, = self.capture.datagrams(PORT, 1)
        self.assertEqual(rtp.parse_rtp(datagram.payload).payload, payload)

    def test_a_macvlan_and_what_it_sits_on(self):
        self.macvlan()
        self.check_pair("mac0", "out")

    def test_a_macvlan_on_a_bridge_and_the_port_below_both(self):
        self.bridge()
        self.macvlan("br0")
        self.check_pair("mac0", "out")

    def test_devices_beside_each_other_are_no_matter(self):
        """Two macvlans on one device, the two ends of a veth, and two ports."""
        self.macvlan(name="mac0")
        self.macvlan(name="mac1")
        self.server.ip("link add va type veth peer name vb")
        for dev in ("mac0", "mac1", "va", "vb"):
            self.zcctl.attach(TO, "--checksum", "lco", dev=dev)
        for dev in ("mac0", "mac1", "va", "vb"):
            self.zcctl.ok("detach", dev, "--all")
        self.server.ip("link add vc type veth peer name vd", "link add br0 type bridge",
                       "link set va master br0", "link set vc master br0")
        for dev in ("va", "vc"):
            self.zcctl.attach(TO, dev=dev)

    def test_devices_that_were_stacked_later_are_told(self):
        self.server.ip("link add br0 type bridge")
        self.zcctl.attach(TO, dev="br0")
        self.zcctl.attach(TO)
        self.assertNotIn("note: rule", self.zcctl.ok("show").out)
        stage = f"zcstage{self.server.ifindex('out')}"  # with it `out` could join no bridge
        self.server.ip(f"link del {stage}", "link set out master br0")
        rule = {"to": TO, "from": None}
        for dev, other in (("br0", "out"), ("out", "br0")):
            self.assertEqual(self.zcctl.device(dev)["doubled"],
                             [{"rule": rule, "other_dev": other, "other": rule}])
            self.assertIn(f"note: rule {TO} matches packets of rule {TO} on {other} too",
                          self.zcctl.ok("show", dev).out)


if __name__ == "__main__":
    sandbox.main()

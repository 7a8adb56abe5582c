#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the command line refuses: a clear line, the right exit code (docs/interface.md), and
nothing changed. And what it must not refuse."""
import fcntl
import os
import socket
import struct
import subprocess
import unittest

from support import apps, program, rtp, sandbox
from support.case import PORT, TO, WireCase
from support.net import SERVER_V4, VIEWER_MAC, VIEWER_V4

FAILED, USAGE, UNSUPPORTED, NOT_PERMITTED, EXISTS = 1, 2, 3, 4, 5
MP2T = ("--payload", "MP2T")
_TUNSETIFF, _TUNSETLINK = 0x400454CA, 0x400454CD
_IFF_TUN, _IFF_TAP, _IFF_NO_PI = 1, 2, 0x1000
_ARPHRD_PPP = 512


class BadInputCase(WireCase):
    def state(self):
        """All that a command could have changed."""
        return (self.zcctl.show(), program.pins(), program.programs_on(self.server),
                self.server.qdiscs("out"), self.server.links())

    def refused(self, code, *words, says=""):
        """Refused with that code, in one line that names what is wrong."""
        with self.subTest(" ".join(map(str, words))):
            before = self.state()
            result = self.zcctl.run(*words)
            self.check_exit(result, code)
            self.assertIn(says, result.err)
            self.assertEqual(self.state(), before)


class Words(BadInputCase):
    def setUp(self):
        super().setUp()
        self.zcctl.attach("10.77.0.9:9999")  # something to damage

    def refused_attach(self, code, *options, to=TO, dev="out", says=""):
        self.refused(code, "attach", dev, "--to", to, *options, says=says)

    def test_devices_and_namespaces_that_are_not_there(self):
        self.refused_attach(EXISTS, *MP2T, dev="nonsuch0", says="nonsuch0")
        self.refused_attach(EXISTS, *MP2T, dev="a-name-far-too-long-for-a-device", says="a-name")
        for command in (("detach", "nonsuch0", "--all"), ("show", "nonsuch0"),
                        ("sdp", "nonsuch0", "--to", TO), ("probe", "nonsuch0")):
            self.refused(EXISTS, *command, says="nonsuch0")
        for command in (("show",), ("clean",), ("probe",), ("attach", "out", "--to", TO, *MP2T)):
            result = program.execute((program.ZCCTL, "-n", "nowhere", *command))
            self.check_exit(result, EXISTS)
            self.assertIn("nowhere", result.err)
        result = program.execute((program.ZCCTL, "-n", "/dev/null", "show"))
        self.check_exit(result, FAILED)

    def test_addresses(self):
        for to in ("10.77.0.2", "10.77.0.2:", "10.77.0.2:0", "10.77.0.2:70000", "10.77.0.2:-1",
                   "10.77.0.2:5004x", "10.77.0.2: 5004", "10.77.0:5004", "256.0.0.1:5004",
                   "viewer:5004", ":5004", "", "fd77::2:5004", "[fd77::2]", "[fd77::2]5004",
                   "[fd77::2:5004", "[10.77.0.2]:70000", "[fe80::1%out]:5004",
                   "[::ffff:10.77.0.2]:5004", "0.0.0.0:5004", "[::]:5004", "10.77.0.2:5004:5004",
                   "10.77.0.2:00000000000000000005004000", "10.77.0.2:99999999999999999999"):
            self.refused_attach(USAGE, *MP2T, to=to, says="--to")

    def test_sources(self):
        for source in ("fd77::1", "[fd77::1]:4000", "10.77.0.1:0", "10.77.0.1:70000", "nobody",
                       "0.0.0.0", "239.1.1.1"):
            self.refused_attach(USAGE, *MP2T, "--from", source, says="--from")
        self.refused_attach(USAGE, *MP2T, "--from", "10.77.0.1", to="[fd77::2]:5004", says="--from")

    def test_empty_values_are_not_taken_for_options_that_were_not_given(self):
        self.refused_attach(USAGE, *MP2T, dev="", says="DEV: the value is empty")
        for option in ("--from", "--segment", "--pid", "--max-streams", "--ssrc", "--seq", "--ts",
                       "--checksum", "--hook", "--timestamp"):
            self.refused_attach(USAGE, *MP2T, option, "", says=f"{option}: the value is empty")
        self.refused(USAGE, "detach", "out", "--to", TO, "--from", "", says="--from")
        self.refused(USAGE, "show", "", says="the value is empty")

    def test_payloads(self):
        self.refused_attach(USAGE, says="--payload")
        self.refused_attach(USAGE, "--payload", "MP3", says="MP3")
        self.refused_attach(USAGE, "--payload", "", says="--payload")
        self.refused_attach(USAGE, "--pt", 33, says="--clock")
        self.refused_attach(USAGE, "--clock", 90000, says="--pt")
        self.refused_attach(USAGE, *MP2T, "--pt", 33, says="--pt")
        self.refused_attach(USAGE, *MP2T, "--clock", 90000, says="--clock")
        for number in ("200", "128", "-1", "33.0", "x", "1e2", "0x80", "72", "76"):
            self.refused_attach(USAGE, f"--pt={number}", "--clock", 90000, says="--pt")
        for clock in ("0", "-1", "abc", "90000Hz", "4294967296", "99999999999999999999"):
            self.refused_attach(USAGE, "--pt", 96, f"--clock={clock}", says="--clock")

    def test_first_values(self):
        for option, values in {"--seq": ("70000", "65536", "-1", "x", "1.5"),
                               "--ts": ("4294967296", "-1", "now"),
                               "--ssrc": ("0x100000000", "0xnonsense", "-1", "0x")}.items():
            for value in values:
                self.refused_attach(USAGE, *MP2T, f"{option}={value}", says=option)

    def test_ways(self):
        for option in ("--checksum", "--hook", "--timestamp", "--rtcp", "--rate"):
            self.refused_attach(USAGE, *MP2T, option, "nonsense", says=option)
        for option in ("--checksum", "--hook", "--timestamp", "--payload", "--to", "--rate"):
            self.refused(USAGE, "attach", "out", *MP2T, "--to", TO, option)

    def test_clocks_that_a_payload_has_not(self):
        self.refused_attach(USAGE, *MP2T, "--timestamp", "samples", says="--timestamp pcr")
        for option in (("--timestamp", "pcr"), ("--pcr-pid", "256"), ("--rate", "auto")):
            self.refused_attach(USAGE, "--payload", "PCMU", *option, says=option[0])
        self.refused_attach(USAGE, "--payload", "H264", says="RFC 6184")
        self.refused(USAGE, "rtcp", "out")

    def test_commands(self):
        for words in ((), ("nonsense",), ("attach",), ("attach", "out"), ("attach", "--to", TO),
                      ("detach",), ("detach", "out"), ("detach", "out", "--all", "--to", TO),
                      ("detach", "out", "--all", "--from", "10.77.0.1"),
                      ("sdp",), ("sdp", "out"), ("show", "out", "in"), ("clean", "out"),
                      ("show", "--nonsense"), ("attach", "out", "--to", TO, *MP2T, "--nonsense"),
                      ("attach", "out", "--to", TO, *MP2T, "surplus"), ("--nonsense", "show")):
            self.refused(USAGE, *words)
        self.refused(EXISTS, "detach", "out", "--to", TO, says=TO)
        self.refused(EXISTS, "detach", "out", "--to", "10.77.0.9:9999", "--from", SERVER_V4,
                     says=SERVER_V4)
        self.refused(EXISTS, "sdp", "out", "--to", TO, says=TO)
        self.refused(EXISTS, "detach", "lo", "--all", says="lo")

    def test_checksum_ways_that_would_be_wrong_here(self):
        self.refused_attach(UNSUPPORTED, *MP2T, "--checksum", "zero", to="[fd77::2]:5004",
                            says="IPv6")
        self.refused_attach(UNSUPPORTED, "--payload", "MPA", "--checksum", "uni", says="MPA")

    def test_rules_that_exist_or_overlap_are_named(self):
        self.zcctl.attach(TO, "--from", f"{SERVER_V4}:4000")
        self.refused_attach(EXISTS, *MP2T, "--from", f"{SERVER_V4}:4000", says=TO)
        self.refused_attach(EXISTS, *MP2T, "--from", f"{SERVER_V4}:4000", "--seq", 1, says=TO)
        for overlapping in ((), ("--from", SERVER_V4)):
            self.refused_attach(EXISTS, *MP2T, *overlapping, says=f"{TO} from {SERVER_V4}:4000")
        self.zcctl.attach(TO, "--from", f"{SERVER_V4}:4001")
        self.zcctl.attach(TO, "--from", "10.77.0.8")

    def test_help_and_version_are_not_errors(self):
        for words in (("--help",), ("--version",), ("attach", "--help")):
            result = self.zcctl.run(*words)
            self.assertEqual((result.code, result.err), (0, ""), result)
            self.assertTrue(result.out)


class Output(BadInputCase):
    def test_json_of_every_command(self):
        for words in (("probe",), ("probe", "out"), ("show",),
                      ("--dry-run", "attach", "out", "--to", TO, *MP2T),
                      ("attach", "out", "--to", TO, *MP2T), ("show",), ("show", "out"),
                      ("sdp", "out", "--to", TO), ("--dry-run", "detach", "out", "--all"),
                      ("--dry-run", "clean"), ("clean",), ("detach", "out", "--to", TO)):
            with self.subTest(" ".join(words)):
                self.assertEqual(self.zcctl.ok("--json", *words).json["schema"], 1)

    def test_json_of_show_has_all_that_was_promised(self):
        self.zcctl.attach(TO)
        apps.say(self.socket(source_port=40000), b"x" * 100)
        device = self.zcctl.device()
        rule, stream = device["rules"][0], device["streams"][0]
        self.assertLessEqual({"dev": "out", "hook": device["hook"]}.items(),
                             device.items())
        self.assertRegex(device["stage"], "^zcstage[0-9]+$")
        expected = {"to": TO, "from": None, "payload": "MP2T", "pt": 33, "clock": 90000,
                    "timestamp": "pcr", "timestamp_auto": True, "pcr_pid": None, "checksum": "sum",
                    "segment": None, "rate": None, "rtcp": "on", "rtcp_auto": True, "idle": None,
                    "continue": False, "media": "video", "fmtp": None, "ptime": None}
        self.assertLessEqual(expected.items(), rule.items())
        self.assertLessEqual({"stamped", "super", "oversize", "fragment", "ip_options", "short",
                              "no_room", "no_state", "unaligned"}, rule["counters"].keys())
        self.assertEqual((stream["from"], stream["to"]), (f"{SERVER_V4}:40000", TO))
        self.assertRegex(stream["ssrc"], "^0x[0-9a-f]{8}$")
        self.assertEqual((stream["packets"], stream["octets"]), (1, 100))
        self.assertTrue(isinstance(stream["seq"], int) and isinstance(stream["ts"], int))

    def test_dry_runs_say_what_they_would_do_and_change_nothing(self):
        attach = ("attach", "out", "--to", TO, *MP2T)
        for words in (attach, (*attach, "--hook", "clsact")):
            before = self.state()
            self.assertIn("would", self.zcctl.ok("--dry-run", *words).out)
            self.assertEqual(self.state(), before)
        self.zcctl.ok(*attach)
        for words in (("detach", "out", "--all"), ("detach", "out", "--to", TO),
                      (*attach, "--seq", "7", "--replace"), ("clean", "--force")):
            before = self.state()
            self.zcctl.ok("--dry-run", *words)
            self.assertEqual(self.state(), before)
        self.refused(EXISTS, "--dry-run", *attach)
        self.refused(EXISTS, "--dry-run", "detach", "out", "--to", "10.1.1.1:1")

    def test_a_full_or_closed_stdout_is_a_failure(self):
        self.zcctl.attach(TO)
        before = self.state()
        for words in (("show",), ("--json", "show"), ("sdp", "out", "--to", TO), ("probe",)):
            with self.subTest(words=words), open("/dev/full", "w", encoding="ascii") as full:
                self.check_exit(self.zcctl.run(*words, stdout=full), FAILED)
                self.check_exit(self.zcctl.run(*words, preexec_fn=lambda: os.close(1)), FAILED)
        self.assertEqual(self.state(), before)

    def test_all_of_stdin_stdout_stderr_may_be_closed(self):
        for words in (("attach", "out", "--to", TO, *MP2T), ("--json", "show"),
                      ("detach", "out", "--all")):
            done = subprocess.run(self.zcctl.command(*words), check=False, timeout=30,
                                  preexec_fn=lambda: os.closerange(0, 3))
            self.assertIn(done.returncode, (0, FAILED), words)
        self.check_nothing_left()


class Privileges(BadInputCase):
    def run_as(self, *setpriv, words=("attach", "out", "--to", TO, *MP2T)):
        """Enters the namespace first: -n would need CAP_SYS_ADMIN."""
        return program.execute(("nsenter", f"--net={self.server.path}", "setpriv", *setpriv,
                                program.ZCCTL, *words))

    def not_permitted(self, *setpriv, **more):
        before = self.state()
        result = self.run_as(*setpriv, **more)
        with self.subTest(setpriv=setpriv, **more):
            self.check_exit(result, NOT_PERMITTED)
            self.assertIn("CAP_", result.err)
            self.assertEqual(self.state(), before)

    def test_nobody_is_told_which_capability_is_missing(self):
        self.zcctl.attach("10.77.0.9:9999")
        for words in (("attach", "out", "--to", TO, *MP2T), ("detach", "out", "--all"), ("show",),
                      ("clean",)):
            self.not_permitted("--reuid=65534", "--regid=65534", "--clear-groups", words=words)

    def test_root_without_the_capabilities(self):
        self.not_permitted("--bounding-set=-bpf,-sys_admin")
        self.not_permitted("--bounding-set=-net_admin,-sys_admin")
        self.not_permitted("--bounding-set=-all")

    def test_clean_without_cap_bpf_harms_no_living_rule(self):
        """What a command cannot see is no leftover. The kernel may allow it to look, or not."""
        for hook in ("tcx", "clsact"):
            self.zcctl.attach("10.77.0.9:9999", "--hook", hook)
            for words in (("clean",), ("clean", "--force"), ("show",)):
                before = self.state()
                result = self.run_as("--bounding-set=-bpf,-sys_admin", words=words)
                self.assertIn(result.code, (0, NOT_PERMITTED), result)
                self.assertEqual(self.state(), before)
            self.zcctl.detach("10.77.0.9:9999")

    def test_a_namespace_needs_sys_admin(self):
        result = program.execute(("setpriv", "--bounding-set=-sys_admin", program.ZCCTL, "-n",
                                  "server", "show"))
        self.check_exit(result, NOT_PERMITTED)
        self.assertIn("CAP_SYS_ADMIN", result.err)

    def test_bpf_perfmon_and_net_admin_suffice(self):
        few = "--bounding-set=-all,+bpf,+net_admin,+perfmon"
        for hook in ("tcx", "clsact"):
            for words in (("attach", "out", "--to", TO, *MP2T, "--hook", hook), ("show",),
                          ("attach", "out", "--to", "10.77.0.9:9", *MP2T),
                          ("sdp", "out", "--to", TO), ("probe", "out"), ("clean",),
                          ("detach", "out", "--to", TO), ("detach", "out", "--all")):
                with self.subTest(hook=hook, words=words):
                    self.check_exit(self.run_as(few, words=words), 0)
            self.check_nothing_left()

    @sandbox.needs("strace")
    def test_a_kernel_without_bpf(self):
        for words in (("attach", "out", "--to", TO, *MP2T), ("probe", "out")):
            before = self.state()
            result = program.execute(("strace", "-f", "-o", "/dev/null", "-e", "trace=bpf", "-e",
                                      "inject=bpf:error=ENOSYS", *self.zcctl.command(*words)))
            self.assertEqual(result.code, UNSUPPORTED, result)
            self.assertIn("hint: ", result.err)
            self.assertEqual(self.state(), before)


class Devices(BadInputCase):
    def make_tun(self, flags, name):
        """The descriptor is the cable's other end."""
        with self.server.entered():
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, _TUNSETIFF, struct.pack("16sH22x", name.encode(), flags | _IFF_NO_PI))
        self.watch(os.fdopen(fd, "rb+", buffering=0))
        return fd

    def up(self, dev, address="10.88.0.1/24"):
        self.server.ip(f"addr add {address} dev {dev}", f"link set {dev} up")

    @unittest.skipUnless(os.path.exists("/dev/net/tun"), "no /dev/net/tun")
    def test_a_device_without_ethernet_works(self):
        fd = self.make_tun(_IFF_TUN, "tun0")
        self.up("tun0")
        for hook in ("tcx", "clsact"):
            self.zcctl.attach("10.88.0.2:5004", "--hook", hook, dev="tun0")
            apps.say(self.socket("10.88.0.2"), b"x" * 100)
            packet = self.read_udp(fd)
            datagram = rtp.parse_frame(bytes(12) + b"\x08\x00" + packet)
            self.assertEqual(rtp.parse_rtp(datagram.payload).payload, b"x" * 100)
            self.zcctl.detach("10.88.0.2:5004", dev="tun0")

    @staticmethod
    def read_udp(fd):
        """Skips what the kernel itself sends on a new device."""
        for _ in range(100):
            packet = os.read(fd, 4096)
            if packet[0] >> 4 == 4 and packet[9] == rtp.UDP:
                return packet
        return None

    @unittest.skipUnless(os.path.exists("/dev/net/tun"), "no /dev/net/tun")
    def test_a_link_type_that_nobody_knows_is_refused(self):
        fd = self.make_tun(_IFF_TUN, "tun1")
        fcntl.ioctl(fd, _TUNSETLINK, _ARPHRD_PPP)
        self.refused(UNSUPPORTED, "attach", "tun1", "--to", TO, *MP2T, says="tun1")

    def test_loopback_works(self):
        self.zcctl.attach("127.0.0.1:5004", dev="lo")
        receiver = self.watch(self.server.socket(socket.AF_INET, socket.SOCK_DGRAM))
        receiver.settimeout(5)
        receiver.bind(("127.0.0.1", PORT))
        apps.say(self.socket("127.0.0.1"), b"x" * 100)
        self.assertEqual(rtp.parse_rtp(receiver.recv(4096)).payload, b"x" * 100)
        self.zcctl.detach("127.0.0.1:5004", dev="lo")

    def test_a_device_whose_driver_is_unknown_gets_sum_for_both_families(self):
        self.server.ip("link add br0 type bridge")
        self.zcctl.attach(TO, dev="br0")
        self.zcctl.attach("[fd77::2]:5004", dev="br0")
        for to in (TO, "[fd77::2]:5004"):
            self.assertEqual(self.zcctl.rule(to, "br0")["checksum"], "sum")

    def test_a_device_that_is_down_takes_rules(self):
        self.server.ip("link set out down")
        self.zcctl.attach(TO)
        self.server.ip("link set out up", f"route replace {VIEWER_V4} dev out",
                       f"neigh replace {VIEWER_V4} lladdr {VIEWER_MAC} dev out nud permanent")
        self.check_stamped()


if __name__ == "__main__":
    sandbox.main()

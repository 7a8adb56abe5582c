#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The bash completion: what it offers, and what readline makes of it on a real command line.

Devices are those of the machine; rules are what a zcctl of four lines says.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

COMPLETION = os.environ["ZC_SOURCE"] + "/packaging/completion/zcctl.bash"
HELPERS = "/usr/share/bash-completion/bash_completion"

# What `zcctl --json show nic0` prints: streams have ends, too, which are no rule's.
SHOW = ('{"schema":1,"devices":[{"dev":"nic0","hook":"tcx","stage":"zcstage2","rules":['
        '{"to":"192.0.2.2:5004","from":null,"payload":"MP2T","counters":{"stamped":0}},'
        '{"to":"192.0.2.3:5004","from":"192.0.2.1","payload":"MP2T","counters":{"stamped":0}},'
        '{"to":"192.0.2.3:5004","from":"192.0.2.9:7000","payload":"MPA","counters":{"stamped":0}},'
        '{"to":"[2001:db8::2]:5004","from":"[2001:db8::1]:40000","payload":null,"counters":{}}],'
        '"streams":[{"from":"203.0.113.7:40000","to":"192.0.2.66:5004","ssrc":"0x01234567"}]}],'
        '"leftovers":[]}')
ZCCTL = f"""#!/bin/sh
echo "$*" >>"$ZC_CALLS"
[ "$*" = "--json show nic0" ] || [ "$*" = "-n media --json show nic0" ] || exit 4
echo '{SHOW}'
"""
# What `ip -oneline link` prints; the second device is one of somebody who means no good.
IP = """#!/bin/sh
[ "$*" = "-n media -oneline link" ] || exit 1
echo '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT'
echo '2: a$(touch,ran): <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT'
echo '3: nic0@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT'
echo '4: zcstage3@nic0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT'
echo '5: zcpace3@nic0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc fq state UP mode DEFAULT'
"""

ATTACH = ("--to --from --payload --pt --clock --encoding --timestamp --pcr-pid --ssrc --seq --ts "
          "--checksum --segment --pid --force --rate --rtcp --idle --continue --fmtp --ptime --media "
          "--framing --frame-end --skip --max-streams --hook --replace --dry-run --json --help").split()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="zcctl-completion.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.calls = f"{self.folder}/calls"
        for name, text in [("zcctl", ZCCTL), ("zcctl-bench", ZCCTL), ("ip", IP)]:
            with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(f"{self.folder}/{name}", 0o755)
        os.makedirs(f"{self.folder}/results/one")
        self.environment = {"PATH": f"{self.folder}:{os.environ['PATH']}", "ZC_CALLS": self.calls,
                            "INPUTRC": "/dev/null", "TERM": "dumb", "HOME": self.folder, "PS1": "$ "}


class Offered(Case):
    """The function alone, without bash-completion's helpers."""

    def offered(self, line, setup=""):
        script = f"""{setup}
            . {COMPLETION}
            COMP_LINE=$1 COMP_POINT=${{#1}}
            _zcctl
            [ ${{#COMPREPLY[@]}} -eq 0 ] || printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = subprocess.run(["bash", "--norc", "--noprofile", "-c", script, "bash", line],
                              env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              check=True, timeout=20)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def test_commands(self):
        self.assertEqual(self.offered("zcctl "),
                         "attach detach show check sdp probe agent bench clean".split())
        self.assertEqual(self.offered("zcctl s"), ["show", "sdp"])
        self.assertEqual(self.offered("zcctl -n media --json de"), ["detach"])
        self.assertEqual(self.offered("zcctl --v"), ["--verbose", "--version"])

    def test_devices_but_no_stages(self):
        devices = self.offered("zcctl attach ")
        self.assertIn("lo", devices)
        self.assertEqual(sorted(devices), sorted(name for name in os.listdir("/sys/class/net")
                                                 if os.path.isdir(f"/sys/class/net/{name}")
                                                 and not name.startswith(("zcstage", "zcpace"))))
        for command in ["detach", "show", "check", "sdp", "probe"]:
            self.assertIn("lo", self.offered(f"zcctl {command} l"))
        self.assertEqual(self.offered("zcctl clean l"), [])

    def test_devices_of_a_namespace(self):
        self.assertEqual(self.offered("zcctl -n media detach "), ["lo", r"a\$\(touch\,ran\)", "nic0"])
        self.assertEqual(self.offered("zcctl --netns=media show n"), ["nic0"])
        self.assertEqual(self.offered("zcctl -n other show "), [])

    def test_options_of_each_command(self):
        self.assertEqual(self.offered("zcctl attach nic0 "), ATTACH)
        self.assertEqual(self.offered("zcctl attach --"), ATTACH)
        self.assertEqual(self.offered("zcctl detach nic0 -"),
                         "--to --from --all --now --dry-run --json --help".split())
        self.assertEqual(self.offered("zcctl sdp nic0 "),
                         "--to --from --address --encoding --media --ttl --for --json --help".split())
        self.assertEqual(self.offered("zcctl show nic0 "), "--all --over --json --help".split())
        self.assertEqual(self.offered("zcctl check nic0 "),
                         "--to --from --watch --json --help".split())
        self.assertEqual(self.offered("zcctl probe nic0 "), "--verify --json --help".split())
        self.assertEqual(self.offered("zcctl probe --"),
                         "--verify --listen --once --json --help".split())
        self.assertEqual(self.offered("zcctl clean "), "--force --dry-run --json --help".split())

    def test_an_option_is_offered_once(self):
        self.assertEqual(self.offered("zcctl attach nic0 --to 192.0.2.2:5004 --checksum=uni --replace "),
                         [option for option in ATTACH
                          if option not in ("--to", "--checksum", "--replace")])

    def test_values(self):
        for line, values in [
                ("--payload MP", "MPA MP2T"), ("--media ", "audio video"), ("--payload L16", "L16/44100/2 L16/44100/1 L16/48000/2"),
                ("--checksum ", "auto uni sum zero lco"), ("--checksum=z", "zero"),
                ("--hook ", "auto tcx clsact"), ("--rtcp ", "on mux off"), ("--rate a", "auto"), ("--ssrc ", ""),
                ("--timestamp ", "wall pcr samples bytes: packet:"),
                (f"--pid {os.getpid()}", str(os.getpid()))]:
            with self.subTest(line):
                offered = self.offered(f"zcctl attach nic0 {line}")
                self.assertTrue(set(values.split()) <= set(offered), offered)
                if "--pid" not in line:
                    self.assertEqual(offered, values.split())

    def test_rules_in_force(self):
        rules = ["192.0.2.2:5004", "192.0.2.3:5004", "[2001:db8::2]:5004"]
        for command, where in [("detach nic0", ""), ("sdp nic0", ""), ("check nic0", ""), ("attach nic0 --replace", ""),
                               ("-n media detach nic0", "-n media ")]:
            self.assertEqual(self.offered(f"zcctl {command} --to "), rules, command)
            with open(self.calls, encoding="utf-8") as calls:
                self.assertEqual(calls.readlines()[-1], f"{where}--json show nic0\n")
        self.assertEqual(self.offered("zcctl detach nic0 --to ["), ["[2001:db8::2]:5004"])
        self.assertEqual(self.offered("zcctl detach nic0 --to=["), ["[2001:db8::2]:5004"])
        self.assertEqual(self.offered("zcctl detach nic0 --to 192.0.2.2:"), ["5004"])
        self.assertEqual(self.offered("zcctl detach nic0 --to [2001:db8::"), ["2]:5004"])

    def test_sources_that_go_with_the_destination(self):
        self.assertEqual(self.offered("zcctl detach nic0 --to 192.0.2.3:5004 --from "),
                         ["192.0.2.1", "192.0.2.9:7000"])
        self.assertEqual(self.offered("zcctl detach nic0 --to=192.0.2.2:5004 --from "), [])
        self.assertEqual(self.offered("zcctl sdp nic0 --from "),
                         ["192.0.2.1", "192.0.2.9:7000", "[2001:db8::1]:40000"])

    def test_a_new_rule_is_not_an_old_one(self):
        self.assertEqual(self.offered("zcctl attach nic0 --to "), [])
        self.assertFalse(os.path.exists(self.calls))

    def test_quiet_where_show_is_not_permitted(self):
        self.assertEqual(self.offered("zcctl detach lo --to "), [])
        self.assertEqual(self.offered("./nothing detach nic0 --to "), [])

    def test_names_are_not_run(self):
        """A device may be called $(touch ran); so may what somebody typed."""
        setup = f"touch() {{ : >{self.folder}/ran; }}"
        for line in ["zcctl detach $(touch${IFS}x) --to ", "zcctl attach `touch` --", "zcctl $(touch)"]:
            self.offered(line, setup)
        self.assertFalse(os.path.exists(f"{self.folder}/ran"))

    def test_benchmarks(self):
        for program in ["zcctl bench", "zcctl-bench", "/usr/sbin/zcctl-bench"]:
            with self.subTest(program):
                self.assertEqual(self.offered(f"{program} "), "list run report compare".split())
                self.assertEqual(self.offered(f"{program} run --suite "),
                                 "streaming download rivals loan bars all".split())
                self.assertEqual(self.offered(f"{program} run --env veth,nic-"),
                                 ["veth,nic-uso", "veth,nic-1g"])
                self.assertEqual(self.offered(f"{program} report r"), ["results"])
                self.assertEqual(self.offered(f"{program} compare results --"),
                                 "--html --dry-run --json --help".split())


class CommandLine(Case):
    """A bash on a terminal of its own, and somebody who types and presses TAB."""
    helpers = None

    def line_after_tab(self, typed):
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], self.environment)
        try:
            setup = (f"{f'. {self.helpers}; ' if self.helpers else ''}. {COMPLETION}; "
                     "bind -x '\"\\C-t\": printf \"<<%s>>\" \"$READLINE_LINE\"'; echo rea''dy\n")
            os.write(terminal, setup.encode())
            self.read_until(terminal, r"ready\r\n")
            os.write(terminal, (typed + "\t\x14").encode())
            return self.read_until(terminal, r"<<(.*?)>>").group(1)
        finally:
            os.close(terminal)  # bash ends with its terminal
            os.waitpid(pid, 0)

    def read_until(self, terminal, pattern):
        seen, end = "", time.monotonic() + 15
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 4096).decode(errors="replace")
            found = re.search(pattern, seen, re.S)
            if found:
                return found
        self.fail(f"waited in vain for {pattern}; seen: {seen!r}")

    def test_lines(self):
        for typed, line in [
                ("zcctl det", "zcctl detach "),
                ("zcctl attach lo --payload MP2", "zcctl attach lo --payload MP2T "),
                ("zcctl attach lo --checksum=l", "zcctl attach lo --checksum=lco "),
                ("zcctl detach nic0 --to 192.0.2.2", "zcctl detach nic0 --to 192.0.2.2:5004 "),
                ("zcctl detach nic0 --to 192.0.2.2:5", "zcctl detach nic0 --to 192.0.2.2:5004 "),
                ("zcctl detach nic0 --to [", "zcctl detach nic0 --to [2001:db8::2]:5004 "),
                ("zcctl detach nic0 --to [2001:d", "zcctl detach nic0 --to [2001:db8::2]:5004 "),
                ("zcctl detach nic0 --to=[2001:db8::2]:", "zcctl detach nic0 --to=[2001:db8::2]:5004 "),
                ("zcctl-bench rep", "zcctl-bench report "),
                ("zcctl-bench report res", "zcctl-bench report results/"),
        ]:
            with self.subTest(typed):
                self.assertEqual(self.line_after_tab(typed), line)


@unittest.skipUnless(os.path.exists(HELPERS), "no bash-completion")
class CommandLineWithHelpers(CommandLine):
    """The same where bash-completion is loaded."""
    helpers = HELPERS


if __name__ == "__main__":
    unittest.main()

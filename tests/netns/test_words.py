#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The command line as people type it: slips, several mistakes at once, text that would play with
the terminal, and readers of the output that go away. docs/interface.md."""
import itertools
import os
import re
import signal
import subprocess
import unittest

from support import program, sandbox
from support.case import TO, WireCase

FAILED, USAGE = 1, 2
MP2T = ("--payload", "MP2T")
OTHER = "10.77.0.9:9999"


def zcctl(*words, **options):
    return program.execute((program.ZCCTL, *words), **options)


class Refused(unittest.TestCase):
    def first_line(self, *words):
        """What zcctl complains about: one line, and a hint."""
        result = zcctl(*words)
        with self.subTest(" ".join(words)):
            self.assertEqual((result.code, result.out), (USAGE, ""), result)
            lines = result.err.splitlines()
            self.assertLessEqual(len(lines), 2, result)
            self.assertTrue(len(lines) < 2 or lines[1].startswith("hint: "), result)
        return lines[0]

    def says(self, line, *words):
        with self.subTest(" ".join(words)):
            self.assertEqual(self.first_line(*words), f"zcctl: {line}")


class Slips(Refused):
    def test_an_unknown_command_is_named_with_the_one_that_was_meant(self):
        self.says("'atach' is no command; did you mean attach?", "atach", "lo", "--to", TO)
        self.says("'shwo' is no command; did you mean show?", "-j", "shwo")
        self.says("'detatch' is no command; did you mean detach?", "-n", "nowhere", "detatch")
        self.says("'frobnicate' is no command", "frobnicate", "show")
        result = zcctl("frobnicate")
        for command in ("attach", "detach", "show", "check", "sdp", "probe", "clean",
                        "bench"):
            self.assertIn(command, result.err)

    def test_no_command_at_all(self):
        self.says("a command is missing")
        self.says("a command is missing", "--json")

    def test_an_unknown_option_is_named_with_the_one_that_was_meant(self):
        self.says("'--payloud' is no option of attach; did you mean --payload?",
                  "attach", "lo", "--payloud", "MP2T", "--to", TO)
        self.says("'--chekcsum' is no option of attach; did you mean --checksum?",
                  "attach", "lo", "--chekcsum=lco", "--to", TO)
        self.says("'--max' is no option of attach; did you mean --max-streams?",
                  "attach", "lo", "--to", TO, *MP2T, "--max", "7")
        self.says("'--nonsense' is no option of show", "show", "--nonsense")
        self.says("'-x' is no option of show", "show", "-x")
        self.says("'--jsom' is no option of zcctl; did you mean --json?", "--jsom", "show")
        self.says("'--to' stands before the command whose option it is", "--to", TO, "attach", "lo")

    def test_a_word_too_many_is_named(self):
        self.says("'in' is one word too many for show", "show", "lo", "in")
        self.says("'lo' is one word too many for clean", "clean", "lo")


class SeveralMistakes(Refused):
    PAIRS = {"--to": "nowhere", "--from": "nobody", "--payload": "MP3", "--pt": "200",
             "--clock": "fast", "--timestamp": "ntp", "--ssrc": "x", "--seq": "70000", "--ts": "-",
             "--checksum": "good", "--segment": "all", "--pid": "me", "--max-streams": "0",
             "--hook": "xdp", "--encoding": "a b", "--fmtp": "\n", "--ptime": "0", "--media": "text",
             "--pcr-pid": "8191", "--rate": "fast", "--rtcp": "maybe", "--idle": "0",
             "--nonsense": "1"}

    def test_the_one_typed_first_is_named(self):
        for one, wrong in self.PAIRS.items():
            for other, also in self.PAIRS.items():
                if one != other:
                    line = self.first_line("attach", "lo", f"{one}={wrong}", f"{other}={also}")
                    with self.subTest(one=one, other=other):
                        self.assertIn(one, line)
                        self.assertNotIn(other, line.replace(one, ""))

    def test_what_is_wrong_comes_before_what_is_missing(self):
        self.says("--seq takes a number from 0 to 65535, not '70000'",
                  "attach", "lo", "--seq", "70000")
        self.says("--seq takes a number from 0 to 65535, not '70000'",
                  "attach", "lo", "--seq", "70000", "--to")
        self.says("--from: the value is empty", "attach", "lo", "--from", "", "--to", "nowhere")
        self.assertIn("--from", self.first_line("detach", "lo", "--from", "nobody", "--to", "x"))

    def test_of_check_too(self):
        pairs = {"--to": "nowhere", "--from": "nobody", "--watch": "soon"}
        for one, other in itertools.permutations(pairs, 2):
            line = self.first_line("check", "lo", f"{one}={pairs[one]}", f"{other}={pairs[other]}")
            with self.subTest(one=one, other=other):
                self.assertIn(one, line)
                self.assertNotIn(other, line.replace(one, ""))


class ValuesThatMayBeLeftAway(Refused):
    def test_of_watch(self):
        """Wherever it stands: 5, there is no such device."""
        for words in (("nonsuch0", "--to", TO, "--watch"), ("nonsuch0", "--watch", "--to", TO)):
            result = zcctl("check", *words)
            with self.subTest(words=words):
                self.assertEqual(result.code, 5, result)

    def test_what_it_takes_for_its_value(self):
        self.says("--watch takes a number from 1 to 3600, not 'lo'",
                  "check", "--watch", "lo", "--to", TO)
        self.assertIn("stands last", zcctl("check", "--watch", "lo", "--to", TO).err)
        for words in (("--watch", ""), ("--watch=",)):
            self.says("--watch: the value is empty", "check", "lo", "--to", TO, *words)


class Help(unittest.TestCase):
    def test_attach_names_every_checksum_way_of_the_completion(self):
        path = os.path.join(os.path.dirname(__file__), "../../packaging/completion/zcctl.bash")
        with open(path, encoding="utf-8") as completion:
            ways = re.search(r"--checksum\) _zcctl_offer (.*) ;;", completion.read())[1].split()
        self.assertIn("uni", ways)
        text = zcctl("attach", "--help").out
        about = " ".join(re.search(r"--checksum (.*?)--segment", text, re.DOTALL)[1].split())
        self.assertEqual(set(re.findall(r"[a-z]+", about)) - {"or", "default"}, set(ways))


class Terminal(Refused):
    def test_control_characters_are_written_out(self):
        self.says(r"'\x1b[31mred\n' is no command", "\x1b[31mred\n")
        self.says(r"'--\x1b]0;title\x07' is no option of show", "show", "--\x1b]0;title\x07")
        self.says(r"--payload: 'a\nzcctl: b' is not known",
                  "attach", "lo", "--to", TO, "--payload", "a\nzcctl: b")
        self.says(r"--pid takes a number from 1 to 2147483647, not '1\r'",
                  "attach", "lo", "--to", TO, *MP2T, "--segment", "188", "--pid", "1\r")

    def test_also_in_the_name_of_a_device(self):
        result = zcctl("show", "\x1b[2J")
        self.assertEqual(result.code, 5, result)
        self.assertIn(r"\x1b[2J", result.err)
        self.assertNotIn("\x1b", result.err)


class Readers(WireCase):
    """Of the output, who may go away."""

    def status(self, *words, before=None):
        """How it ends where its reader has gone: (exit code or minus the signal, stderr)."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            done = subprocess.run(self.zcctl.command(*words), stdout=writer, preexec_fn=before,
                                  stderr=subprocess.PIPE, text=True, timeout=30, check=False)
        finally:
            os.close(writer)
        return done.returncode, done.stderr

    def test_a_closed_pipe_ends_it_silently_as_it_ends_ip_and_tc(self):
        self.zcctl.attach(TO)
        for words in (("show",), ("--json", "show"), ("sdp", "out", "--to", TO), ("probe", "out"),
                      ("--help",), ("attach", "--help"), ("--dry-run", "detach", "out", "--all")):
            with self.subTest(words=words):
                self.assertEqual(self.status(*words), (-signal.SIGPIPE, ""))
        self.assertIsNotNone(self.zcctl.rule(TO))

    def test_who_ignores_sigpipe_is_told(self):
        def ignore():
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)

        self.zcctl.attach(TO)
        code, err = self.status("show", before=ignore)
        self.assertEqual((code, err), (FAILED, "zcctl: cannot write to stdout: Broken pipe\n"))

    def test_what_changes_things_is_done_before_it_prints(self):
        attach = ("--json", "attach", "out", "--to", TO, *MP2T)
        self.assertEqual(self.status(*attach), (-signal.SIGPIPE, ""))
        self.check_stamped()
        self.assertEqual(self.status(*attach, "--seq", "7", "--replace"), (-signal.SIGPIPE, ""))
        self.assertEqual(self.status("--json", "detach", "out", "--to", TO), (-signal.SIGPIPE, ""))
        self.check_nothing_left()

    def test_a_closed_stderr_kills_nothing_half_way(self):
        """attach tells which sockets it changes, on stderr, before it prints."""
        app = self.socket()
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as gone:
            done = subprocess.run(
                self.zcctl.command("attach", "out", "--to", TO, *MP2T, "--segment", "1316",
                                   "--pid", f"{os.getpid()}:{app.fileno()}"),
                stdout=subprocess.DEVNULL, stderr=gone, timeout=30, check=False)
        self.assertEqual(done.returncode, 0)
        self.check_stamped()

    def test_a_full_disk_after_a_change_says_that_it_is_done(self):
        attach = ("--json", "attach", "out", "--to", TO, *MP2T)
        for words, left in ((attach, 1), ((*attach, "--seq", "7", "--replace"), 1),
                            (("--json", "detach", "out", "--all"), 0)):
            with self.subTest(words=words), open("/dev/full", "w", encoding="ascii") as full:
                result = self.zcctl.run(*words, stdout=full)
                self.check_exit(result, FAILED)
                self.assertIn("it is done and stays so", result.err)
                rules = (self.zcctl.device() or {"rules": []})["rules"]
                self.assertEqual(len(rules), left)
        self.check_nothing_left()

    def test_help_that_cannot_be_written_is_a_failure(self):
        for words in (("--help",), ("--version",), ("attach", "--help")):
            with self.subTest(words=words), open("/dev/full", "w", encoding="ascii") as full:
                self.check_exit(self.zcctl.run(*words, stdout=full), FAILED)


if __name__ == "__main__":
    sandbox.main()

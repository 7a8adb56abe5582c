#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every header that both sides or the programs share compiles alone, in every language it is for,
and the RTP engine in a program that is not zc_egress. Needs clang, no root."""
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLANG = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else "clang"
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
BPF = ["-target", "bpf", "-mcpu=v3", "-O2", "-g", *(f"-I{ROOT / part}" for part in ("", "include", "bpf"))]
LANGUAGES = {
    "C11": ["-x", "c", "-std=c11", f"-I{ROOT / 'include'}"],
    "C++20": ["-x", "c++", "-std=c++20", f"-I{ROOT / 'include'}"],
    "BPF C": ["-x", "c", *BPF],
}


def compile_source(source, flags):
    """What clang has to complain about; empty where nothing."""
    done = subprocess.run([CLANG, *WARNINGS, *flags, "-fsyntax-only", "-"], input=source, text=True,
                          capture_output=True, timeout=60, check=False)
    return done.stderr if done.returncode or done.stderr else ""


def headers(folder):
    return sorted(path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.h"))


class HeadersTest(unittest.TestCase):
    def expect_alone(self, folder, languages):
        found = headers(folder)
        self.assertGreater(len(found), 10, f"{folder}: where are the headers?")
        for header in found:
            for language in languages:
                with self.subTest(header=str(header), language=language):
                    # Included twice: the guard must hold.
                    source = f'#include "{header}"\n' * 2
                    self.assertEqual(compile_source(source, LANGUAGES[language]), "")

    def test_what_both_sides_share_compiles_alone_in_all_three_languages(self):
        self.expect_alone("include", LANGUAGES)

    def test_what_the_programs_share_compiles_alone(self):
        self.expect_alone("bpf", ["BPF C"])

    def test_no_two_headers_have_the_same_guard(self):
        guards = {}
        for folder in ("include", "bpf"):
            for header in headers(folder):
                text = (ROOT / folder / header).read_text()
                guard = text.split("#ifndef ", 1)[1].split()[0]
                self.assertNotIn(guard, guards, f"{folder}/{header}")
                guards[guard] = header

    def test_the_engine_knows_no_packet(self):
        """rtp/ and maps/ reach neither a context nor a step of the egress way."""
        for header in headers("bpf"):
            if header.parts[0] not in ("rtp", "maps"):
                continue
            text = (ROOT / "bpf" / header).read_text()
            for forbidden in ('"ctx/', '"egress/', "__sk_buff"):
                self.assertNotIn(forbidden, text, str(header))

    def test_a_second_program_shares_the_engine(self):
        source = pathlib.Path(__file__).with_name("second.bpf.c")
        done = subprocess.run([CLANG, *WARNINGS, *BPF, "-S", "-o", "-", str(source)], text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for shared in ("zc_rules", "zc_slots", "zc_streams", "zc_counts"):
            self.assertIn(shared, done.stdout)
        for egress_own in ("zc_fragments", "zc_supers", "zc_sockets", "zc_meta"):
            self.assertNotIn(egress_own, done.stdout)


if __name__ == "__main__":
    unittest.main()

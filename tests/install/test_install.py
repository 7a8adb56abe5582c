#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Installs below a temporary folder and uninstalls: what is where, and that nothing stays."""
import os
import shutil
import subprocess
import tempfile
import unittest

SOURCE, BUILD = os.environ["ZC_SOURCE"], os.environ["ZC_BUILD"]
HAS_BENCH = os.environ["ZC_HAS_BENCH"] == "1"

# Files below PREFIX. A page more in docs/ is a line more here.
PROGRAMS = ["sbin/zcctl"]
FILES = PROGRAMS + [
    "lib/systemd/network/05-zcctl.network",
    "lib/systemd/system/zcctl-agent.service",
    "share/bash-completion/completions/zcctl",
    "share/doc/zcctl/CHANGELOG.md",
    "share/doc/zcctl/LICENSE",
    "share/doc/zcctl/README.md",
    "share/doc/zcctl/docs/architecture.md",
    "share/doc/zcctl/docs/benchmarks.md",
    "share/doc/zcctl/docs/checksums.md",
    "share/doc/zcctl/docs/clocks.md",
    "share/doc/zcctl/docs/interface.md",
    "share/doc/zcctl/docs/kernel-support.md",
    "share/doc/zcctl/docs/pacing.md",
    "share/doc/zcctl/docs/rtcp.md",
    "share/doc/zcctl/docs/stage.md",
    "share/doc/zcctl/docs/tcp.md",
    "share/doc/zcctl/docs/testing.md",
    "share/doc/zcctl/docs/troubleshooting.md",
    "share/doc/zcctl/examples/sendfile_stream.c",
    "share/doc/zcctl/examples/sendfile_stream.py",
    "share/man/man8/zcctl.8",
    "share/zcctl/installed",
]
if HAS_BENCH:
    PROGRAMS += ["sbin/zcctl-bench"]
    FILES += ["sbin/zcctl-bench", "share/bash-completion/completions/zcctl-bench"]


class Install(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="zcctl-install.")
        self.addCleanup(shutil.rmtree, self.root)

    def run_script(self, command, prefix):
        """The script that make calls; a build that is up to date is not made again for it."""
        return subprocess.run(
            [f"{SOURCE}/scripts/install.sh", command] + [BUILD] * (command == "install"),
            env=dict(os.environ, DESTDIR=self.root, PREFIX=prefix),
            check=True, capture_output=True, text=True, umask=0o077).stdout

    def path(self, name):
        return self.root + name

    def tree(self, of_folders=False):
        found = set()
        for folder, folders, files in os.walk(self.root):
            found |= {os.path.join(folder, name)[len(self.root):]
                      for name in (folders if of_folders else files)}
        return found

    def make(self, name, text=""):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def output(self, *command):
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def test_files_of_a_distribution(self):
        self.run_script("install", "/usr")
        expected = {f"/usr/{name}" for name in FILES}
        expected.add("/usr/lib/NetworkManager/conf.d/zcctl.conf")
        self.assertEqual(self.tree(), expected)

    def test_files_of_a_local_installation(self):
        self.run_script("install", "/usr/local")
        expected = {f"/usr/local/{name}" for name in FILES}
        expected.add("/etc/NetworkManager/conf.d/zcctl.conf")  # it does not read /usr/local
        self.assertEqual(self.tree(), expected)

    def test_another_prefix_writes_below_it_only(self):
        self.run_script("install", "/opt/zcctl/")
        self.assertEqual({name for name in self.tree() if not name.startswith("/opt/zcctl/")}, set())
        self.assertTrue(os.path.exists(self.path("/opt/zcctl/sbin/zcctl")))

    def test_the_programs_run_and_say_their_version(self):
        self.run_script("install", "/usr")
        version = self.output(self.path("/usr/sbin/zcctl"), "--version")
        self.assertEqual(version, f"zcctl {os.environ['ZC_VERSION']}\n")
        for name in PROGRAMS:
            self.assertTrue(os.access(self.path(f"/usr/{name}"), os.X_OK), name)

    def test_the_programs_are_stripped(self):
        self.run_script("install", "/usr")
        for name in PROGRAMS:
            sections = self.output("readelf", "--section-headers", "--wide",
                                   self.path(f"/usr/{name}"))
            self.assertNotIn(".symtab", sections)
            self.assertIn(".text", sections)

    def test_everybody_may_read_and_nobody_else_may_write(self):
        self.run_script("install", "/usr")
        programs = {f"/usr/{name}" for name in PROGRAMS}
        for name in self.tree() | self.tree(of_folders=True):
            mode = os.stat(self.path(name)).st_mode & 0o7777
            runs = os.path.isdir(self.path(name)) or name in programs
            self.assertEqual(oct(mode), oct(0o755 if runs else 0o644), name)

    def test_the_manual_is_read_without_a_complaint(self):
        if not shutil.which("mandoc"):
            self.skipTest("no mandoc")
        self.run_script("install", "/usr")
        page = self.path("/usr/share/man/man8/zcctl.8")
        self.assertEqual(self.output("mandoc", "-T", "lint", "-W", "warning", page), "")
        self.assertIn("ZCCTL(8)", self.output("mandoc", "-T", "ascii", page))

    def test_network_managers_are_told_of_the_stage(self):
        self.run_script("install", "/usr")
        lines = self.read("/usr/lib/NetworkManager/conf.d/zcctl.conf").splitlines()
        self.assertEqual([line for line in lines if not line.startswith("#")],
                         ["[device-zcctl-stage]",
                          "match-device=interface-name:zcstage*,interface-name:zcpace*",
                          "managed=0"])
        lines = self.read("/usr/lib/systemd/network/05-zcctl.network").splitlines()
        self.assertEqual([line for line in lines if line and not line.startswith("#")],
                         ["[Match]", "Name=zcstage* zcpace*", "[Link]", "Unmanaged=yes"])

    def test_the_service_starts_the_program_where_it_is(self):
        for prefix in ("/usr", "/usr/local"):
            with self.subTest(prefix):
                self.run_script("install", prefix)
                lines = self.read(f"{prefix}/lib/systemd/system/zcctl-agent.service").splitlines()
                self.assertIn(f"ExecStart={prefix}/sbin/zcctl agent", lines)

    def test_nothing_is_left_and_twice_is_as_once(self):
        for prefix in ["/usr", "/usr/local", "/opt/a folder"]:
            with self.subTest(prefix):
                self.run_script("install", prefix)
                self.run_script("install", prefix)
                self.run_script("uninstall", prefix)
                self.assertEqual(self.tree() | self.tree(of_folders=True), set())
                self.assertIn("nothing to remove", self.run_script("uninstall", prefix))

    def test_what_is_not_ours_stays(self):
        self.make("/usr/share/man/man8/ip.8")
        os.makedirs(self.path("/usr/sbin"))  # empty, and older than we are
        folders = self.tree(of_folders=True)
        self.run_script("install", "/usr")
        self.make("/usr/share/doc/zcctl/notes", "mine")
        self.run_script("uninstall", "/usr")
        self.assertEqual(self.tree(), {"/usr/share/man/man8/ip.8", "/usr/share/doc/zcctl/notes"})
        self.assertEqual(self.tree(of_folders=True),
                         folders | {"/usr/share/doc", "/usr/share/doc/zcctl"})

    def test_what_an_older_version_installed_goes_too(self):
        self.make("/usr/share/zcctl/old")
        self.make("/usr/share/zcctl/installed",
                  "/usr/share/zcctl/\n/usr/share/zcctl/installed\n/usr/share/zcctl/old\n")
        self.run_script("install", "/usr")
        self.run_script("uninstall", "/usr")
        self.assertEqual(self.tree(), set())

    def test_a_running_program_is_replaced_not_written_into(self):
        self.run_script("install", "/usr")
        before = os.stat(self.path("/usr/sbin/zcctl")).st_ino
        held = os.open(self.path("/usr/sbin/zcctl"), os.O_RDONLY)  # its inode is not used again
        self.run_script("install", "/usr")
        os.close(held)
        self.assertNotEqual(os.stat(self.path("/usr/sbin/zcctl")).st_ino, before)

    def test_no_list_of_files_is_written_into_the_build(self):
        """It may be another user's: a file of root's there would be in their way."""
        manifests = [f"{BUILD}/{folder}install_manifest.txt" for folder in ["", "packaging/"]]
        before = [os.stat(path).st_mtime_ns for path in manifests if os.path.exists(path)]
        self.run_script("install", "/usr")
        self.assertEqual([os.stat(path).st_mtime_ns for path in manifests if os.path.exists(path)],
                         before)


if __name__ == "__main__":
    unittest.main()

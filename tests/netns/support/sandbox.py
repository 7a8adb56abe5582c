# SPDX-License-Identifier: GPL-2.0-only
"""Runs a test file in mount, network and process namespaces of its own.

Everything the tests make lives there: a kill -9 of the test ends its processes (the process
namespace), its devices (the network namespace), and its pins and files (the mounts).
"""
import os
import shutil
import subprocess
import sys
import unittest

from support import bpf

SKIP = 77
WORK = "/run/work"  # a tmpfs, gone with the sandbox
_INSIDE = "ZC_NETNS_TEST_INSIDE"
_UNSHARE = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
_TOOLS = ("ip", "tc", "ethtool", "bpftool", "unshare", "nsenter", "mount")


def main():
    """The last line of every test file. Exits with 77 where nothing could be tested."""
    if os.environ.get(_INSIDE) != str(os.getpid()):
        _enter()
    reason = _mount_fresh() or bpf.why_unavailable()
    if reason:
        _skip(reason)
    program = unittest.main(module="__main__", verbosity=2, exit=False)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIP if result.testsRun and len(result.skipped) == result.testsRun else 0)


def _enter():
    reason = _why_impossible()
    if reason:
        _skip(reason)
    # Process 1 of the sandbox: what makes the variable true inside, and only there.
    os.environ[_INSIDE] = "1"
    os.execvp(_UNSHARE[0], [*_UNSHARE, sys.executable, "-B", *sys.argv])


def _why_impossible():
    if os.geteuid() != 0:
        return "needs root, for namespaces and BPF"
    if not os.access(os.environ.get("ZCCTL", ""), os.X_OK):
        return "the environment's ZCCTL names no program"
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for tool in _TOOLS:
        if not shutil.which(tool):
            return f"{tool} is not installed"
    attempt = subprocess.run([*_UNSHARE, "true"], capture_output=True, text=True, check=False)
    if attempt.returncode != 0:
        return f"no namespaces here: {attempt.stderr.strip()}"
    return None


def _mount_fresh():
    """None, or why it cannot be."""
    # The machine's own bpffs must not even show when a test takes ours away.
    while os.path.ismount("/sys/fs/bpf"):
        if not _done("umount", "/sys/fs/bpf"):
            return "cannot hide the machine's bpffs"
    # /run: for `ip netns`, and for the tests' files.
    for command in (("mount", "-t", "tmpfs", "tmpfs", "/run"),
                    ("mount", "-t", "bpf", "-o", "mode=0700", "bpf", "/sys/fs/bpf"),
                    ("ip", "link", "set", "lo", "up")):
        if not _done(*command):
            return f"not allowed: {' '.join(command)}"
    os.makedirs(WORK)
    return None


def _done(*command):
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _skip(reason):
    print(f"SKIPPED: {reason}", file=sys.stderr)
    sys.exit(SKIP)


def needs(*tools):
    """Decorator: skips a test, naming the first program that is missing."""
    missing = [tool for tool in tools if not shutil.which(tool, path=os.environ["PATH"]
                                                          + ":/usr/sbin:/sbin")]
    return unittest.skipIf(missing, f"{', '.join(missing)} not installed")

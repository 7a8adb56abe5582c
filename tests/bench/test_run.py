"""`zcctl bench run` as a user starts it: what it leaves, what it says, and that nothing else stays.

Needs root. Everything runs beside the host's own devices, which are looked at before and after.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIP = 77
ZCCTL = os.environ.get("ZCCTL", "")
QUICK = ("--quick", "--rounds", "1", "--sizes", "1316")
METHODS = "rtp_sendfile,krtpsendfile,udp_segment_writev,mmap_rtpmsend"


def bench(*words, timeout=60):
    return subprocess.run([ZCCTL, "bench", *words], capture_output=True, text=True, timeout=timeout,
                          check=False)


def names(*command):
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted(line.split()[1 if command[0] == "ip" else 0] for line in listed.splitlines())


class BenchCase(unittest.TestCase):
    """What is there before must be there afterwards, and nothing else."""

    def setUp(self):
        self.out = tempfile.mkdtemp(prefix="zc-bench-test-")
        self.tmp = tempfile.mkdtemp(prefix="zc-bench-tmp-")
        os.environ["TMPDIR"] = self.tmp
        self.before = self.surroundings()

    def tearDown(self):
        shutil.rmtree(self.out)
        left = os.listdir(self.tmp)
        shutil.rmtree(self.tmp)
        self.assertEqual(left, [], "files are left")
        self.assertEqual(self.surroundings(), self.before)

    @staticmethod
    def surroundings():
        return {
            "devices": names("ip", "-o", "link"),
            "named namespaces": sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else [],
            "pins": sorted(glob.glob("/sys/fs/bpf/*")),
            "children": BenchCase.children(),
        }

    @staticmethod
    def children():
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return file.read().split()

    def results(self):
        found = glob.glob(os.path.join(self.out, "*.json"))
        self.assertEqual(len(found), 1, "one run leaves one file")
        with open(found[0], encoding="utf-8") as file:
            return json.load(file)


class Run(BenchCase):
    def test_a_quick_run_measures_every_method_on_nic(self):
        done = bench("run", *QUICK, "--env", "nic", "--methods", METHODS, "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        results = self.results()
        self.assertEqual(results["schema"], 1)
        self.assertTrue(results["smoke"])
        (case,) = results["cases"]
        rows = {(row["method"], row["again"]): row for row in case["rows"]}
        self.assertEqual({name for name, again in rows if not again},
                         set(METHODS.split(",")) | {"read_writev"})
        for (name, _), row in rows.items():
            self.assertEqual((row["state"], row["why"]), ("valid", ""), name)
            self.assertEqual(len(row["samples"]), 1, name)
            self.assertGreater(row["samples"][0]["packets"], 0, name)
            self.assertEqual(row["relative_to"], "read_writev", name)
        self.assertEqual(rows["mmap_rtpmsend", False]["copied_share"], 0)
        self.assertIn("krtpsendfile", done.stdout)
        self.assertIn("SMOKE", done.stdout)

    def test_a_relative_folder_is_the_one_it_was_started_in(self):
        done = subprocess.run([ZCCTL, "bench", "run", *QUICK, "--methods", "rtp_sendfile", "--out", "here"],
                              cwd=self.out, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(os.listdir(os.path.join(self.out, "here"))), 1)

    def test_rivals_and_tcp_arrive_whole(self):
        rivals = bench("run", "--suite", "rivals", *QUICK, "--env", "nic", "--methods",
                       "tx_ring,vmsplice_splice,packetized_sendfile_segment", "--out", self.out)
        self.assertEqual(rivals.returncode, 0, rivals.stderr)
        for row in self.results()["cases"][0]["rows"]:
            self.assertIn(row["state"], ("valid", "unavailable"), f"{row['method']}: {row['why']}")
        shutil.rmtree(self.out)
        os.mkdir(self.out)
        tcp = bench("run", "--suite", "download", *QUICK, "--env", "veth", "--methods", "sendfile_tcp",
                    "--out", self.out)
        self.assertEqual(tcp.returncode, 0, tcp.stderr)
        (case,) = self.results()["cases"]
        self.assertEqual((case["transport"], case["baseline"]), ("TCP", "read_write_tcp"))
        for row in case["rows"]:
            self.assertEqual((row["state"], row["why"]), ("valid", ""), row["method"])

    def test_ctrl_c_keeps_what_was_measured(self):
        command = [ZCCTL, "bench", "run", "--quick", "--rounds", "1000", "--sizes", "1316", "--env",
                   "nic", "--methods", "rtp_sendfile", "--out", self.out]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            time.sleep(3)
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=20)
        self.assertEqual(running.returncode, 1, errors)
        self.assertIn("interrupted", errors)
        results = self.results()
        self.assertTrue(results["interrupted"])
        samples = results["cases"][0]["rows"][0]["samples"]
        self.assertGreater(len(samples), 0)
        self.assertLess(len(samples), 1000)


class Wrong(BenchCase):
    def refused(self, *words):
        done = bench("run", *words, "--out", os.path.join(self.out, "new"))
        self.assertEqual(done.returncode, 2, (words, done.stderr))
        self.assertEqual(os.listdir(self.out), [], words)
        return done.stderr

    def test_words_that_mean_nothing_are_refused_with_a_hint(self):
        self.assertIn("zcctl bench list", self.refused("--methods", "teleport"))
        self.assertIn("zcctl bench list", self.refused("--suite", "loan", "--methods", "read_writev"))
        self.assertIn("nic-uso", self.refused("--env", "moon"))
        self.assertIn("download", self.refused("--suite", "uploads"))
        self.assertIn("64", self.refused("--sizes", "63"))
        self.assertIn("even", self.refused("--sizes", "1315"))
        self.assertIn("1000", self.refused("--rounds", "0"))
        self.assertIn("--env veth", self.refused("--suite", "download", "--env", "nic", "--methods",
                                                 "sendfile_tcp"))

    def test_a_size_that_only_the_loan_has_is_refused_elsewhere(self):
        self.refused("--sizes", "32768")
        plan = subprocess.run([ZCCTL, "--dry-run", "bench", "run", "--suite", "loan", "--sizes", "32768"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(plan.returncode, 0, plan.stderr)


if __name__ == "__main__":
    if os.geteuid() != 0 or not os.access(ZCCTL, os.X_OK):
        print("skipped: needs root, and the environment's ZCCTL")
        sys.exit(SKIP)
    unittest.main(verbosity=2)

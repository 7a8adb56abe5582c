# SPDX-License-Identifier: GPL-2.0-only
"""`zcctl bench` as a user starts it, through zcctl, which starts zcctl-bench: what a run leaves, what
it says, and that nothing else stays.

Needs root. Everything runs beside the host's own devices, which are looked at before and after.
"""
import contextlib
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

    def test_runs_of_one_second_in_one_folder_have_a_file_each(self):
        words = [ZCCTL, "bench", "run", *QUICK, "--methods", "rtp_sendfile", "--out", self.out]
        runs = [subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                for _ in range(3)]
        for run in runs:
            _, errors = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 0, errors)
        self.assertEqual(len(glob.glob(os.path.join(self.out, "*.json"))), 3, os.listdir(self.out))
        self.assertEqual(len(os.listdir(self.out)), 3)

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
        results = self.results()
        (case,) = results["cases"]
        self.assertEqual((case["transport"], case["baseline"]), ("TCP", "read_write_tcp"))
        self.assertIn(results["environments"][0]["congestion_control"], ("cubic", "reno"))
        for row in case["rows"]:
            self.assertEqual((row["state"], row["why"]), ("valid", ""), row["method"])

    def all_valid(self, *words):
        """A short run whose rows all count: what left was looked at packet by packet."""
        done = bench("run", "--quick", "--rounds", "1", *words, "--out", self.out)
        self.assertEqual(done.returncode, 0, done.stderr)
        cases = self.results()["cases"]
        for case in cases:
            for row in case["rows"]:
                self.assertEqual((row["state"], row["why"]), ("valid", ""), row["method"])
        return cases

    def test_frames_over_tcp_arrive_whole(self):
        cases = self.all_valid("--suite", "tcp")
        self.assertEqual({(case["environment"], case["payload_bytes"]) for case in cases},
                         {("lo", 1388), ("lo", 8192), ("veth", 1388), ("veth", 8192)})
        for case in cases:
            rows = {row["method"]: row for row in case["rows"]}
            self.assertEqual((case["transport"], case["baseline"]), ("TCP", "tcp_writev"))
            self.assertEqual({name: row["header_bytes"] for name, row in rows.items()},
                             {"tcp_writev": 14, "tcp_writev_64k": 14, "tcp_writev_46": 14,
                              "sendfile_tcp": 0, "tcp_pass": 0, "krtpsendfile_tcp": 14})
        self.assertEqual({one["name"]: one["congestion_control"] in ("cubic", "reno")
                          for one in self.results()["environments"]}, {"lo": True, "veth": True})

    def test_large_datagrams_arrive_over_veth(self):
        cases = self.all_valid("--suite", "loan", "--env", "veth", "--sizes", "32768", "--methods",
                               "loan_send")
        self.assertEqual({case["mtu"] for case in cases}, {1500, 9000})

    def test_a_full_queue_is_counted(self):
        cases = self.all_valid("--suite", "loan", "--env", "nic-1g", "--sizes", "32768", "--methods",
                               "loan_send")
        self.assertGreater(sum(row["errors_per_packet"] for case in cases for row in case["rows"]), 0)

    def test_a_device_that_cuts_gets_whole_streams(self):
        self.all_valid("--suite", "rivals", "--env", "nic-uso", "--sizes", "1388", "--methods",
                       "krtpsendfile,udp_segment_writev,packetized_sendfile_segment")

    def test_udp_over_veth_is_received(self):
        self.all_valid("--env", "veth", "--sizes", "1388", "--methods",
                       "krtpsendfile,mmap_rtpmsend,udp_segment_writev")

    @unittest.skipUnless(shutil.which("gst-launch-1.0") and shutil.which("gst-inspect-1.0"),
                         "GStreamer is not installed")
    def test_a_program_is_measured(self):
        cases = self.all_valid("--suite", "rivals", "--env", "nic", "--sizes", "1316", "--methods",
                               "gstreamer_rtp")
        (program,) = [row for row in cases[0]["rows"] if row["method"] == "gstreamer_rtp"]
        self.assertGreater(program["samples"][0]["process_ns"], 0)

    @unittest.skipUnless(shutil.which("perf"), "perf is not installed")
    def test_large_packets_are_profiled_too(self):
        (case,) = self.all_valid("--profile", "--env", "nic", "--sizes", "8936", "--methods",
                                 "read_writev")
        for row in case["rows"]:
            self.assertEqual(bool(row["profile"]), not row["again"], row["method"])


class Kept(BenchCase):
    """A run that does not end as it was meant to."""

    @contextlib.contextmanager
    def running(self, *words):
        command = [ZCCTL, "bench", "run", "--quick", "--env", "nic", "--methods", "rtp_sendfile",
                   *words, "--out", self.out]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as running:
            try:
                yield running
            finally:
                running.kill()

    def ends_after(self, number):
        with self.running("--rounds", "1000", "--sizes", "1316") as running:
            time.sleep(2)
            running.send_signal(number)
            _, errors = running.communicate(timeout=20)
        self.assertEqual(running.returncode, 1, errors)
        self.assertIn("interrupted", errors)
        results = self.results()
        self.assertTrue(results["interrupted"])
        samples = results["cases"][0]["rows"][0]["samples"]
        self.assertGreater(len(samples), 0)
        self.assertLess(len(samples), 1000)

    def test_ctrl_c_keeps_what_was_measured(self):
        self.ends_after(signal.SIGINT)

    def test_a_terminal_that_goes_does_so_too(self):
        self.ends_after(signal.SIGHUP)

    def test_what_was_measured_is_on_disk_before_the_end(self):
        with self.running("--rounds", "5", "--sizes", "1316,512") as running:
            until = time.monotonic() + 30
            while not glob.glob(os.path.join(self.out, "*.json")) and time.monotonic() < until:
                time.sleep(0.02)
            running.kill()
            running.communicate(timeout=20)
        results = self.results()
        self.assertTrue(results["interrupted"])
        self.assertEqual([case["payload_bytes"] for case in results["cases"]], [1316])

    def test_an_environment_that_cannot_be_made_is_no_end(self):
        path = os.path.join(self.tools, "tc")
        with open(path, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\ncase "$*" in *tbf*) echo "no tbf" >&2; exit 2;; esac\n'
                       f'exec {shutil.which("tc")} "$@"\n')
        os.chmod(path, 0o755)
        words = ("--suite", "loan", "--methods", "copy_only", "--sizes", "64", *QUICK[:3])
        both = self.without_tbf(*words, "--env", "nic,nic-1g")
        self.assertEqual(both.returncode, 0, both.stderr)
        self.assertIn("no tbf", both.stderr)
        states = {(case["environment"], row["state"]) for case in self.results()["cases"]
                  for row in case["rows"]}
        self.assertEqual(states, {("nic", "valid"), ("nic-1g", "unavailable")})
        shutil.rmtree(self.out)
        alone = self.without_tbf(*words, "--env", "nic-1g")
        self.assertNotEqual(alone.returncode, 0)
        self.assertIn("no tbf", alone.stderr)

    def setUp(self):
        super().setUp()
        self.tools = tempfile.mkdtemp(prefix="zc-bench-tools-")
        self.addCleanup(shutil.rmtree, self.tools)

    def without_tbf(self, *words):
        environment = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}"}
        return subprocess.run([ZCCTL, "bench", "run", *words, "--out", self.out], env=environment,
                              capture_output=True, text=True, timeout=60, check=False)


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
        self.assertIn("--seconds", self.refused("--quick", "--seconds", "5"))
        self.assertIn("0.1 to 60", self.refused("--seconds", "nan"))
        self.assertIn("--env veth", self.refused("--suite", "download", "--env", "nic", "--methods",
                                                 "sendfile_tcp"))

    def test_a_size_that_only_the_loan_has_is_refused_elsewhere(self):
        self.refused("--sizes", "32768")
        plan = subprocess.run([ZCCTL, "--dry-run", "bench", "run", "--suite", "loan", "--sizes", "32768"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(plan.returncode, 0, plan.stderr)

    def test_a_plan_is_json_where_that_is_asked_for(self):
        dry = subprocess.run([ZCCTL, "--json", "--dry-run", "bench", "run", "--suite", "streaming",
                              "--sizes", "1388", "--rounds", "9", "--seed", "7"],
                             capture_output=True, text=True, check=False)
        self.assertEqual(dry.returncode, 0, dry.stderr)
        plan = json.loads(dry.stdout)
        self.assertEqual((plan["suite"], plan["rounds"], plan["seed"]), ("streaming", 9, 7))
        self.assertEqual({one["payload_bytes"] for one in plan["cases"]}, {1388})
        self.assertIn("read_writev", plan["cases"][0]["methods"])


class Started(unittest.TestCase):
    """zcctl finds zcctl-bench and hands it every word."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="zc-bench-alone-")
        self.addCleanup(shutil.rmtree, self.folder)

    def alone(self, path, *words):
        """A zcctl with nothing beside it."""
        zcctl = shutil.copy(ZCCTL, self.folder)
        return subprocess.run([zcctl, *words], env={**os.environ, "PATH": path}, capture_output=True,
                              text=True, timeout=60, check=False)

    def test_where_it_is_not_there_a_hint_says_what_to_do(self):
        for words in (("bench", "list"), ("bench", "--help"), ("--json", "bench", "run"), ("bench",)):
            done = self.alone(self.folder, *words)
            self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
            error, hint = done.stderr.splitlines()
            self.assertIn("zcctl-bench", error)
            self.assertIn("make build-bench", hint)

    def test_it_is_found_in_path_too(self):
        done = self.alone(os.path.dirname(ZCCTL), "bench", "list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("krtpsendfile", done.stdout)

    def test_global_options_count_before_and_behind(self):
        before = subprocess.run([ZCCTL, "--json", "bench", "list"], capture_output=True, text=True,
                                timeout=60, check=False)
        behind = bench("list", "--json")
        self.assertEqual(json.loads(before.stdout)["schema"], 1)
        self.assertEqual((before.returncode, before.stdout), (behind.returncode, behind.stdout))
        self.assertEqual(bench("--json", "list").stdout, behind.stdout)

    def test_help_and_errors_are_its_own(self):
        done = bench("--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("compare", done.stdout)
        self.assertIn("--suite", bench("run", "--help").stdout)
        for words, says in ((("out",), "'out' is no command"), (("run", "--out", ""), "--out"),
                            ((), "a command is missing")):
            done = bench(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(says, done.stderr)


if __name__ == "__main__":
    if os.geteuid() != 0 or not os.access(ZCCTL, os.X_OK):
        print("skipped: needs root, and the environment's ZCCTL")
        sys.exit(SKIP)
    unittest.main(verbosity=2)

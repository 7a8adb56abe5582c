#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Rules over time: docs/interface.md, "Behaviour", on both hooks. test_pins.py has what
is about their pins, test_kill.py the kills."""
import contextlib
import os
import struct
import subprocess
import sys

from support import apps, program, sandbox
from support.capture import Capture
from support.case import TO, HookCase, on_both_hooks
from support.net import VIEWER_V4, Namespace, wait_until

SECOND = f"{VIEWER_V4}:5006"
PAYLOAD = b"stamp me" * 8
EXISTS = 5


class LifeCase(HookCase):
    def other_namespace(self):
        other = Namespace("other")
        self.addCleanup(other.remove)
        return other

    def one_packet(self, source_port):
        sock = self.socket(source_port=source_port)
        apps.say(sock, PAYLOAD)
        sock.close()
        packet, = self.received(1)
        return packet


class Rules(LifeCase):
    def test_rules_outlive_zcctl(self):
        self.attach()
        for _ in range(3):
            self.check_stamped()
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 3})
        self.assertEqual(self.zcctl.device()["hook"], self.hook)
        self.assertEqual(sum(program.programs_on(self.server)), 1)

    def test_attaching_twice_changes_nothing(self):
        self.attach(TO, "--seq", 100)
        first = self.one_packet(40000)
        before = self.zcctl.show(), program.pins()
        result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T", "--seq", 100,
                                "--hook", self.hook)
        self.check_exit(result, EXISTS)
        self.assertEqual((self.zcctl.show(), program.pins()), before)
        self.assertEqual(self.one_packet(40000).seq, first.seq + 1)

    def test_one_of_two_rules_goes_and_the_other_goes_on(self):
        self.attach()
        self.attach(SECOND, "--pt", 96, "--clock", 48000)
        first = self.one_packet(40000)
        self.zcctl.detach(SECOND)
        self.check_exit(self.zcctl.run("detach", "out", "--to", SECOND), EXISTS)
        apps.say(self.socket(port=5006), b"plain")
        self.assertEqual([d.payload for d in self.capture.datagrams(5006, 1)], [b"plain"])
        self.assertEqual(self.one_packet(40000).seq, (first.seq + 1) % 65536)

    def test_the_last_rule_takes_everything_with_it(self):
        self.attach()
        self.attach(SECOND)
        self.zcctl.detach(TO)
        self.zcctl.detach(SECOND)
        self.check_nothing_left()
        self.assertEqual(self.zcctl.show()["devices"], [])
        self.check_exit(self.zcctl.run("detach", "out", "--all"), EXISTS)

    def test_nothing_is_stamped_once_detach_has_returned(self):
        """Holds also on a busy machine, where what the kernel defers comes late."""
        sock = self.socket()
        with self.busy_cores():
            for _ in range(8):
                self.attach()
                self.zcctl.detach(TO)
                apps.say(sock, PAYLOAD)
                self.assertEqual([d.payload for d in self.capture.datagrams(5004, 1)], [PAYLOAD])

    @staticmethod
    @contextlib.contextmanager
    def busy_cores():
        """Lasts at most ten seconds."""
        spin = "import time; end = time.monotonic() + 10\nwhile time.monotonic() < end: pass"
        spinners = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(os.cpu_count())]
        try:
            yield
        finally:
            for spinner in spinners:
                spinner.kill()
                spinner.wait()

    def test_all_rules_at_once(self):
        for to in (TO, SECOND, "10.9.9.9:1", "[fd77::2]:5004"):
            self.attach(to)
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()
        self.check_bystander()

    def test_a_removed_rule_starts_from_anew(self):
        self.attach()
        self.attach(SECOND)
        old = self.one_packet(40000)
        self.zcctl.detach(TO)
        self.attach()
        self.assertEqual(self.zcctl.counters(TO), {})
        self.assertEqual(self.zcctl.streams(TO), [])
        self.assertNotEqual(self.one_packet(40000).ssrc, old.ssrc)


class Streams(LifeCase):
    def test_an_app_that_comes_back_to_its_port_goes_on_without_a_gap(self):
        self.attach()
        packets = [self.one_packet(40000) for _ in range(3)]
        self.check_stream(packets, [PAYLOAD] * 3)
        self.assertLess((packets[2].timestamp - packets[0].timestamp) % 2**32, 90000 * 20)

    def test_another_port_is_another_stream(self):
        self.attach()
        packets = [self.one_packet(port) for port in (40000, 40001, 40002)]
        self.assertEqual(len({packet.ssrc for packet in packets}), 3)
        self.assertEqual(len(self.zcctl.streams(TO)), 3)

    def test_streams_go_on_when_rules_come_and_go(self):
        self.attach()
        packets = [self.one_packet(40000)]
        self.attach(SECOND)
        packets.append(self.one_packet(40000))
        self.zcctl.detach(SECOND)
        packets.append(self.one_packet(40000))
        self.zcctl.ok("clean")
        packets.append(self.one_packet(40000))
        self.check_stream(packets, [PAYLOAD] * 4)

    def test_replace_changes_the_options_and_keeps_the_streams(self):
        self.attach()
        first = self.one_packet(40000)
        result = self.zcctl.run("attach", "out", "--to", TO, "--pt", 97, "--clock", 90000)
        self.check_exit(result, EXISTS)
        self.assertIn("--replace", result.err)
        self.zcctl.attach(TO, "--pt", 97, "--clock", 90000, "--checksum", "zero", "--replace")
        second = self.one_packet(40000)
        self.assertEqual((second.ssrc, second.seq), (first.ssrc, (first.seq + 1) % 65536))
        self.assertEqual((second.payload_type, second.elements), (97, None))
        self.assertLess((second.timestamp - first.timestamp) % 2**32, 90000 * 20)
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 2})

    def test_replacing_the_clock_does_not_make_the_timestamp_jump(self):
        """RFC 3550 5.1: the timestamp of a living SSRC goes on from where it is."""
        self.attach()
        first = self.one_packet(40000)
        self.zcctl.attach(TO, "--pt", 97, "--clock", 8000, "--replace")
        second = self.one_packet(40000)
        self.assertEqual((second.ssrc, second.seq), (first.ssrc, (first.seq + 1) % 65536))
        self.assertLess((second.timestamp - first.timestamp) % 2**32, 90000 * 20)

    def test_a_payload_header_is_no_media_when_the_clock_is_replaced(self):
        """RFC 2250 3.5: four bytes a packet, which bytes:BPS does not count: 60 of them would be
        0.24 seconds at 8 kbit/s, backwards."""
        mpa = ("--payload", "MPA")
        self.zcctl.ok("attach", "out", "--to", TO, *mpa)
        app = self.socket(source_port=40000)
        apps.say(app, *[b"m" * 100] * 60)
        first = self.received(60)[-1]
        self.zcctl.ok("attach", "out", "--to", TO, *mpa, "--timestamp", "bytes:8k", "--replace")
        apps.say(app, b"m" * 100)
        second = self.received(1)[0]
        self.assertEqual((second.ssrc, second.seq), (first.ssrc, (first.seq + 1) % 65536))
        self.assertLess((second.timestamp - first.timestamp) % 2**32, 90000 * 20)

    def test_replace_without_a_rule_adds_it(self):
        self.attach(TO, "--replace")
        self.check_stamped()


class Devices(LifeCase):
    def test_a_device_made_again_under_its_name_has_no_rules(self):
        self.attach()
        self.wire.unplug()
        self.wire.plug()
        self.capture = self.watch(Capture(self.viewer, "in"))
        self.assertEqual(self.zcctl.show()["devices"], [])
        self.attach(SECOND)
        self.assertEqual([r["to"] for r in self.zcctl.device()["rules"]], [SECOND])
        self.check_bystander()
        self.zcctl.ok("clean")
        self.zcctl.ok("detach", "out", "--all")
        self.check_nothing_left()

    def test_clean_removes_what_a_lost_device_left(self):
        self.attach()
        self.wire.unplug()
        self.assertTrue(self.zcctl.show()["leftovers"])
        removed = self.zcctl.ok("--json", "clean").json["removed"]
        self.assertEqual(len(removed), 1)
        self.assertEqual(program.pins(), [])
        self.assertEqual(self.zcctl.ok("clean").out, "")

    def test_detach_by_the_name_of_a_lost_device(self):
        self.attach()
        self.wire.unplug()
        self.zcctl.ok("detach", "out", "--all")
        self.assertEqual(program.pins(), [])

    def test_a_device_of_the_same_index_and_another_name_is_not_ours(self):
        self.attach()
        index = self.server.ifindex("out")
        self.wire.unplug()
        self.server.ip(f"link add name other index {index} type ifb")
        self.assertIsNone(self.zcctl.device("other"))
        self.zcctl.attach(SECOND, "--checksum", "uni", "--hook", self.hook, dev="other")
        self.assertEqual([r["to"] for r in self.zcctl.device("other")["rules"]], [SECOND])
        self.zcctl.ok("detach", "other", "--all")
        self.assertEqual(program.pins(), [])

    def test_a_renamed_device_keeps_its_rules(self):
        self.attach()
        first = self.one_packet(40000)
        self.server.ip("link set out down", "link set out name away", "link set away up",
                       f"route replace {VIEWER_V4} dev away",
                       f"neigh replace {VIEWER_V4} lladdr 02:00:00:00:00:02 dev away")
        self.assertEqual(self.one_packet(40000).seq, (first.seq + 1) % 65536)
        self.assertEqual(len(self.zcctl.device("away")["rules"]), 1)
        result = self.zcctl.run("attach", "out", "--to", SECOND, "--payload", "MP2T")
        self.check_exit(result, EXISTS)
        self.zcctl.attach(SECOND, dev="away")
        self.zcctl.ok("detach", "away", "--all")
        self.assertEqual(program.pins(), [])

    def test_a_device_that_moves_away_takes_its_rules_with_it(self):
        """Another namespace numbers its devices anew: what is pinned here is a leftover."""
        other = self.other_namespace()
        self.attach()
        self.server.ip("link set out netns other")
        self.assertEqual([d["dev"] for d in self.zcctl.show()["devices"]], [])
        self.zcctl.ok("clean")
        other.remove()
        self.assertEqual(program.pins(), [])


class Namespaces(LifeCase):
    def test_equal_names_in_two_namespaces_do_not_meet(self):
        viewer = program.Zcctl("viewer")
        self.server.ip("link add same type ifb")
        self.viewer.ip("link add same type ifb")
        self.zcctl.attach(TO, "--hook", self.hook, "--checksum", "uni", dev="same")
        self.assertEqual(viewer.show()["devices"], [])
        viewer.attach(SECOND, "--hook", self.hook, "--checksum", "uni", dev="same")
        self.assertEqual(self.zcctl.rule(SECOND, "same"), None)
        viewer.ok("clean")
        self.assertIsNotNone(self.zcctl.rule(TO, "same"))
        self.zcctl.ok("detach", "same", "--all")
        self.assertIsNotNone(viewer.rule(SECOND, "same"))
        viewer.ok("detach", "same", "--all")
        self.assertEqual(program.pins(), [])

    def test_clean_removes_what_a_lost_namespace_left(self):
        other = self.other_namespace()
        other.ip("link add far type ifb")
        zcctl = program.Zcctl("other")
        zcctl.attach(TO, "--hook", self.hook, "--checksum", "uni", dev="far")
        self.zcctl.ok("clean")
        self.assertEqual(len(zcctl.device("far")["rules"]), 1, "a living namespace was cleaned")
        other.remove()
        self.assertTrue(wait_until(lambda: self.zcctl.ok("clean") and not program.pins()),
                        program.pins())

    def test_from_inside_ip_netns_exec_the_pins_are_the_same(self):
        inside = ("ip", "netns", "exec", "server", program.ZCCTL)
        result = program.execute((*inside, "attach", "out", "--to", TO, "--payload", "MP2T",
                                  "--hook", self.hook))
        self.check_exit(result, 0)
        self.check_stamped()
        self.assertIsNotNone(self.zcctl.rule(TO))
        self.zcctl.attach(SECOND)
        self.check_exit(program.execute((*inside, "detach", "out", "--all")), 0)
        self.check_nothing_left()


class Together(LifeCase):
    COUNT = 20

    def finish(self, processes):
        for process in processes:
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0, out + err)
            # The only thing it may say: that it waits.
            self.assertIn(err, ("", "zcctl: waiting for another zcctl to finish\n"))

    def test_twenty_at_once_all_succeed(self):
        tos = [f"10.77.0.{n + 100}:5004" for n in range(1, self.COUNT + 1)]
        self.finish([self.zcctl.start("attach", "out", "--to", to, "--payload", "MP2T", "--hook",
                                      self.hook) for to in tos])
        self.assertEqual(sorted(r["to"] for r in self.zcctl.device()["rules"]), sorted(tos))
        self.finish([self.zcctl.start("detach", "out", "--to", to) for to in tos])
        self.check_nothing_left()

    def test_of_two_identical_ones_one_is_too_late(self):
        words = ("attach", "out", "--to", TO, "--payload", "MP2T", "--hook", self.hook)
        processes = [self.zcctl.start(*words) for _ in range(6)]
        for process in processes:
            process.communicate(timeout=60)
        self.assertEqual(sorted(p.returncode for p in processes), [0] + [EXISTS] * 5)
        self.assertEqual(len(self.zcctl.device()["rules"]), 1)

    def test_one_waits_for_the_other_and_says_so(self):
        with self.held_lock():
            process = self.zcctl.start("attach", "out", "--to", TO, "--payload", "MP2T")
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=1)
            self.assertEqual(program.pins(), [])
        _, err = process.communicate(timeout=30)
        self.assertEqual((process.returncode, err),
                         (0, "zcctl: waiting for another zcctl to finish\n"))

    @staticmethod
    def held_lock():
        holder = subprocess.Popen(["flock", "/sys/fs/bpf", "sleep", "60"])
        wait_until(lambda: subprocess.run(["flock", "-n", "/sys/fs/bpf", "true"],
                                          check=False).returncode)

        class Held:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                # The sleep holds the lock's descriptor, too.
                subprocess.run(["pkill", "-P", str(holder.pid)], check=False)
                holder.wait()
        return Held()

    def test_attaching_and_detaching_under_traffic_loses_nothing_of_others(self):
        self.attach(SECOND)
        sock, stop = self.socket(port=5006), 0
        for _ in range(10):
            process = self.zcctl.start("attach", "out", "--to", TO, "--payload", "MP2T")
            while process.poll() is None:
                apps.say(sock, struct.pack("!I", stop))
                stop += 1
            process.communicate()
            self.zcctl.detach(TO)
        packets = self.received(stop, 5006)
        self.check_stream(packets, [struct.pack("!I", n) for n in range(stop)])


on_both_hooks(globals(), Rules, Streams, Devices, Namespaces, Together)

if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Streams that end when they are silent (--idle), and one that goes on whoever sends (--continue).
ZC_IDLE_STREAMS=100000 for a long run."""
import collections
import os
import struct
import threading
import time

from support import apps, bpf, program, receivers, rtp, sandbox, segmented, slots
from support.capture import RawSender
from support.case import PORT, TO, WireCase, chunks
from support.kill import SECOND, KillCase
from support.net import SERVER_MAC, SERVER_V4, VIEWER_MAC, VIEWER_V4, VIEWER_V6

MANY = int(os.environ.get("ZC_IDLE_STREAMS", "20000"))
TO_V6 = f"[{VIEWER_V6}]:{PORT}"
IDLE = ("--idle", 60)
PAYLOAD = b"a stream" * 9


class StreamCase(WireCase):
    def say(self, source_port, *payloads, host=VIEWER_V4):
        sock = apps.connect(self.server, host, PORT, source_port)
        apps.say(sock, *(payloads or (PAYLOAD,)))
        sock.close()

    def stamped(self, to=TO):
        return self.zcctl.counters(to).get("stamped", 0)


class Idle(StreamCase):
    def test_a_silent_stream_ends_and_what_it_had_sent_stays_counted(self):
        for host, to in ((VIEWER_V4, TO), (VIEWER_V6, TO_V6)):
            with self.subTest(to=to), self.rule(to, "--idle", 1):
                self.say(40000, PAYLOAD, PAYLOAD, PAYLOAD, host=host)
                time.sleep(0.6)
                self.say(40001, host=host)
                self.zcctl.ok("clean")
                self.assertEqual(len(self.zcctl.streams(to)), 2, "none was silent for a second")
                time.sleep(0.5)
                self.zcctl.ok("clean")
                left = self.zcctl.streams(to)
                self.assertEqual([stream["packets"] for stream in left], [1])
                self.assertEqual(self.stamped(to), 4)
                self.say(40000, host=host)
                self.assertEqual(self.stamped(to), 5)
                packets = self.received(5)
                self.assertEqual(len({packet.ssrc for packet in packets}), 3)
                self.assertEqual(len(self.zcctl.streams(to)), 2)

    def test_without_idle_it_stays(self):
        self.zcctl.attach(TO)
        self.say(40000)
        slots.make_all_old()
        self.zcctl.ok("clean")
        self.assertEqual(len(self.zcctl.streams(TO)), 1)

    def test_every_command_that_changes_the_device_looks_for_them(self):
        self.zcctl.attach(TO, *IDLE)
        for words in (("attach", "out", "--to", SECOND, "--payload", "MP2T"),
                      ("detach", "out", "--to", SECOND), ("clean",)):
            self.say(40000)
            slots.make_all_old()
            self.zcctl.ok("show")
            self.assertEqual(len(self.zcctl.streams(TO)), 1)
            self.zcctl.ok(*words)
            self.assertEqual(self.zcctl.streams(TO), [], words)
        self.assertEqual(self.stamped(), 3)

    def test_many_end_in_reasonable_time(self):
        self.zcctl.attach(TO, *IDLE, "--max-streams", 131072)
        sender = self.watch(RawSender(self.server, "out"))
        macs = bytes.fromhex((VIEWER_MAC + SERVER_MAC).replace(":", "")) + b"\x08\x00"
        for number in range(MANY):
            udp = struct.pack("!4H", 1 + number % 60000, PORT, 8 + 30, 0) + bytes(30)
            source = SERVER_V4 if number < 60000 else "10.77.0.3"
            sender.send(macs + rtp.ipv4_header(source, VIEWER_V4, len(udp)) + udp)
        slots.make_all_old()
        self.say(60001)
        start = time.monotonic()
        self.zcctl.ok("clean")
        took = time.monotonic() - start
        self.assertEqual(len(self.zcctl.streams(TO)), 1)
        self.assertEqual(self.stamped(), MANY + 1)
        self.assertLess(took, 10)  # a fraction of a second for 100,000, where a core is free
        if "ZC_IDLE_STREAMS" in os.environ:
            print(f"{MANY} streams ended in {took:.2f} s")

    def test_under_traffic_no_number_is_used_twice_and_no_packet_is_uncounted(self):
        """Streams are made old again and again while they send: each `clean` ends some that are
        alive."""
        self.zcctl.attach(TO, *IDLE)
        sent, stop = collections.Counter(), threading.Event()

        def say(port):
            sock = self.socket(source_port=port)
            while not stop.is_set() and sent[port] < 20000:
                apps.say(sock, b"%d %06d" % (port, sent[port]) * 5)
                sent[port] += 1
                time.sleep(0.0002)

        def make_old():
            memory = slots.Slots()
            while not stop.is_set():
                for index in memory.used():
                    memory.make_old(index)
            memory.close()
        threads = [threading.Thread(target=say, args=(port,)) for port in (40000, 40001)]
        threads.append(threading.Thread(target=make_old))
        for thread in threads:
            thread.start()
        try:
            for _ in range(15):
                self.zcctl.ok("clean")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        total = sum(sent.values())
        packets = self.received(total)
        self.assertEqual(len(packets), total)
        self.assertEqual(self.stamped(), total)
        by_ssrc = collections.defaultdict(list)
        for packet in packets:
            by_ssrc[packet.ssrc].append(packet)
        self.assertGreater(len(by_ssrc), 2, "no living stream was ended")
        for flow in by_ssrc.values():
            first = flow[0].seq
            self.assertEqual([p.seq for p in flow], [(first + i) % 65536 for i in range(len(flow))])
            self.assertEqual(len({p.payload[:5] for p in flow}), 1, "two apps in one stream")


class Shown(StreamCase):
    def test_age_and_rate_of_a_stream_that_sends_and_of_one_that_does_not(self):
        """How much it is the unit tests know; here a busy core decides."""
        self.zcctl.attach(TO)
        stop = threading.Event()

        def say():
            sock = self.socket(source_port=40000)
            while not stop.is_set():
                apps.say(sock, PAYLOAD)
                time.sleep(0.005)
        sender = threading.Thread(target=say)
        sender.start()
        try:
            self.assertTrue(self.received(1))
            stream, = self.zcctl.ok("--json", "show", "--over", "0.3").json["devices"][0]["streams"]
            self.assertGreater(stream["rate_bps"], 0)
            self.assertLess(stream["age_s"], 10)
            text = self.zcctl.ok("show").out
            self.assertRegex(text, r" octets [0-9]+ age [0-9.]+ s rate [0-9.]+ k?b/s\n")
            self.assertRegex(text, r"\n    stamped [0-9]+, .*rate [0-9.]+ k?b/s\n")
        finally:
            stop.set()
            sender.join()
        slots.make_all_old()
        stream, = self.zcctl.ok("--json", "show").json["devices"][0]["streams"]
        self.assertIsNone(stream["rate_bps"])
        self.assertGreater(stream["age_s"], 10)
        self.check_exit(self.zcctl.run("show", "--over", "-1"), 2)


class Tables(WireCase):
    def test_probe_says_what_the_kernel_says_they_take(self):
        """Since Linux 6.4 the kernel reckons; before, bpftool shows an estimate."""
        self.zcctl.attach(TO)
        taken = sum(bpf_map["bytes_memlock"] for bpf_map in map(self.map_info, program.pins())
                    if bpf_map)
        said = self.zcctl.ok("--json", "probe").json["kernel"]["table_bytes"]
        self.assertLess(abs(said - taken), taken / 20, (said, taken))

    @staticmethod
    def map_info(path):
        done = program.execute(("bpftool", "-j", "map", "show", "pinned", path))
        return done.json if done.code == 0 else None


@sandbox.needs("strace")
class KilledWhileItEnds(StreamCase, KillCase):
    def test_no_slot_is_lost_and_no_packet_uncounted(self):
        self.zcctl.attach(TO, *IDLE)
        sent = 0

        def prepare():
            nonlocal sent
            self.zcctl.ok("clean")
            self.say(40000)
            self.say(40001)
            sent += 2
            slots.make_all_old()

        def mend(_):
            nonlocal sent
            self.say(40001)
            sent += 1
            self.zcctl.ok("clean")
            memory = slots.Slots()
            self.assertEqual(len(memory.used()), len(self.zcctl.streams(TO)))
            memory.close()
            self.assertEqual(self.stamped(), sent)
        self.each_step(prepare, ("clean",), mend)


class Continue(StreamCase):
    def taken_over(self, to=TO):
        return self.zcctl.rule(to)["taken_over"]

    def test_a_sender_that_starts_again_by_another_port_goes_on(self):
        for host, to in ((VIEWER_V4, TO), (VIEWER_V6, TO_V6)):
            with self.subTest(to=to), self.rule(to, "--continue"):
                payloads = [b"%02d" % number * 40 for number in range(30)]
                for start in range(0, 30, 10):
                    self.say(40000 + start, *payloads[start:start + 10], host=host)
                self.check_stream(self.received(30), payloads)
                stream, = self.zcctl.streams(to)
                self.assertTrue(stream["from"].endswith(":40020"), stream)
                self.assertEqual((stream["packets"], stream["octets"]), (30, 30 * 80))
                self.assertEqual(self.taken_over(to), 2)
                self.assertNotIn("two-senders", [f["id"] for f in self.zcctl.device()["findings"]])
        self.check_nothing_left()

    def test_with_large_calls(self):
        path = self.file(160 * 40)
        with self.rule(TO, "--continue", payload="PCMU"):
            for port in (40000, 40001, 40002):
                sender = segmented.Sender(self.server, path, VIEWER_V4, PORT, segment=160,
                                          call=160 * 40, calls=1, source_port=port)
                sender.wait()
                sender.close()
            packets = self.received(120)
            self.check_stream(packets, chunks(path, 160) * 3, payload_type=0)
            # The clock is the octets (RFC 3551 4.5.14: one a tick), whoever sent them.
            steps = {(b.timestamp - a.timestamp) % 2**32 for a, b in zip(packets, packets[1:])}
            self.assertEqual(steps, {160})

    def test_two_senders_at_once_are_named_and_share_one_sequence(self):
        self.zcctl.attach(TO, "--continue", "--ssrc", "0xfeedbeef")
        payloads = [b"%02d" % number * 40 for number in range(40)]
        one, other = self.socket(source_port=40000), self.socket(source_port=40001)
        for number, payload in enumerate(payloads):
            apps.say((one, other)[number % 2], payload)
        packets = self.received(40)
        self.check_stream(packets, payloads)
        self.assertEqual(packets[0].ssrc, 0xfeedbeef)
        found = [f for f in self.zcctl.device()["findings"] if f["id"] == "two-senders"]
        self.assertEqual(len(found), 1)
        self.assertIn("two-senders", [f["id"] for f in self.zcctl.run(
            "--json", "check", "out", "--to", TO).json["findings"]])

    def test_replace_ends_all_but_the_newest_stream_and_counts_them(self):
        self.zcctl.attach(TO)
        for port in (40000, 40001, 40002):
            self.say(port)
        self.zcctl.attach(TO, "--continue", "--replace")
        stream, = self.zcctl.streams(TO)
        self.assertTrue(stream["from"].endswith(":40002"), stream)
        self.assertEqual(self.stamped(), 3)
        self.say(40000)
        newest, again = self.received(4)[2:]
        self.assertEqual((again.ssrc, again.seq), (newest.ssrc, newest.seq + 1))
        self.zcctl.attach(TO, "--replace")
        self.say(40001)
        self.assertEqual(len(self.zcctl.streams(TO)), 2)
        self.assertEqual(self.stamped(), 5)

    def test_a_silent_one_ends_and_the_next_sender_begins_a_new_one(self):
        self.zcctl.attach(TO, "--continue", *IDLE)
        self.say(40000)
        slots.make_all_old()
        self.zcctl.ok("clean")
        self.assertEqual(self.zcctl.streams(TO), [])
        self.say(40001)
        self.say(40001)
        first, second, third = self.received(3)
        self.assertNotEqual(first.ssrc, second.ssrc)
        self.assertEqual(second.ssrc, third.ssrc)
        self.assertEqual(self.stamped(), 3)

    def test_a_rule_that_gets_the_number_of_one_that_is_gone_begins_anew(self):
        self.zcctl.attach(SECOND)
        self.zcctl.attach(TO, "--continue")
        self.say(40000)
        self.zcctl.detach(TO)
        self.zcctl.attach(TO, "--continue")
        self.assertEqual((self.zcctl.streams(TO), self.taken_over()), ([], 0))
        self.say(40001)
        first, second = self.received(2)
        self.assertNotEqual(first.ssrc, second.ssrc)
        with bpf.Map(program.pin("zc_continued")) as continued:
            self.assertEqual(continued.max_entries, 16384)


@sandbox.needs("ffmpeg")
class Receiver(StreamCase):
    """A sender's restart as ffmpeg sees it."""

    def restarted(self, *options):
        """What ffmpeg gets of 100 datagrams, and what was sent: the sender starts again in the
        middle, by another port."""
        sound, received = os.path.join(sandbox.WORK, "sound"), os.path.join(sandbox.WORK, "out.ul")
        receivers.make_mulaw(sound)
        with self.rule(TO, *options, payload="PCMU"):
            sdp = os.path.join(sandbox.WORK, "sdp")
            with open(sdp, "w", encoding="ascii", newline="") as file:
                file.write(self.zcctl.ok("sdp", "out", "--to", TO).out)
            receiver = receivers.ffmpeg(self.viewer, PORT, sdp, "-c:a", "copy", "-flush_packets",
                                        "1", "-f", "mulaw", received)
            size, rate = os.path.getsize(sound), 3 * 8000
            for port, first, last in ((40000, 0, size // 2), (40001, size // 2, size)):
                sock = apps.connect(self.server, VIEWER_V4, PORT, port)
                apps.stream(sock, sound, size=160, bytes_per_second=rate, first=first, last=last)
                sock.close()
            receiver.finish(receivers.size_is(received, size))
        return chunks(received, 160), chunks(sound, 160)

    def test_it_loses_nothing(self):
        received, sent = self.restarted("--continue")
        self.assertEqual(received, sent)

    def test_without_continue_it_drops_the_new_stream_as_old(self):
        """Both begin at the same number (--seq), as a new stream may by chance."""
        received, sent = self.restarted("--seq", 20000)
        self.assertEqual(received[:50], sent[:50])
        self.assertLessEqual(len(received), 51)  # but for the last one, which is a duplicate to it


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check (make test-clocks): the clocks of test_clocks.py over long streams, files of a real
muxer, and what receivers and tshark make of them in real time. Some minutes; wants an idle machine."""
import os
import re
import subprocess
import unittest
from fractions import Fraction

import test_clocks
from support import media_time, mpegts, receivers, rtp, sandbox, segmented
from support.case import PORT, TO
from support.media_time import HZ
from support.net import VIEWER_V4, wait_until

SIZE = test_clocks.TS_BYTES
PACED_SECONDS = 60
PACED_RATE = 5_000_000


def work(name):
    return os.path.join(sandbox.WORK, name)


def film(seconds, *muxing):
    """What ffmpeg's muxer makes: a PCR each 20 ms with -muxrate, else where frames are."""
    path = work("film.ts")
    receivers.quietly("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                      "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i",
                      "sine=frequency=440:sample_rate=48000", "-t", str(seconds), "-c:v", "mpeg2video",
                      "-b:v", "2M", "-maxrate", "2M", "-bufsize", "512k", "-c:a", "mp2", "-b:a",
                      "128k", *muxing, "-f", "mpegts", path)
    with open(path, "rb") as file:
        return file.read()


@sandbox.needs("ffmpeg")
class Real(test_clocks.ClockCase):
    """Files that nobody here made."""

    def test_a_film_of_constant_rate(self):
        data = film(40, "-muxrate", "5M")
        clock = media_time.Clock(data)
        for how in (test_clocks.ONE, test_clocks.AT_ONCE):
            with self.subTest(how=how), self.rule(TO):
                sent, packets = self.play(data, how, rounds=3)
                self.check_even(clock, sent, packets)
                starts = media_time.starts_of_rounds(sent)
                self.assertEqual(len(self.markers(packets)), len(starts))

    def test_a_film_of_no_constant_rate(self):
        data = film(60)
        clock = media_time.Clock(data)
        for how in (test_clocks.ONE, test_clocks.AT_ONCE):
            with self.subTest(how=how), self.rule(TO):
                self.check_uneven(clock, *self.play(data, how))


class Long(test_clocks.ClockCase):
    def test_ten_minutes_that_are_uneven(self):
        data = mpegts.uneven(600)
        with self.rule(TO):
            self.check_uneven(media_time.Clock(data), *self.play(data, test_clocks.AT_ONCE))

    def test_twenty_minutes_do_not_drift(self):
        data = mpegts.constant(120, 1_000_000)
        with self.rule(TO):
            sent, packets = self.play(data, rounds=10)
        self.check_even(media_time.Clock(data), sent, packets)
        self.assertEqual(len(self.markers(packets)), 9)


class Million(test_clocks.Counting):
    """10^6 packets, one and many a call, and not a tick too few."""

    def test_telephone_sound(self):
        for how in (test_clocks.ONE, (64, 0)):
            with self.subTest(how=how):
                times = self.check_counts(Fraction(160), 160, how, payload="PCMU",
                                          packets=1_000_000)
                self.assertEqual({b - a for a, b in zip(times, times[1:])}, {160})

    def test_a_rate_of_bytes(self):
        self.check_counts(Fraction(700 * 8 * HZ, 1_411_200), 700, test_clocks.AT_ONCE, "--pt", 97,
                          "--clock", HZ, "--timestamp", "bytes:1411200", packets=1_000_000)


class Paced(test_clocks.ClockCase):
    """A tight loop of sendfile calls, paced by the rule, in real time."""

    def play_paced(self, data, call=SIZE, segment=0, rounds=1):
        calls = rounds * -(-len(data) // call)
        sender = self.watch(segmented.Sender(self.server, self.write(data), VIEWER_V4, PORT,
                                             call=call, segment=segment, calls=calls))
        frames = []
        while sender.running():
            frames += self.capture.frames(quiet=0.3, limit=1)
        self.assertEqual(sender.finish(), (calls, 0))
        return frames + self.capture.frames(quiet=0.5)

    @sandbox.needs("tshark")
    def test_tshark_finds_an_even_stream(self):
        data = mpegts.constant(PACED_SECONDS, PACED_RATE)
        with self.rule(TO, "--rate", PACED_RATE):
            frames = [f for f in self.play_paced(data) if rtp.parse_frame(f.data)]
        self.assertEqual(len(frames), -(-len(data) // SIZE))
        self.assertGreater(frames[-1].when - frames[0].when, PACED_SECONDS - 1)
        receivers.write_pcap(work("wire.pcap"), frames)
        [line] = [line for line in receivers.tshark(work("wire.pcap"), "-q", "-z", "rtp,streams")
                  .splitlines() if "0x" in line]
        lost, jitter = tshark_stream(line, len(frames))
        print(f"tshark: {len(frames)} packets, lost {lost}, mean jitter {jitter} ms")
        self.assertEqual(lost, 0)
        self.assertLess(jitter, 0.1)

    @sandbox.needs("gst-launch-1.0")
    def test_gstreamer_presents_at_the_time_of_the_media(self):
        data = mpegts.constant(20, PACED_RATE)
        clock = media_time.Clock(data)
        with self.rule(TO, "--rate", PACED_RATE):
            receiver = receivers.Receiver(
                self.viewer, PORT, "gst-launch-1.0", "-v", "udpsrc", f"port={PORT}",
                f"caps={receivers.CAPS}", "!", "rtpjitterbuffer", "!", "rtpmp2tdepay", "!",
                "fakesink", "silent=false", "sync=false")
            self.play_paced(data)
            said = receiver.finish(lambda: False)
        pts = [seconds(text) for text in re.findall(r"fakesink.*?\bpts: ([0-9:.]+)", said)]
        sent = media_time.datagrams(len(data), len(pts), SIZE)
        self.assertGreaterEqual(len(pts), len(data) // SIZE - 10)
        off = [p - float(clock.at(s.offset) / HZ) for p, s in zip(pts, sent)][len(pts) // 10:]
        middle = sorted(off)[len(off) // 2]
        errors = sorted(abs(one - middle) * 1000 for one in off)
        print(f"GStreamer: |pts - media time| p50 {errors[len(errors) // 2]:.3f} ms, "
              f"p99 {errors[len(errors) * 99 // 100]:.3f} ms")
        self.assertLess(errors[len(errors) // 2], 0.1)
        self.assertLess(errors[len(errors) * 99 // 100], 5)


@sandbox.needs("ffmpeg")
class Ffmpeg(test_clocks.ClockCase):
    """Gives back the bytes, and times them as the samples do, however they were sent."""

    def check_sound(self, payload, codec, size, ticks, how):
        data = bytes(range(256)) * (size * 100 // 256)
        data = data[:len(data) // size * size]
        with self.rule(TO, payload=payload):
            with open(work("sound.sdp"), "w", encoding="ascii", newline="") as sdp:
                sdp.write(self.zcctl.ok("sdp", "out", "--to", TO).out)
            receiver = receivers.ffmpeg(self.viewer, PORT, work("sound.sdp"), "-c:a", "copy",
                                        "-flush_packets", "1", "-f", codec, work("sound"), "-c:a",
                                        "copy", "-flush_packets", "1", "-f", "framecrc",
                                        work("times"))
            self.send(data, how, size=size)
            said = receiver.finish(receivers.size_is(work("sound"), len(data)))
        with open(work("sound"), "rb") as sound:
            self.assertEqual(sound.read(), data, said)
        with open(work("times"), encoding="ascii") as file:
            times = [int(line.split(",")[2]) for line in file if not line.startswith("#")]
        self.assertEqual({b - a for a, b in zip(times, times[1:])}, {ticks})

    def test_telephone_sound(self):
        for how in ((1, 5_000), (10, 20_000)):
            with self.subTest(how=how):
                self.check_sound("PCMU", "mulaw", 160, 160, how)

    def test_samples_of_16_bits(self):
        self.check_sound("L16/44100/2", "s16be", 1400, 350, (1, 5_000))


def seconds(text):
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def tshark_stream(line, packets):
    """(lost, mean jitter in ms) of a line of `-z rtp,streams`: … Pkts Lost Min Mean Max delta,
    Min Mean Max jitter. The payload's name may have blanks."""
    fields = line.replace("%)", "%) ").split()
    at = fields.index(str(packets), next(i for i, f in enumerate(fields) if f.startswith("0x")))
    numbers = [f for f in fields[at + 1:] if re.fullmatch(r"-?[0-9.]+", f)]
    return int(numbers[0]), float(numbers[5])


if __name__ == "__main__":
    sandbox.main()

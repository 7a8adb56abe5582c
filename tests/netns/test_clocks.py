#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""RTP timestamps by the media: MPEG-TS by its PCRs, sound by its samples, and clocks that count. What
must be is reckoned in exact fractions from the bytes on the wire (support/media_time.py)."""
import itertools
import os
from fractions import Fraction

from support import media_time, mpegts, rtp, sandbox
from support.apps import TS_BYTES
from support.case import PORT, TO, WireCase
from support.media_time import HZ
from support.net import VIEWER_V4, VIEWER_V6
from support.segmented import Sender

MANY = 46  # datagrams of one call
# Datagrams a call, and how long the app waits between two.
ONE, AT_ONCE = (1, 0), (MANY, 0)


def last_pcr(clock, sent):
    """The datagrams behind it are timed by a rate that the file does not confirm."""
    return max(i for i, one in enumerate(sent) if one.offset <= clock.bytes[-1]) + 1


class ClockCase(WireCase):
    """An app in its own process sends a file with sendfile; every packet is looked at."""

    def write(self, data):
        path = os.path.join(sandbox.WORK, "media")
        with open(path, "wb") as out:
            out.write(data)
        return path

    def send(self, data, how=ONE, rounds=1, size=TS_BYTES, host=VIEWER_V4):
        """Sends the whole file so many times, from one port, so that it is one stream; returns what
        each datagram carries."""
        many, pause_us = how
        calls = rounds * -(-len(data) // (many * size))
        sender = self.watch(Sender(self.server, self.write(data), host, PORT, call=many * size,
                                   segment=size if many > 1 else 0, calls=calls,
                                   pause_us=pause_us, source_port=41000))
        self.assertEqual(sender.wait(), (calls, 0))
        return media_time.datagrams(len(data), calls, size, many * size)

    def play(self, data, how=ONE, rounds=1, host=VIEWER_V4):
        """send(), and the packets that arrived: one unbroken stream of just these bytes."""
        sent = self.send(data, how, rounds, host=host)
        packets = self.received(len(sent))
        self.assertEqual(len(packets), len(sent))
        for i, (packet, one) in enumerate(zip(packets, sent)):
            self.assertEqual(packet.seq, (packets[0].seq + i) % 65536)
            self.assertEqual(packet.payload, data[one.offset:one.offset + one.size], i)
        return sent, packets

    @staticmethod
    def times(packets):
        return media_time.unwrapped([packet.timestamp for packet in packets])

    @staticmethod
    def markers(packets):
        return [i for i, packet in enumerate(packets) if packet.marker]

    def check_even(self, clock, sent, packets, first=None, last=None):
        """Within a tick at every datagram of [first, last)."""
        first = media_time.behind_second_pcr(clock, sent) if first is None else first
        times = self.times(packets)
        self.assertEqual(media_time.steps_back(times), 0)
        found = media_time.errors(clock, sent, times, first, last or len(sent))
        self.assertLessEqual(float(found.most), 1)

    def check_uneven(self, clock, sent, packets):
        """Right where a PCR is; between two of them nobody can look ahead."""
        times = self.times(packets)
        found = media_time.errors(clock, sent, times, media_time.behind_second_pcr(clock, sent),
                                  last_pcr(clock, sent))
        self.assertLessEqual(float(found.median_at_pcr), 1)
        self.assertLessEqual(float(found.most), clock.gap)
        self.assertEqual(media_time.steps_back(times), 0)
        self.assertEqual(self.markers(packets), [])


class Pcr(ClockCase):
    RATE = 4_000_000

    def check_file(self, data, how, rounds=1, pid=None, *options):
        with self.rule(TO, *options):
            sent, packets = self.play(data, how, rounds)
        clock = media_time.Clock(data, pid)
        self.check_even(clock, sent, packets, last=last_pcr(clock, sent) if rounds == 1 else None)
        return clock, sent, packets

    def test_a_file_of_constant_rate(self):
        data = mpegts.constant(3, self.RATE)
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                _, _, packets = self.check_file(data, how)
                self.assertEqual(self.markers(packets), [])

    def test_both_families_by_every_way_of_the_checksum(self):
        data = mpegts.constant(1, self.RATE)
        clock = media_time.Clock(data)
        for host, way, how in itertools.product((VIEWER_V4, VIEWER_V6), ("uni", "sum", "lco"),
                                                (ONE, AT_ONCE)):
            to = f"[{host}]:{PORT}" if ":" in host else TO
            with self.subTest(to=to, way=way, how=how), self.rule(to, "--checksum", way):
                sent, packets = self.play(data, how, host=host)
                self.check_even(clock, sent, packets, last=last_pcr(clock, sent))

    def test_a_file_that_is_sent_again_and_again(self):
        """Time runs on by the file's rate, and each pass is marked once: where its first PCR is seen.
        That may be a tenth of a second late, for at a steady rate nobody looks at each."""
        data = mpegts.constant(Fraction(29, 10), self.RATE)
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                clock, sent, packets = self.check_file(data, how, rounds=3)
                starts = media_time.starts_of_rounds(sent)
                self.check_marked(clock, sent, self.markers(packets), starts)

    def check_marked(self, clock, sent, markers, starts):
        self.assertEqual(len(markers), len(starts), markers)
        for marker, start in zip(markers, starts):
            most = self.RATE / 8 * (0.1 + 2 * float(clock.gap / HZ)) / TS_BYTES
            self.assertTrue(start <= marker <= start + most, f"a pass begins at {start}")
            self.assertTrue(clock.has_pcr(sent[marker].offset, sent[marker].size), marker)

    def test_two_programs_each_with_a_clock_of_its_own(self):
        """The first PID that is seen, or the one that is named."""
        programs = (mpegts.Program(0x100, base=27_000_000 * 1000),
                    mpegts.Program(0x200, gap=Fraction(31, 1000), base=5, start=Fraction(1, 10)))
        data = mpegts.constant(3, self.RATE, programs)
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                self.check_file(data, how, 1, 0x100)
                self.check_file(data, how, 1, 0x200, "--pcr-pid", "0x200")

    def test_show_says_whose_clock_is_in_force(self):
        programs = (mpegts.Program(0x100), mpegts.Program(0x200))
        for data, options, pcr in (
                (mpegts.constant(1, self.RATE, programs), (), (0x100, True)),
                (mpegts.constant(1, self.RATE, programs), ("--pcr-pid", "0x200"), (0x200, True)),
                (mpegts.constant(Fraction(1, 100), self.RATE), (), (0x100, False)),
                (mpegts.without_pcr(70), (), None)):
            with self.subTest(options=options, pcr=pcr), self.rule(TO, *options):
                self.send(data)
                [stream] = self.zcctl.streams(TO)
                shown = stream["pcr"] and (stream["pcr"]["pid"], stream["pcr"]["locked"])
                self.assertEqual(shown, pcr)

    def test_an_uneven_file(self):
        data = mpegts.uneven(20)
        clock = media_time.Clock(data)
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                with self.rule(TO):
                    self.check_uneven(clock, *self.play(data, how))

    def test_a_rate_that_is_another_one_behind_the_second_pcr(self):
        """Of the first rate nobody knows whether it is the only one."""
        data = mpegts.changing([1_200_000] + [3_200_000] * 24)
        clock = media_time.Clock(data)
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how), self.rule(TO):
                self.check_uneven(clock, *self.play(data, how))

    def test_a_second_gap_that_is_a_fifth_longer_than_the_first(self):
        """Of a constant rate: nothing waits for the PCR that comes late."""
        program = mpegts.Program(first_gap=Fraction(30, 1000), gap=Fraction(36, 1000))
        self.check_file(mpegts.constant(1, self.RATE, [program]), ONE)

    def test_pcrs_that_wrap(self):
        """33 bits of 90 kHz: after 26.5 hours."""
        program = mpegts.Program(base=mpegts.PCR_MODULUS - mpegts.PCR_HZ)
        _, _, packets = self.check_file(mpegts.constant(3, self.RATE, [program]), ONE)
        self.assertEqual(self.markers(packets), [])

    def test_timestamps_that_wrap(self):
        data = mpegts.constant(3, self.RATE)
        with self.rule(TO, "--ts", 2**32 - HZ):
            sent, packets = self.play(data)
        self.assertLess(packets[-1].timestamp, packets[0].timestamp)
        self.check_even(media_time.Clock(data), sent, packets)

    def test_a_discontinuity(self):
        """By 100 s back and by 100 s ahead, and with the flag or without: one M, and time goes on."""
        second = mpegts.PCR_HZ
        before = mpegts.constant(1, self.RATE, [mpegts.Program(base=second * 100)])
        # Both halves are of one rate: together they are one clock.
        clock = media_time.Clock(mpegts.constant(2, self.RATE))
        for base, flag in ((0, True), (0, False), (second * 201, True)):
            with self.subTest(base=base, flag=flag):
                data = before + mpegts.constant(1, self.RATE, [mpegts.Program(base=base)], flag)
                with self.rule(TO):
                    sent, packets = self.play(data)
                self.check_even(clock, sent, packets)
                start = next(i for i, one in enumerate(sent)
                             if one.offset + one.size > len(before))
                self.assertEqual(len(self.markers(packets)), 1)
                self.assertTrue(0 <= self.markers(packets)[0] - start <= 80, start)

    def test_a_small_discontinuity_that_the_file_names(self):
        """ISO/IEC 13818-1 2.4.3.5: by a tenth of a second, which could be a rate that changes."""
        before, after = mpegts.uneven(4), mpegts.uneven(4, base=mpegts.PCR_HZ * 41 // 10, flag=True)
        with self.rule(TO):
            sent, packets = self.play(before + after)
        where = next(i for i, one in enumerate(sent) if one.offset + one.size > len(before))
        self.assertEqual(self.markers(packets), [where])
        self.assertEqual(media_time.steps_back(self.times(packets)), 0)

    def test_a_pid_that_falls_silent_is_left(self):
        """For one that goes on, a second of media later, and that is said by one M."""
        programs = (mpegts.Program(0x100, end=2), mpegts.Program(0x200, base=27_000_000 * 77))
        data = mpegts.constant(6, self.RATE, programs)
        with self.rule(TO):
            sent, packets = self.play(data)
        left, taken = media_time.Clock(data, 0x100), media_time.Clock(data, 0x200)
        self.check_even(left, sent, packets, last=last_pcr(left, sent))
        [marker] = self.markers(packets)
        silence = taken.at(sent[marker].offset) - taken.at(left.bytes[-1])
        self.assertTrue(HZ <= silence <= HZ * 3 / 2, float(silence / HZ))
        self.check_even(taken, sent, packets, marker + TS_BYTES // 188 * 4, last_pcr(taken, sent))

    def test_until_two_pcrs_are_seen_the_clock_goes(self):
        """And then from there on: the app is half as fast as the media."""
        data = mpegts.constant(1, 1_000_000, [mpegts.Program(start=Fraction(1, 10),
                                                             gap=Fraction(1, 10))])
        clock, size = media_time.Clock(data), 2 * TS_BYTES // 7 * 7 // 2
        with self.rule(TO):
            self.send(data[:40 * size], (1, 21_000))
            datagrams = self.capture.datagrams(PORT)
        sent = media_time.datagrams(40 * size, 40, size)
        times = self.times([rtp.parse_rtp(d.payload) for d in datagrams])
        second = media_time.behind_second_pcr(clock, sent)
        self.assertTrue(5 < second < 35, second)
        media = clock.at(size) - clock.at(0)
        for i in range(1, len(times)):
            passed = (datagrams[i].when - datagrams[i - 1].when) * HZ
            step = times[i] - times[i - 1]
            if i < second:
                self.assertLess(abs(step - passed), HZ / 200, i)  # 5 ms
            elif i == second:
                self.assertTrue(0 <= step <= passed + media, step)
            else:
                self.assertLessEqual(abs(step - media), 1, i)

    def test_a_file_without_pcrs_goes_by_the_clock(self):
        with self.rule(TO):
            self.send(mpegts.without_pcr(700), (1, 2_000))
            datagrams = self.capture.datagrams(PORT)
        packets = [rtp.parse_rtp(d.payload) for d in datagrams]
        passed = (datagrams[-1].when - datagrams[0].when) * HZ
        times = self.times(packets)
        self.assertLess(abs(times[-1] - times[0] - passed), HZ / 200)
        self.assertEqual(self.markers(packets), [])

    def test_what_is_no_transport_stream_does_no_lasting_harm(self):
        """Adaptation fields that lie, then a film: never back, and right again from there on."""
        film = mpegts.constant(2, self.RATE)
        with self.rule(TO):
            _, before = self.play(mpegts.hostile())
            sent, packets = self.play(film)
        self.assertEqual(media_time.steps_back(self.times(before + packets)), 0)
        self.check_even(media_time.Clock(film), sent, packets)
        self.assertLess(len(self.markers(packets)), 2)


class Counting(ClockCase):
    def count(self, size, how, packets):
        """The timestamps of so many packets of one stream, as the wire has them."""
        many = how[0]
        path = self.write(bytes(size * many * 40))
        times, markers, left = [], 0, packets
        while left > 0:  # in parts that the capture can hold
            calls = -(-min(left, 20_000) // many)
            sender = self.watch(Sender(self.server, path, VIEWER_V4, PORT, call=size * many,
                                       segment=size if many > 1 else 0, calls=calls,
                                       source_port=41000))
            frames = self.capture.frames(quiet=0.2)
            self.assertEqual(sender.wait(), (calls, 0))
            frames += self.capture.frames()
            found = [header for frame in frames if (header := rtp.peek(frame.data, PORT))]
            self.assertEqual(len(found), calls * many)
            times += [one.timestamp for one in found]
            markers += sum(one.marker for one in found)
            left -= len(found)
        self.assertEqual(markers, 0)
        return media_time.unwrapped(times)

    def check_counts(self, ticks, size, how, *options, packets=50_000, **words):
        """`ticks`: exact, of a packet of `size` bytes."""
        with self.rule(TO, *options, **words):
            times = self.count(size, how, packets)
        due = [ticks * i for i in range(len(times))]
        self.assertLess(float(media_time.counted_error(times, due)), 1)
        return times


class Counted(Counting):
    """Clocks that count what was sent: whatever the pace, no tick too much and none too few."""

    def test_telephone_sound_steps_by_its_samples(self):
        """RFC 3551 4.5.14: 8000 samples a second, a byte each; 20 ms are 160."""
        for how in (ONE, (64, 0)):
            with self.subTest(how=how):
                times = self.check_counts(Fraction(160), 160, how, payload="PCMU")
                self.assertEqual({b - a for a, b in zip(times, times[1:])}, {160})

    def test_other_sound_by_its_own(self):
        """RFC 3551 4.5.2 (G.722 counts at 8 kHz), 4.5.11 (16 bits, two channels)."""
        for payload, size, ticks in (("PCMA", 80, 80), ("G722", 160, 160),
                                     ("L16/44100/2", 1400, 350), ("L16/44100/1", 882, 441)):
            with self.subTest(payload=payload):
                times = self.check_counts(Fraction(ticks), size, ONE, payload=payload,
                                          packets=2000)
                self.assertEqual({b - a for a, b in zip(times, times[1:])}, {ticks})

    def test_a_rate_of_bytes_does_not_drift(self):
        """700 bytes of 1,411,200 bits a second are 357 and a seventh ticks of 90 kHz."""
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                self.check_counts(Fraction(700 * 8 * HZ, 1_411_200), 700, how, "--pt", 97, "--clock",
                                  HZ, "--timestamp", "bytes:1411200", packets=20_000)

    def test_ticks_of_a_packet(self):
        for how in (ONE, AT_ONCE):
            with self.subTest(how=how):
                times = self.check_counts(Fraction(960), 200, how, "--pt", 97, "--clock", 48_000,
                                          "--timestamp", "packet:960", packets=10_000)
                self.assertEqual({b - a for a, b in zip(times, times[1:])}, {960})


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The judge of test_clocks.py: it takes what is right and finds what is wrong. Needs no root and no
zcctl: what is judged here is a clock of twenty lines that cannot look ahead either."""
import unittest
from fractions import Fraction

from support import media_time, mpegts

SIZE = 7 * 188
SECOND = 1_000_000 // 8 // 188 * 188  # bytes of a file of 1 Mbit/s, about


def follow(data, sent, at=Fraction(12345)):
    """What a sender makes of a file that it sees packet by packet: (timestamp, M) of each."""
    found, pcr, byte, step, done = [], None, 0, Fraction(0), 0
    for one in sent:
        marker = False
        for new in media_time.read_pcrs(data[one.offset:one.offset + one.size]):
            here = done + new.byte
            gap = (new.ticks - pcr) % (1 << 33) if pcr is not None else None
            if gap is None or gap > 90_000 or new.discontinuity:
                marker, at = gap is not None, at + step * (here - byte)
            else:
                step, at = gap / (here - byte), at + gap
            pcr, byte = new.ticks, here
        found.append((int(at - step * (byte - done)) % (1 << 32), marker))
        done += one.size
    return found


class Files(unittest.TestCase):
    def test_what_was_written_is_read(self):
        base = mpegts.PCR_MODULUS - 13
        pcrs = media_time.read_pcrs(mpegts.constant(1, 1_000_000, [mpegts.Program(0x21, base=base)]))
        self.assertGreater(len(pcrs), 27)
        # ISO/IEC 13818-1 2.4.2.2, by hand: byte 10 at 1 Mbit/s is 80 us, 2160 ticks behind the start
        self.assertEqual((pcrs[0].byte, pcrs[0].pid), (10, 0x21))
        self.assertEqual(pcrs[0].ticks, Fraction(2160 - 13, 300))

    def test_bytes_from_a_real_muxers_pcr_are_read_by_hand(self):
        """0x47 0x41 0x00 0x30 0x07 0x50: PID 256, adaptation field of 7, PCR flag."""
        head = bytes.fromhex("474100300750" "00007b0c7e00")
        [pcr] = media_time.read_pcrs(head + bytes(176))
        self.assertEqual((pcr.pid, pcr.ticks, pcr.discontinuity), (256, 0x00007b0c << 1, False))

    def test_no_pcr_is_seen_where_there_is_none(self):
        pcr = mpegts.packet(0x100, 0, bytes(184), pcr=300)
        for at, value in ((0, 0x46), (3, 0x10), (4, 6), (4, 184), (5, 0x40)):
            cut = bytearray(pcr)
            cut[at] = value
            self.assertEqual(media_time.read_pcrs(bytes(cut)), [], (at, value))

    def test_uneven_files_are_uneven(self):
        clock = media_time.Clock(mpegts.uneven(4))
        self.assertEqual(clock.gap, 7200)  # 80 ms
        steps = [b - a for a, b in zip(clock.bytes, clock.bytes[1:])]
        self.assertGreater(max(steps), 2 * min(steps))

    def test_datagrams_are_cut_as_the_kernel_cuts(self):
        self.assertEqual([(s.round, s.offset, s.size) for s in
                          media_time.datagrams(500, 3, 188, 376)],
                         [(0, 0, 188), (0, 188, 188), (0, 376, 124), (1, 0, 188), (1, 188, 188)])


class Judge(unittest.TestCase):
    def setUp(self):
        self.data = mpegts.constant(2, 4_000_000)
        self.clock = media_time.Clock(self.data)
        self.sent = media_time.datagrams(len(self.data), 2000, SIZE)
        self.first = media_time.behind_second_pcr(self.clock, self.sent)

    def most(self, times):
        return media_time.errors(self.clock, self.sent, times, self.first, len(times)).most

    def times(self):
        return media_time.unwrapped([ts for ts, _ in follow(self.data, self.sent)])

    def test_a_right_clock_is_taken(self):
        """Of a whole number, half a tick is what can be had."""
        self.assertLess(self.most(self.times()), Fraction(6, 10))
        self.assertGreater(self.sent[-1].round, 1)

    def test_a_clock_that_is_wrong_once_is_found(self):
        times = self.times()
        times[1000] += 2
        self.assertGreater(self.most(times), 1)

    def test_a_clock_that_drifts_is_found(self):
        self.assertGreater(self.most([t + i // 700 for i, t in enumerate(self.times())]), 1)

    def test_a_clock_that_forgets_where_the_pcr_stands_is_found(self):
        """The packet's own time is not that of a PCR in its middle."""
        times = [t + (20 if self.clock.has_pcr(s.offset, s.size) else 0)
                 for t, s in zip(self.times(), self.sent)]
        self.assertGreater(self.most(times), 1)

    def test_steps_back_are_found_and_wraps_are_none(self):
        self.assertEqual(media_time.steps_back(media_time.unwrapped([2**32 - 3, 1, 5])), 0)
        self.assertEqual(media_time.steps_back(media_time.unwrapped([2**32 - 3, 1, 0])), 1)

    def test_uneven_files_are_right_where_a_pcr_is(self):
        data = mpegts.uneven(20)
        clock = media_time.Clock(data)
        sent = media_time.datagrams(len(data), len(data) // SIZE, SIZE)
        times = media_time.unwrapped([ts for ts, _ in follow(data, sent)])
        first = media_time.behind_second_pcr(clock, sent)
        found = media_time.errors(clock, sent, times, first, len(sent))
        self.assertLess(found.median_at_pcr, 1)
        self.assertGreater(found.most, 100)  # nobody can look ahead

    def test_counted_clocks(self):
        due = [Fraction(160 * i, 3) for i in range(3000)]
        self.assertLess(media_time.counted_error([int(d + Fraction(1, 2)) for d in due], due), 1)
        self.assertGreater(media_time.counted_error([53 * i for i in range(3000)], due), 900)


if __name__ == "__main__":
    unittest.main()

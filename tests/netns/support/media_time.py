# SPDX-License-Identifier: GPL-2.0-only
"""What RTP timestamps must be, by the bytes that the packets carry, in exact fractions. RFC 2250 2:
MPEG-TS by the file's own PCRs (ISO/IEC 13818-1 2.4.2.2, 2.4.3.5), between two of which time runs by
bytes; the time before and the time behind a byte are both looked at, which no sender can. Written
from the standards; knows nothing of zcctl, nor of how the files were made."""
import bisect
from dataclasses import dataclass
from fractions import Fraction

HZ = 90_000
_WRAP = 1 << 33  # of a PCR's base, in ticks of 90 kHz


@dataclass
class Pcr:
    byte: int  # of the file: the one to which the time belongs
    ticks: Fraction  # of 90 kHz, from 0 to 2^33
    discontinuity: bool
    pid: int


def read_pcrs(data, pid=None):
    """All of a file, or those of one PID."""
    found = []
    for at in range(0, len(data) - 187, 188):
        head = data[at:at + 12]
        if head[0] != 0x47 or not head[3] & 0x20 or not 7 <= head[4] <= 183 or not head[5] & 0x10:
            continue
        this = (head[1] & 0x1F) << 8 | head[2]
        if pid not in (None, this):
            continue
        field = int.from_bytes(head[6:12], "big")
        found.append(Pcr(at + 10, (field >> 15) + Fraction(field & 0x1FF, 300), bool(head[5] >> 7),
                         this))
    return found


class Clock:
    """The media time of each byte of a file by the PCRs of one PID: 0 at the first of them."""

    def __init__(self, data, pid=None):
        pcrs = read_pcrs(data, pid)
        pcrs = [pcr for pcr in pcrs if pcr.pid == pcrs[0].pid]
        self.bytes, self.times = [pcrs[0].byte], [Fraction(0)]
        for last, pcr in zip(pcrs, pcrs[1:]):
            self.bytes.append(pcr.byte)
            self.times.append(self.times[-1] + (pcr.ticks - last.ticks) % _WRAP)
        self.gap = max(b - a for a, b in zip(self.times, self.times[1:]))
        self.size = len(data)

    @property
    def even(self):
        """Is the file of one rate, but for the last bit of its PCRs?"""
        rates = [(b - a) / (d - c) for a, b, c, d in zip(self.bytes, self.bytes[1:], self.times,
                                                         self.times[1:])]
        return max(rates) < min(rates) * Fraction(1001, 1000)

    def at(self, byte):
        """Outside of the first and the last PCR, by the rate next to them."""
        right = min(max(bisect.bisect_right(self.bytes, byte), 1), len(self.bytes) - 1)
        left = right - 1
        step = (self.times[right] - self.times[left]) / (self.bytes[right] - self.bytes[left])
        return self.times[left] + (byte - self.bytes[left]) * step

    @property
    def round(self):
        """How long one pass takes of a file that is sent again and again."""
        return self.at(self.size) - self.at(0)

    def has_pcr(self, first, size):
        """Is there a PCR in that datagram?"""
        return bisect.bisect_left(self.bytes, first) < bisect.bisect_left(self.bytes, first + size)


@dataclass
class Sent:
    """What a datagram carries: `size` bytes of the file from `offset` on, in its `round`th pass."""
    round: int
    offset: int
    size: int


def datagrams(file_bytes, calls, segment, call=None):
    """Those of an app that sends a file from its start again and again: so many calls, each of
    `call` bytes (one datagram, if not given) and not beyond the file's end."""
    found, at, done = [], 0, 0
    for _ in range(calls):
        end = min(at + (call or segment), file_bytes)
        found += [Sent(done, i, min(segment, end - i)) for i in range(at, end, segment)]
        at, done = (end, done) if end < file_bytes else (0, done + 1)
    return found


def unwrapped(timestamps):
    """RTP timestamps as integers that go on behind 2^32; a step back stays one."""
    found = [timestamps[0]]
    for last, this in zip(timestamps, timestamps[1:]):
        found.append(found[-1] + ((this - last + (1 << 31)) % (1 << 32)) - (1 << 31))
    return found


@dataclass
class Errors:
    """Ticks by which timestamps are not the file's, once the best of all offsets is taken away."""
    all: list
    at_pcr: list  # of the datagrams that have a PCR

    @property
    def most(self):
        return max(map(abs, self.all))

    @property
    def median_at_pcr(self):
        return sorted(map(abs, self.at_pcr))[len(self.at_pcr) // 2]


def steps_back(times):
    return sum(b < a for a, b in zip(times, times[1:]))


def errors(clock, sent, times, first, last, continuous=True):
    """Of the datagrams [first, last), by the clock of the file that they carry. `continuous`: a pass
    begins where the one before ended. Their clock began anywhere, so an offset is free: for an even
    file the one in the middle of all errors, else the median where a PCR is."""
    found = []
    for i in range(first, last):
        truth = clock.at(sent[i].offset) + (clock.round * sent[i].round if continuous else 0)
        found.append((times[i] - truth, clock.has_pcr(sent[i].offset, sent[i].size)))
    at_pcr = sorted(error for error, has_pcr in found if has_pcr)
    offset = (max(found)[0] + min(found)[0]) / 2 if clock.even else at_pcr[len(at_pcr) // 2]
    return Errors([error - offset for error, _ in found], [error - offset for error in at_pcr])


def behind_second_pcr(clock, sent):
    """The first datagram of which a sender can know the rate: the one with the second PCR."""
    return next(i for i, one in enumerate(sent) if one.offset + one.size > clock.bytes[1])


def starts_of_rounds(sent):
    return [i for i, one in enumerate(sent) if i and one.round != sent[i - 1].round]


def counted_error(times, ticks):
    """How far a counted clock is from ticks[i] more than at the first packet, exact fractions, at
    worst. Below 1 it is what whole ticks cannot say."""
    return max(abs(time - times[0] - due) for time, due in zip(times, ticks))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The clock of an MPEG transport stream, by its PCRs (ISO/IEC 13818-1 2.4.3.5). Knows nothing of zcctl.

  ts-clock.py rate FILE       bits a second of the whole stream, on average
  ts-clock.py errors          how far a receiver's clock is off, in ms, at most: RTP time, and time of
                              arrival, against the PCRs that came with them. Reads from
  tshark -r CAPTURE -Y udp.dstport==PORT -T fields -e frame.time_epoch -e udp.payload
"""
import sys
from dataclasses import dataclass
from fractions import Fraction

HZ = 90_000  # RFC 2250 2
TS_PACKET, PCR_BYTE = 188, 10


@dataclass
class Pcr:
    byte: int  # of the stream, to which the time belongs
    ticks: Fraction  # from the first one on
    before: int = 0  # bytes of its RTP packet that come before
    timestamp: int = 0  # of its RTP packet
    arrival: Fraction = Fraction(0)


class Reader:
    """Takes a stream piece by piece, and follows the first PID that has a PCR."""

    def __init__(self):
        self.pcrs, self._bytes, self._pid, self._newest = [], 0, None, None

    def take(self, piece, timestamp=0, arrival=0):
        for at in range(0, len(piece) - TS_PACKET + 1, TS_PACKET):
            if self._has_pcr(piece[at:at + 12]):
                ticks = self._ticks(piece[at + 6:at + 12])
                self.pcrs.append(Pcr(self._bytes + at + PCR_BYTE, ticks, at + PCR_BYTE, timestamp,
                                     arrival))
        self._bytes += len(piece)

    def _has_pcr(self, head):
        if not (head[0] == 0x47 and head[3] & 0x20 and head[4] >= 7 and head[5] & 0x10):
            return False
        pid = int.from_bytes(head[1:3], "big") & 0x1FFF
        self._pid = pid if self._pid is None else self._pid
        return pid == self._pid

    def _ticks(self, field):
        value = int.from_bytes(field, "big")
        ticks = (value >> 15) + Fraction(value & 0x1FF, 300)
        passed = (ticks - self._newest) % (1 << 33) if self.pcrs else Fraction(0)
        self._newest = ticks
        return (self.pcrs[-1].ticks if self.pcrs else 0) + passed


def read_rtp(data):
    """(timestamp, payload), RFC 3550 5.1."""
    start = 12 + 4 * (data[0] & 15)
    if data[0] & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2:start + 4], "big")
    return int.from_bytes(data[4:8], "big"), data[start:]


def spread_ms(ticks):
    """The largest distance from the median."""
    middle = sorted(ticks)[len(ticks) // 2]
    return float(max(abs(one - middle) for one in ticks) * 1000 / HZ)


def errors(pcrs):
    rtp, arrival = [], []
    for last, this in zip(pcrs, pcrs[1:]):
        # A packet's time is that of its first byte.
        step = (this.ticks - last.ticks) / (this.byte - last.byte)
        media = this.ticks - this.before * step
        rtp.append((this.timestamp - media - pcrs[1].timestamp) % (1 << 32))
        arrival.append(this.arrival * HZ - media)
    around = rtp[0]  # half of what is near 0 wraps
    rtp = [(one - around + (1 << 31)) % (1 << 32) for one in rtp]
    return spread_ms(rtp), spread_ms(arrival)


def mean_rate(path):
    reader = Reader()
    with open(path, "rb") as file:
        while piece := file.read(TS_PACKET * 4096):
            reader.take(piece)
    if len(reader.pcrs) < 2:
        raise SystemExit(f"ts-clock: {path}: fewer than two PCRs")
    first, last = reader.pcrs[0], reader.pcrs[-1]
    return (last.byte - first.byte) * 8 * HZ / (last.ticks - first.ticks)


def read_capture(lines):
    reader = Reader()
    for line in lines:
        arrival, payload = line.split("\t")
        timestamp, piece = read_rtp(bytes.fromhex(payload.strip().replace(":", "")))
        reader.take(piece, timestamp, Fraction(arrival))
    return reader.pcrs


def main(words):
    if len(words) == 2 and words[0] == "rate":
        print(round(mean_rate(words[1])))
    elif words == ["errors"]:
        print("%.3f %.3f" % errors(read_capture(sys.stdin)))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

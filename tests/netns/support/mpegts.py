# SPDX-License-Identifier: GPL-2.0-only
"""MPEG-TS files made byte by byte (ISO/IEC 13818-1 2.4.3), their PCRs by exact arithmetic. Knows
nothing of RTP; media_time.py, which reads such files again, knows nothing of this."""
import itertools
import random
from dataclasses import dataclass
from fractions import Fraction
from typing import Optional

TS_PACKET = 188
PCR_HZ = 27_000_000
PCR_MODULUS = 300 << 33  # a base of 33 bits, an extension that counts to 300
PCR_BYTE = 10  # of its packet: the one with the last bit of the base, to which the time belongs
NULL_PID = 0x1FFF


@dataclass
class Program:
    """One clock of a file: a PCR in a packet of `pid` every `gap` seconds, from `start` to before
    `end` (seconds of the file). `first_gap`: from the first one to the second, where it is another.
    `base`: the PCR at the file's first byte, in 27 MHz."""
    pid: int = 0x100
    gap: Fraction = Fraction(36, 1000)
    first_gap: Optional[Fraction] = None
    base: int = 0
    start: Fraction = Fraction(0)
    end: float = float("inf")

    def due(self):
        """When PCRs are: seconds of the file."""
        return itertools.accumulate(itertools.chain((self.first_gap or self.gap,),
                                                    itertools.repeat(self.gap)), initial=self.start)


def pcr_field(ticks):
    ticks %= PCR_MODULUS
    return ((ticks // 300) << 15 | 0x3F << 9 | ticks % 300).to_bytes(6, "big")


def packet(pid, counter, body, pcr=None, discontinuity=False):
    """A TS packet; `body` has 184 bytes or more, of which the first that fit are taken."""
    head = bytes([0x47, pid >> 8, pid & 0xFF])
    if pcr is None:
        return head + bytes([0x10 | counter & 15]) + body[:184]
    flags = 0x10 | (0x80 if discontinuity else 0)
    return head + bytes([0x30 | counter & 15, 7, flags]) + pcr_field(pcr) + body[:176]


class _Writer:
    def __init__(self, seed):
        self.data = bytearray()
        self._random, self._counters = random.Random(seed), {}

    def add(self, pid, pcr=None, discontinuity=False):
        counter = self._counters.get(pid, 0)
        self._counters[pid] = counter + 1
        self.data += packet(pid, counter, self._random.randbytes(184), pcr, discontinuity)


def constant(seconds, rate, programs=(Program(),), discontinuity=False):
    """A file of constant `rate` (bits a second of whole TS packets). `discontinuity`: its first PCR
    is said to be one."""
    out, coming = _Writer(int(rate)), {p.pid: p.due() for p in programs}
    due = {pid: next(times) for pid, times in coming.items()}
    per_byte = Fraction(8, 1) / Fraction(rate)
    for index in range(int(Fraction(seconds) / (TS_PACKET * per_byte))):
        at = (index * TS_PACKET + PCR_BYTE) * per_byte
        program = next((p for p in programs if due[p.pid] <= at < p.end), None)
        if program:
            due[program.pid] = next(coming[program.pid])
            out.add(program.pid, program.base + int(at * PCR_HZ), discontinuity)
            discontinuity = False
        else:
            out.add(NULL_PID if index % 5 == 4 else programs[0].pid if programs else 0x100)
    return bytes(out.data)


def changing(rates, gap=Fraction(80, 1000), pid=0x100, base=0, flag=False):
    """A file that has the next of `rates` from each PCR to the next. `flag`: as of `constant`."""
    out = _Writer(80)
    for index, rate in enumerate(rates):
        out.add(pid, base + int(index * gap * PCR_HZ), flag and index == 0)
        for _ in range(int(rate * gap / 8 / TS_PACKET) - 1):
            out.add(pid)
    return bytes(out.data)


def uneven(seconds, slowest=1_200_000, fastest=3_200_000, gap=Fraction(80, 1000), **options):
    """A file whose rate is another one from each PCR to the next."""
    chance = random.Random(80)
    return changing([chance.randrange(slowest, fastest) for _ in range(int(Fraction(seconds) / gap))],
                    gap, **options)


def without_pcr(packets=7000):
    return constant(Fraction(packets * TS_PACKET * 8, 1_000_000), 1_000_000, ())


def hostile(packets=7000, seed=7):
    """Packets as no muxer makes them: adaptation fields of any length, also beyond the packet, PCRs
    without room, PCRs that jump, PIDs that change, and bytes that are no packet at all."""
    chance, out = random.Random(seed), bytearray()
    for _ in range(packets):
        cut = bytearray(chance.randbytes(TS_PACKET))
        cut[0] = 0x47 if chance.random() < 0.9 else cut[0]
        if chance.random() < 0.8:
            cut[1:3] = b"\x01\x00"
        cut[3] |= 0x20 if chance.random() < 0.7 else 0
        cut[4] = chance.choice((0, 1, 6, 7, 8, 183, 184, 255, cut[4]))
        cut[5] |= 0x10 if chance.random() < 0.7 else 0
        out += cut
    return bytes(out)

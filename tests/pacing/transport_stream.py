# SPDX-License-Identifier: GPL-2.0-only
"""Transport streams whose bit rate is known, made by hand: ISO 13818-1 2.4.3 and no more."""
import random

TS_BYTES, TICKS = 188, 27_000_000
_PID, _NULL = 0x100, 0x1FFF


def _packet(pid, pcr=None, count=0):
    head = bytes([0x47, pid >> 8, pid & 0xFF])
    if pcr is None:
        return head + bytes([0x10 | count]) + bytes(TS_BYTES - 4)
    base, extension = divmod(pcr, 300)
    field = (base << 15 | 0x3F << 9 | extension).to_bytes(6, "big")
    return head + bytes([0x30 | count, 7, 0x10]) + field + bytes(TS_BYTES - 12)


def make(rates, pcr_ms=80):
    """One PCR every so many milliseconds, and between each two as many packets as the next of
    `rates`, in bits a second, asks for: whole datagrams of seven packets. Returns the bytes, and the
    seconds from the first to the last PCR."""
    data, pcr, count = bytearray(), random.Random(1).randrange(1 << 40), 0
    first = pcr
    for rate in rates:
        datagrams = max(round(rate * pcr_ms / 1000 / 8 / TS_BYTES / 7), 1)
        data += _packet(_PID, pcr, count)
        data += b"".join(_packet(_NULL) for _ in range(datagrams * 7 - 1))
        # The PCR belongs to its own bytes: exactly so long takes what is between two of them.
        pcr += TICKS * pcr_ms // 1000
    data += _packet(_PID, pcr) + b"".join(_packet(_NULL) for _ in range(6))
    return bytes(data), (pcr - first) / TICKS


def variable(seconds, low=1_200_000, high=3_200_000, pcr_ms=80):
    """Goes up and down between two bit rates."""
    spread = random.Random(2)
    return make([spread.uniform(low, high) for _ in range(int(seconds * 1000 / pcr_ms))], pcr_ms)

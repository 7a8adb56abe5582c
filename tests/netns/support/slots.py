# SPDX-License-Identifier: GPL-2.0-only
"""The slots of a device's streams, in memory as the program sees them: to make streams old."""
import mmap
import os
import struct

from support import bpf, program

STREAM_BYTES, LAST_NS, STATE = 64, 24, 48  # include/zc/abi/stream.h
USED = 1


class Slots:
    def __init__(self):
        with bpf.Map(program.pin("zc_slots")) as slots:
            self._count = slots.max_entries
            self._memory = mmap.mmap(slots.fd, self._count * STREAM_BYTES)

    def used(self):
        """Indices of those that hold a stream."""
        states = memoryview(self._memory).cast("I")[STATE // 4::STREAM_BYTES // 4]
        found = [index for index, state in enumerate(states) if state]
        states.release()
        return found

    def make_old(self, index):
        """Acts as if its newest packet had left just after the machine was started."""
        struct.pack_into("=Q", self._memory, index * STREAM_BYTES + LAST_NS, 1)

    def close(self):
        self._memory.close()


def make_all_old():
    slots = Slots()
    for index in slots.used():
        slots.make_old(index)
    slots.close()

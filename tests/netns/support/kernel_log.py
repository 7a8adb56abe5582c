# SPDX-License-Identifier: GPL-2.0-only
"""Did the kernel complain? Reads /dev/kmsg from where the test began."""
import os
import re

_COMPLAINT = re.compile(r"WARNING:|BUG:|Oops|general protection|stall|hung task|use-after-free|"
                        r"bad page|refcount_t|waiting for .* to become free")


class KernelLog:
    def __init__(self):
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self._fd, 0, os.SEEK_END)

    def complaints(self):
        """The lines since the last call that nobody wants to see."""
        return [line for line in self._lines() if _COMPLAINT.search(line)]

    def close(self):
        os.close(self._fd)

    def _lines(self):
        while True:
            try:
                yield os.read(self._fd, 8192).decode(errors="replace").strip()
            except BlockingIOError:
                return
            except BrokenPipeError:  # the ring was overrun: go on with the oldest line there is
                continue

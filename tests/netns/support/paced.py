# SPDX-License-Identifier: GPL-2.0-only
"""Apps that send as fast as they can, and what of it arrived when."""
import subprocess
import sys

from support import rtp
from support.apps import TS_BYTES
from support.segmented import UDP_SEGMENT

# Sends the file again and again, COUNT bytes a call, for SECONDS; prints bytes, calls, CPU seconds.
_APP = f"""
import os, socket, sys, time
host, port, path, count, seconds, priority = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, int(priority))
s.connect((host, int(port)))
f, count = os.open(path, os.O_RDONLY), int(count)
size = os.fstat(f).st_size
if count > {TS_BYTES}: s.setsockopt(socket.IPPROTO_UDP, {UDP_SEGMENT}, {TS_BYTES})
end, sent, calls, at = time.monotonic() + float(seconds), 0, 0, 0
while time.monotonic() < end:
    try:
        n = os.sendfile(s.fileno(), f, at, min(count, size - at))
    except ConnectionRefusedError:  # nobody listens: an answer to an earlier call
        continue
    sent, calls, at = sent + n, calls + 1, (at + n) % size
print(sent, calls, time.process_time())
"""


class Blaster:
    """A tight loop of sendfile(2) with the default SO_SNDBUF."""

    def __init__(self, namespace, host, port, path, count, seconds, priority=0):
        self._process = namespace.popen(sys.executable, "-Sc", _APP, host, str(port), path,
                                        str(count), str(seconds), str(priority),
                                        stdout=subprocess.PIPE, text=True)

    def finish(self):
        """(bytes, calls, seconds of CPU)."""
        out, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, f"the app ended with {self._process.returncode}"
        sent, calls, cpu = out.split()
        return int(sent), int(calls), float(cpu)

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class Arrivals:
    """What arrived at one port: RTP packets with the kernel's time of each."""

    def __init__(self, datagrams):
        self.packets = [rtp.parse_rtp(d.payload) for d in datagrams]
        self.times = [d.when for d in datagrams]

    @property
    def payload_bytes(self):
        return sum(len(packet.payload) for packet in self.packets)

    def rate(self, first=0.0, last=1.0):
        """Bits of payload a second, of a part of the packets."""
        begin, end = int(first * len(self.times)), int(last * (len(self.times) - 1))
        octets = sum(len(packet.payload) for packet in self.packets[begin + 1:end + 1])
        return octets * 8 / (self.times[end] - self.times[begin])

    def gaps(self):
        return sorted(b - a for a, b in zip(self.times, self.times[1:]))

    def gap(self, part):
        gaps = self.gaps()
        return gaps[int(part * (len(gaps) - 1))]


def sndbuf_errors(namespace):
    """Udp SndbufErrors of both families."""
    text = namespace.run("cat", "/proc/net/snmp", "/proc/net/snmp6").stdout
    names, values = [line.split()[1:] for line in text.splitlines() if line.startswith("Udp:")]
    table = dict(zip(names, map(int, values)))
    six = [int(line.split()[1]) for line in text.splitlines() if line.startswith("Udp6SndbufErrors")]
    return table["SndbufErrors"] + sum(six)

# SPDX-License-Identifier: GPL-2.0-only
"""Apps that hand over many datagrams with one call, and apps of which each is its own process."""
import os
import select
import socket
import subprocess
import sys

from support.apps import TS_BYTES

UDP_SEGMENT = 103  # linux/udp.h
CALL_BYTES = 45 * TS_BYTES  # 59220 of the 65507 bytes that one UDP datagram can hold
SECONDS = 20  # no app takes longer for an answer


def set_segment(sock, size):
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)


def get_segment(sock):
    return sock.getsockopt(socket.IPPROTO_UDP, UDP_SEGMENT)


def pieces(path, segment=TS_BYTES, call=CALL_BYTES):
    """The payloads on the wire: each call is cut by itself, and its last piece may be short."""
    with open(path, "rb") as file:
        data = file.read()
    return [data[i:min(i + segment, at + call)] for at in range(0, len(data), call)
            for i in range(at, min(at + call, len(data)), segment)]


# Reads one line of Python after the other and answers with one line each.
_APP = """
import os, socket, sys
for line in sys.stdin:
    try:
        try:
            answer = eval(line)
        except SyntaxError:
            answer = exec(line)
    except OSError as error:
        answer = error.errno
    print(repr(answer), flush=True)
"""


class App:
    """A process that knows nothing of RTP and sends what it is told, through socket `s` from file
    `f`. It never sets UDP_SEGMENT itself, unless told."""

    def __init__(self, namespace, *setup):
        self._process = namespace.popen(sys.executable, "-Sc", _APP, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid  # nsenter becomes Python: the process stays the same
        for line in setup:
            self.do(line)

    def do(self, line):
        """The value of an expression, the errno of a failure, or None for a statement."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        assert ready, f"no answer to {line}"
        return eval(self._process.stdout.readline())  # pylint: disable=eval-used

    @property
    def segment(self):
        return self.do(f"s.getsockopt(17, {UDP_SEGMENT})")

    def sendfile(self, offset, count):
        """Nobody listens at the viewer: ECONNREFUSED answers an earlier call."""
        while (sent := self.do(f"os.sendfile(s.fileno(), f, {offset}, {count})")) == 111:
            continue
        return sent

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def connected(host, port, path="/dev/null", family=None):
    """The setup of an App whose socket goes to host:port."""
    family = family or ("AF_INET6" if ":" in host else "AF_INET")
    return (f"s = socket.socket(socket.{family}, socket.SOCK_DGRAM)",
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)",
            f"s.connect(({host!r}, {port}))", f"f = os.open({path!r}, os.O_RDONLY)")


class Sender:
    """sendfile_app.c, running: the same file again and again, or for so many calls."""

    def __init__(self, namespace, path, host, port, **options):
        """Options: segment, call, calls, pause_us, source_port."""
        words = [path, host, port, options.get("segment", 0), options.get("call", CALL_BYTES),
                 options.get("calls", 0), options.get("pause_us", 0),
                 options.get("source_port", 0)]
        self._process = namespace.popen(os.environ["ZC_SENDER"], *map(str, words),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self._process.pid

    def finish(self):
        """Ends it, if it is not at its end, and returns (calls, refused calls)."""
        out, _ = self._process.communicate(timeout=SECONDS)  # closes its stdin: that ends it
        assert self._process.returncode == 0, f"the sender ended with {self._process.returncode}"
        calls, refused = out.split()
        return int(calls), int(refused)

    def running(self):
        return self._process.poll() is None

    def wait(self):
        """Waits until it has made all its calls."""
        self._process.wait(SECONDS)
        return self.finish()

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

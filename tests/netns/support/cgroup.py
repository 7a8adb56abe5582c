# SPDX-License-Identifier: GPL-2.0-only
"""Cgroups of version 2, and servers and clients of TCP in them."""
import os
import socket
import subprocess
import sys

from support.net import wait_until

_SERVE = """
import socket, sys, threading
path, port, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def serve(sock):
    with open(path, "rb") as file:
        while how == "once" or sock.recv(1):
            sock.sendfile(file)
            file.seek(0)
            if how == "once":
                break
    sock.close()
listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""


def mount_point():
    """Where cgroup2 is mounted; None: nowhere."""
    with open("/proc/self/mounts", encoding="ascii") as mounts:
        for line in mounts:
            fields = line.split()
            if fields[2] == "cgroup2":
                return fields[1]
    return None


class Cgroup:
    """One of the test's own; its name is that of the test's process, so that two do not meet."""

    def __init__(self, name="", parent=None):
        # Processes of a sandbox have numbers that those of others have, too.
        unique = f"zc-tcp-{os.stat('/proc/self/ns/pid').st_ino}"
        self.path = os.path.join(parent.path if parent else mount_point(), name or unique)
        os.mkdir(self.path)

    @property
    def target(self):
        return f"cgroup:{self.path}"

    def join(self):
        """For a process that is about to start."""
        with open(f"{self.path}/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write("0")

    def remove(self):
        """Waits for its processes, which have been ended."""
        def done():
            try:
                os.rmdir(self.path)
                return True
            except OSError:
                return not os.path.isdir(self.path)
        if not wait_until(done):
            raise AssertionError(f"{self.path} is busy")


class Server:
    """An app that sends a whole file with sendfile(2) to whoever connects; with `how` "wait", once
    for each byte that it gets."""

    def __init__(self, namespace, cgroup, path, port, how="once"):
        self.process = subprocess.Popen(
            ["nsenter", f"--net={namespace.path}", sys.executable, "-c", _SERVE, path, str(port), how],
            stdout=subprocess.PIPE, preexec_fn=cgroup.join if cgroup else None)
        assert self.process.stdout.readline() == b"ready\n"

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def receive_all(sock):
    """Up to the end of the stream of bytes."""
    data = bytearray()
    while True:
        part = sock.recv(1 << 20)
        if not part:
            return bytes(data)
        data += part


def receive(sock, count):
    data = bytearray()
    while len(data) < count:
        part = sock.recv(count - len(data))
        assert part, f"ended after {len(data)} of {count} bytes"
        data += part
    return bytes(data)


def receive_frames(sock, octets):
    """RFC 4571 packets with so many octets of payload in them, and not one byte more."""
    packets = []
    while octets > 0:
        packets.append(receive(sock, int.from_bytes(receive(sock, 2), "big")))
        octets -= len(packets[-1]) - 12
    assert octets == 0, f"{-octets} octets too many"
    return packets


def connect(namespace, host, port):
    with namespace.entered():
        return socket.create_connection((host, port), timeout=20)


def split(data, kind="rfc4571"):
    """The RTP packets of a stream of frames; fails where it is none (RFC 4571 2, RFC 2326 10.12)."""
    packets, at = [], 0
    while at < len(data):
        if kind != "rfc4571":
            assert data[at] == 0x24, f"no '$' at {at}"
            at += 2
        length = int.from_bytes(data[at:at + 2], "big")
        at += 2
        assert length >= 12 and at + length <= len(data), f"length {length} at {at} of {len(data)}"
        packets.append(data[at:at + length])
        at += length
    return packets

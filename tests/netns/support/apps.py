# SPDX-License-Identifier: GPL-2.0-only
"""Apps that know nothing of RTP: a file over a UDP socket, in every way Linux has."""
import contextlib
import os
import socket
import time

from support.net import Namespace

TS_BYTES = 7 * 188  # seven MPEG-TS packets, RFC 2250 2


def connect(namespace: Namespace, host, port, source_port=0):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = namespace.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    # Nobody listens at the viewer: its port-unreachable messages are none of our business.
    with namespace.entered():
        if source_port:
            sock.bind(("", source_port))
        if family == socket.AF_INET6 and host.startswith("ff"):
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                            socket.if_nametoindex("out"))
        sock.connect((host, port))
    return sock


def send(sock, file, offset, size):
    return sock.send(os.pread(file, size, offset))


def sendfile(sock, file, offset, size):
    return os.sendfile(sock.fileno(), file, offset, size)


def write(sock, file, offset, size):
    return os.write(sock.fileno(), os.pread(file, size, offset))


def splice(sock, file, offset, size):
    reader, writer = os.pipe()
    with contextlib.closing(os.fdopen(reader)), contextlib.closing(os.fdopen(writer, "w")):
        taken = os.splice(file, writer, size, offset_src=offset)
        return os.splice(reader, sock.fileno(), taken)


WAYS = {"send": send, "sendfile": sendfile, "splice": splice, "write": write}


def _patiently(way, *arguments):
    while True:
        with contextlib.suppress(ConnectionRefusedError):  # nobody listens yet: go on
            return way(*arguments)


def stream(sock, path, way=sendfile, size=TS_BYTES, bytes_per_second=None, first=0, last=None):
    """Sends [first, last) of the file in datagrams of `size`; returns how many."""
    file = os.open(path, os.O_RDONLY)
    try:
        end, start = last or os.fstat(file).st_size, time.monotonic()
        offset, datagrams = first, 0
        while offset < end:
            if bytes_per_second:
                time.sleep(max(0, start + (offset - first) / bytes_per_second - time.monotonic()))
            offset += _patiently(way, sock, file, offset, min(size, end - offset))
            datagrams += 1
        return datagrams
    finally:
        os.close(file)


def say(sock, *payloads):
    for payload in payloads:
        _patiently(sock.send, payload)

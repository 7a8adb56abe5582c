#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A file over UDP with os.sendfile, at the media's bit rate. Knows nothing of RTP."""
import argparse, contextlib, os, socket, sys, time

UDP_SEGMENT = 103  # linux/udp.h; the socket module has no name for it

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("-c", type=int, default=7 * 188, metavar="BYTES", help="of a sendfile call")
parser.add_argument("-s", type=int, metavar="BYTES", help="of a datagram (UDP_SEGMENT)")
parser.add_argument("-w", action="store_true", help="connect, then wait for Enter")
parser.add_argument("path", metavar="FILE")
parser.add_argument("host", metavar="HOST")
parser.add_argument("port", metavar="PORT")
parser.add_argument("rate", metavar="BYTES_PER_SECOND", type=float, nargs="?", default=0)
args = parser.parse_args()

address = socket.getaddrinfo(args.host, args.port, type=socket.SOCK_DGRAM)[0]
with open(args.path, "rb") as file, socket.socket(*address[:3]) as sock:
    sock.connect(address[4])
    if args.s:
        sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, args.s)
    if args.w:
        sys.stdin.readline()
    size = os.fstat(file.fileno()).st_size
    sent, calls, start = 0, 0, time.monotonic()
    while sent < size:
        if args.rate > 0:
            time.sleep(max(0, start + sent / args.rate - time.monotonic()))
        calls += 1
        with contextlib.suppress(ConnectionRefusedError):  # nobody listens yet: go on
            done = os.sendfile(sock.fileno(), file.fileno(), sent, min(args.c, size - sent))
            if done == 0:
                raise SystemExit(f"the file has become shorter: it ends at byte {sent}")
            sent += done
print(f"{calls} calls, {size} bytes")

#!/usr/bin/env python3
"""sendfile_stream.py FILE HOST PORT [BYTES_PER_SECOND]: a file over UDP. Knows nothing of RTP."""
import contextlib, os, socket, sys, time

path, host, port = sys.argv[1:4]
rate = float(sys.argv[4]) if len(sys.argv) > 4 else float("inf")
family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
with open(path, "rb") as file, socket.socket(family, kind, proto) as sock:
    sock.connect(address)
    size, sent, datagrams, start = os.fstat(file.fileno()).st_size, 0, 0, time.monotonic()
    while sent < size:
        time.sleep(max(0, start + sent / rate - time.monotonic()))
        with contextlib.suppress(ConnectionRefusedError):  # nobody listens yet: go on
            sent += os.sendfile(sock.fileno(), file.fileno(), sent, min(1316, size - sent))
            datagrams += 1
print(f"{datagrams} datagrams, {size} bytes")

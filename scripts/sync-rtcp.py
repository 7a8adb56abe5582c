#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check, as root: GStreamer's rtpbin brings two streams of one sender in step by their
sender reports, PCMU and L16. The network delays one of them by 200 ms; what was sent at one instant
must be played at one instant, to 5 ms, after 10 seconds. Without the agent it is 200 ms off, or the
check would prove nothing."""
import contextlib
import heapq
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f"{TOP}/tests/netns")
os.environ.setdefault("ZCCTL", f"{TOP}/build/zcctl")

from support import apps, sandbox  # pylint: disable=wrong-import-position
from support.case import WireCase  # pylint: disable=wrong-import-position
from support.net import SERVER_V4, VIEWER_V4, wait_until  # pylint: disable=wrong-import-position

DELAY = 0.2  # of the second stream
SECONDS, SETTLES = 16, 10
PACKET = 0.02
# Port, payload, bytes of 20 ms, and how many bytes of it are the packet's number.
SOUNDS = {"PCMU": (5004, 160), "L16/44100/1": (5006, 1764)}
CAPS = {"PCMU": "application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMU,payload=0",
        "L16/44100/1": "application/x-rtp,media=audio,clock-rate=44100,encoding-name=L16,channels=1,"
                       "payload=11"}
DEPAY = {"PCMU": "rtppcmudepay", "L16/44100/1": "rtpL16depay"}
OTHER_PORT = 1000  # more, where the receiver listens behind the relay


class Relay(threading.Thread):
    """Between the wire and the receiver: the network, of which one way is longer."""

    def __init__(self, namespace, ports):
        super().__init__()
        self._stop = threading.Event()
        self._sockets = {}
        with namespace.entered():
            for port, delay in ports.items():
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.bind((VIEWER_V4, port))
                self._sockets[sock] = (port + OTHER_PORT, delay)
            self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def run(self):
        waiting = []
        while not self._stop.is_set():
            patience = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.1
            for sock in select.select(list(self._sockets), [], [], min(patience, 0.1))[0]:
                port, delay = self._sockets[sock]
                heapq.heappush(waiting, (time.monotonic() + delay, port, sock.recv(4096)))
            while waiting and waiting[0][0] <= time.monotonic():
                _, port, packet = heapq.heappop(waiting)
                self._out.sendto(packet, (VIEWER_V4, port))

    def close(self):
        self._stop.set()
        self.join()
        for sock in (*self._sockets, self._out):
            sock.close()


class Sync(WireCase):
    def send(self, stop):
        """Both sounds at once, a packet each 20 ms, which begins with its number."""
        socks = [(self.socket(port=port, source_port=port + 1000), size)
                 for port, size in SOUNDS.values()]
        start = time.monotonic()
        for number in range(int(SECONDS / PACKET)):
            if stop.wait(max(0, start + number * PACKET - time.monotonic())):
                return
            for sock, size in socks:
                apps.say(sock, struct.pack("!I", number) + bytes(size - 4))

    def receiver(self):
        words = ["gst-launch-1.0", "-v", "rtpbin", "name=bin", "latency=400"]
        for index, (name, (port, _)) in enumerate(SOUNDS.items()):
            words += ["udpsrc", f"port={port + OTHER_PORT}", f"caps={CAPS[name]}", "!",
                      f"bin.recv_rtp_sink_{index}", "udpsrc", f"port={port + 1 + OTHER_PORT}", "!",
                      f"bin.recv_rtcp_sink_{index}", "bin.", "!", DEPAY[name], "!", "fakesink",
                      f"name=s{index}", "silent=false", "dump=true", "sync=false"]
        return self.viewer.popen(*words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, bufsize=1)

    def times(self, text):
        """When each packet of the two sounds is to be played, by its number. GStreamer writes what a
        sink gets, then its bytes."""
        found, sink, pts = ({}, {}), None, None
        for line in text.splitlines():
            told = re.search(r"\((s\d):sink\).* pts: (\d+):(\d+):([\d.]+)", line)
            if told:
                sink = int(told[1][1])
                pts = int(told[2]) * 3600 + int(told[3]) * 60 + float(told[4])
                continue
            dump = re.match(r"^0*0 \(0x[0-9a-f]+\): ((?:[0-9a-f]{2} ){4})", line.strip())
            if dump and sink is not None:
                found[sink][int(dump[1].replace(" ", ""), 16)] = pts
                sink = None
        return found

    @contextlib.contextmanager
    def agent(self, runs):
        process = self.zcctl.start("agent") if runs else None
        yield
        if process:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)

    def offsets(self, with_agent):
        """How much later than the first the second sound of one instant is played, in seconds, of
        packets that were sent after it settled."""
        ports = {5004: 0, 5005: 0, 5006: DELAY, 5007: 0}
        with contextlib.ExitStack() as stack:
            for name, (port, _) in SOUNDS.items():
                stack.enter_context(self.rule(f"{VIEWER_V4}:{port}", "--rtcp", "on", payload=name))
            relay = Relay(self.viewer, ports)
            relay.start()
            stack.callback(relay.close)
            stack.enter_context(self.agent(with_agent))
            process = self.receiver()
            collected = []
            reader = threading.Thread(target=lambda: collected.append(process.stdout.read()))
            reader.start()
            self.assertTrue(wait_until(lambda: self.viewer.listens(5004 + OTHER_PORT), 20))
            self.send(threading.Event())
            time.sleep(1)
            process.kill()
            reader.join()
            process.wait()
        first, second = self.times(collected[0])
        both = sorted(number for number in set(first) & set(second) if number * PACKET >= SETTLES)
        self.assertGreater(len(both), 200, collected[0][-3000:])
        return [second[number] - first[number] for number in both]

    def test_streams_are_in_step_by_their_reports_alone(self):
        for with_agent in (False, True):
            found = sorted(abs(offset) for offset in self.offsets(with_agent))
            print(f"\n{'with' if with_agent else 'without'} the agent: {len(found)} packets, "
                  f"offset median {found[len(found) // 2] * 1000:.2f} ms, most "
                  f"{found[-1] * 1000:.2f} ms")
            if with_agent:
                self.assertLess(found[-1], 0.005)
            else:
                self.assertGreater(found[0], DELAY / 2)


if __name__ == "__main__":
    sandbox.main()

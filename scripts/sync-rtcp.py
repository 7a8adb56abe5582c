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
PACKET = 0.01
# Port, payload, bytes of a packet.
SOUNDS = {"PCMU": (5004, 80), "L16/44100/1": (5006, 882)}
CAPS = {"PCMU": "application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMU,payload=0",
        "L16/44100/1": "application/x-rtp,media=audio,clock-rate=44100,encoding-name=L16,channels=1,"
                       "payload=11"}
DEPAY = {"PCMU": "rtppcmudepay", "L16/44100/1": "rtpL16depay"}
TYPES = {"PCMU": 0, "L16/44100/1": 11}
LOG = f"{sandbox.WORK}/rtpbin.log"
SSRC = 1000  # of the first sound; the second one's is one more
OTHER_PORT = 1000  # more, where the receiver listens behind the relay


class Relay(threading.Thread):
    """Between the wire and the receiver: the network, of which one way is longer."""

    def __init__(self, namespace, ports):
        super().__init__()
        self._ended = threading.Event()
        self._sockets = {}
        with namespace.entered():
            for port, delay in ports.items():
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.bind((VIEWER_V4, port))
                self._sockets[sock] = (port + OTHER_PORT, delay)
            self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def run(self):
        waiting = []
        while not self._ended.is_set():
            patience = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.1
            for sock in select.select(list(self._sockets), [], [], min(patience, 0.1))[0]:
                port, delay = self._sockets[sock]
                heapq.heappush(waiting, (time.monotonic() + delay, port, sock.recv(4096)))
            while waiting and waiting[0][0] <= time.monotonic():
                _, port, packet = heapq.heappop(waiting)
                self._out.sendto(packet, (VIEWER_V4, port))

    def close(self):
        self._ended.set()
        self.join()
        for sock in (*self._sockets, self._out):
            sock.close()


class Sync(WireCase):
    def send(self, stop):
        """Both sounds at once, a packet each 10 ms, which begins with its number."""
        socks = [(self.socket(port=port, source_port=port + 1000), size)
                 for port, size in SOUNDS.values()]
        start = time.monotonic()
        for number in range(int(SECONDS / PACKET)):
            if stop.wait(max(0, start + number * PACKET - time.monotonic())):
                return
            for sock, size in socks:
                apps.say(sock, struct.pack("!I", number) + bytes(size - 4))
        for sock, _ in socks:
            sock.close()

    def receiver(self):
        words = ["gst-launch-1.0", "rtpbin", "name=bin", "latency=400"]
        for index, (name, (port, _)) in enumerate(SOUNDS.items()):
            words += ["udpsrc", f"port={port + OTHER_PORT}", f"caps={CAPS[name]}", "!",
                      f"bin.recv_rtp_sink_{index}", "udpsrc", f"port={port + 1 + OTHER_PORT}", "!",
                      f"bin.recv_rtcp_sink_{index}",
                      f"bin.recv_rtp_src_{index}_{SSRC + index}_{TYPES[name]}", "!", DEPAY[name],
                      f"name=s{index}", "!", "fakesink", "sync=false", "async=false"]
        return self.viewer.popen(*words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL,
                                 env={**os.environ, "GST_DEBUG": "rtpbasedepayload:6",
                                      "GST_DEBUG_NO_COLOR": "1", "GST_DEBUG_FILE": LOG})

    @staticmethod
    def times():
        """When each packet of the two sounds is to be played, by its sequence number, as GStreamer's
        log of its depayloaders has it."""
        found = ({}, {})
        with open(LOG, encoding="utf-8", errors="replace") as log:
            for line in log:
                told = re.search(r"<s(\d)> discont .*seqnum (\d+),.* pts (\d+):(\d+):([\d.]+)", line)
                if told:
                    found[int(told[1])][int(told[2])] = (int(told[3]) * 3600 + int(told[4]) * 60 +
                                                         float(told[5]))
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
            for index, (name, (port, _)) in enumerate(SOUNDS.items()):
                stack.enter_context(self.rule(f"{VIEWER_V4}:{port}", "--rtcp", "on", "--seq", 0,
                                              "--ssrc", SSRC + index, payload=name))
            relay = Relay(self.viewer, ports)
            relay.start()
            stack.callback(relay.close)
            stack.enter_context(self.agent(with_agent))
            process = self.receiver()
            self.assertTrue(wait_until(lambda: self.viewer.listens(5004 + OTHER_PORT), 20))
            self.send(threading.Event())
            time.sleep(1)
            process.kill()
            process.wait()
        first, second = self.times()
        both = sorted(number for number in set(first) & set(second) if number * PACKET >= SETTLES)
        self.assertGreater(len(both), 200)
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

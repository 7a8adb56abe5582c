#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check, as root: GStreamer's rtpbin brings sound and picture of one sender in step by
their sender reports: PCMU and L16 by their samples, MPEG-TS by the PCRs of a film. The network
delays each by another time; what belongs to one instant must be played at one instant, to 5 ms,
after 10 seconds. Without the agent it is as far off as the network says, or the check would prove
nothing.

Which instant a packet belongs to is reckoned here: sounds by how many samples came before, the
film by its own PCRs, in fractions (tests/netns/support/media_time.py). Packets leave at that
instant, but now and then the app is late: timestamps of when they left would not do."""
import contextlib
import heapq
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f"{TOP}/tests/netns")
os.environ.setdefault("ZCCTL", f"{TOP}/build/zcctl")

from support import apps, media_time, sandbox  # pylint: disable=wrong-import-position
from support.case import WireCase, chunks  # pylint: disable=wrong-import-position
from support.net import VIEWER_V4, run, wait_until  # pylint: disable=wrong-import-position

SECONDS, SETTLES = 16, 10
MOST = 0.005  # seconds
STALL, STALL_EVERY = 0.06, 0.5  # so long the app sends nothing; then all that is due
LOG, FILM = f"{sandbox.WORK}/rtpbin.log", f"{sandbox.WORK}/film.ts"
SSRC = 1000  # of the first medium; the others' are each one more
OTHER_PORT = 1000  # more, where the receiver listens behind the relay


@dataclass
class Medium:
    """A stream as the receiver has to know it, and `delay`: what the network makes of it."""
    name: str
    port: int
    timestamp: str
    payload: str
    caps: str
    depay: str
    delay: float

    @property
    def payload_type(self):
        return int(self.caps.rsplit("=", 1)[1])


MEDIA = (
    Medium("PCMU", 5004, "samples", "PCMU",
           "media=audio,clock-rate=8000,encoding-name=PCMU,payload=0", "rtppcmudepay", 0),
    Medium("L16", 5006, "samples", "L16/44100/1",
           "media=audio,clock-rate=44100,encoding-name=L16,channels=1,payload=11", "rtpL16depay",
           0.1),
    Medium("picture", 5008, "pcr", "MP2T",
           "media=video,clock-rate=90000,encoding-name=MP2T,payload=33", "rtpmp2tdepay", 0.2))


def sound(packet_bytes, frame_bytes, rate):
    """(when, payload) of each packet: a packet lasts as long as the frames in it."""
    frames = packet_bytes // frame_bytes
    return [(number * frames / rate, bytes(packet_bytes))
            for number in range(SECONDS * rate // frames)]


def leaves(when):
    """When a packet leaves that belongs then."""
    begin = when // STALL_EVERY * STALL_EVERY
    return max(when, begin + STALL) if begin else when


def film():
    """The same of a film of one picture track and constant rate."""
    run("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-t",
        str(SECONDS + 1), "-c:v", "mpeg2video", "-b:v", "2M", "-maxrate", "2M", "-bufsize", "1M",
        "-muxrate", "3M", "-f", "mpegts", "-y", FILM)
    with open(FILM, "rb") as file:
        clock = media_time.Clock(file.read())
    begin, found = clock.at(0), []
    for number, payload in enumerate(chunks(FILM)):
        when = float((clock.at(number * apps.TS_BYTES) - begin) / media_time.HZ)
        if when < SECONDS:
            found.append((when, payload))
    return found


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
    def setUp(self):
        super().setUp()
        # When each packet of each medium belongs, by its sequence number; and what is in it.
        self.packets = (sound(80, 1, 8000), sound(882, 2, 44100), film())

    def send(self):
        """All media at once."""
        socks = [self.socket(port=medium.port, source_port=medium.port + 1000) for medium in MEDIA]
        start = time.monotonic()
        for when, index, number in sorted((packet[0], index, number)
                                          for index, packets in enumerate(self.packets)
                                          for number, packet in enumerate(packets)):
            time.sleep(max(0, start + leaves(when) - time.monotonic()))
            apps.say(socks[index], self.packets[index][number][1])
        for sock in socks:
            sock.close()

    def receiver(self):
        # Without a least offset, below which a report would change nothing.
        words = ["gst-launch-1.0", "rtpbin", "name=bin", "latency=400", "min-ts-offset=0"]
        for index, medium in enumerate(MEDIA):
            port = medium.port + OTHER_PORT
            words += ["udpsrc", f"port={port}", f"caps=application/x-rtp,{medium.caps}", "!",
                      f"bin.recv_rtp_sink_{index}", "udpsrc", f"port={port + 1}", "!",
                      f"bin.recv_rtcp_sink_{index}",
                      f"bin.recv_rtp_src_{index}_{SSRC + index}_{medium.payload_type}", "!",
                      medium.depay, f"name=s{index}", "!", "fakesink", "sync=false", "async=false"]
        return self.viewer.popen(*words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL,
                                 env={**os.environ, "GST_DEBUG": "rtpbasedepayload:6",
                                      "GST_DEBUG_NO_COLOR": "1", "GST_DEBUG_FILE": LOG})

    @staticmethod
    def times():
        """When each packet of each medium is to be played, by its sequence number, as GStreamer's
        log of its depayloaders has it."""
        found = tuple({} for _ in MEDIA)
        with open(LOG, encoding="utf-8", errors="replace") as log:
            for line in log:
                told = re.search(r"<s(\d)> discont .*seqnum (\d+),.* pts (\d+):(\d+):([\d.]+)",
                                 line)
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

    def play(self, with_agent):
        """Of each medium, the packets that were sent after it settled: when they belong, and how
        much later they are to be played, in seconds."""
        ports = {medium.port: medium.delay for medium in MEDIA}
        with contextlib.ExitStack() as stack:
            for index, medium in enumerate(MEDIA):
                stack.enter_context(self.rule(
                    f"{VIEWER_V4}:{medium.port}", "--timestamp", medium.timestamp, "--rtcp", "on",
                    "--seq", 0, "--ssrc", SSRC + index, payload=medium.payload))
            relay = Relay(self.viewer, {**ports, **{port + 1: 0 for port in ports}})
            relay.start()
            stack.callback(relay.close)
            stack.enter_context(self.agent(with_agent))
            process = self.receiver()
            self.assertTrue(wait_until(lambda: self.viewer.listens(MEDIA[0].port + OTHER_PORT), 20))
            self.send()
            time.sleep(1)
            process.kill()
            process.wait()
        return [sorted((packets[number][0], played - packets[number][0])
                       for number, played in times.items() if packets[number][0] >= SETTLES)
                for packets, times in zip(self.packets, self.times())]

    def offsets(self, reference, other):
        """How much later the packets of one medium are played than those of another one that belong
        to the same instant, or the last one before it; without sign, the least first."""
        found, at = [], 0
        for when, late in other:
            while at + 1 < len(reference) and reference[at + 1][0] <= when:
                at += 1
            found.append(abs(late - reference[at][1]))
        self.assertGreater(len(found), 200)
        return sorted(found)

    def test_media_are_in_step_by_their_reports_alone(self):
        for with_agent in (False, True):
            print("\nwith the agent:" if with_agent else "\nwithout the agent:")
            played = self.play(with_agent)
            for first, second in ((0, 1), (0, 2), (1, 2)):
                found = self.offsets(played[first], played[second])
                print(f"{MEDIA[second].name} against {MEDIA[first].name}: {len(found)} packets, "
                      f"offset median {found[len(found) // 2] * 1000:.2f} ms, "
                      f"most {found[-1] * 1000:.2f} ms")
                if with_agent:
                    self.assertLess(found[-1], MOST)
                else:
                    self.assertGreater(found[0], (MEDIA[second].delay - MEDIA[first].delay) / 2)


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The agent: its sender reports as tshark reads them, and what receivers that nobody here wrote
make of them and answer."""
import contextlib
import os
import signal
import socket
import struct
import subprocess
import threading
import time

from support import apps, receivers, rtp, sandbox
from support.background import background
from support.case import PORT, TO, WireCase
from support.net import (GROUP_V4, GROUP_V6, SERVER_V4, SERVER_V6, VIEWER_V4, VIEWER_V6,
                         wait_until)
from support.reports import ReceiverReports, Way

TICKS = 90000  # of MP2T a second
FROM_1900_TO_1970 = 2208988800  # RFC 868


def work(name):
    return os.path.join(sandbox.WORK, name)


class AgentCase(WireCase):
    @contextlib.contextmanager
    def agent(self, *words):
        """One that runs meanwhile, and ends by SIGTERM as a service does."""
        process = self.zcctl.start("agent", *words)
        try:
            self.assertTrue(wait_until(lambda: self.zcctl.show()["agent"] or process.poll()))
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            out, self.said = process.communicate(timeout=10)
        self.assertEqual((process.returncode, out), (0, ""), self.said)

    @contextlib.contextmanager
    def streaming(self, host=VIEWER_V4, port=PORT, per_second=50, payload=bytes(apps.TS_BYTES),
                  options=()):
        """An app that sends all the time, from a port 1000 above."""
        sock = self.socket(host, port, port + 1000)
        for option in options:
            sock.setsockopt(*option)

        def send(stop):
            start = time.monotonic()
            for number in range(10**6):
                if stop.wait(max(0, start + number / per_second - time.monotonic())):
                    return
                apps.say(sock, payload)

        with background(send):
            yield

    def receiver(self, to):
        """What `show` has of the receiver of the one stream to there; None where there is none."""
        device = self.zcctl.device()
        streams = {stream["ssrc"] for stream in device["streams"] if stream["to"] == to}
        return next((r for r in device["receivers"] if r["stream"] in streams), None)


WALL = Way(VIEWER_V4, PORT, 23, 46, timestamp="wall")
WAYS = (WALL, Way(VIEWER_V6, 5008, 45, 34), Way(GROUP_V4, 5010, 7, 26), Way(GROUP_V6, 5012, 12, 18),
        Way(VIEWER_V4, 5014, 9, 10, rtcp="mux"))


@sandbox.needs("tshark")
class Reports(AgentCase):
    """Streams of each way at once, of 50 packets a second: the intervals take their time once."""

    FIELDS = ("rtcp.pt", "udp.srcport", "udp.dstport", "rtcp.senderssrc",
              "rtcp.timestamp.ntp.msw", "rtcp.timestamp.ntp.lsw", "rtcp.timestamp.rtp",
              "rtcp.sender.packetcount", "rtcp.sender.octetcount", "rtcp.sdes.text",
              "rtcp.length_check", "_ws.expert", "_ws.malformed", "udp.checksum.status",
              "ip.src", "ip.dst", "ip.ttl", "ip.dsfield.dscp",
              "ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.tclass.dscp")

    def setUp(self):
        super().setUp()
        self.frames, self.streams = [], {}

    @staticmethod
    def types(frame):
        """Of the packets of a compound one, and its port; nothing of what is no RTCP."""
        datagram = rtp.parse_frame(frame.data)
        data, found = datagram.payload if datagram else b"", []
        while len(data) >= 4 and 200 <= data[1] <= 203:
            found.append(data[1])
            data = data[4 + 4 * struct.unpack_from("!H", data, 2)[0]:]
        return datagram and datagram.dport, found

    def come(self, types, ways):
        """Waits until each of these ways has had a compound packet of these types."""
        came, ports = set(), {way.rtcp_port for way in ways}

        def look():
            new = [frame for frame in self.capture.frames(0.005) if self.types(frame)[1]]
            self.frames.extend(new)
            came.update(port for port, found in map(self.types, new) if found == types)
            return ports <= came

        self.assertTrue(wait_until(look, 10, 0.05), f"{types} came to {came} alone")

    def dissect(self, way):
        """What tshark reads in the reports that came this way: a dict of fields a packet."""
        frames = [frame for frame in self.frames if self.types(frame)[0] == way.rtcp_port]
        receivers.write_pcap(work("rtcp.pcap"), frames)
        text = receivers.tshark(work("rtcp.pcap"), "-d", f"udp.port=={way.rtcp_port},rtcp", "-T",
                                "fields", *(word for name in self.FIELDS for word in ("-e", name)))
        return [dict(zip(self.FIELDS, line.split("\t"))) for line in text.splitlines()]

    def check_way(self, way, reports):
        """Where they come from, where they go, and what the network is asked for."""
        asked = [way.host, str(way.hops), str(way.dscp)]
        ip = [*[""] * 4, SERVER_V6, *asked] if way.is_ipv6 else [SERVER_V4, *asked, *[""] * 4]
        for report in reports:
            self.assertIn(report["rtcp.pt"], ("200,202", "200,202,203"))
            self.assertEqual(report["rtcp.senderssrc"], self.streams[way.to])
            self.assertEqual(report["udp.srcport"], str(way.port + 1001))
            self.assertEqual([report[name] for name in self.FIELDS[10:]], ["1", "", "", "1", *ip])
            self.assertRegex(report["rtcp.sdes.text"], "^[A-Za-z0-9+/]{16}$")
        self.assertEqual(reports[-1]["rtcp.pt"], "200,202,203", "BYE at the end")

    def check_numbers(self, reports):
        """By the wall clock: every number, by the definition."""
        first = None
        for report in reports:
            msw, lsw, ts, packets, octets = (int(report[name]) for name in self.FIELDS[4:9])
            self.assertEqual(octets, packets * apps.TS_BYTES)
            ntp = msw - FROM_1900_TO_1970 + lsw / 2**32
            self.assertLess(abs(ntp - time.time()), 60)
            first = first or (ntp, ts, packets)
            ticks = (ts - first[1]) % 2**32
            self.assertLess(abs(ticks - (ntp - first[0]) * TICKS), 90, "a millisecond")
            self.assertLess(abs(packets - first[2] - (ntp - first[0]) * 50), 50)

    def receivers(self):
        """All that `show` has, by their SSRC, without their age."""
        found = self.zcctl.device()["receivers"]
        for receiver in found:
            receiver.pop("age_s")
        return sorted(found, key=lambda receiver: receiver["ssrc"])

    def check_answers(self):
        """A receiver answers to where reports come from; that of a group, to its RTCP port, too."""
        said = ReceiverReports(self.viewer)
        for way in WAYS:
            stream, port = self.streams[way.to], way.port + 1001
            self.assertTrue(wait_until(lambda port=port: self.server.listens(port)))
            said.say(way, stream, SERVER_V6 if way.is_ipv6 else SERVER_V4, port)
            if way.is_group:
                said.say(way, stream, way.host, way.rtcp_port)
        wait_until(lambda: len(self.receivers()) >= len(said.expected), 3)
        self.assertEqual(self.receivers(), said.expected)

    def test_each_way_has_reports_answers_and_an_end(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.rule(TO, "--rtcp", "on", "--timestamp", "wall"))
            agent = stack.enter_context(self.agent())
            for way in WAYS:
                if way is not WALL:
                    self.zcctl.attach(way.to, "--rtcp", way.rtcp, "--timestamp", way.timestamp)
                stack.enter_context(self.streaming(way.host, way.port, options=way.options))
            for way in WAYS:
                self.assertTrue(wait_until(lambda way=way: self.zcctl.streams(way.to)))
                self.streams[way.to] = self.zcctl.streams(way.to)[0]["ssrc"]
            self.check_answers()
            self.come([200, 202], WAYS)
            for way in WAYS[1:]:
                self.zcctl.detach(way.to)
            self.come([200, 202, 203], WAYS[1:])
            self.assertIsNone(agent.poll())
        self.come([200, 202, 203], [WALL])  # for the agent has ended
        self.assertEqual(self.said, "")
        for way in WAYS:
            with self.subTest(way.to):
                self.check_way(way, self.dissect(way))
        self.check_numbers(self.dissect(WALL))


class OneAgent(AgentCase):
    def test_a_second_one_is_refused_with_the_number_of_the_first(self):
        with self.agent():
            number = self.zcctl.show()["agent"]["pid"]
            result = self.zcctl.run("agent")
            self.check_exit(result, 5)
            self.assertIn(f"already: process {number}", result.err)
        self.assertIsNone(self.zcctl.show()["agent"])

    def test_another_namespace_has_its_own_and_a_killed_one_leaves_nothing(self):
        viewers = type(self.zcctl)("viewer")
        process = viewers.start("agent")
        self.assertTrue(wait_until(lambda: viewers.show()["agent"]))
        with self.agent():
            process.kill()
            process.communicate()
            self.assertIsNone(viewers.show()["agent"])
            self.assertIsNotNone(self.zcctl.show()["agent"])

    def test_words(self):
        self.check_exit(self.zcctl.run("agent", "--idle", "0"), 2)
        self.check_exit(self.zcctl.run("--dry-run", "agent"), 2)

    def test_a_service_manager_is_told(self):
        path = work("notify")
        manager = self.watch(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.bind(path)
        manager.settimeout(5)
        process = subprocess.Popen(self.zcctl.command("agent"),
                                   env={**os.environ, "NOTIFY_SOCKET": path})
        self.assertTrue(manager.recv(4096).startswith(b"READY=1\nSTATUS=0 streams"))
        self.assertEqual(manager.recv(4096).splitlines()[0], b"WATCHDOG=1")
        process.terminate()
        told = [manager.recv(4096)]
        while not told[-1].startswith(b"STOPPING=1"):
            told.append(manager.recv(4096))
        self.assertEqual(process.wait(5), 0)


class Hostile(AgentCase):
    def test_garbage_is_counted_and_ignored(self):
        """At the port itself, from the receiver's own address."""
        bad = [b"", b"\x80", b"\x80\xc9\x00\x07" + bytes(4), b"\x81\xc9\x00\x01" + bytes(4),
               bytes(1000), b"\xff" * 1500, b"\x80\x21" + bytes(30), bytes(9300),
               b"\xa0\xc9\x00\x01" + bytes(3) + b"\xff"]
        with self.rule(TO, "--rtcp", "on"), self.agent(), self.streaming():
            self.assertTrue(wait_until(lambda: self.server.listens(PORT + 1001)))
            ssrc = int(self.zcctl.streams(TO)[0]["ssrc"], 16)
            stranger = struct.pack("!BBHIIIIIII", 0x81, 201, 7, 1, ssrc ^ 1, 0, 0, 0, 0, 0)
            sock = self.watch(self.viewer.socket(socket.AF_INET, socket.SOCK_DGRAM))
            for packet in bad + [stranger]:
                sock.sendto(packet, (SERVER_V4, PORT + 1001))
            figures = {}

            def counted():
                figures.update(self.zcctl.show()["agent"]["figures"])
                return figures.get("datagrams", 0) == len(bad) + 1

            self.assertTrue(wait_until(counted), figures)
            self.assertEqual((figures["malformed"], figures["unknown_stream"]), (len(bad), 1))
            self.assertEqual(self.zcctl.device()["receivers"], [])
            self.assertIn(f"{len(bad)} malformed packets", self.zcctl.ok("show").out)


class RtspServer(threading.Thread):
    """As much of RTSP (RFC 2326) as makes a client receive at `port`, and report to the port of an
    app's RTCP."""
    PORT = 8554

    def __init__(self, case, port):
        super().__init__(daemon=True)
        self._port = port
        self._listening = case.watch(case.server.socket(socket.AF_INET, socket.SOCK_STREAM))
        self._listening.bind((SERVER_V4, self.PORT))
        self._listening.listen(1)
        self._listening.settimeout(20)

    def run(self):
        with contextlib.suppress(OSError):
            client = self._listening.accept()[0]
            client.settimeout(60)
            with client, client.makefile("rw", encoding="ascii", newline="\r\n") as lines:
                while self._answer(lines):
                    pass

    def _answer(self, lines):
        method = lines.readline().split(" ")[0]
        number = ""
        for line in iter(lines.readline, "\r\n"):
            if not line:
                return False
            if line.lower().startswith("cseq:"):
                number = line
        port, sdp = self._port, ""
        if method == "DESCRIBE":
            sdp = (f"v=0\r\no=- 1 1 IN IP4 {SERVER_V4}\r\ns=x\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
                   "m=audio 0 RTP/AVP 11\r\na=control:track\r\n")
        lines.write(f"RTSP/1.0 200 OK\r\n{number}Session: 1\r\nContent-Type: application/sdp\r\n"
                    f"Transport: RTP/AVP;unicast;client_port={port}-{port + 1};"
                    f"server_port={port + 1000}-{port + 1001}\r\nContent-Length: {len(sdp)}\r\n\r\n"
                    f"{sdp}".replace("\r\n", "\n"))
        lines.flush()
        return method != "TEARDOWN"


@sandbox.needs("gst-launch-1.0", "ffmpeg")
class Receivers(AgentCase):
    """L16/44100/1: 882 bytes, 10 ms. ffmpeg answers after each 280,000 octets."""

    RTPBIN, FFMPEG = 5004, 5014
    CAPS = "application/x-rtp,media=audio,clock-rate=44100,encoding-name=L16,channels=1,payload=11"

    def rtpbin(self, port):
        return self.viewer.popen(
            "gst-launch-1.0", "rtpbin", "name=bin", "udpsrc", f"port={port}", f"caps={self.CAPS}", "!",
            "bin.recv_rtp_sink_0", "udpsrc", f"port={port + 1}", "!", "bin.recv_rtcp_sink_0",
            "bin.send_rtcp_src_0", "!", "udpsink", f"host={SERVER_V4}", f"port={port + 1001}",
            "sync=false", "async=false", "bin.", "!", "fakesink", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "GST_DEBUG": "rtpsource:5,rtpsession:5", "GST_DEBUG_NO_COLOR": "1",
                 "GST_DEBUG_FILE": work("rtpbin.log")})

    def ffmpeg(self, port):
        """It opens RTSP, for of a session description it never writes a report."""
        RtspServer(self, port).start()
        return self.viewer.popen(
            "ffmpeg", "-v", "error", "-nostdin", "-y", "-rtsp_transport", "udp", "-min_port",
            str(port), "-max_port", str(port + 1), "-i", f"rtsp://{SERVER_V4}:{RtspServer.PORT}/x",
            "-f", "s16be", work("received"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def check_report(self, to):
        found = self.receiver(to)
        self.assertEqual(found["address"].split(":")[0], VIEWER_V4)
        self.assertEqual(found["fraction_lost"], 0)
        self.assertIn(found["lost"], (-1, 0), "rtpbin counts one of its probation twice")
        self.assertTrue(0 <= found["jitter_ms"] < 100, found)
        self.assertTrue(0 <= found["round_trip_ms"] < 500, found)
        self.assertLess(found["age_s"], 20)
        self.assertIn(f"  receiver {found['address']} of ssrc {found['stream']}: lost 0.0 %, "
                      f"{found['lost']} in all, jitter ", self.zcctl.ok("show").out)

    @staticmethod
    def is_bye_known(ssrc):
        with open(work("rtpbin.log"), encoding="utf-8", errors="replace") as log:
            return any("BYE" in line and ssrc in line for line in log)

    def test_rtpbin_and_ffmpeg_report_and_are_told_of_the_end(self):
        started = [(self.RTPBIN, self.rtpbin(self.RTPBIN)), (self.FFMPEG, self.ffmpeg(self.FFMPEG))]
        targets = [f"{VIEWER_V4}:{port}" for port, _ in started]
        self.addCleanup(lambda: [(process.kill(), process.wait()) for _, process in started])
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.agent())
            for port, to in zip((self.RTPBIN, self.FFMPEG), targets):
                self.assertTrue(wait_until(lambda port=port: self.viewer.listens(port), 20))
                self.zcctl.attach(to, "--rtcp", "on",
                                  payload="L16/44100/1")
                stack.enter_context(self.streaming(port=port, per_second=100, payload=bytes(882)))
            # The first report may be older than our first SR, and knows no round trip.
            for to in targets:
                known = lambda to=to: (self.receiver(to) or {}).get("round_trip_ms") is not None
                self.assertTrue(wait_until(known, 25, 0.2), self.zcctl.show())
                self.check_report(to)
            ssrc = self.zcctl.streams(targets[0])[0]["ssrc"][2:]
            for to in targets:
                self.zcctl.detach(to)
            # ffmpeg is done when its only stream is; rtpbin goes on, and says what it knows.
            self.assertTrue(wait_until(lambda: started[1][1].poll() is not None, 8), "ffmpeg")
            self.assertTrue(wait_until(lambda: self.is_bye_known(ssrc), 8), "rtpbin")


if __name__ == "__main__":
    sandbox.main()

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
from support.case import PORT, TO, WireCase
from support.net import GROUP_V4, SERVER_V4, SERVER_V6, VIEWER_V4, VIEWER_V6, wait_until

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
    def streaming(self, host=VIEWER_V4, port=PORT, per_second=50, payload=bytes(apps.TS_BYTES)):
        """An app that sends all the time, from a port 1000 above."""
        sock, stop = self.socket(host, port, port + 1000), threading.Event()

        def send():
            start = time.monotonic()
            for number in range(10**6):
                if stop.wait(max(0, start + number / per_second - time.monotonic())):
                    return
                apps.say(sock, payload)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def rtcp(self, *fields, port=PORT + 1, types=(), seconds=0.0):
        """What tshark reads in the RTCP that came: a list of the fields a packet. Waits for packets
        of these types together."""
        frames, done = [], ",".join(map(str, types))
        deadline = time.monotonic() + seconds
        while True:
            time.sleep(0.1)
            frames += [f for f in self.capture.frames(0.005) if self._is_rtcp(f, port)]
            found = self._dissect(frames, port, "rtcp.pt", *fields)
            if time.monotonic() > deadline or done in [packet[0] for packet in found]:
                return found

    @staticmethod
    def _is_rtcp(frame, port):
        datagram = rtp.parse_frame(frame.data)
        return datagram and datagram.dport == port and 200 <= datagram.payload[1] <= 203

    def _dissect(self, frames, port, *names):
        if not frames:
            return []
        receivers.write_pcap(work("rtcp.pcap"), frames)
        text = receivers.tshark(work("rtcp.pcap"), "-d", f"udp.port=={port},rtcp", "-T", "fields",
                                *(word for name in names for word in ("-e", name)))
        return [line.split("\t") for line in text.splitlines()]

    def receiver(self, to):
        """What `show` has of the receiver of the one stream to there; None where there is none."""
        device = self.zcctl.device()
        streams = {stream["ssrc"] for stream in device["streams"] if stream["to"] == to}
        return next((r for r in device["receivers"] if r["stream"] in streams), None)


@sandbox.needs("tshark")
class Reports(AgentCase):
    FIELDS = ("udp.srcport", "rtcp.senderssrc", "rtcp.timestamp.ntp.msw", "rtcp.timestamp.ntp.lsw",
              "rtcp.timestamp.rtp", "rtcp.sender.packetcount", "rtcp.sender.octetcount",
              "rtcp.sdes.text", "rtcp.length_check", "_ws.expert", "_ws.malformed")

    def check_reports(self, reports, stream):
        """Of a stream of 50 packets a second by the wall clock: every number, by the definition."""
        first = None
        for types, port, ssrc, msw, lsw, ts, packets, octets, name, fits, *wrong in reports:
            self.assertIn(types, ("200,202", "200,202,203"))
            self.assertEqual((port, ssrc), (str(PORT + 1001), stream["ssrc"]))
            self.assertEqual((fits, wrong), ("1", ["", ""]))
            self.assertRegex(name, "^[A-Za-z0-9+/]{16}$")
            self.assertEqual(int(octets), int(packets) * apps.TS_BYTES)
            ntp = int(msw) - FROM_1900_TO_1970 + int(lsw) / 2**32
            self.assertLess(abs(ntp - time.time()), 60)
            first = first or (ntp, int(ts), int(packets))
            ticks = (int(ts) - first[1]) % 2**32
            self.assertLess(abs(ticks - (ntp - first[0]) * TICKS), 90, "a millisecond")
            self.assertLess(abs(int(packets) - first[2] - (ntp - first[0]) * 50), 50)

    def test_tshark_reads_reports_of_a_stream_and_its_end(self):
        with self.rule(TO, "--rtcp", "on", "--timestamp", "wall"):
            with self.agent(), self.streaming():
                reports = self.rtcp(*self.FIELDS, types=(200, 202), seconds=6)
                self.assertTrue(reports)
                stream = self.zcctl.streams(TO)[0]
                time.sleep(0.5)
            reports += self.rtcp(*self.FIELDS)
        self.check_reports(reports, stream)
        self.assertEqual(reports[-1][0], "200,202,203", "BYE when the agent ends")
        self.assertEqual(self.said, "")

    def test_mux_groups_ipv6_and_the_end_of_a_rule(self):
        ways = [(f"[{VIEWER_V6}]:5008", VIEWER_V6, 5008, "on"), (TO, VIEWER_V4, PORT, "mux"),
                (f"{GROUP_V4}:5010", GROUP_V4, 5010, "on")]
        with contextlib.ExitStack() as stack:
            agent = stack.enter_context(self.agent())
            for to, host, port, rtcp in ways:
                self.zcctl.attach(to, "--rtcp", rtcp)
                stack.enter_context(self.streaming(host, port))
            frames = []

            def come(types, ports):
                frames.extend(self.capture.frames(0.005))
                return all(self._found(frames, port, types) for port in ports)

            self.assertTrue(wait_until(lambda: come("200,202", (5009, PORT, 5011)), 8))
            for to, *_ in ways:
                self.zcctl.detach(to)
            self.assertTrue(wait_until(lambda: come("200,202,203", (5009, PORT, 5011)), 4))
            self.assertIsNone(agent.poll())
        for _, *told in self._found(frames, 5009, "200,202", "ipv6.src", "ipv6.dst",
                                    "udp.checksum.status"):
            self.assertEqual(told, [SERVER_V6, VIEWER_V6, "1"])
        for _, *told in self._found(frames, 5011, "200,202", "ip.src", "ip.dst"):
            self.assertEqual(told, [SERVER_V4, GROUP_V4])

    def _found(self, frames, port, types, *fields):
        found = self._dissect([f for f in frames if self._is_rtcp(f, port)], port, "rtcp.pt", *fields)
        return [packet for packet in found if packet[0] == types]


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

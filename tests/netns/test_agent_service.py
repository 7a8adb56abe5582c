#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The agent with the capabilities that packaging/systemd/zcctl-agent.service gives it, and no
others: it must do all of its work with them."""
import contextlib
import os
import re
import signal
import socket
import struct
import subprocess

from support import apps, program, sandbox
from support.background import background
from support.case import PORT, TO, WireCase
from support.net import SERVER_V4, VIEWER_V4, wait_until

UNIT = os.path.join(os.path.dirname(__file__), "../../packaging/systemd/zcctl-agent.service")
SENDER_REPORT, BYE = 200, 203
SECOND_PORT, SECOND = 5006, f"{VIEWER_V4}:5006"
PRIVILEGED = 1000  # the next port is RTCP's, and below 1024, too


def bounding_set():
    """The unit's, as setpriv wants it: "-all,+bpf,+net_admin"."""
    with open(UNIT, encoding="utf-8") as unit:
        [names] = re.findall(r"^CapabilityBoundingSet=(.+)$", unit.read(), re.MULTILINE)
    return ",".join(["-all", *("+" + name[len("CAP_"):].lower() for name in names.split())])


@sandbox.needs("setpriv")
class Service(WireCase):
    @contextlib.contextmanager
    def agent(self):
        """In the server: a service is in its namespace from the start, for -n needs CAP_SYS_ADMIN."""
        process = self.server.popen(
            "setpriv", f"--bounding-set={bounding_set()}", "--inh-caps=-all", "--no-new-privs",
            program.ZCCTL, "agent", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            self.assertTrue(wait_until(lambda: self.zcctl.show()["agent"] or process.poll()))
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=10)
        self.assertEqual((process.returncode, *said), (0, "", ""))

    @contextlib.contextmanager
    def sending(self, port, source_port):
        sock = self.socket(port=port, source_port=source_port)

        def send(stop):
            while not stop.wait(0.02):
                apps.say(sock, bytes(apps.TS_BYTES))

        with background(send):
            yield

    def come(self, wanted, *ports):
        """Waits until each port has had an RTCP packet of that type, in whatever compound one."""
        came = set()

        def look():
            for datagram in self.capture.datagrams(quiet=0.005):
                data = datagram.payload
                while datagram.dport in ports and len(data) >= 4 and 200 <= data[1] <= 203:
                    came.update([datagram.dport] if data[1] == wanted else [])
                    data = data[4 + 4 * struct.unpack_from("!H", data, 2)[0]:]
            return came == set(ports)

        self.assertTrue(wait_until(look, 10, 0.05), f"{wanted} came to {came} alone")

    def answer(self, to, port):
        """A receiver's report to where the stream's reports come from, and that it was taken."""
        ssrc = self.zcctl.streams(to)[0]["ssrc"]
        report = struct.pack("!BBHIIIIIII", 0x81, 201, 7, 1, int(ssrc, 16), 0, 0, 0, 0, 0)
        self.watch(sock := self.viewer.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sock.sendto(report, (SERVER_V4, port))
        self.assertTrue(wait_until(
            lambda: ssrc in [one["stream"] for one in self.zcctl.device()["receivers"]]))

    def test_it_reports_and_ends_idle_streams(self):
        """On RTP's own port, which is told from RTP by SO_MARK, and on the next one."""
        self.zcctl.attach(TO, "--rtcp", "mux", "--idle", 1, "--timestamp", "wall")
        with self.agent() as agent:
            self.zcctl.attach(SECOND, "--rtcp", "on", "--timestamp", "wall")
            with open(f"/proc/{agent.pid}/status", encoding="ascii") as status:
                limits = dict(line.split(":\t") for line in status.read().splitlines())
            self.assertEqual((limits["CapEff"], limits["NoNewPrivs"]), (limits["CapBnd"], "1"))
            with self.sending(PORT, 6004), self.sending(SECOND_PORT, PRIVILEGED):
                self.come(SENDER_REPORT, PORT, SECOND_PORT + 1)
                self.answer(TO, 6005)
                self.answer(SECOND, PRIVILEGED + 1)
            self.come(BYE, PORT)
            self.assertTrue(wait_until(lambda: not self.zcctl.streams(TO)))
            self.assertEqual(len(self.zcctl.streams(SECOND)), 1, "it has no --idle")
        self.come(BYE, SECOND_PORT + 1)


if __name__ == "__main__":
    sandbox.main()

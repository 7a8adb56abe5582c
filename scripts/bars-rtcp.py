#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Release check, as root: what the agent costs with 10,000 streams that all send, over 60 seconds:
below 10 % of one core, and 64 MiB. [STREAMS=10000] [SECONDS=60] bars-rtcp.py"""
import os
import resource
import signal
import sys
import threading
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, f"{TOP}/tests/netns")
os.environ.setdefault("ZCCTL", f"{TOP}/build/zcctl")

from support import sandbox  # pylint: disable=wrong-import-position
from support.case import TO, WireCase  # pylint: disable=wrong-import-position
from support.net import SERVER_V4, VIEWER_V4, wait_until  # pylint: disable=wrong-import-position

STREAMS, SECONDS = int(os.environ.get("STREAMS", "10000")), int(os.environ.get("SECONDS", "60"))
FIRST_PORT = 10000
MOST_CPU, MOST_KIB = 0.10, 64 * 1024


class Cost(WireCase):
    def sockets(self):
        import socket  # pylint: disable=import-outside-toplevel
        resource.setrlimit(resource.RLIMIT_NOFILE, (STREAMS + 1000, STREAMS + 1000))
        made = []
        with self.server.entered():
            for i in range(STREAMS):
                sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                sock.bind((SERVER_V4, FIRST_PORT + 2 * i))
                sock.connect((VIEWER_V4, 5004))
                made.append(self.watch(sock))
        return made

    def send(self, sockets, stop):
        """A packet a second of each."""
        start = time.monotonic()
        for number in range(10**9):
            if stop.is_set():
                return
            if number % 100 == 0:
                time.sleep(max(0, start + number / STREAMS - time.monotonic()))
            try:
                sockets[number % STREAMS].send(b"x" * 160)
            except ConnectionRefusedError:
                pass

    @staticmethod
    def seconds(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    @staticmethod
    def memory(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return {line.split(":")[0]: int(line.split()[1]) for line in file if "kB" in line}

    def test_cost(self):
        self.capture.close()  # nobody looks at the packets
        stop, agent = threading.Event(), None
        with self.rule(TO, "--rtcp", "on", "--timestamp", "wall", payload="PCMU"):
            sender = threading.Thread(target=self.send, args=(self.sockets(), stop))
            sender.start()
            try:
                agent = self.zcctl.start("agent")
                figures = lambda: self.zcctl.show()["agent"]["figures"]
                self.assertTrue(wait_until(lambda: self.zcctl.show()["agent"], 20))
                self.assertTrue(wait_until(lambda: figures().get("streams") == STREAMS, 60), figures())
                time.sleep(10)  # until each has sent its first report
                before, began, reports = self.seconds(agent.pid), time.monotonic(), figures()["sr"]
                time.sleep(SECONDS)
                took = time.monotonic() - began
                cpu = (self.seconds(agent.pid) - before) / took
                reports = (figures()["sr"] - reports) / took
                memory = self.memory(agent.pid)
            finally:
                stop.set()
                sender.join()
                if agent:
                    agent.send_signal(signal.SIGTERM)
                    began = time.monotonic()
                    agent.communicate(timeout=60)
        print(f"\n{STREAMS} streams, {took:.0f} s: {cpu * 100:.2f} % of a core, {reports:.0f} sender "
              f"reports/s; RSS {memory['VmRSS'] / 1024:.1f} MiB, of it own (RssAnon) "
              f"{memory['RssAnon'] / 1024:.1f}; BYE for all in {time.monotonic() - began:.2f} s")
        self.assertLess(cpu, MOST_CPU)
        self.assertLess(memory["VmRSS"], MOST_KIB)


if __name__ == "__main__":
    sandbox.main()

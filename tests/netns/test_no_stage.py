#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Devices that cannot have a stage: `attach --segment` is refused with the reason and what works
instead, and without --segment one datagram a call is stamped as ever."""
import fcntl
import os
import re
import select
import struct
import subprocess

from support import apps, rtp, sandbox, segmented
from support.case import PORT, TO, WireCase
from support.net import SERVER_V4, VIEWER_MAC, VIEWER_V4

UNSUPPORTED = 3
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
ONE_EACH = "without --segment, one datagram a call is stamped all the same"


class NoStageCase(WireCase):
    def check_refused(self, dev, reason, hint, to=TO):
        """Tries --segment, for what it is worth in words."""
        result = self.zcctl.run("attach", dev, "--to", to, "--payload", "MP2T", "--segment",
                                apps.TS_BYTES)
        self.check_exit(result, UNSUPPORTED)
        line, told = result.err.splitlines()
        self.assertTrue(line.startswith(f"zcctl: packets of many segments cannot be cut on {dev}: "))
        self.assertIn(reason, line)
        self.assertEqual(told, f"hint: {hint}{ONE_EACH}")
        self.check_nothing_left()

    def check_probe(self, dev, reason):
        text = self.zcctl.ok("probe", dev).out
        line, = [line for line in text.splitlines() if "packets per call:" in line]
        self.assertIn("packets per call:   one: ", line)
        self.assertIn(reason, line)
        about = self.zcctl.ok("--json", "probe", dev).json["device"]
        self.assertFalse(about["many_packets_per_call"])
        self.assertIn(reason, about["no_stage"])

    def check_without(self, dev, received, to=TO):
        """Without --segment: one datagram is stamped, a super-packet is counted and dropped.
        `received` gives the UDP payloads that left."""
        attached = self.zcctl.ok("--json", "attach", dev, "--to", to, "--payload", "MP2T").json
        self.assertIn("cannot be cut", attached["no_stage"])
        self.assertIsNone(self.zcctl.device(dev)["stage"])
        sock = self.socket(to.split(":")[0])
        segmented.set_segment(sock, 188)
        apps.say(sock, bytes(1880), b"one datagram")
        arrived = [rtp.parse_rtp(payload).payload for payload in received()]
        self.assertEqual(arrived, [b"one datagram"])
        self.assertEqual(self.zcctl.counters(to, dev), {"uncut": 1, "stamped": 1})
        self.zcctl.detach(to, dev=dev)

    def on_the_wire(self):
        return [d.payload for d in self.capture.datagrams(PORT, 1)]


class NoStage(NoStageCase):
    def test_loopback(self):
        to, reason = f"127.0.0.1:{PORT}", "the loopback device cannot carry a macvlan"
        self.check_refused("lo", reason, "", to)
        self.check_probe("lo", reason)
        listener = self.watch(self.server.socket(2, 2))
        listener.bind(("127.0.0.1", PORT))
        listener.settimeout(0.2)

        def received():
            payloads = [listener.recv(65536)]
            try:
                while True:
                    payloads.append(listener.recv(65536))
            except TimeoutError:
                return payloads
        self.check_without("lo", received, to)

    def test_a_tun_that_carries_bare_ip(self):
        with self.server.entered():  # a TAP or TUN belongs to where it was opened
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            self.addCleanup(os.close, tun)
            fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH22x", b"tun0", _IFF_TUN | _IFF_NO_PI))
        self.server.ip("link set tun0 addrgenmode none", "link set tun0 up",
                       "addr add 10.78.0.1/24 dev tun0")
        to, reason = f"10.78.0.2:{PORT}", "it carries bare IP"
        self.check_refused("tun0", reason, "", to)
        self.check_probe("tun0", reason)

        def received():
            payloads = []
            while select.select([tun], [], [], 0.2)[0]:
                packet = os.read(tun, 65536)
                frame = bytes(12) + struct.pack("!H", rtp.ETH_IPV4) + packet
                payloads += [d.payload for d in [rtp.parse_frame(frame)] if d]
            return payloads
        self.check_without("tun0", received, to)

    def test_a_port_of_a_bridge_and_the_bridge_itself_can(self):
        self.server.ip("link add br0 address 02:00:00:00:00:01 type bridge", "addr flush dev out",
                       "link set out master br0", "link set br0 addrgenmode none",
                       "link set br0 up", f"addr add {SERVER_V4}/24 dev br0",
                       f"neigh replace {VIEWER_V4} lladdr {VIEWER_MAC} dev br0 nud permanent")
        reason = "it belongs to a bridge, beside which no macvlan can be"
        self.check_refused("out", reason, "attach to the bridge itself; ")
        self.check_probe("out", reason)
        self.check_without("out", self.on_the_wire)
        self.zcctl.attach(TO, "--segment", 188, dev="br0")
        sock = self.socket()
        segmented.set_segment(sock, 188)
        apps.say(sock, bytes(1880))
        self.check_stream(self.received(10), [bytes(188)] * 10)

    def test_a_macvlan_and_the_device_below_it_can(self):
        self.server.ip("link add link out name mac0 type macvlan mode private",
                       "link set mac0 addrgenmode none", "link set mac0 up",
                       "addr add 10.79.0.1/24 dev mac0",
                       f"neigh replace 10.79.0.2 lladdr {VIEWER_MAC} dev mac0 nud permanent")
        to, reason = f"10.79.0.2:{PORT}", "the kernel puts a macvlan on a macvlan beside it"
        self.check_refused("mac0", reason, "attach to the device below it; ", to)
        self.check_probe("mac0", reason)
        self.check_without("mac0", self.on_the_wire, to)
        self.zcctl.attach(to, "--segment", 188)
        sock = self.socket("10.79.0.2")
        segmented.set_segment(sock, 188)
        apps.say(sock, bytes(1880))
        self.check_stream(self.received(10), [bytes(188)] * 10)

    def test_what_probe_says_of_a_device_that_can(self):
        text = self.zcctl.ok("probe", "out").out
        self.assertIn("packets per call:   many (UDP_SEGMENT): a stage cuts them", text)
        self.assertIn("the device's own segmentation cannot help", text)
        about = self.zcctl.ok("--json", "probe", "out").json["device"]
        self.assertEqual((about["many_packets_per_call"], about["no_stage"]), (True, None))
        self.server.run("ethtool", "-K", "out", "tx-udp-segmentation", "off")
        self.assertNotIn("own segmentation", self.zcctl.ok("probe", "out").out)

    def test_a_kernel_that_cannot_make_one_refuses_segment_and_stamps_single_datagrams(self):
        """Fails as one without macvlan would: EOPNOTSUPP for RTM_NEWLINK."""
        words = ("attach", "out", "--to", TO, "--payload", "MP2T")
        number = self.call_that_makes_it(words)
        refused = self.without_macvlan(number, *words, "--segment", str(apps.TS_BYTES))
        self.assertEqual(refused.returncode, UNSUPPORTED, refused.stderr)
        self.assertIn("no stage behind out", refused.stderr)
        self.check_nothing_left()
        done = self.without_macvlan(number, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIsNone(self.zcctl.device()["stage"])
        self.check_stamped()

    def traced(self, *more):
        return ("strace", "-o", os.path.join(sandbox.WORK, "trace"), "-e", "trace=sendto", *more)

    def call_that_makes_it(self, words):
        """Which of its sendto calls creates the macvlan."""
        subprocess.run((*self.traced(), *self.zcctl.command(*words)), check=True,
                       timeout=60)
        self.zcctl.ok("detach", "out", "--all")
        with open(os.path.join(sandbox.WORK, "trace"), encoding="utf-8") as trace:
            calls = [line for line in trace if line.startswith("sendto(")]
        # RTM_NEWLINK is 16 (linux/rtnetlink.h): strace does not always know its name.
        number, = [n for n, line in enumerate(calls, 1)
                   if re.search("nlmsg_type=(0x10 |RTM_NEWLINK)", line)]
        return number

    def without_macvlan(self, number, *words):
        return subprocess.run(
            (*self.traced("-e", f"inject=sendto:error=EOPNOTSUPP:when={number}"),
             *self.zcctl.command(*words)), capture_output=True, text=True, check=False, timeout=60)


if __name__ == "__main__":
    sandbox.main()

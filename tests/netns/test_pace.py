#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""--rate: a tight loop of sendfile leaves at that rate, piece by piece, and blocks in its own send
buffer. The queue for it: when it is there, what it is, and what becomes of what waits.

Only orders of magnitude are tested here, on however busy a machine; `make bench-pacing` has the
figures."""
import json
import socket
import time
import unittest

from support import apps, paced, sandbox
from support.case import PORT, TO, HookCase, chunks, on_both_hooks
from support.net import VIEWER_V4, VIEWER_V6

SECOND = f"{VIEWER_V4}:5006"
MBIT = 1_000_000
MANY = 46 * apps.TS_BYTES  # the most that one call can hold
WAITING_MARK = 0x7C000000  # docs/pacing.md


class PaceCase(HookCase):
    hook = "tcx"

    def setUp(self):
        super().setUp()
        self.film = self.file(20 * MANY)

    def blast(self, port=PORT, host=VIEWER_V4, count=apps.TS_BYTES, seconds=1.0, priority=0):
        """Somebody is bound at the far end: no answer of ICMP's makes a send fail."""
        far = self.viewer.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                                 socket.SOCK_DGRAM)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.watch(far).bind((host, port))
        return self.watch(paced.Blaster(self.server, host, port, self.film, count, seconds,
                                        priority))

    def arrivals(self, *ports):
        """What came to each port, once nothing comes any more. Whatever is no RTP packet fails."""
        datagrams = self.capture.datagrams(quiet=0.5)
        return [paced.Arrivals([d for d in datagrams if d.dport == port]) for port in ports]

    def queue(self):
        """The pace device's name; None where there is none."""
        found = [name for name in self.server.links() if name.startswith("zcpace")]
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None

    def tc(self, what):
        out = self.server.run("tc", "-json", "-statistics", what, "show", "dev", self.queue()).stdout
        return json.loads(out)

    def findings(self):
        return [finding["id"] for finding in self.zcctl.device()["findings"]]


class Rates(PaceCase):
    def check_paced(self, arrivals, sent, rate):
        self.assertEqual(arrivals.payload_bytes, sent, "lost")
        first = arrivals.packets[0].seq
        self.assertEqual([p.seq for p in arrivals.packets],
                         [(first + i) % 65536 for i in range(len(arrivals.packets))])
        self.assertAlmostEqual(arrivals.rate() / rate, 1.0, delta=0.1)
        ideal = apps.TS_BYTES * 8 / rate
        self.assertGreater(arrivals.gap(0.5), ideal / 4, "no piece by piece")
        # Stamped behind the queue: the clock goes with the packets, and not in steps of a call.
        self.assertGreater(len({p.timestamp for p in arrivals.packets}),
                           len(arrivals.packets) * 0.8)

    def test_four_loops_at_once_each_at_its_rate(self):
        """Both families, one datagram and 46 a call."""
        loops = ((VIEWER_V4, 5004, apps.TS_BYTES, 8 * MBIT), (VIEWER_V4, 5006, MANY, 20 * MBIT),
                 (VIEWER_V6, 5008, apps.TS_BYTES, 4 * MBIT), (VIEWER_V6, 5010, MANY, 8 * MBIT))
        for host, port, _, rate in loops:
            to = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            self.attach(to, "--rate", rate, "--timestamp", "wall")
        blasters = [self.blast(port, host, count, 1.2) for host, port, count, _ in loops]
        sent = [blaster.finish() for blaster in blasters]
        for (host, port, count, rate), arrived, (octets, calls, _) in zip(
                loops, self.arrivals(*(loop[1] for loop in loops)), sent):
            with self.subTest(host=host, count=count):
                self.check_paced(arrived, octets, rate)
                # Blocked: what was sent is the rate's, and what a send buffer holds besides.
                self.assertLess(octets, rate / 8 * 1.3 + 1_000_000)
                self.assertEqual(calls, -(-octets // count), "calls failed or were cut")
        self.assertEqual(paced.sndbuf_errors(self.server), 0)

    def test_another_rate_under_traffic(self):
        """Nothing is lost, and the stream goes on."""
        self.attach(TO, "--rate", "4M")
        blaster = self.blast(seconds=2.0)
        time.sleep(0.9)
        self.attach(TO, "--rate", "16M", "--replace")
        sent, _, _ = blaster.finish()
        [arrived] = self.arrivals(PORT)
        self.assertEqual(arrived.payload_bytes, sent)
        self.assertEqual(len({p.ssrc for p in arrived.packets}), 1)
        self.assertAlmostEqual(arrived.rate(0, 0.1) / 4e6, 1.0, delta=0.2)
        self.assertAlmostEqual(arrived.rate(0.6, 1) / 16e6, 1.0, delta=0.2)

    def test_a_rule_without_rate_beside_it_is_not_kept_back(self):
        self.attach(TO, "--rate", "100k")
        self.attach(SECOND)
        apps.stream(self.socket(port=5006), self.film)
        self.assertEqual(len(self.received(20 * 46, 5006)), 20 * 46)


class Marks(PaceCase):
    def test_the_apps_priority_is_given_back(self):
        """The device's own queue finds the app's class again. Of the mark is tests/bpf."""
        tc = ("tc", "qdisc", "add", "dev", "out", "root", "handle", "1:", "htb")
        self.server.run(*tc)
        self.server.run("tc", "class", "add", "dev", "out", "parent", "1:", "classid", "1:5", "htb",
                        "rate", "1gbit")
        self.attach(TO, "--rate", "20M")
        for count in (apps.TS_BYTES, MANY):
            self.blast(count=count, seconds=0.1, priority=0x10005).finish()
        [arrived] = self.arrivals(PORT)
        out = self.server.run("tc", "-statistics", "class", "show", "dev", "out").stdout
        self.assertRegex(out, rf"class htb 1:5 [^\n]*\n *Sent \d+ bytes {len(arrived.packets)} pkt ")

    def test_a_waiting_mark_that_an_app_sets_leads_nowhere(self):
        """Of no rule it passes untouched; of a rule it is paced, stamped, and has its mark again."""
        self.attach(TO, "--rate", "8M")
        for port in (PORT, 6000):
            sock = self.socket(port=port)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, WAITING_MARK | 7)
            apps.say(sock, b"x" * 64)
        self.assertEqual([p.payload for p in self.received(1)], [b"x" * 64])
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 1, "paced": 1})
        self.check_bystander()


class Life(PaceCase):
    def test_the_first_rate_makes_it_and_the_last_takes_it_with_it(self):
        self.attach(SECOND)
        self.assertIsNone(self.queue())
        before = self.server.run("tc", "qdisc", "show", "dev", "out").stdout
        self.attach(TO, "--rate", "8M")
        self.assertEqual(self.queue(), f"zcpace{self.server.ifindex('out')}")
        self.assertEqual(self.zcctl.device()["queue"]["dev"], self.queue())
        self.attach(SECOND, "--rate", "2M", "--replace")
        self.zcctl.detach(TO)
        self.assertIsNotNone(self.queue())
        self.attach(SECOND, "--replace")
        self.assertIsNone(self.queue())
        self.assertEqual(self.server.run("tc", "qdisc", "show", "dev", "out").stdout, before)
        self.attach(SECOND, "--rate", "2M", "--replace")
        self.zcctl.ok("detach", "out", "--all")
        self.assertIsNone(self.queue())
        self.check_nothing_left()

    def test_what_it_is(self):
        """A deaf macvlan; HTB counts payload, by a size table and each class's overhead."""
        self.attach(TO, "--rate", "8M")
        self.attach(f"[{VIEWER_V6}]:5004", "--rate", "10G")
        link = json.loads(self.server.run("ip", "-json", "-details", "link", "show",
                                          self.queue()).stdout)[0]
        self.assertEqual((link["link"], link["linkinfo"]["info_data"]["mode"], link["ifalias"]),
                         ("out", "source", "zcctl: paces packets of out"))
        root = self.tc("qdisc")[0]
        if root["kind"] == "fq":
            return
        self.assertEqual((root["kind"], root["handle"]), ("htb", "7a63:"))
        text = self.server.run("tc", "class", "show", "dev", self.queue()).stdout
        self.assertIn("rate 8Mbit overhead 20", text)
        self.assertIn("rate 10Gbit", text)

    def test_one_that_somebody_deleted_or_changed_is_told_and_made_again(self):
        self.attach(TO, "--rate", "8M")
        for change in (("ip", "link", "del", "QUEUE"), ("ip", "link", "set", "QUEUE", "down"),
                       ("tc", "qdisc", "replace", "dev", "QUEUE", "root", "pfifo")):
            with self.subTest(change=change):
                self.server.run(*(word.replace("QUEUE", self.queue()) for word in change))
                self.assertIn("queue-lost", self.findings())
                self.assertIsNone((self.zcctl.device()["queue"] or {"dev": None})["dev"])
                self.attach(TO, "--rate", "8M")
                self.assertNotIn("queue-lost", self.findings())
                self.check_stamped()

    def test_a_class_that_somebody_changed_is_told_and_mended(self):
        self.attach(TO, "--rate", "8M")
        if self.tc("qdisc")[0]["kind"] == "fq":
            raise unittest.SkipTest("fq has no classes")
        for change in (("change", "htb", "rate", "1mbit"), ("del",)):
            self.server.run("tc", "class", change[0], "dev", self.queue(), "parent", "7a63:",
                            "classid", "7a63:1", *change[1:])
            self.assertIn("queue-lost", self.findings())
            self.attach(TO, "--rate", "8M")
            self.assertNotIn("queue-lost", self.findings())

    def test_a_stray_one_is_removed_by_clean(self):
        self.attach(TO, "--rate", "8M")
        self.zcctl.ok("clean")
        self.assertIsNotNone(self.queue(), "clean took one that is at work")
        self.zcctl.ok("detach", "out", "--all")
        self.attach(TO)
        index = self.server.ifindex("out")  # as a zcctl leaves it that is killed before the rule
        self.server.ip(f"link add zcpace{index} link out type macvlan mode source")
        self.zcctl.ok("clean")
        self.assertIsNone(self.queue())

    def test_nothing_can_be_attached_to_it(self):
        self.attach(TO, "--rate", "8M")
        result = self.zcctl.run("attach", self.queue(), "--to", SECOND, "--payload", "MP2T")
        self.assertEqual(result.code, 3, result)

    def test_where_it_cannot_be(self):
        result = self.zcctl.run("attach", "lo", "--to", "127.0.0.1:5004", "--payload", "MP2T",
                                "--rate", "8M")
        self.check_exit(result, 3)

    def test_auto_says_what_it_lacks(self):
        if self.zcctl.ok("--json", "probe").json["kernel"]["pace"] == "fq":
            raise unittest.SkipTest("fq is here")
        result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T", "--rate", "auto")
        self.check_exit(result, 3)
        self.assertIn("--rate BPS", result.err)
        self.check_nothing_left()


class Waiting(PaceCase):
    """What waits, and what becomes of it."""

    def fill(self, rate="1M", count=apps.TS_BYTES):
        """A rule with a full queue, whose app has gone: a second and more of the stream waits."""
        self.attach(TO, "--rate", rate)
        self.blast(count=count, seconds=0.3).finish()

    def came(self):
        """The lengths of the payloads that came by now, RTP header included."""
        return {len(d.payload) for d in self.capture.datagrams(PORT, quiet=0.2)}

    def test_show_tells_how_much(self):
        self.fill()
        device = self.zcctl.device()
        tell = device["queue"] if device["queue"]["kind"] == "fq" else device["rules"][0]["queue"]
        self.assertGreater(tell["packets"], 10)
        self.assertEqual(tell["dropped"], 0)
        if device["queue"]["kind"] == "htb":
            self.assertEqual(tell["bytes"], tell["packets"] * apps.TS_BYTES)
        self.assertIn(" packets wait (", self.zcctl.ok("show").out)
        self.assertEqual(device["findings"], [], "waiting is no fault")

    def test_nothing_leaves_bare_when_its_rule_goes(self):
        """Neither with the last rule, nor with one of two; at one datagram or 46 a call."""
        for keep, count in ((False, apps.TS_BYTES), (True, MANY)):
            with self.subTest(keep=keep):
                if keep:
                    self.attach(SECOND, "--rate", "1M")
                self.fill(count=count)
                self.zcctl.detach(TO)
                self.assertEqual(self.came(), {apps.TS_BYTES + 12})
                if keep:
                    self.zcctl.detach(SECOND)
        self.check_nothing_left()

    def test_without_rate_any_more_what_waits_is_dropped(self):
        self.fill()
        self.attach(TO, "--replace")
        self.assertIsNone(self.queue())
        apps.stream(self.socket(), self.film)
        packets = self.received(20 * 46)
        self.assertEqual([p.payload for p in packets[-20 * 46:]], chunks(self.film))
        self.assertLess(len(packets), 20 * 46 + 60, "it would have been 150 and more")

    def test_what_a_rule_gave_up_is_no_full_queue(self):
        """It waited in a class that was taken away, while another rule's stays."""
        self.attach(SECOND, "--rate", "1M")
        for change in (lambda: self.attach(TO, "--replace"), lambda: self.zcctl.detach(TO)):
            self.attach(TO, "--rate", "1M", "--replace")
            self.blast(seconds=0.3).finish()
            change()
            queue = self.zcctl.device()["queue"]
            self.assertEqual(queue["dropped"], 0, queue)
            self.assertEqual(self.findings(), [])


on_both_hooks(globals(), Rates)

if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Life on a hook with other programs, and the proof that payload is not copied."""
import os

from support import apps, bpf, program, rtp, sandbox
from support.case import HOOKS, PORT, TO, WireCase, cached_bytes_hash, chunks
from support.neighbour import Neighbour
from support.net import VIEWER_V4, VIEWER_V6, run

BEHIND_OURS = 2  # zcctl's filter takes pref 1, and stands before others of that preference
PAYLOAD = b"x" * 1316


class NeighbourCase(WireCase):
    def setUp(self):
        super().setUp()
        self.neighbour = self.watch(Neighbour())

    def attach_ours(self, hook, *options, to=TO):
        self.needs_hook(hook)
        self.zcctl.attach(to, "--hook", hook, *options)


class OtherPrograms(NeighbourCase):
    def places(self):
        """name, our hook, how the neighbour comes, whether it sees our work"""
        attach = self.neighbour
        server = self.server
        return [
            ("tcx, before ours on tcx", "tcx",
             lambda: attach.attach_tcx(server, "out", bpf.BEFORE), False),
            ("tcx, after ours on tcx", "tcx",
             lambda: attach.attach_tcx(server, "out", bpf.AFTER), True),
            ("clsact, ours on tcx", "tcx",
             lambda: attach.attach_clsact(server, "out", 1), True),
            ("tcx, ours on clsact", "clsact",
             lambda: attach.attach_tcx(server, "out", bpf.AFTER), False),
            ("clsact, before ours on clsact", "clsact",
             lambda: attach.attach_clsact(server, "out", 1), False),
            ("clsact, after ours on clsact", "clsact",
             lambda: attach.attach_clsact(server, "out", BEHIND_OURS), True),
        ]

    def check_place(self, place):
        name, hook, come, after = self.places()[place]
        if name.startswith("tcx"):
            self.needs_hook("tcx")
        self.attach_ours(hook)
        come()
        apps.say(self.socket(), PAYLOAD, PAYLOAD)
        apps.say(self.socket(VIEWER_V6), PAYLOAD)
        stamped = [rtp.parse_rtp(d.payload).payload for d in self.capture.datagrams(PORT, 3)
                   if d.dst == VIEWER_V4]
        self.assertEqual(stamped, [PAYLOAD] * 2)
        self.assertEqual([seen.is_rtp for seen in self.neighbour.seen()], [after, after, False])

    def check_ours_may_go(self, place):
        """Detaching ours leaves the neighbour at work."""
        before = len(self.neighbour.seen())
        self.zcctl.detach(TO)
        apps.say(self.socket(), PAYLOAD)
        self.assertEqual(self.capture.datagrams(PORT, 1)[-1].payload, PAYLOAD)
        self.assertEqual(len(self.neighbour.seen()), before + 1, self.places()[place][0])
        self.assertEqual(program.pins(), [])


def _add_place(index, name):
    def test(self):
        self.check_place(index)
        self.check_ours_may_go(index)
    setattr(OtherPrograms, f"test_neighbour_on_{name}", test)


for _index, _name in enumerate(("tcx_before", "tcx_after", "clsact_behind_tcx",
                                "tcx_in_front_of_clsact", "clsact_before", "clsact_after")):
    _add_place(_index, _name)


class EndOfTheChain(WireCase):
    """A program that accepts a packet (TCX_PASS, TC_ACT_OK) keeps it from all behind it."""

    PINNED = "/sys/fs/bpf/pass"

    def setUp(self):
        super().setUp()
        bpf.pin_pass(self.PINNED)
        self.addCleanup(os.remove, self.PINNED)
        self.accepts = bpf.get(self.PINNED)
        self.addCleanup(os.close, self.accepts)

    def come_by_tcx(self, where):
        self.needs_hook("tcx")
        with self.server.entered():
            self.addCleanup(os.close, bpf.link_tcx(self.accepts, self.server.ifindex("out"), where))

    def come_by_clsact(self, preference):
        self.server.run("tc", "qdisc", "add", "dev", "out", "clsact", check=False)
        self.server.run("tc", "filter", "add", "dev", "out", "egress", "prio", str(preference),
                        "bpf", "da", "pinned", self.PINNED)

    def before(self):
        device = self.zcctl.device()
        text = self.zcctl.ok("show").out
        self.assertEqual(text.count("sees packets before zcctl does"), len(device["before"]), text)
        return [(entry["hook"], entry["pref"]) for entry in device["before"]]

    def check_bare(self):
        apps.say(self.socket(), PAYLOAD)
        self.assertEqual([d.payload for d in self.capture.datagrams(PORT, 1)], [PAYLOAD])

    def test_one_on_tcx_that_was_there_comes_behind_ours(self):
        self.come_by_tcx(bpf.AFTER)
        self.zcctl.attach(TO)
        self.check_stamped()
        self.assertEqual(self.before(), [])

    def test_one_on_clsact_that_was_there_comes_behind_ours(self):
        for preference in (1, 10):
            with self.subTest(preference=preference):
                self.come_by_clsact(preference)
                self.zcctl.attach(TO, "--hook", "clsact")
                self.check_stamped()
                self.assertEqual(self.before(), [])
                self.zcctl.ok("detach", "out", "--all")
                self.assertEqual(program.programs_on(self.server), (0, 1))
                self.server.run("tc", "qdisc", "del", "dev", "out", "clsact")

    def test_another_kind_of_filter_at_the_first_place_stays_and_is_told(self):
        self.server.run("tc", "qdisc", "add", "dev", "out", "clsact")
        self.server.run("tc", "filter", "add", "dev", "out", "egress", "protocol", "ip", "prio", "1",
                        "u32", "match", "ip", "dport", "9", "0xffff", "flowid", "1:1")
        self.come_by_clsact(3)
        self.zcctl.attach(TO, "--hook", "clsact")
        self.check_stamped()
        self.assertEqual(self.before(), [("clsact", 1)])
        self.assertIn("clsact filter u32, pref 1", self.zcctl.ok("show").out)

    def test_filters_for_other_protocols_and_of_other_chains_are_no_news(self):
        self.server.run("tc", "qdisc", "add", "dev", "out", "clsact")
        for words in (("protocol", "arp"), ("protocol", "ip", "chain", "7")):
            self.server.run("tc", "filter", "add", "dev", "out", "egress", *words, "prio", "1",
                            "u32", "match", "u32", "0", "0", "flowid", "1:1")
        self.zcctl.attach(TO, "--hook", "clsact")
        self.check_stamped()
        self.assertEqual(self.before(), [])

    def test_one_that_came_later_is_told(self):
        self.needs_hook("tcx")
        self.zcctl.attach(TO)
        self.assertEqual(self.before(), [])
        self.come_by_tcx(bpf.BEFORE)
        self.check_bare()  # nothing can be done about it, but to say so
        self.assertEqual(self.before(), [("tcx", None)])

    def test_one_that_came_later_on_clsact_is_told(self):
        self.zcctl.attach(TO, "--hook", "clsact")
        self.come_by_clsact(1)  # the youngest of a preference comes first
        self.check_bare()
        self.assertEqual(self.before(), [("clsact", 1)])

    def test_tcx_comes_before_clsact(self):
        self.come_by_tcx(bpf.AFTER)
        self.zcctl.attach(TO, "--hook", "clsact")
        self.check_bare()
        self.assertEqual(self.before(), [("tcx", None)])
        self.zcctl.ok("detach", "out", "--all")
        self.come_by_clsact(1)
        self.zcctl.attach(TO)
        self.assertEqual(self.before(), [])

    def test_a_filter_joins_others_of_its_preference_and_goes_alone(self):
        """Handles of the others stay as they are; a second rule changes nothing."""
        for _ in range(2):
            self.come_by_clsact(1)
        filters = self.filters()
        self.zcctl.attach(TO, "--hook", "clsact")
        self.zcctl.attach(f"{VIEWER_V4}:5006")
        self.assertEqual(program.programs_on(self.server), (0, 3))
        self.zcctl.ok("detach", "out", "--all")
        self.assertEqual(self.filters(), filters)

    def test_a_filter_where_zcctl_0_2_put_it_is_found(self):
        """Its place was fixed: preference 31331, handle 1."""
        self.zcctl.attach(TO, "--hook", "clsact")
        self.server.run("tc", "filter", "add", "dev", "out", "egress", "prio", "31331", "bpf", "da",
                        "pinned", program.pin("prog/egress"))
        self.server.run("tc", "filter", "del", "dev", "out", "egress", "prio", "1")
        self.zcctl.attach(f"{VIEWER_V4}:5006")
        self.check_stamped()
        self.assertEqual(self.before(), [])
        self.come_by_clsact(10)
        self.assertEqual(self.before(), [("clsact", 10)])
        self.zcctl.ok("detach", "out", "--all")
        self.assertEqual(program.programs_on(self.server), (0, 1))

    def filters(self):
        return self.server.run("tc", "filter", "show", "dev", "out", "egress").stdout


class Qdiscs(NeighbourCase):
    def test_a_clsact_qdisc_of_somebody_else_stays(self):
        run("tc", "-n", "server", "qdisc", "add", "dev", "out", "clsact")
        self.attach_ours("clsact")
        self.zcctl.detach(TO)
        self.assertIn("clsact", self.server.qdiscs("out"))
        self.assertEqual(program.programs_on(self.server), (0, 0))

    def test_our_clsact_qdisc_goes_with_the_last_rule(self):
        self.attach_ours("clsact")
        self.assertIn("clsact", self.server.qdiscs("out"))
        self.zcctl.detach(TO)
        self.check_nothing_left()

    def test_our_clsact_qdisc_stays_for_who_came_later(self):
        self.attach_ours("clsact")
        self.neighbour.attach_clsact(self.server, "out", 1)
        self.zcctl.detach(TO)
        self.assertEqual(program.programs_on(self.server), (0, 1))

    def test_an_ingress_qdisc_is_in_the_way_of_clsact_and_is_named(self):
        run("tc", "-n", "server", "qdisc", "add", "dev", "out", "ingress")
        result = self.zcctl.run("attach", "out", "--to", TO, "--payload", "MP2T",
                                "--hook", "clsact")
        self.check_exit(result, 1)
        self.assertIn("ingress", result.err)
        self.assertEqual(program.pins(), [])
        self.assertIn("ingress", self.server.qdiscs("out"))

    def test_a_root_qdisc_stays_as_it_is(self):
        run("tc", "-n", "server", "qdisc", "add", "dev", "out", "root", "handle", "7:", "tbf",
            "rate", "1gbit", "burst", "64k", "latency", "50ms")
        for hook in HOOKS if bpf.kernel_has_tcx() else ("clsact",):
            self.attach_ours(hook)
            self.check_stamped()
            self.zcctl.detach(TO)
            self.assertIn("tbf 7: root", self.server.qdiscs("out"))


class ZeroCopy(NeighbourCase):
    """Bytes of the linear part are bytes that somebody copied there; the rest of the packet is the
    file's pages. So the linear part must hold headers only."""

    def setUp(self):
        super().setUp()
        self.neighbour.attach_clsact(self.server, "out", BEHIND_OURS)

    def check(self, host, checksum, headers, path, copied=0):
        to = f"[{host}]:{PORT}" if ":" in host else f"{host}:{PORT}"
        before, already = cached_bytes_hash(path), len(self.neighbour.seen())
        with self.rule(to, "--checksum", checksum):
            apps.stream(self.socket(host), path)
            self.check_stream(self.received(len(chunks(path))), chunks(path))
        new = self.neighbour.seen()[already:]
        self.assertEqual(len(new), len(chunks(path)))
        for seen in new:
            self.assertTrue(seen.is_rtp)
            self.assertEqual((seen.len, seen.linear),
                             (headers + apps.TS_BYTES, headers + copied))
        self.assertEqual(cached_bytes_hash(path), before)

    def test_the_linear_part_of_a_stamped_sendfile_packet_holds_headers_only(self):
        path = self.file(100 * apps.TS_BYTES)
        ipv4, ipv6 = 14 + 20 + 8, 14 + 40 + 8
        for host, before in ((VIEWER_V4, ipv4), (VIEWER_V6, ipv6)):
            for checksum, ours in (("uni", 28), ("lco", 20)):
                with self.subTest(host=host, checksum=checksum):
                    self.check(host, checksum, before + ours, path)

    def test_zero_and_sum_copy_8_bytes_and_no_more(self):
        path = self.file(50 * apps.TS_BYTES)
        for checksum in ("zero", "sum"):
            self.check(VIEWER_V4, checksum, 14 + 20 + 8 + 12, path, copied=8)

    def test_a_sender_that_copies_is_seen_to_copy(self):
        """The measure itself: with send() the payload is in the linear part."""
        self.attach_ours("clsact")
        apps.say(self.socket(), PAYLOAD)
        self.assertEqual(self.neighbour.seen()[0].linear, 14 + 20 + 8 + 12 + len(PAYLOAD))


if __name__ == "__main__":
    sandbox.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One call, many packets: every piece of a super-packet arrives as an RTP packet of its own, in
order and byte for byte. test_receivers.py has the receivers that nobody here wrote."""
import itertools

from support import apps, rtp, sandbox, segmented
from support.capture import Capture
from support.case import PORT, TO, HookCase, WireCase, on_both_hooks
from support.net import GROUP_V4, GROUP_V6, VIEWER_V4, VIEWER_V6
from support.segmented import CALL_BYTES, Sender, pieces

CALLS = 6
ON_OFF = ("on", "off")


def to_text(host, port=PORT):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Traffic(WireCase):
    def app(self, host=VIEWER_V4, segment=apps.TS_BYTES, port=PORT):
        sock = self.socket(host, port)
        segmented.set_segment(sock, segment)
        return sock

    def offload(self, segmentation, checksum):
        """The two features of the device that decide how the kernel cuts, and who makes sums."""
        self.server.run("ethtool", "-K", "out", "tx", checksum, "tx-udp-segmentation",
                        segmentation)

    def check_call(self, host, segment, size, calls=1):
        """`calls` calls of `size` bytes arrive as RFC 3550 packets of `segment` bytes."""
        path = self.file(size * calls)
        self.capture.frames(quiet=0)
        apps.stream(self.app(host, segment), path, size=size)
        sent = pieces(path, segment, size)
        self.check_stream(self.received(len(sent)), sent)

    def check_counted(self, to, stamped, supers):
        self.assertEqual(self.zcctl.counters(to), {"stamped": stamped, "super": supers})


class Ways(HookCase, Traffic):
    """Covers every way the checksum can be made and every way the kernel can cut."""

    def test_every_piece_arrives_whatever_the_device_offloads(self):
        for host, way, segmentation in itertools.product((VIEWER_V4, VIEWER_V6),
                                                         ("uni", "sum", "lco", "zero"), ON_OFF):
            if way == "zero" and host == VIEWER_V6:
                continue  # RFC 8200 8.1
            with self.subTest(host=host, way=way, segmentation=segmentation):
                self.offload(segmentation, "on")
                with self.rule(to_text(host), "--checksum", way, "--hook", self.hook):
                    self.check_call(host, apps.TS_BYTES, CALL_BYTES, CALLS)
                    self.check_counted(to_text(host), 45 * CALLS, CALLS)

    def test_each_is_right_without_checksum_offload_too(self):
        for host, way, segmentation in itertools.product((VIEWER_V4, VIEWER_V6),
                                                         ("uni", "sum", "lco"), ON_OFF):
            with self.subTest(host=host, way=way, segmentation=segmentation):
                self.offload(segmentation, "off")
                with self.rule(to_text(host), "--checksum", way, "--hook", self.hook):
                    self.check_call(host, apps.TS_BYTES, CALL_BYTES, CALLS)


class Sizes(Traffic):
    def test_the_last_piece_is_as_short_as_what_is_left(self):
        """udp(7), UDP_SEGMENT. 1, 2 and 3 pieces, just above and just below."""
        for host, size in itertools.product(
                (VIEWER_V4, VIEWER_V6), (1, 187, 188, 189, 375, 376, 377, 564, 188 * 60 + 1)):
            with self.subTest(host=host, size=size), self.rule(to_text(host)):
                self.check_call(host, 188, size)

    def test_pieces_as_small_as_64_bytes_and_as_large_as_the_mtu_allows(self):
        # 1500 - 20 (40) IP - 8 UDP - 12 RTP - 8 (12) extension
        for host, segment in ((VIEWER_V4, 64), (VIEWER_V4, 1452), (VIEWER_V6, 64),
                              (VIEWER_V6, 1428)):
            with self.subTest(host=host, segment=segment), self.rule(to_text(host)):
                self.check_call(host, segment, 40 * segment + 7)

    def test_jumbo_frames(self):
        self.server.ip("link set out mtu 9000")
        self.viewer.ip("link set in mtu 9000")
        with self.rule(TO, "--segment", 47 * 188):
            self.check_call(VIEWER_V4, 47 * 188, 7 * 47 * 188, 4)

    def test_single_datagrams_and_super_packets_of_one_app_are_one_stream(self):
        path = self.file(4 * 188)
        with self.rule(TO):
            sock = self.app(segment=188)
            with open(path, "rb") as file:
                data = file.read()
            sent = []
            for size in (188, 752, 100, 376, 188):
                apps.say(sock, data[:size])
                sent += [data[i:min(i + 188, size)] for i in range(0, size, 188)]
            self.check_stream(self.received(len(sent)), sent)

    def test_send_and_splice_of_large_counts_are_cut_too(self):
        path = self.file(3 * CALL_BYTES)
        for name, way in apps.WAYS.items():
            with self.subTest(way=name), self.rule(TO):
                # A pipe holds 64 KiB in 16 pages: the first page a call touches is a whole one.
                size = CALL_BYTES if name != "splice" else 14 * 4096
                self.capture.frames(quiet=0)
                apps.stream(self.app(), path, way, size)
                sent = pieces(path, apps.TS_BYTES, size)
                self.check_stream(self.received(len(sent)), sent)

    def test_the_file_in_the_page_cache_is_not_changed(self):
        path = self.file(CALL_BYTES)
        before = pieces(path)
        for way in ("uni", "sum", "zero"):
            with self.rule(TO, "--checksum", way):
                self.check_call(VIEWER_V4, apps.TS_BYTES, CALL_BYTES)
        self.assertEqual(pieces(path), before)

    def test_other_apps_super_packets_pass_untouched(self):
        with self.rule(TO):
            self.app(port=6000).send(bytes(range(256)) * 20)
            data = bytes(range(256)) * 20
            self.assertEqual(b"".join(d.payload for d in self.capture.datagrams(6000, 1)), data)


class Groups(Traffic):
    def test_multicast_of_both_families(self):
        for host in (GROUP_V4, GROUP_V6):
            with self.subTest(host=host), self.rule(to_text(host)):
                self.check_call(host, apps.TS_BYTES, CALL_BYTES, CALLS)

    def test_an_ipv6_socket_that_sends_ipv4(self):
        path = self.file(CALL_BYTES)
        with self.rule(TO):
            app = self.watch(segmented.App(self.server, *segmented.connected(
                f"::ffff:{VIEWER_V4}", PORT, path)))
            app.do(f"s.setsockopt(17, {segmented.UDP_SEGMENT}, {apps.TS_BYTES})")
            self.assertEqual(app.sendfile(0, CALL_BYTES), CALL_BYTES)
            self.check_stream(self.received(45), pieces(path))


class Parallel(Traffic):
    """Several apps in processes of their own, all at once."""
    APPS, CALLS = 6, 20

    def check_each(self, tos):
        """Apps[i] sends its own file to tos[i]; each arrives as one unbroken stream."""
        paths = [self.file(CALL_BYTES + 700 + i, f"film{i}") for i in range(self.APPS)]
        senders = [self.watch(Sender(self.server, path, host, port, segment=apps.TS_BYTES,
                                     calls=2 * self.CALLS, source_port=41000 + i, pause_us=500))
                   for i, (path, (host, port)) in enumerate(zip(paths, tos))]
        for sender in senders:
            self.assertEqual(sender.wait(), (2 * self.CALLS, 0))
        flows = {}
        for datagram in self.capture.datagrams():
            flows.setdefault(datagram.sport, []).append(rtp.parse_rtp(datagram.payload))
        for i, path in enumerate(paths):
            # A file is one call of 45 pieces, and then one of what is left.
            self.check_stream(flows[41000 + i], pieces(path) * self.CALLS)
        self.assertEqual(len({packets[0].ssrc for packets in flows.values()}), self.APPS)

    def tos(self):
        return [((VIEWER_V4, VIEWER_V6)[i % 2], PORT + 2 * (i % 3)) for i in range(self.APPS)]

    def test_apps_of_several_rules_and_families_at_once(self):
        for host, port in sorted(set(self.tos())):
            self.zcctl.attach(to_text(host, port))
        self.check_each(self.tos())

    def test_through_a_device_of_many_queues(self):
        self.wire.unplug()
        self.wire.plug(queues=8)
        self.capture.close()
        self.capture = Capture(self.viewer, "in")
        self.zcctl.attach(TO)
        self.check_each([(VIEWER_V4, PORT)] * self.APPS)
        self.assertEqual(self.zcctl.counters(TO)["super"], self.APPS * self.CALLS)


on_both_hooks(globals(), Ways)

if __name__ == "__main__":
    sandbox.main()

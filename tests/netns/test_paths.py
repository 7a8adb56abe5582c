#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The whole path, from an unmodified app to the wire."""
import os
import socket
import threading

from support import apps, program, rtp, sandbox
from support.case import PORT, TO, WireCase, cached_bytes_hash, chunks
from support.net import GROUP_V4, GROUP_V6, SERVER_V4, VIEWER_V4, VIEWER_V6, run

FILM_BYTES = 200 * apps.TS_BYTES + 77
_UDP_SEGMENT = 103
# Header bytes between UDP and payload: RTP, and for uni and lco their extension.
WAYS = {"uni": 28, "sum": 12, "lco": 20, "zero": 12}


def endpoint(host, port=PORT):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class EveryWayOfSending(WireCase):
    def stream_is_stamped(self, host, checksum, way="sendfile", path=None):
        path = path or self.file(FILM_BYTES)
        before = cached_bytes_hash(path)
        with self.rule(endpoint(host), "--checksum", checksum):
            apps.stream(self.socket(host), path, apps.WAYS[way])
            datagrams = self.capture.datagrams(PORT, len(chunks(path)))
            self.check_stream([rtp.parse_rtp(d.payload) for d in datagrams], chunks(path))
            self.check_headers(datagrams, checksum)
            self.check_show(endpoint(host), path, datagrams)
        self.assertEqual(cached_bytes_hash(path), before, "the page cache changed")

    def check_headers(self, datagrams, checksum):
        for datagram in datagrams:
            packet = rtp.parse_rtp(datagram.payload)
            self.assertEqual(len(datagram.payload) - len(packet.payload), WAYS[checksum])
            self.assertEqual(packet.elements is not None, checksum in ("uni", "lco"))
            self.assertEqual(datagram.udp_checksum == 0, checksum == "zero")

    def check_show(self, to, path, datagrams):
        last = rtp.parse_rtp(datagrams[-1].payload)
        stream, = self.zcctl.streams(to)
        self.assertEqual(stream["packets"], len(datagrams))
        self.assertEqual(stream["octets"], os.path.getsize(path))
        self.assertEqual(stream["from"], endpoint(datagrams[0].src, datagrams[0].sport))
        self.assertEqual((stream["ssrc"], stream["seq"], stream["ts"]),
                         (f"0x{last.ssrc:08x}", last.seq, last.timestamp))
        self.assertEqual(self.zcctl.counters(to), {"stamped": len(datagrams)})

    def test_each_system_call_each_family_each_checksum_way(self):
        for host, ways in ((VIEWER_V4, WAYS), (VIEWER_V6, ("uni", "sum", "lco"))):
            for checksum in ways:
                for way in apps.WAYS:
                    with self.subTest(host=host, checksum=checksum, way=way):
                        self.stream_is_stamped(host, checksum, way)

    def test_multicast_of_both_families(self):
        for group in (GROUP_V4, GROUP_V6):
            for checksum in ("uni", "sum"):
                with self.subTest(group=group, checksum=checksum):
                    self.stream_is_stamped(group, checksum)

    def test_a_file_on_a_disk(self):
        self.stream_is_stamped(VIEWER_V4, "uni", path=program.ZCCTL)

    def test_auto_takes_sum_with_offload_and_without(self):
        for on, way in ((True, "sum"), (False, "sum")):
            for host in (VIEWER_V4, VIEWER_V6):
                self.wire.set_tx_checksum(on)
                self.zcctl.attach(endpoint(host))
                self.assertEqual(self.zcctl.rule(endpoint(host))["checksum"], way)
                self.zcctl.detach(endpoint(host))

    def test_lco_stays_right_while_the_offload_is_switched(self):
        self.zcctl.attach(TO, "--checksum", "uni")
        sock = self.socket()
        for on in (True, False, True):
            self.wire.set_tx_checksum(on)
            apps.say(sock, b"x" * 99, b"y" * 100)
            self.assertEqual([p.payload for p in self.received(2)], [b"x" * 99, b"y" * 100])
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 6})

    def test_sum_stays_right_when_the_offload_comes_on(self):
        self.wire.set_tx_checksum(False)
        self.zcctl.attach(TO, "--checksum", "sum")
        self.wire.set_tx_checksum(True)
        apps.say(self.socket(), b"x" * 99)
        self.assertEqual([p.payload for p in self.received(1)], [b"x" * 99])
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 1})

    def test_the_sender_may_want_no_checksum(self):
        so_no_check = 11
        for checksum in WAYS:
            self.zcctl.attach(TO, "--checksum", checksum)
            sock = self.socket()
            sock.setsockopt(socket.SOL_SOCKET, so_no_check, 1)
            apps.say(sock, b"x" * 20)
            datagram, = self.capture.datagrams(PORT, 1)
            self.assertEqual(datagram.udp_checksum, 0)
            self.assertEqual(rtp.parse_rtp(datagram.payload).payload, b"x" * 20)
            self.zcctl.detach(TO)

    def test_every_small_length(self):
        payloads = [bytes([n]) * n for n in range(0, 70)]
        for checksum in ("uni", "sum", "zero"):
            for host in (VIEWER_V4, VIEWER_V6)[:1 if checksum == "zero" else 2]:
                self.zcctl.attach(endpoint(host), "--checksum", checksum)
                apps.say(self.socket(host), *payloads)
                self.check_stream(self.received(70), payloads)
                self.zcctl.detach(endpoint(host))


class ManyStreams(WireCase):
    def test_streams_at_once_do_not_mix(self):
        paths = {host: self.file(150 * apps.TS_BYTES + len(host), f"film{i}")
                 for i, host in enumerate((VIEWER_V4, VIEWER_V6, GROUP_V4, GROUP_V6))}
        senders = []
        for host, path in paths.items():
            self.zcctl.attach(endpoint(host))
            senders += [threading.Thread(target=apps.stream, args=(self.socket(host), path))
                        for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        streams = self.by_flow(self.capture.datagrams(PORT, 8 * 151))
        self.assertEqual(len(streams), 8)
        for flow, packets in streams.items():
            self.check_stream(packets, chunks(paths[flow[2]]))
        self.assertEqual(len({packets[0].ssrc for packets in streams.values()}), 8)

    @staticmethod
    def by_flow(datagrams):
        streams = {}
        for datagram in datagrams:
            streams.setdefault(datagram.flow, []).append(rtp.parse_rtp(datagram.payload))
        return streams

    def test_first_values_are_random_and_start_low(self):
        self.zcctl.attach(TO)
        for _ in range(16):
            apps.say(self.socket(), b"x" * 50)
        packets = self.received(16)
        for values in ([p.ssrc for p in packets], [p.timestamp for p in packets]):
            self.assertEqual(len(set(values)), 16)
        self.assertGreater(len({p.seq for p in packets}), 8)
        self.assertLess(max(p.seq for p in packets), 0x8000)

    def test_a_rule_with_a_source_takes_only_that_source(self):
        self.zcctl.attach(TO, "--from", f"{SERVER_V4}:40000")
        self.zcctl.attach(TO, "--from", "10.99.0.1", "--pt", 96, "--clock", 48000)
        apps.say(self.socket(source_port=40000), b"mine" * 8)
        apps.say(self.socket(source_port=40001), b"passes" * 8)
        mine, passes = self.capture.datagrams(PORT, 2)
        self.assertEqual(rtp.parse_rtp(mine.payload).payload, b"mine" * 8)
        self.assertEqual(passes.payload, b"passes" * 8)


class Options(WireCase):
    def test_first_values_as_given_and_sequence_wrap(self):
        self.zcctl.attach(TO, "--ssrc", "0xdeadbeef", "--seq", 65530, "--ts", 4294967295)
        apps.say(self.socket(), *[b"x" * 50] * 12)
        packets = self.received(12)
        self.check_stream(packets, [b"x" * 50] * 12)
        first = packets[0]
        self.assertEqual((first.ssrc, first.seq, first.timestamp), (0xDEADBEEF, 65530, 2**32 - 1))
        self.assertEqual(packets[-1].seq, 5)

    def test_payload_names_and_numbers(self):
        for options, payload_type in ((("--payload", "PCMU"), 0), (("--payload", "pcma"), 8),
                                      (("--payload", "L16/44100/2"), 10),
                                      (("--pt", "127", "--clock", "48000"), 127)):
            self.zcctl.ok("attach", "out", "--to", TO, *options)
            apps.say(self.socket(), b"x" * 160)
            self.check_stream(self.received(1), [b"x" * 160], payload_type)
            self.zcctl.detach(TO)

    def test_mpa_has_the_four_bytes_of_rfc_2250(self):
        for on in (True, False):
            self.wire.set_tx_checksum(on)
            self.zcctl.attach(TO, payload="MPA")
            apps.say(self.socket(), b"x" * 417)
            self.check_stream(self.received(1), [bytes(4) + b"x" * 417], 14)
            self.zcctl.detach(TO)

    def test_timestamps_follow_the_clock_on_the_wall(self):
        for clock in (8000, 90000):
            self.zcctl.ok("attach", "out", "--to", TO, "--pt", 96, "--clock", clock)
            path = self.file(30 * 160)
            apps.stream(self.socket(), path, size=160, bytes_per_second=160 / 0.02)
            datagrams = self.capture.datagrams(PORT, 30)
            packets = [rtp.parse_rtp(d.payload) for d in datagrams]
            for one, other in ((0, -1), (5, 20)):
                passed = datagrams[other].when - datagrams[one].when
                ticks = (packets[other].timestamp - packets[one].timestamp) % 2**32
                # A thread that loses its core between the stamp and the capture: 20 ms.
                self.assertAlmostEqual(ticks / clock, passed, delta=0.02)
            self.zcctl.detach(TO)

    def test_what_cannot_be_stamped_is_counted_once_and_not_sent(self):
        self.zcctl.attach(TO, "--checksum", "uni")
        sock = self.socket()
        apps.say(sock, b"x" * 1444)  # 1500 with 20 + 8 + 28 bytes of headers
        apps.say(sock, b"x" * 1445, b"x" * 1472)
        # Fragments: IP gives a datagram up with the first one that is dropped.
        apps.say(sock, b"x" * 1473, b"x" * 4000)
        sock.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, 1445)
        apps.say(sock, b"x" * 2890)
        frames = [f for f in self.capture.frames() if len(f.data) > 500]
        self.assertEqual([len(f.data) for f in frames], [1514])
        self.assertEqual(self.zcctl.counters(TO),
                         {"stamped": 1, "oversize": 3, "fragment": 2})

    def test_the_mtu_of_now_counts(self):
        self.zcctl.attach(TO)
        sock = self.socket()
        apps.say(sock, b"x" * 1400)
        run("ip", "-n", "server", "link", "set", "out", "mtu", "1439")
        apps.say(sock, b"x" * 1400)
        self.assertEqual(self.zcctl.counters(TO), {"stamped": 1, "oversize": 1})

    def test_packets_of_no_rule_leave_untouched(self):
        self.zcctl.attach(TO)
        for host, port in ((VIEWER_V4, PORT + 1), (VIEWER_V6, PORT), ("10.77.0.3", PORT)):
            run("ip", "-n", "server", "neigh", "replace", "10.77.0.3", "lladdr",
                "02:00:00:00:00:02", "dev", "out")
            apps.say(self.socket(host, port), b"as it is", b"x" * 1472)
            sizes = [8] if ":" in host else [8, 1472]  # with IPv6's 40 bytes it is fragmented
            datagrams = self.capture.datagrams(port, len(sizes))
            self.assertEqual([len(d.payload) for d in datagrams], sizes)
        self.assertEqual(self.zcctl.counters(TO), {})


if __name__ == "__main__":
    sandbox.main()

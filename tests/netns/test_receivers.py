#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Receivers that nobody here wrote get what was sent: ffmpeg, GStreamer, and tshark as a judge."""
import os

from support import apps, receivers, rtp, sandbox, segmented
from support.case import PORT, TO, WireCase, chunks
from support.net import GROUP_V4, SERVER_V4, SERVER_V6, VIEWER_V6

SPEED = 3  # times the film's own: two seconds need not take two
# A frame of an MPEG-TS ends where the next begins, and a live stream has no last one: what ffmpeg
# may hold back when it is stopped.
TAIL = 5
CHECKSUMS = ("uni", "sum", "lco")  # RTP with its extension; the plain 12 bytes


def work(name):
    return os.path.join(sandbox.WORK, name)


class ReceiverCase(WireCase):
    def sdp(self, to=TO, *options):
        """What zcctl says about the rule, as a file."""
        path = work("session.sdp")
        with open(path, "w", encoding="ascii", newline="") as file:
            file.write(self.zcctl.ok("sdp", "out", "--to", to, *options).out)
        return path

    def with_rule(self, checksum, to=TO, **words):
        return self.rule(to, "--checksum", checksum, **words)

    def stream(self, path, seconds=2, size=apps.TS_BYTES, host=None, segment=0):
        """`segment`: calls of 45 datagrams, which the kernel cuts."""
        rate = os.path.getsize(path) / seconds * SPEED
        sock = self.socket(host) if host else self.socket()
        if segment:
            segmented.set_segment(sock, segment)
            size = 45 * segment
        return apps.stream(sock, path, size=size, bytes_per_second=rate)


@sandbox.needs("ffmpeg")
class Ffmpeg(ReceiverCase):
    def check_film(self, checksum, to=TO, host=None, segment=0):
        film = work("film.ts")
        receivers.make_film(film)
        pictures, sounds = receivers.decode("-i", film)
        self.assertEqual(len(pictures), 55)
        with self.with_rule(checksum, to):
            receiver = receivers.ffmpeg_hashes(self.viewer, PORT, self.sdp(to), work("v"),
                                               work("a"))
            self.stream(film, host=host, segment=segment)
            said = receiver.finish(lambda: len(receivers.read_hashes(work("v"))) >= 55 - TAIL)
        self.assertNotIn("missed", said)
        self.check_frames(receivers.read_hashes(work("v")), pictures)
        self.check_frames(receivers.read_hashes(work("a")), sounds)

    def check_frames(self, received, sent):
        self.assertGreaterEqual(len(received), len(sent) - TAIL)
        self.assertEqual(received, sent[:len(received)])

    def test_every_frame_sent_is_decoded_from_the_extended_header(self):
        self.check_film("uni")

    def test_every_frame_sent_is_decoded_from_the_plain_header(self):
        self.check_film("sum")

    def test_every_frame_sent_is_decoded_over_ipv6(self):
        self.check_film("uni", f"[{VIEWER_V6}]:{PORT}", VIEWER_V6)

    def test_every_frame_sent_is_decoded_from_a_multicast_group(self):
        self.viewer.ip("route add 224.0.0.0/4 dev in")
        self.check_film("uni", f"{GROUP_V4}:{PORT}", GROUP_V4)

    def test_every_frame_sent_with_large_calls_is_decoded(self):
        for host, to in ((None, TO), (VIEWER_V6, f"[{VIEWER_V6}]:{PORT}")):
            with self.subTest(to=to):
                self.check_film("uni", to, host, segment=apps.TS_BYTES)

    def test_mulaw_sound_arrives_byte_for_byte(self):
        sound, received = work("sound.ul"), work("received.ul")
        receivers.make_mulaw(sound)
        for checksum, segment in (*((checksum, 0) for checksum in CHECKSUMS), ("uni", 160)):
            with self.subTest(checksum=checksum, segment=segment), \
                    self.with_rule(checksum, payload="PCMU"):
                receiver = receivers.ffmpeg(self.viewer, PORT, self.sdp(), "-c:a", "copy",
                                            "-flush_packets", "1", "-f", "mulaw", received)
                self.stream(sound, size=160, segment=segment)
                said = receiver.finish(receivers.size_is(received, os.path.getsize(sound)))
                self.assertEqual(chunks(received, 160), chunks(sound, 160), said)


class Printed(ReceiverCase):
    """What `sdp --for` prints opens the stream, and gives back its bytes."""

    # --payload, what makes a file of it, bytes a packet, ffmpeg's name for it
    KINDS = (("MP2T", receivers.make_film, apps.TS_BYTES, None),
             ("PCMU", receivers.make_mulaw, 160, "mulaw"),
             ("L16/48000/2", receivers.make_l16, 960, "s16be"))

    def check_printed(self, receiver, change, kinds=KINDS, to=TO, options=()):
        for payload, make, size, kind in kinds:
            sent, received = work("sent"), work("received")
            make(sent)
            if os.path.exists(received):
                os.remove(received)
            seconds = os.path.getsize(sent) / size * 0.02
            with self.subTest(payload=payload), self.rule(to, *options, payload=payload):
                text = self.zcctl.ok("sdp", "out", "--to", to, *options, "--for", receiver).out
                program = receivers.printed(self.viewer, PORT, text, work("session"),
                                            lambda words, kind=kind: change(words, kind, received))
                host = to.rpartition(":")[0]
                self.stream(sent, size=size, seconds=seconds, host=None if to == TO else host)
                said = program.finish(receivers.size_is(received, os.path.getsize(sent)))
                self.assertEqual(chunks(received, size), chunks(sent, size), said)

    @staticmethod
    def ffmpeg(words, kind, received):
        """ffplay's sibling, which writes."""
        assert words[0] == "ffplay"
        output = ("-c:a", "copy", "-f", kind) if kind else ("-map", "0", "-c", "copy", "-f", "mpegts")
        return ["ffmpeg", "-v", "warning", "-nostdin", "-y", "-analyzeduration", "300000", *words[1:],
                *output, "-flush_packets", "1", received]

    @staticmethod
    def gstreamer(words, _, received):
        at = next(i for i, word in enumerate(words) if word.endswith("depay"))
        return ["gst-launch-1.0", "-e", *words[1:at + 1], "!", "filesink", f"location={received}",
                "buffer-mode=unbuffered"]

    @sandbox.needs("ffmpeg")
    def test_ffplay(self):
        self.check_printed("ffplay", self.ffmpeg, self.KINDS[1:])

    @sandbox.needs("ffmpeg")
    def test_ffplay_from_the_one_source_of_a_group(self):
        self.viewer.ip("route add 224.0.0.0/4 dev in")
        self.check_printed("ffplay", self.ffmpeg, self.KINDS[1:2], f"232.1.2.3:{PORT}",
                           ("--from", SERVER_V4))

    @sandbox.needs("gst-launch-1.0", "ffmpeg")
    def test_gstreamer(self):
        self.check_printed("gst", self.gstreamer)


class Dynamic(ReceiverCase):
    """Payload types whose meaning only the operator knows, and says to `sdp`."""

    OPUS = ("--encoding", "opus")
    BYTES = 160  # of an Opus packet of 20 ms at 64 kbit/s

    def opus(self):
        path = work("sound.opus")
        receivers.make_opus(path, self.BYTES)
        return path

    def opus_rule(self, checksum):
        return self.rule(TO, "--pt", 97, "--clock", 48000, "--checksum", checksum)

    def check_arrives(self, receive):
        sound, received = self.opus(), work("received.opus")
        for checksum in ("uni", "zero"):
            with self.subTest(checksum=checksum), self.opus_rule(checksum):
                sdp = self.sdp(TO, *self.OPUS)
                receiver = receive(sdp, received)
                self.stream(sound, size=self.BYTES)
                said = receiver.finish(receivers.size_is(received, os.path.getsize(sound)))
                self.assertEqual(chunks(received, self.BYTES), chunks(sound, self.BYTES), said)

    @sandbox.needs("ffmpeg")
    def test_opus_reaches_ffmpeg_byte_for_byte(self):
        self.check_arrives(lambda sdp, out: receivers.ffmpeg(
            self.viewer, PORT, sdp, "-map", "0:a", "-c:a", "copy", "-flush_packets", "1", "-f", "data",
            out))

    @sandbox.needs("gst-launch-1.0", "ffmpeg")
    def test_opus_reaches_gstreamer_byte_for_byte(self):
        self.check_arrives(lambda sdp, out: receivers.gstreamer(
            self.viewer, PORT, out, ("filesrc", f"location={sdp}", "!", "sdpdemux", "!"),
            depay="rtpopusdepay"))

    @sandbox.needs("ffprobe")
    def test_ffprobe_reads_what_was_said(self):
        with self.opus_rule("uni"):
            for encoding, expected in (("opus/48000/2", "opus,48000,2"),
                                       ("L24/48000/8", "pcm_s24be,48000,8")):
                probe = receivers.probe_sdp(self.sdp(TO, "--encoding", encoding))
                self.assertEqual(probe, expected)

    def test_without_a_name_it_is_asked_for(self):
        with self.opus_rule("uni"):
            result = self.zcctl.run("sdp", "out", "--to", TO)
            self.check_exit(result, 2)
            self.assertIn("payload type 97", result.err)
            self.assertIn("hint: say it as a=rtpmap does, e.g. --encoding opus/48000/2", result.err)
            self.check_exit(self.zcctl.run("sdp", "out", "--to", TO, "--encoding", "opus/8000"), 2)


class Groups(ReceiverCase):
    def test_a_group_without_a_route_is_described_by_the_devices_address(self):
        group6 = "ff3e::8000:1"
        self.server.ip("route del 224.0.0.0/4 dev out")
        for to, group, source in ((f"{GROUP_V4}:{PORT}", f"IP4 {GROUP_V4}/255", SERVER_V4),
                                  (f"[{group6}]:{PORT}", f"IP6 {group6}", SERVER_V6)):
            with self.subTest(to=to), self.rule(to, "--checksum", "uni"):
                with open(self.sdp(to), encoding="ascii") as file:
                    text = file.read()
                self.assertIn(f"c=IN {group}\n", text)
                self.assertRegex(text, f"o=- [0-9]+ 1 IN IP[46] {source}\n")


@sandbox.needs("gst-launch-1.0", "ffmpeg")
class GStreamer(ReceiverCase):
    def check_file(self, checksum, source=None, segment=0):
        film, received = work("film.ts"), work("received.ts")
        receivers.make_film(film)
        with self.subTest(checksum=checksum), self.with_rule(checksum):
            sdp = self.sdp()
            receiver = receivers.gstreamer(self.viewer, PORT, received, source and source(sdp))
            self.stream(film, segment=segment)
            said = receiver.finish(receivers.size_is(received, os.path.getsize(film)))
        self.assertEqual(chunks(received), chunks(film), said)

    def test_the_file_it_writes_is_the_file_that_was_sent(self):
        for checksum in CHECKSUMS:
            self.check_file(checksum)

    def test_the_file_it_writes_is_what_was_sent_with_large_calls(self):
        for checksum in (*CHECKSUMS, "zero"):
            self.check_file(checksum, segment=apps.TS_BYTES)

    def test_it_opens_the_session_description(self):
        self.check_file("uni", lambda sdp: ("filesrc", f"location={sdp}", "!", "sdpdemux", "!"))


@sandbox.needs("tshark")
class Tshark(ReceiverCase):
    def captured(self, checksum):
        """A pcap of one stream per family."""
        path = self.file(100 * apps.TS_BYTES)
        with self.with_rule(checksum), self.with_rule(checksum, f"[{VIEWER_V6}]:{PORT}"):
            for host in (None, VIEWER_V6):
                self.stream(path, seconds=0.2, host=host)
            frames = [f for f in self.capture.frames() if rtp.parse_frame(f.data)]
        receivers.write_pcap(work("wire.pcap"), frames)
        return work("wire.pcap"), len(frames)

    def test_it_finds_nothing_wrong_on_the_wire(self):
        good = "rtp.version == 2 && udp.checksum.status == 1 && !_ws.malformed && !_ws.expert"
        for checksum in CHECKSUMS:
            with self.subTest(checksum=checksum):
                pcap, count = self.captured(checksum)
                self.assertEqual(count, 200)
                self.assertEqual(len(receivers.tshark(pcap, "-Y", good).splitlines()), count)

    def test_its_rtp_analysis_finds_no_loss(self):
        pcap, _ = self.captured("uni")
        streams = [line.split() for line in receivers.tshark(pcap, "-q", "-z", "rtp,streams")
                   .splitlines() if "0x" in line]
        self.assertEqual(len(streams), 2)
        for fields in streams:
            ssrc = next(i for i, field in enumerate(fields) if field.startswith("0x"))
            # … SSRC Payload Packets Lost: the payload's name may have blanks
            self.assertIn("100", fields[ssrc:])
            lost = fields[fields.index("100", ssrc) + 1]
            self.assertEqual(lost, "0", fields)


if __name__ == "__main__":
    sandbox.main()

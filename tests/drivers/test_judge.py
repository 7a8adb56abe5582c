#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The judge of test_drivers.py: it finds what is planted, and nothing in what is right."""
import os
import struct
import tempfile
import unittest

import judge

PAYLOAD = bytes(i * 7 & 0xff for i in range(3000))
SIZES = (1001, 64, 30, 999)
SOURCE, PORT = 7001, 6000
# RFC 8285: one element that fills the words.
EXTENSION = bytes.fromhex("bede0001e2001234")
ADDRESSES = {4: bytes([10, 9, 0, 1, 10, 9, 0, 2]),
             6: bytes.fromhex("fd000009000000000000000000000001fd000009000000000000000000000002")}


def carry_sum(data):
    """RFC 1071's sum as RFC 1071 adds it, not as the judge does."""
    total = 0
    for high, low in zip(data[::2], data[1::2] + b"\0"):
        total += high << 8 | low
        total = (total & 0xffff) + (total >> 16)
    return total


def frame(family=4, number=0, offset=0, size=100, extension=EXTENSION, **given):
    """A right one, but for what is given."""
    rtp = struct.pack("!BBHII", 0x80 | (0x10 if extension else 0), 33, 65534 + number & 0xffff,
                      number * 90, given.get("ssrc", 0xdecade)) + extension
    body = given.get("rtp", rtp) + PAYLOAD[offset:offset + size]
    length = 8 + len(body)
    pseudo = ADDRESSES[family] + struct.pack("!II", length, 17)
    header = struct.pack("!HHH", SOURCE, PORT, length)
    checksum = ~carry_sum(pseudo + header + b"\0\0" + body) & 0xffff or 0xffff
    udp = header + struct.pack("!H", given.get("checksum", checksum)) + body
    if family == 6:
        ip = struct.pack("!IHBB", 6 << 28, length, 17, 64) + ADDRESSES[6]
        return bytes(12) + b"\x86\xdd" + ip + udp
    ip = bytearray(struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0x4000, 64, 17, 0)
                   + ADDRESSES[4])
    struct.pack_into("!H", ip, 10, ~carry_sum(ip) & 0xffff)
    return bytes(12) + b"\x08\x00" + bytes(ip) + udp


def flow_frames(family=4, **given):
    offset, frames = 0, []
    for number, size in enumerate(SIZES):
        frames.append(frame(family, number, offset, size, **given))
        offset += size
    return frames


class Judge(unittest.TestCase):
    def problems(self, frames, family=4, no_checksum="never"):
        flow = judge.Flow(family, SOURCE, PORT, SIZES, no_checksum)
        result = judge.judge(frames, [flow], PAYLOAD)
        return dict(result[flow.key] + result[None])

    def planted(self, index, changed, family=4):
        frames = flow_frames(family)
        frames[index] = changed(frames[index])
        return self.problems(frames, family)

    def test_right_frames_have_no_problem(self):
        for family in (4, 6):
            for extension in (EXTENSION, b"", bytes.fromhex("bede0003ea00ffff0000000000001234")):
                frames = flow_frames(family, extension=extension)
                self.assertEqual(self.problems(frames, family), {})

    def test_arp_and_icmpv6_are_no_frames_of_ours(self):
        arp = bytes(12) + b"\x08\x06" + bytes(28)
        icmp = bytearray(frame(6))
        icmp[20] = 58
        self.assertEqual(self.problems([arp, bytes(icmp), *flow_frames()]), {})

    def test_every_flipped_bit_of_every_byte_behind_the_ethernet_header_is_found(self):
        for family in (4, 6):
            # A hop limit, a traffic class and a flow label may be any, and no checksum covers them.
            free = {14, 15, 16, 17, 21} if family == 6 else set()
            for at in set(range(14, len(flow_frames(family)[1]))) - free:
                def flip(right, at=at):
                    return right[:at] + bytes([right[at] ^ 0x10]) + right[at + 1:]
                self.assertTrue(self.planted(1, flip, family), f"IPv{family} byte {at}")

    def test_each_kind_of_fault_has_its_name(self):
        for index, wrong, name in (
                (0, frame(4, 0, 0, 1001, checksum=1), "UDP checksum"),
                (1, frame(4, 1, 1001, 64, checksum=0), "UDP checksum 0"),
                (1, frame(4, 1, 1001, 64, rtp=b""), "RTP version"),
                (1, frame(4, 1, 1002, 64), "payload"),
                (3, frame(4, 3, 1095, 999, ssrc=1), "SSRC"),
                (3, frame(4, 4, 1095, 999), "sequence number"),
                (2, frame(4, 2, 1065, 30) + b"\0", "bytes behind the packet"),
                (0, frame(4, 0, 0, 1001)[:-1], "IP length"),
                (1, frame(4, 1, 1001, 64, extension=bytes.fromhex("bede0002e2001234")),
                 "RTP extension")):
            with self.subTest(name):
                self.assertIn(name, self.planted(index, lambda _, wrong=wrong: wrong))

    def test_a_checksum_in_the_ssrc_is_found(self):
        """What a card does that follows csum_start where nobody has thought of it."""
        frames = [frame(4, n, sum(SIZES[:n]), SIZES[n], b"", ssrc=0x11220000 | n * 977)
                  for n in range(4)]
        self.assertEqual(self.problems(frames), {"SSRC": 3})

    def test_losses_copies_and_strangers_are_counted(self):
        frames = flow_frames()
        self.assertEqual(self.problems(frames[:3]), {"missing": 1})
        self.assertEqual(self.problems([*frames, frames[3]]), {"too many": 1})
        stranger = bytearray(frames[0])
        stranger[37] ^= 1  # its port
        self.assertEqual(self.problems([*frames, bytes(stranger)]), {"frame of no flow": 1})
        self.assertIn("sequence number", self.problems([frames[1], frames[0], *frames[2:]]))

    def test_no_checksum_where_it_must_be_and_where_it_may(self):
        frames = flow_frames(checksum=0)
        self.assertEqual(self.problems(frames, no_checksum="always"), {})
        self.assertEqual(self.problems(frames, no_checksum="may"), {})
        self.assertEqual(self.problems(flow_frames(), no_checksum="always"),
                         {"UDP checksum not 0": 4})

    def test_a_capture_is_read_back_and_a_cut_one_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "pcap")
            with open(path, "wb") as file:
                file.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
                for one in flow_frames():
                    file.write(struct.pack("<IIII", 0, 0, len(one), len(one)) + one)
            self.assertEqual(list(judge.read_pcap(path)), flow_frames())
            os.truncate(path, os.path.getsize(path) - 1)
            with self.assertRaises(ValueError):
                list(judge.read_pcap(path))


if __name__ == "__main__":
    unittest.main()

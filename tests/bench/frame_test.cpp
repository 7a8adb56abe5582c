// SPDX-License-Identifier: GPL-2.0-only
// Frames as a device gets them. The checksums in the literal ones were worked out by hand after
// RFC 791, RFC 768 and RFC 1071.
#include "env/frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "job/udp_frame.h"
#include "ts_packets.h"

namespace zc::bench {
namespace {

using Bytes = std::vector<uint8_t>;

// 10.99.0.1:40000 to 10.99.0.2:5004, "abcd". IP words: 4500+0020+0000+4000+4011+0a63+0001+0a63+0002
// = d9fa, inverted 2605. UDP words, pseudo-header first: 0a63+0001+0a63+0002+0011+000c +
// 9c40+138c+000c + 6162+6364 = 1 8984, folded 8985, inverted 767a.
const Bytes kFrame{0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01,
                   0x08, 0x00, 0x45, 0x00, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                   0x26, 0x05, 0x0a, 0x63, 0x00, 0x01, 0x0a, 0x63, 0x00, 0x02, 0x9c, 0x40,
                   0x13, 0x8c, 0x00, 0x0c, 0x76, 0x7a, 'a',  'b',  'c',  'd'};
constexpr size_t kIpSum = 24, kUdpSum = 40, kPayload = 42;

struct Read {
  std::vector<std::string> datagrams;
  std::string problem;
  uint64_t device_checksums = 0;
};

Read read(const std::vector<Bytes>& frames, const VnetHeader& request = {}, uint16_t port = 5004) {
  Read seen;
  FrameReader reader(
      port, [&](ByteView payload) { seen.datagrams.emplace_back(payload.begin(), payload.end()); });
  for (const Bytes& frame : frames)
    reader.frame(request, frame);
  seen.problem = reader.problem();
  seen.device_checksums = reader.device_checksums();
  return seen;
}

Bytes changed(Bytes frame, size_t at, uint8_t to) {
  frame.at(at) = to;
  return frame;
}

TEST(FrameReader, AGoodFrameIsHandedOn) {
  const Read seen = read({kFrame});
  EXPECT_EQ(seen.problem, "");
  EXPECT_EQ(seen.datagrams, std::vector<std::string>{"abcd"});
}

TEST(FrameReader, AWrongSumIsSeen) {
  EXPECT_EQ(read({changed(kFrame, kUdpSum, 0x77)}).problem, "wrong UDP checksum");
  EXPECT_EQ(read({changed(kFrame, kPayload, 'x')}).problem, "wrong UDP checksum");
  EXPECT_EQ(read({changed(kFrame, kIpSum, 0x27)}).problem, "wrong IP checksum");
}

// RFC 768: all zero is "the transmitter generated no checksum".
TEST(FrameReader, ASumOfZeroIsNone) {
  const Bytes none = changed(changed(kFrame, kUdpSum, 0), kUdpSum + 1, 0);
  EXPECT_EQ(read({changed(none, kPayload, 'x')}).problem, "");
}

// The pseudo-header's words alone: 0a63+0001+0a63+0002+0011+000c = 14e6.
TEST(FrameReader, TheDeviceCompletesASumThatIsLeftToIt) {
  const Bytes partial = changed(changed(kFrame, kUdpSum, 0x14), kUdpSum + 1, 0xe6);
  const VnetHeader request{.flags = 1, .csum_start = 34, .csum_offset = 6};
  const Read seen = read({partial}, request);
  EXPECT_EQ(seen.problem, "");
  EXPECT_EQ(seen.device_checksums, 1U);
  EXPECT_EQ(read({changed(partial, kUdpSum, 0x15)}, request).problem, "wrong UDP checksum");
  EXPECT_EQ(read({partial}).problem, "wrong UDP checksum");
}

// What a packetizer does that does not move csum_start: the sum lands in the payload.
TEST(FrameReader, ASumInTheWrongPlaceIsSeen) {
  const Bytes partial = changed(changed(kFrame, kUdpSum, 0x14), kUdpSum + 1, 0xe6);
  EXPECT_NE(read({partial}, {.flags = 1, .csum_start = 36, .csum_offset = 6}).problem, "");
  EXPECT_NE(read({partial}, {.flags = 1, .csum_start = 60, .csum_offset = 6}).problem, "");
}

TEST(FrameReader, ADeviceWithSegmentationCutsTheDatagram) {
  const Read seen = read({kFrame}, {.gso_type = 5, .gso_size = 2});
  EXPECT_EQ(seen.datagrams, (std::vector<std::string>{"ab", "cd"}));
}

TEST(FrameReader, OtherPortsAndProtocolsArePassedOver) {
  EXPECT_TRUE(read({kFrame}, {}, 5005).datagrams.empty());
  EXPECT_TRUE(read({changed(kFrame, 12, 0x86)}).datagrams.empty());
  EXPECT_TRUE(read({Bytes(10)}).datagrams.empty());
}

// RFC 791, 3.2: the first eight bytes of IP payload (the UDP header) with "more fragments", then
// four at offset 1. IP sums: d9fa - 4 (length 1c) - 4000 + 2000 = b9f6, inverted 4609; and length
// 18, offset 1, no flags: d9fa - 8 - 4000 + 1 = 99f3, inverted 660c.
TEST(FrameReader, FragmentsArePutTogether) {
  Bytes first(kFrame.begin(), kFrame.begin() + 42);
  first[17] = 0x1c;
  first[20] = 0x20;
  first[24] = 0x46;
  first[25] = 0x09;
  Bytes second(kFrame.begin(), kFrame.begin() + 34);
  second.insert(second.end(), {'a', 'b', 'c', 'd'});
  second[17] = 0x18;
  second[20] = 0x00;
  second[21] = 0x01;
  second[24] = 0x66;
  second[25] = 0x0c;
  const Read seen = read({first, second});
  EXPECT_EQ(seen.problem, "");
  EXPECT_EQ(seen.datagrams, std::vector<std::string>{"abcd"});
  EXPECT_EQ(read({second}).problem, "IP fragment out of order");
}

TEST(UdpFrame, MakesTheFrameThatTheDeviceWouldHave) {
  Bytes made(kFrame.size());
  std::copy_n(kFrame.begin() + kPayload, 4, made.begin() + kPayload);
  const UdpFrame frame(4);
  ASSERT_EQ(frame.bytes(), kFrame.size());
  frame.write_summed(reinterpret_cast<char*>(made.data()),
                     reinterpret_cast<const char*>(made.data()) + kPayload);
  EXPECT_EQ(made, kFrame);
}

TEST(UdpFrame, LeavesThePseudoHeadersSumToADeviceThatSums) {
  Bytes made(kFrame.size());
  UdpFrame(4).write_unsummed(reinterpret_cast<char*>(made.data()));
  EXPECT_EQ(made[kUdpSum], 0x14);
  EXPECT_EQ(made[kUdpSum + 1], 0xe6);
}

// RFC 1071, section 3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
TEST(InternetSum, IsThatOfTheExampleInRfc1071) {
  const Bytes words{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  const uint16_t sum = internet_sum(reinterpret_cast<const char*>(words.data()), words.size(), 0);
  EXPECT_EQ(sum & 0xff, 0xdd);
  EXPECT_EQ(sum >> 8, 0xf2);
}

TEST(InternetSum, AnOddLastByteIsTheHighHalfOfAWord) {
  const Bytes bytes{0x00, 0x01, 0xf2};
  const uint16_t sum = internet_sum(reinterpret_cast<const char*>(bytes.data()), bytes.size(), 0);
  EXPECT_EQ(sum & 0xff, 0xf2);
  EXPECT_EQ(sum >> 8, 0x01);
}

// The check value that catalogues give for CRC-32/MPEG-2.
TEST(MpegCrc, Of123456789Is0376e6e7) {
  const Bytes digits{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(mpeg_crc(digits), 0x0376e6e7U);
}

TEST(TsPackets, BeginWithThePatAndStayInStep) {
  const Bytes bytes = TsPackets().next(3);
  ASSERT_EQ(bytes.size(), 3 * 188U);
  EXPECT_EQ(Bytes(bytes.begin(), bytes.begin() + 5), (Bytes{0x47, 0x40, 0x00, 0x10, 0x00}));
  EXPECT_EQ(bytes[188], 0x47);
  EXPECT_EQ(Bytes(bytes.begin() + 376, bytes.begin() + 379), (Bytes{0x47, 0x1f, 0xff}));
}

}  // namespace
}  // namespace zc::bench

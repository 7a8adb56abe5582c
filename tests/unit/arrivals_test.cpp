// SPDX-License-Identifier: GPL-2.0-only
// Packets whose every byte is given, and each way of being wrong.
#include "core/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_packets.h"

namespace zc::core {
namespace {

using Packet = std::vector<uint8_t>;

const Test kTest{1, 10, ZC_CHECKSUM_SUM, 96, kTestSsrc};

ArrivedDatagram datagram_of(const Packet& packet, bool unfinished = false) {
  const auto datagram = read_datagram(packet, unfinished);
  EXPECT_TRUE(datagram);
  return datagram.value_or(ArrivedDatagram{});
}

Tally tally_of(const std::vector<Packet>& packets, const Test& test = kTest,
               bool unfinished = false) {
  Arrivals arrivals(test);
  for (const Packet& packet : packets) {
    const ArrivedDatagram datagram = datagram_of(packet, unfinished);
    const auto offset = find_test_payload(datagram.payload);
    EXPECT_TRUE(offset);
    arrivals.take(datagram, offset.value_or(0));
  }
  return arrivals.tally();
}

// With one byte of the IPv4 packet changed by `change`, and no sum made anew.
Packet changed(size_t at, uint8_t change) {
  Packet packet = from_hex(kTestIpv4);
  packet.at(at) ^= change;
  return packet;
}

TEST(ArrivalsTest, PacketsOfBothFamiliesAreReadAsTheyAre) {
  const Packet ipv4 = from_hex(kTestIpv4), ipv6 = from_hex(kTestIpv6);
  const ArrivedDatagram four = datagram_of(ipv4), six = datagram_of(ipv6);
  EXPECT_EQ(four.source.text(), "10.0.0.1:40000");
  EXPECT_EQ(four.destination.text(), "10.0.0.2:47000");
  EXPECT_EQ(six.source.text(), "[fd00::1]:40000");
  EXPECT_EQ(six.destination.text(), "[fd00::2]:47000");
  for (const ArrivedDatagram& datagram : {four, six}) {
    EXPECT_EQ(datagram.checksum, ChecksumSeen::kRight);
    EXPECT_TRUE(datagram.lengths_agree);
    EXPECT_EQ(datagram.payload.size(), 43U);
  }
  EXPECT_EQ(four.ip_bytes, 71U);
  EXPECT_EQ(six.ip_bytes, 91U);
}

TEST(ArrivalsTest, ThePayloadIsThatOfItsLabel) {
  const Packet packet = from_hex(kTestIpv4);
  const Bytes payload = Bytes(packet).subspan(kTestPayloadAt);
  const TestLabel label{kTestToken, 1, 2, 31};
  EXPECT_EQ(read_token(payload), kTestToken);
  EXPECT_EQ(read_label(payload), label);
  EXPECT_THAT(make_test_payload(label), testing::ElementsAreArray(payload));
}

TEST(ArrivalsTest, ARightPacketIsRight) {
  const Tally tally = tally_of({from_hex(kTestIpv4)});
  Tally expected;
  expected.arrived = expected.right = 1;
  expected.largest = 71;
  expected.source = "10.0.0.1:40000";
  EXPECT_EQ(tally, expected);
}

TEST(ArrivalsTest, AByteOfTheChecksumOrOfTheHeaderIsFound) {
  const Tally sum = tally_of({changed(kTestUdpAt + 6, 1)});
  EXPECT_EQ(sum.wrong_sum, 1U);
  EXPECT_EQ(sum.bad_header + sum.bad_payload + sum.right + sum.largest, 0U);
  const Tally ssrc = tally_of({changed(kTestRtpAt + 10, 1)});  // where csum_start would hit it
  EXPECT_EQ(ssrc.bad_header, 1U);
  EXPECT_EQ(ssrc.wrong_sum, 1U);
  for (const size_t at : {kTestRtpAt, kTestRtpAt + 1})
    EXPECT_EQ(tally_of({changed(at, 2)}).bad_header, 1U) << at;
}

TEST(ArrivalsTest, ABytesOfThePayloadOrOfItsLabelIsFound) {
  for (const size_t at : {kTestPayloadAt + 30, kTestPayloadAt + 24, kTestPayloadAt + 17}) {
    const Tally tally = tally_of({changed(at, 4)});
    EXPECT_EQ(tally.bad_payload, 1U) << at;
    EXPECT_EQ(tally.wrong_sum, 1U) << at;
    EXPECT_EQ(tally.right, 0U) << at;
  }
}

TEST(ArrivalsTest, NoChecksumIsRightForZeroAlone) {
  Packet packet = from_hex(kTestIpv4);
  packet[kTestUdpAt + 6] = packet[kTestUdpAt + 7] = 0;
  EXPECT_EQ(datagram_of(packet).checksum, ChecksumSeen::kNone);
  EXPECT_EQ(tally_of({packet}).wrong_sum, 1U);
  EXPECT_EQ(tally_of({packet}, {1, 10, ZC_CHECKSUM_ZERO, 96, kTestSsrc}).right, 1U);
  Packet ipv6 = from_hex(kTestIpv6);
  ipv6[46] = ipv6[47] = 0;
  EXPECT_EQ(datagram_of(ipv6).checksum, ChecksumSeen::kWrong);
}

TEST(ArrivalsTest, AnUnfinishedChecksumIsNotJudgedButTheRestIs) {
  const Tally tally = tally_of({changed(kTestUdpAt + 6, 1)}, kTest, true);
  EXPECT_EQ(tally.unfinished, 1U);
  EXPECT_EQ(tally.wrong_sum + tally.right, 0U);
  EXPECT_EQ(tally.largest, 71U);
  EXPECT_EQ(tally_of({changed(kTestRtpAt + 8, 1)}, kTest, true).bad_header, 1U);
}

TEST(ArrivalsTest, APacketWithoutRtpIsBare) {
  const Packet packet = from_hex(kTestIpv4);
  ArrivedDatagram datagram = datagram_of(packet);
  datagram.payload = Bytes(packet).subspan(kTestPayloadAt);
  ASSERT_EQ(find_test_payload(datagram.payload), 0U);
  Arrivals arrivals(kTest);
  arrivals.take(datagram, 0);
  EXPECT_EQ(arrivals.tally().bare, 1U);
  EXPECT_EQ(arrivals.tally().bad_header + arrivals.tally().right, 0U);
}

TEST(ArrivalsTest, AnotherWaysHeaderIsWrong) {
  EXPECT_EQ(tally_of({from_hex(kTestIpv4)}, {1, 10, ZC_CHECKSUM_UNI, 96, kTestSsrc}).bad_header,
            1U);
}

TEST(ArrivalsTest, TheExtensionsAreThoseOfTheDocumentation) {
  const auto judge = [](zc_checksum way, const std::string& extension) {
    const Packet whole = from_hex(kTestIpv4);
    Packet payload = from_hex("906003ea11223344deadbeef" + extension);
    payload.insert(payload.end(), whole.begin() + kTestPayloadAt, whole.end());
    ArrivedDatagram datagram = datagram_of(whole);
    datagram.payload = payload;
    Arrivals arrivals({1, 10, way, 96, kTestSsrc});
    arrivals.take(datagram, find_test_payload(payload).value_or(0));
    return arrivals.tally().right;
  };
  EXPECT_EQ(judge(ZC_CHECKSUM_UNI, "bede0003ea00abcd0000000000001234"), 1U);
  EXPECT_EQ(judge(ZC_CHECKSUM_UNI, "bede0003ea00abcd0000000000011234"), 0U);
  EXPECT_EQ(judge(ZC_CHECKSUM_LCO, "bede0001e2001234"), 1U);
  EXPECT_EQ(judge(ZC_CHECKSUM_LCO, "bede0001e3001234"), 0U);
  EXPECT_EQ(judge(ZC_CHECKSUM_SUM, "bede0001e2001234"), 0U);
}

// The packet as it would be with another place in the test; sums are of no matter here.
Packet at_index(uint16_t index, uint16_t seq) {
  Packet packet = from_hex(kTestIpv4);
  const auto payload = make_test_payload({kTestToken, 1, index, 31});
  std::copy(payload.begin(), payload.end(), packet.begin() + kTestPayloadAt);
  packet[kTestRtpAt + 2] = static_cast<uint8_t>(seq >> 8);
  packet[kTestRtpAt + 3] = static_cast<uint8_t>(seq);
  return packet;
}

TEST(ArrivalsTest, OrderAndRepetitionAreTold) {
  const Tally tally = tally_of(
      {at_index(0, 65535), at_index(2, 1), at_index(1, 0), at_index(3, 2), at_index(3, 2)});
  EXPECT_EQ(tally.arrived, 4U);
  EXPECT_EQ(tally.reordered, 1U);
  EXPECT_EQ(tally.duplicate, 1U);
  EXPECT_EQ(tally.bad_header, 0U) << "sequence numbers fit, across the wrap";
  EXPECT_EQ(tally_of({at_index(0, 5), at_index(1, 7)}).bad_header, 1U);
}

// What a filter drops before it is stamped takes no sequence number.
TEST(ArrivalsTest, ALossBeforeTheStampIsNoDamage) {
  const Tally tally = tally_of({at_index(0, 65534), at_index(1, 65535), at_index(3, 0),
                                at_index(7, 3), at_index(5, 1), at_index(9, 4)});
  EXPECT_EQ(tally.arrived, 6U);
  EXPECT_EQ(tally.bad_header, 0U);
  EXPECT_EQ(tally_of({at_index(0, 5), at_index(2, 5)}).bad_header, 1U) << "one number twice";
  EXPECT_EQ(tally_of({at_index(0, 5), at_index(3, 4)}).bad_header, 1U) << "backwards";
  EXPECT_EQ(tally_of({at_index(0, 5), at_index(4, 9), at_index(2, 9)}).bad_header, 1U);
  EXPECT_EQ(tally_of({at_index(0, 5), at_index(2, 8)}).bad_header, 1U) << "more than were sent";
}

TEST(ArrivalsTest, PacketsOfAnotherTestOrPlaceAreLeftOut) {
  EXPECT_EQ(tally_of({from_hex(kTestIpv4)}, {2, 10, ZC_CHECKSUM_SUM, 96, kTestSsrc}), Tally{});
  EXPECT_EQ(tally_of({from_hex(kTestIpv4)}, {1, 2, ZC_CHECKSUM_SUM, 96, kTestSsrc}), Tally{});
}

TEST(ArrivalsTest, MergedOnesAreNotTakenForDamagedOnes) {
  const Packet packet = from_hex(kTestIpv4);
  ArrivedDatagram datagram = datagram_of(packet);
  Packet twice(datagram.payload.begin(), datagram.payload.end());
  twice.insert(twice.end(), datagram.payload.begin(), datagram.payload.end());
  datagram.payload = twice;
  Arrivals arrivals(kTest);
  arrivals.take(datagram, 12);
  EXPECT_EQ(arrivals.tally().merged, 1U);
  EXPECT_EQ(arrivals.tally().bad_payload, 0U);
}

// 31 bytes, 31 bytes, 24 bytes, as one call with UDP_SEGMENT leaves a device that cuts nothing.
TEST(ArrivalsTest, AnUncutSuperPacketWithoutRtpIsBareAndNotMerged) {
  ArrivedDatagram datagram = datagram_of(from_hex(kTestIpv4));
  datagram.checksum = ChecksumSeen::kWrong;  // the whole's, which says nothing of the pieces
  Packet payload;
  for (const auto& [index, bytes] : {std::pair<uint16_t, uint16_t>{2, 31}, {3, 31}, {4, 24}}) {
    const auto piece = make_test_payload({kTestToken, 1, index, bytes});
    payload.insert(payload.end(), piece.begin(), piece.end());
  }
  datagram.payload = payload;
  Arrivals arrivals(kTest);
  arrivals.take(datagram, 0);
  Tally expected;
  expected.arrived = expected.bare = 3;
  expected.source = "10.0.0.1:40000";
  EXPECT_EQ(arrivals.tally(), expected);
}

TEST(ArrivalsTest, AHostileSuperPacketEnds) {
  ArrivedDatagram datagram = datagram_of(from_hex(kTestIpv4));
  for (const uint16_t bytes : {0, 1, 23, 24, 25, 65535}) {
    // A label that says another length than its payload has.
    Packet payload = make_test_payload({kTestToken, 1, 2, 24});
    payload[20] = static_cast<uint8_t>(bytes >> 8);
    payload[21] = static_cast<uint8_t>(bytes);
    uint16_t folded = 0x5a5a;
    for (size_t at = 8; at < 22; at += 2)
      folded = static_cast<uint16_t>((folded << 1 | folded >> 15) ^
                                     (payload[at] << 8 | payload[at + 1]));
    payload[22] = static_cast<uint8_t>(folded >> 8);
    payload[23] = static_cast<uint8_t>(folded);
    payload.insert(payload.end(), 77, 0);
    datagram.payload = payload;
    Arrivals arrivals(kTest);
    arrivals.take(datagram, 0);
    EXPECT_EQ(arrivals.tally().right, 0U) << bytes;
    EXPECT_LE(arrivals.tally().arrived, 1U) << bytes;
  }
}

TEST(ArrivalsTest, LengthsThatContradictEachOtherAreFound) {
  EXPECT_EQ(tally_of({changed(kTestUdpAt + 5, 1)}).bad_header, 1U) << "UDP's";
  EXPECT_EQ(tally_of({changed(8, 1)}).bad_header, 1U) << "IPv4's header checksum";
}

TEST(ArrivalsTest, WhateverComesIsReadWithoutHarm) {
  for (const char* const text : {kTestIpv4, kTestIpv6}) {
    const Packet whole = from_hex(text);
    for (size_t size = 0; size < whole.size(); size++) {
      const Packet cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      const auto datagram = read_datagram(cut, false);
      if (!datagram) continue;
      EXPECT_FALSE(datagram->lengths_agree) << size;
      const auto offset = find_test_payload(datagram->payload);
      if (!offset) continue;
      Arrivals arrivals(kTest);
      arrivals.take(*datagram, *offset);
      EXPECT_EQ(arrivals.tally().right, 0U) << size;
    }
  }
  Packet options = from_hex(kTestIpv4);
  options[0] = 0x4f;
  (void)read_datagram(options, false);
  options[0] = 0x41;
  EXPECT_FALSE(read_datagram(options, false));
  EXPECT_FALSE(read_datagram(changed(9, 1), false)) << "no UDP";
  EXPECT_FALSE(read_datagram(changed(6, 0x20), false)) << "a fragment";
}

}  // namespace
}  // namespace zc::core

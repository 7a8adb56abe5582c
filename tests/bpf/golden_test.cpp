// SPDX-License-Identifier: GPL-2.0-only
// Packets before and after, compared byte for byte with what golden_packets.py made and tshark
// judged. The same packets prove that the builder and the checker of the other tests are right.
#include <cstring>

#include "fixture.h"
#include "golden_packets.h"
#include "live_device.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

class GoldenPacketTest : public EgressTest {};
ZC_EGRESS_TESTS(GoldenPacketTest);

RuleText rule_of(const GoldenPacket& golden) {
  RuleText rule;
  rule.to = golden.to;
  rule.checksum = static_cast<zc_checksum>(golden.checksum);
  rule.payload_type = static_cast<uint8_t>(golden.payload_type);
  rule.payload_header_bytes = static_cast<uint8_t>(golden.payload_header_bytes);
  rule.ssrc = kGoldenSsrc;
  rule.seq = kGoldenSeq;
  rule.ts = kGoldenTs;
  return rule;
}

bool is_tagged(const GoldenPacket& golden) {
  const std::string type = std::string(golden.in).substr(24, 4);
  return type == "8100" || type == "88a8";
}

// The program leaves the outermost tag beside the frame (skb->vlan_tci), for the device to put in.
// BPF_PROG_TEST_RUN shows the frame alone.
std::string without_outer_tag(const std::string& frame) {
  return frame.substr(0, 24) + frame.substr(32);
}

TEST_P(GoldenPacketTest, EveryPacketLeavesWithTheBytesOfTheTable) {
  for (const GoldenPacket& golden : kGoldenPackets) {
    SCOPED_TRACE(golden.description);
    egress.reset();
    egress.add_rule(0, rule_of(golden));
    const Verdict verdict = egress.run(from_hex(golden.in));
    EXPECT_EQ(verdict.code, kPassed);
    EXPECT_EQ(to_hex(verdict.out), is_tagged(golden) ? without_outer_tag(golden.out) : golden.out);
    EXPECT_EQ(egress.counters(0)["stamped"], 1U);
    EXPECT_EQ(egress.counted(), 1U);
  }
}

TEST_P(GoldenPacketTest, EveryPacketLeavesALiveDeviceWithTheBytesOfTheTableTagsIncluded) {
  const LiveDevice tap(LinkKind::kEthernet);
  if (!tap.ready()) GTEST_SKIP() << "no TAP device: " << strerror(errno);
  ASSERT_TRUE(tap.attach(egress));
  for (const GoldenPacket& golden : kGoldenPackets) {
    SCOPED_TRACE(golden.description);
    egress.reset();
    egress.add_rule(0, rule_of(golden));
    EXPECT_EQ(tap.send_frame(from_hex(golden.in)), 0);
    EXPECT_EQ(to_hex(tap.read()), golden.out);
    EXPECT_EQ(egress.counted(), 1U);
  }
}

TEST(PacketBuilderTest, BuildsTheGoldenPackets) {
  EXPECT_EQ(packet(4).payload(from_hex("4740001000ab")).build(), from_hex(kGoldenPackets[0].in));
  for (const GoldenPacket& golden : kGoldenPackets) {
    if (std::string(golden.description) == "IPv6, full: one byte") {
      EXPECT_EQ(packet(6).payload({0x47}).flow_label(7).build(), from_hex(golden.in));
    }
    if (std::string(golden.description) == "IPv4 behind an 802.1ad and an 802.1Q tag, full") {
      EXPECT_EQ(packet(4).vlan(0x64, 0x88a8).vlan(0x2005).payload(from_hex("47400010ff")).build(),
                from_hex(golden.in));
    }
  }
}

TEST(PacketCheckerTest, AcceptsTheGoldenPackets) {
  for (const GoldenPacket& golden : kGoldenPackets) {
    SCOPED_TRACE(golden.description);
    EXPECT_EQ(dissect(from_hex(golden.in)).problem, "");
    const Datagram datagram = dissect(from_hex(golden.out));
    EXPECT_EQ(datagram.problem, "");
    const Rtp rtp = dissect_rtp(datagram.payload);
    EXPECT_EQ(rtp.problem, "");
    EXPECT_EQ(rtp.ssrc, kGoldenSsrc);
    EXPECT_EQ(rtp.sequence_number, kGoldenSeq);
    EXPECT_EQ(rtp.timestamp, kGoldenTs);
    EXPECT_EQ(rtp.payload_type, golden.payload_type);
  }
}

TEST(PacketCheckerTest, SeesEveryFlippedBitBehindTheEthernetHeader) {
  const Bytes good = from_hex(kGoldenPackets[0].out);
  for (size_t bit = size_t{14} * 8; bit < good.size() * 8; bit++) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    EXPECT_NE(dissect(bad).problem, "") << "bit " << bit;
  }
}

}  // namespace
}  // namespace zc::test

// SPDX-License-Identifier: GPL-2.0-only
// Super-packets that no UDP socket of the host makes: of virtual machines and containers, by packet
// sockets with PACKET_VNET_HDR and by routing.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "nic/nic_fixture.h"
#include "support/frame.h"

namespace zc::test {
namespace {

// linux/virtio_net.h
constexpr uint8_t kGsoUfo = 3;
constexpr uint8_t kGsoUdpL4 = 5;

using enum Family;
using enum Checksum;

class SuperFrameTest : public NicTest {
 protected:
  static FrameSpec spec_for(Family family, size_t payload_bytes) {
    return {.source = source_of(family),
            .destination = peer_of(family),
            .checksum = UdpChecksum::kPseudoHeader,
            .payload = random_bytes(payload_bytes, 85)};
  }

  static VnetHeader request(const FrameSpec& spec, uint8_t gso_type, size_t gso_size) {
    VnetHeader header = request_checksum(spec);
    header.gso_type = gso_type;
    header.gso_size = static_cast<uint16_t>(gso_size);
    header.header_bytes = static_cast<uint16_t>(l4_offset(spec) + 8);
    return header;
  }

  // errno of the injection; ENOBUFS is how the sender learns of a drop.
  int inject(const FrameSpec& spec, uint8_t gso_type, size_t gso_size) {
    return raw_.send(tap().ifindex(), build_frame(spec), request(spec, gso_type, gso_size));
  }

  // Reads the pieces of one super-packet and judges them.
  void expect_pieces(const FrameSpec& spec, size_t segment, Wanted wanted = {}) {
    const ByteView payload = spec.payload;
    wanted.source = spec.source;
    wanted.destination = spec.destination;
    wanted.vlan_tags = spec.vlan_tags;
    for (size_t done = 0; done < payload.size(); done += segment) {
      const auto frame = tap().read(std::chrono::seconds(2));
      ASSERT_TRUE(frame) << "at " << done << testing::PrintToString(shown().rules.at(0).counters);
      const ByteView part = payload.subspan(done, std::min(segment, payload.size() - done));
      wanted.payload.assign(part.begin(), part.end());
      wanted.sequence_number = next_++;
      expect_stamped(*frame, wanted);
    }
  }

  uint64_t counted() {
    uint64_t sum = 0;
    for (const auto& [name, count] : counters())
      sum += count;
    return sum;
  }

  uint16_t next_ = 0;

 private:
  FrameSocket raw_;
};

TEST_F(SuperFrameTest, AVirtualMachinesSuperPacketsAreCutAndStamped) {
  for (const Case& each :
       {Case{kIpv4, kUni, true}, Case{kIpv6, kUni, true}, Case{kIpv4, kZero, true},
        Case{kIpv4, kSum, true}, Case{kIpv6, kSum, true}}) {
    SCOPED_TRACE(name_of(each));
    make_tap();
    attach(each, {"--seq", "0"});
    next_ = 0;
    uint64_t stamped = 0, super = 0;
    for (const size_t bytes : {450, 1000, 5000, 60000}) {
      SCOPED_TRACE(bytes);
      const size_t segment = bytes > 5000 ? 1000 : 90;
      const FrameSpec spec = spec_for(each.family, bytes / segment * segment);
      ASSERT_EQ(inject(spec, kGsoUdpL4, segment), 0);
      expect_pieces(spec, segment, {.checksum = each.checksum});
      stamped += bytes / segment;
      super++;
    }
    EXPECT_EQ(counters(), (Counters{{"stamped", stamped}, {"super", super}}));
    remove_rules();
  }
}

// Shorter than what the stage cuts for its length, and nobody counted the pieces.
TEST_F(SuperFrameTest, AVirtualMachinesShortSuperPacketIsStampedOrDroppedAndCountedOnce) {
  for (const Family family : {kIpv4, kIpv6}) {
    make_tap();
    attach({.family = family}, {"--seq", "0"});
    Counters expected;
    for (size_t bytes = 180; bytes <= 450; bytes += 30) {
      SCOPED_TRACE(bytes);
      inject(spec_for(family, bytes), kGsoUdpL4, 90);
      const size_t left = frames().size();
      expected[left == 0 ? "uncut" : "super"]++;
      expected["stamped"] += left;
      if (left != 0) {
        EXPECT_EQ(left, (bytes + 89) / 90);
      }
    }
    EXPECT_EQ(counters(), expected);
    remove_rules();
  }
}

TEST_F(SuperFrameTest, SuperPacketsBehindTagsInTheFrameAreCutAndStampedBehindThem) {
  for (const Case& each :
       {Case{kIpv4, kUni, true}, Case{kIpv6, kUni, true}, Case{kIpv4, kZero, true},
        Case{kIpv4, kSum, true}, Case{kIpv6, kSum, true}}) {
    for (const std::vector<uint16_t>& tags : {std::vector<uint16_t>{0x2064}, {100, 200}}) {
      SCOPED_TRACE(name_of(each) + ", tags " + std::to_string(tags.size()));
      make_tap();
      attach(each, {"--seq", "0"});
      next_ = 0;
      FrameSpec spec = spec_for(each.family, 4000);
      spec.vlan_tags = tags;
      ASSERT_EQ(inject(spec, kGsoUdpL4, 1000), 0);
      expect_pieces(spec, 1000, {.checksum = each.checksum});
      EXPECT_EQ(counters(), (Counters{{"stamped", 4}, {"super", 1}}));
      remove_rules();
    }
  }
}

// UFO (kernel-facts.md knows it as what the cutter makes fragments of): each is one datagram, which
// an RTP header would not fit into without a fragment.
TEST_F(SuperFrameTest, AUfoSuperPacketNeverLeavesAndIsCounted) {
  for (const Case& each :
       {Case{kIpv4, kUni, true}, Case{kIpv6, kUni, true}, Case{kIpv4, kZero, true},
        Case{kIpv4, kSum, true}, Case{kIpv6, kSum, true}}) {
    for (const size_t bytes : {300, 360, 800, 4000, 30000}) {
      for (const std::vector<uint16_t>& tags : {std::vector<uint16_t>{}, {100}}) {
        SCOPED_TRACE(name_of(each) + ", " + std::to_string(bytes) + " bytes, tags " +
                     std::to_string(tags.size()));
        make_tap();
        attach(each);
        FrameSpec spec = spec_for(each.family, bytes);
        spec.vlan_tags = tags;
        inject(spec, kGsoUfo, 200);
        const std::vector<Frame> left = frames();
        EXPECT_TRUE(left.empty()) << describe(left.front());
        EXPECT_GE(counted(), 1u);
        EXPECT_EQ(counters().count("stamped"), 0u);
        remove_rules();
      }
    }
  }
}

TEST_F(SuperFrameTest, AUfoSuperPacketOfNoRuleLeavesInFragments) {
  make_tap();
  attach({.checksum = kLco});
  FrameSpec spec = spec_for(kIpv4, 4000);
  spec.destination = kStranger4;
  ASSERT_EQ(inject(spec, kGsoUfo, 1000), 0);
  EXPECT_EQ(frames().size(), 5u);
  EXPECT_EQ(counters(), Counters{});
}

// A checksum request at a wrong place, and lengths that lie.
TEST_F(SuperFrameTest, ASuperPacketThatLiesIsDroppedAndCounted) {
  for (const Family family : {kIpv4, kIpv6}) {
    make_tap();
    attach({.family = family});
    const FrameSpec spec = spec_for(family, 4000);
    FrameSocket raw;
    Bytes frame = build_frame(spec);
    put_be16(frame, l4_offset(spec) + 4, 3999);
    raw.send(tap().ifindex(), frame, request(spec, kGsoUdpL4, 1000));
    VnetHeader shifted = request(spec, kGsoUdpL4, 1000);
    shifted.csum_start = static_cast<uint16_t>(shifted.csum_start + 12);
    raw.send(tap().ifindex(), build_frame(spec), shifted);
    EXPECT_TRUE(frames().empty());
    EXPECT_EQ(counters().count("stamped"), 0u);
    remove_rules();
  }
}

// Frames go from another device into the namespace and out of the TAP: one hop less.
class ForwardedTest : public SuperFrameTest {
 protected:
  void SetUp() override {
    std::ofstream("/proc/sys/net/ipv4/ip_forward") << 1;
    std::ofstream("/proc/sys/net/ipv6/conf/all/forwarding") << 1;
  }
  void TearDown() override {
    SuperFrameTest::TearDown();
    std::ofstream("/proc/sys/net/ipv4/ip_forward") << 0;
    std::ofstream("/proc/sys/net/ipv6/conf/all/forwarding") << 0;
  }

  static TapOptions inside() {
    return {.name = "tap1",
            .mac = "02:00:00:00:08:01",
            .addresses = {"10.8.0.1/24", "fd00:8::1/64"},
            .peers = {"10.8.0.2", "fd00:8::2"},
            .peer_mac = "02:00:00:00:08:02",
            .multicast = false};
  }

  static FrameSpec from_inside(Family family, size_t payload_bytes) {
    FrameSpec spec = spec_for(family, payload_bytes);
    spec.source = family == kIpv4 ? "10.8.0.2:41000" : "[fd00:8::2]:41000";
    spec.destination_mac = {0x02, 0, 0, 0, 0x08, 0x01};
    spec.source_mac = {0x02, 0, 0, 0, 0x08, 0x02};
    return spec;
  }
};

TEST_F(ForwardedTest, ARoutedSuperPacketIsCutAndStampedWithOneHopLess) {
  for (const Case& each :
       {Case{kIpv4, kUni, true}, Case{kIpv6, kUni, true}, Case{kIpv4, kZero, true},
        Case{kIpv4, kUni, false}, Case{kIpv6, kUni, false}, Case{kIpv4, kSum, false},
        Case{kIpv6, kSum, false}}) {
    SCOPED_TRACE(name_of(each));
    make_tap({.tx_checksum = each.tx_checksum});
    attach(each, {"--seq", "0"});
    Tap other(inside());
    next_ = 0;
    for (const size_t bytes : {1300, 40'300}) {
      const FrameSpec spec = from_inside(each.family, bytes);
      other.write(build_frame(spec), request(spec, kGsoUdpL4, 1000));
      expect_pieces(spec, 1000, {.checksum = each.checksum, .hop_limit = 63});
    }
    EXPECT_EQ(counters(), (Counters{{"stamped", 43}, {"super", 2}}));
    remove_rules();
  }
}

}  // namespace
}  // namespace zc::test

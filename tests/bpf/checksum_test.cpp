// SPDX-License-Identifier: GPL-2.0-only
// UDP checksums on packets that arrive with a complete one, for every length and many contents.
// Those that wait for theirs (CHECKSUM_PARTIAL) BPF_PROG_TEST_RUN cannot make: see tests/nic.
#include <cstring>
#include <random>

#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

class ChecksumTest : public EgressTest {};
ZC_EGRESS_TESTS(ChecksumTest);

struct WayCase {
  const char* description;
  int family;
  zc_checksum way;
  uint8_t payload_header_bytes;
  size_t inserted_bytes;
};

constexpr WayCase kWays[] = {
    {"IPv4 sum", 4, ZC_CHECKSUM_SUM, 0, 12},        {"IPv4 lco", 4, ZC_CHECKSUM_LCO, 0, 20},
    {"IPv4 zero", 4, ZC_CHECKSUM_ZERO, 0, 12},      {"IPv4 sum, MPA", 4, ZC_CHECKSUM_SUM, 4, 16},
    {"IPv4 zero, MPA", 4, ZC_CHECKSUM_ZERO, 4, 16}, {"IPv6 sum", 6, ZC_CHECKSUM_SUM, 0, 12},
    {"IPv4 uni", 4, ZC_CHECKSUM_UNI, 0, 28},        {"IPv6 uni", 6, ZC_CHECKSUM_UNI, 0, 28},
    {"IPv6 lco", 6, ZC_CHECKSUM_LCO, 0, 20},        {"IPv6 sum, MPA", 6, ZC_CHECKSUM_SUM, 4, 16},
};

RuleText rule_of(const WayCase& way) {
  return {.to = way.family == 4 ? "10.9.0.2:5004" : "[2001:db8::2]:5004",
          .checksum = way.way,
          .payload_header_bytes = way.payload_header_bytes};
}

Bytes random_bytes(std::mt19937& random, size_t count) {
  Bytes bytes(count);
  for (uint8_t& byte : bytes)
    byte = static_cast<uint8_t>(random());
  return bytes;
}

void expect_right(const WayCase& way, const Bytes& in, const Bytes& out, const Bytes& payload) {
  ASSERT_EQ(out.size(), in.size() + way.inserted_bytes);
  const Datagram datagram = dissect(out);
  EXPECT_EQ(datagram.problem, "");
  EXPECT_EQ(datagram.has_checksum, way.way != ZC_CHECKSUM_ZERO);
  const Rtp rtp = dissect_rtp(datagram.payload);
  EXPECT_EQ(rtp.problem, "");
  EXPECT_EQ(rtp.has_extension, way.way == ZC_CHECKSUM_LCO || way.way == ZC_CHECKSUM_UNI);
  Bytes expected(way.payload_header_bytes);
  expected.insert(expected.end(), payload.begin(), payload.end());
  EXPECT_EQ(rtp.payload, expected);
}

TEST_P(ChecksumTest, EveryPayloadLengthGivesARightPacket) {
  std::mt19937 random(3550);
  for (const WayCase& way : kWays) {
    egress.reset();
    egress.add_rule(0, rule_of(way));
    for (size_t bytes = 0; bytes <= 80; bytes++) {
      SCOPED_TRACE(std::string(way.description) + ", " + std::to_string(bytes) + " bytes");
      const Bytes payload = random_bytes(random, bytes);
      const Bytes in = packet(way.family).payload(payload).build();
      expect_right(way, in, expect_stamped(in), payload);
    }
  }
}

TEST_P(ChecksumTest, AThousandRandomPayloadsWithRandomStreamsGiveRightPackets) {
  std::mt19937 random(768);
  for (const WayCase& way : kWays) {
    egress.reset();
    RuleText rule = rule_of(way);
    rule.ssrc = rule.seq = rule.ts = std::nullopt;
    egress.add_rule(0, rule);
    for (int i = 0; i < 125; i++) {
      SCOPED_TRACE(std::string(way.description) + ", packet " + std::to_string(i));
      const Bytes payload = random_bytes(random, random() % 1400);
      const Bytes in = packet(way.family).payload(payload).build();
      expect_right(way, in, egress.run(in).out, payload);
    }
  }
}

TEST_P(ChecksumTest, AWrongChecksumStaysWrong) {
  // An update must not launder a damaged payload.
  for (const WayCase& way : kWays) {
    if (way.way == ZC_CHECKSUM_ZERO) continue;
    SCOPED_TRACE(way.description);
    egress.reset();
    egress.add_rule(0, rule_of(way));
    EXPECT_EQ(dissect(expect_stamped(packet(way.family).udp_checksum(0x1234).build())).problem,
              "UDP checksum");
  }
}

TEST_P(ChecksumTest, NoChecksumStaysNone) {
  for (const WayCase& way : kWays) {
    SCOPED_TRACE(way.description);
    egress.reset();
    egress.add_rule(0, rule_of(way));
    const Datagram out = dissect(expect_stamped(packet(way.family).udp_checksum(0).build()));
    EXPECT_FALSE(out.has_checksum);
    EXPECT_EQ(out.problem, "");
  }
}

TEST_P(ChecksumTest, ARunOfPayloadsMeetsEveryCarryOfTheSum) {
  // The last word runs through all its values, so the checksum passes 0 on its way.
  egress.add_rule(0, {.to = "10.9.0.2:5004", .clock_stands = true});
  int all_ones = 0;
  for (unsigned word = 0; word < 0x10000; word += 1) {
    const Bytes in =
        packet(4).payload({static_cast<uint8_t>(word >> 8), static_cast<uint8_t>(word)}).build();
    const Bytes out = egress.run(in).out;
    ASSERT_EQ(out.size(), in.size() + 12);
    ASSERT_EQ(dissect(out).problem, "") << word;
    ASSERT_NE(read_be(&out[14 + 20 + 6], 2), 0U) << word << ": 0 would say that there is none";
    all_ones += read_be(&out[14 + 20 + 6], 2) == 0xffff ? 1 : 0;
  }
  EXPECT_GE(all_ones, 1);
}

// A forwarded packet may carry the sum of all its bytes (CHECKSUM_COMPLETE). The kernel itself
// compares it after the run and fails with EBADMSG; kernels before 6.17 cannot make such packets.
TEST_P(ChecksumTest, TheKernelsOwnSumOfThePacketStaysTrue) {
  for (const WayCase& way : kWays) {
    SCOPED_TRACE(way.description);
    egress.reset();
    egress.add_rule(0, rule_of(way));
    const int failure = egress.run_with_complete_sum(packet(way.family).build());
    if (failure == -EINVAL) GTEST_SKIP() << "this kernel cannot test it";
    EXPECT_EQ(failure, 0) << strerror(-failure);
  }
}

}  // namespace
}  // namespace zc::test

// SPDX-License-Identifier: GPL-2.0-only
// Super-packets on their way to the stage. BPF_PROG_TEST_RUN cannot make one that waits for its
// checksum, so the room that such a one gets is tests/nic's job.
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

constexpr uint32_t kAppMark = 0xcafe;
constexpr unsigned kLoopback = 1;
constexpr size_t kShortBytes = 400;  // from here on the stage cuts for the length (docs/stage.md)

class SuperTest : public EgressTest {
 protected:
  static __sk_buff context_of(uint32_t gso_size, uint32_t gso_segs) {
    __sk_buff context{};
    context.gso_size = gso_size;
    context.gso_segs = gso_segs;
    context.mark = kAppMark;
    return context;
  }

  void start(int family, zc_checksum way) {
    egress.reset();
    egress.set_stage(kLoopback);
    egress.add_rule(0,
                    {.to = family == 4 ? "10.9.0.2:5004" : "[2001:db8::2]:5004", .checksum = way});
  }
};
ZC_EGRESS_TESTS(SuperTest);

TEST_P(SuperTest, ItIsRedirectedToTheStageCountedOnceAndTakesNoSequenceNumber) {
  for (const int family : {4, 6}) {
    for (const zc_checksum way :
         {ZC_CHECKSUM_LCO, ZC_CHECKSUM_UNI, ZC_CHECKSUM_ZERO, ZC_CHECKSUM_SUM}) {
      start(family, way);
      const __sk_buff context = context_of(100, 10);
      const Verdict verdict = egress.run(packet(family).payload(pattern(1000)).build(), &context);
      EXPECT_EQ(verdict.code, kRedirected);
      EXPECT_EQ(egress.counters(0)["super"], 1U);
      EXPECT_EQ(egress.counted(), 1U);
      ASSERT_EQ(egress.streams().size(), 1U);
      EXPECT_EQ(egress.streams().begin()->second.next_seq, 0x1234U);
    }
  }
}

// The kernel sets csum_start for a device without offload but not PARTIAL (seen on 6.18): a head
// that grows would leave csum_start behind, and the cutter would refuse the packet.
TEST_P(SuperTest, OneThatDoesNotWaitForItsChecksumIsMarkedAndElseNotTouched) {
  for (const int family : {4, 6}) {
    start(family, ZC_CHECKSUM_LCO);
    const __sk_buff context = context_of(100, 10);
    const Bytes in = packet(family).payload(pattern(1000)).build();
    const Verdict verdict = egress.run(in, &context);
    EXPECT_EQ(verdict.out, in);
    EXPECT_EQ(verdict.mark & 0xff000000, 0x7b000000U);
  }
}

TEST_P(SuperTest, WithoutAStageItIsDropped) {
  start(4, ZC_CHECKSUM_LCO);
  egress.set_stage(0);
  const __sk_buff context = context_of(100, 10);
  expect_dropped(packet(4).payload(pattern(1000)).build(), "uncut", &context);
}

TEST_P(SuperTest, OnADeviceThatMovedToAnotherNamespaceItIsDropped) {
  start(4, ZC_CHECKSUM_LCO);
  egress.set_stage(1, true);
  const __sk_buff context = context_of(100, 10);
  expect_dropped(packet(4).payload(pattern(1000)).build(), "uncut", &context);
}

TEST_P(SuperTest, AShortOneOfUnknownPiecesIsDroppedForTheStageWouldNotCutIt) {
  constexpr size_t kHeaders = 14 + 20 + 8;
  start(4, ZC_CHECKSUM_LCO);
  const __sk_buff counted = context_of(100, 4), uncounted = context_of(100, 0);
  const Bytes longest_short = packet(4).payload(pattern(kShortBytes - kHeaders - 1)).build();
  EXPECT_EQ(egress.run(longest_short, &counted).code, kRedirected);
  expect_dropped(longest_short, "uncut", &uncounted);
  const Bytes long_enough = packet(4).payload(pattern(kShortBytes - kHeaders)).build();
  EXPECT_EQ(egress.run(long_enough, &uncounted).code, kRedirected);
}

// lo's MTU is 65,536 here, and an IP packet has at most 65,535 bytes.
TEST_P(SuperTest, ItsSegmentSizeDecidesWhetherItIsOversize) {
  struct Limit {
    int family;
    size_t headers;  // IP, UDP, RTP and extension of a piece
  };
  for (const Limit& limit : {Limit{4, 20 + 8 + 12 + 16}, Limit{6, 40 + 8 + 12 + 16}}) {
    start(limit.family, ZC_CHECKSUM_UNI);
    const auto largest = static_cast<uint32_t>(65'535 - limit.headers);
    const Bytes in = packet(limit.family).payload(pattern(1000)).build();
    const __sk_buff fits = context_of(largest, 2), too_long = context_of(largest + 1, 2);
    EXPECT_EQ(egress.run(in, &fits).code, kRedirected);
    expect_dropped(in, "oversize", &too_long);
  }
}

TEST_P(SuperTest, OptionsFragmentsAndLyingLengthsAreDroppedBeforeTheStage) {
  start(4, ZC_CHECKSUM_LCO);
  const __sk_buff context = context_of(100, 10);
  const Bytes data = pattern(1000);
  expect_dropped(packet(4).ipv4_options(Bytes(20)).payload(data).build(), "ip_options", &context);
  expect_dropped(packet(4).fragment(0, true).payload(data).build(), "fragment", &context);
  expect_dropped(packet(4).udp_length(900).payload(data).build(), "malformed", &context);
}

}  // namespace
}  // namespace zc::test

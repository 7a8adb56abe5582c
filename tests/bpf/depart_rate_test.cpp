// SPDX-License-Identifier: GPL-2.0-only
// When packets of a rule with --rate BPS may leave, by zc_depart; and of which packets it says
// nothing. That they leave then is the kernel's fq's.
#include <gtest/gtest.h>

#include "depart.h"
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

constexpr uint32_t kMarks = 0x7c000000;  // docs/pacing.md
constexpr uint32_t kSlot = 7;
constexpr uint64_t kSecond = 1'000'000'000;

class DepartRateTest : public testing::Test {
 protected:
  void SetUp() override {
    egress.reset();
    pace(8'000'000);
    depart.put_entry(kSlot, {});
  }

  void pace(uint64_t bps) {
    zc_rule rule{};
    rule.options.how.pace = ZC_PACE_RATE;
    rule.options.rate_bps = bps;
    egress.write_rule(0, rule);
  }

  // The packet before says that the next one may not leave earlier.
  void due(uint64_t next_ns) {
    zc_waiting entry = depart.entry(kSlot);
    entry.next_ns = next_ns;
    depart.put_entry(kSlot, entry);
  }

  uint64_t leaves(size_t payload, int family = 4) {
    return depart.run(packet(family).payload(pattern(payload)).build(), kMarks | kSlot);
  }

  Egress& egress = shared_egress(0);
  Depart& depart = shared_depart();
};

TEST_F(DepartRateTest, PacketsAreAsFarApartAsTheirPayloadTakes) {
  struct Case {
    uint64_t bps;
    size_t payload;
    uint64_t ns;
  };
  for (const Case& each : {Case{8'000'000, 1316, 1'316'000},
                           {5'000'000, 1316, 2'105'600},
                           {3'000'000, 1316, 3'509'333},  // and a third
                           {64'000, 160, 20'000'000},
                           {1000, 1316, 10'528'000'000},
                           {10'000'000'000, 1316, 1052}}) {  // and 0.8
    SCOPED_TRACE(std::to_string(each.bps));
    pace(each.bps);
    const uint64_t first = monotonic_ns() + 100 * kSecond;
    due(first);
    for (uint64_t i = 0; i < 5; i++)
      EXPECT_EQ(leaves(each.payload), first + i * each.ns);
    EXPECT_EQ(depart.entry(kSlot).next_ns, first + 5 * each.ns);
  }
}

TEST_F(DepartRateTest, EachTakesItsOwnPayloadsTimeWhateverItsHeadersLength) {
  const uint64_t first = monotonic_ns() + 100 * kSecond;
  for (const int family : {4, 6}) {
    SCOPED_TRACE(family);
    due(first);
    EXPECT_EQ(leaves(1316, family), first);
    EXPECT_EQ(leaves(188, family), first + 1'316'000);
    EXPECT_EQ(leaves(1, family), first + 1'504'000);
    EXPECT_EQ(leaves(1400, family), first + 1'505'000);
    EXPECT_EQ(leaves(1, family), first + 2'905'000);
  }
}

TEST_F(DepartRateTest, TheFirstOneLeavesAtOnceAndTheNextOneBehindIt) {
  const uint64_t before = monotonic_ns();
  const uint64_t first = leaves(1316);
  EXPECT_GE(first, before);
  EXPECT_LE(first, monotonic_ns());
  EXPECT_EQ(leaves(1316), first + 1'316'000);
}

TEST_F(DepartRateTest, AStreamThatWasSilentForLongerBeginsAnewAtOnce) {
  for (const bool since_boot : {false, true}) {
    SCOPED_TRACE(since_boot);
    const uint64_t before = monotonic_ns();
    due(since_boot ? 1 : before - 5'000'001);
    const uint64_t at = leaves(1316);
    EXPECT_GE(at, before) << "who is later catches up with nothing";
    EXPECT_LE(at, monotonic_ns());
    EXPECT_EQ(leaves(1316), at + 1'316'000);
  }
}

// A machine that does not come to it within a millisecond tries again.
TEST_F(DepartRateTest, UpToFiveMillisecondsAreCaughtUpWith) {
  for (int i = 0; i < 1000; i++) {
    const uint64_t next = monotonic_ns() - 4'000'000;
    due(next);
    const uint64_t first = leaves(1316), second = leaves(1316), third = leaves(1316);
    if (monotonic_ns() > next + 5'000'000) continue;
    EXPECT_EQ(first, next);
    EXPECT_EQ(second, next + 1'316'000);
    EXPECT_EQ(third, next + 2'632'000);
    return;
  }
  FAIL() << "this machine never had a millisecond";
}

TEST_F(DepartRateTest, AnotherRateHoldsForWhatComesFromThenOn) {
  const uint64_t first = monotonic_ns() + 100 * kSecond;
  due(first);
  EXPECT_EQ(leaves(1316), first);
  pace(4'000'000);
  EXPECT_EQ(leaves(1316), first + 1'316'000);
  EXPECT_EQ(leaves(1316), first + 1'316'000 + 2'632'000);
}

// Whatever the app had asked for of fq (SO_TXTIME) holds then.
TEST_F(DepartRateTest, OfWhatDoesNotWaitNothingIsSaid) {
  constexpr uint64_t kAsked = 123'456'789;
  const Bytes sent = packet(4).build();
  zc_waiting entry{};
  entry.rule = 1'000'000;  // of none
  depart.put_entry(kSlot + 1, entry);
  for (const uint32_t mark : {0U, kSlot, 0xcafeU, 0x7b000000 | kSlot, 0x7d000000 | kSlot,
                              0xfc000000 | kSlot, kMarks, kMarks | 0xffffff, kMarks | (kSlot + 1)})
    EXPECT_EQ(depart.run(sent, mark, kAsked), kAsked) << std::hex << mark;
  for (const int family : {4, 6}) {
    const Bytes empty = packet(family).payload({}).build();
    EXPECT_EQ(depart.run(empty, kMarks | kSlot, kAsked), kAsked) << "no payload";
    EXPECT_EQ(depart.entry(kSlot).next_ns, 0U);
    EXPECT_NE(depart.run(packet(family).payload({1}).build(), kMarks | kSlot, kAsked), kAsked);
    depart.put_entry(kSlot, {});
  }
  EXPECT_EQ(depart.entry(kSlot + 1).next_ns, 0U);
}

}  // namespace
}  // namespace zc::test

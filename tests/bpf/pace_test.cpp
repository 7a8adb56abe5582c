// SPDX-License-Identifier: GPL-2.0-only
// Packets of rules with --rate: sent to the pace device as they came, and stamped when they come
// back. What makes them wait there is tests/netns/test_pace.py's.
#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

constexpr uint32_t kMarks = 0x7c000000;    // docs/pacing.md
constexpr uint32_t kClasses = 0x7a630001;  // HTB's, of the first rule
constexpr uint32_t kAppMark = 0xcafe, kAppPriority = 5;

class PaceTest : public EgressTest {
 protected:
  void SetUp() override {
    EgressTest::SetUp();
    egress.set_pace(1, ZC_PACE_KIND_HTB);
    egress.add_rule(0, {});
    pace(true);
  }

  // Gives the rule a rate, or takes it.
  void pace(bool paced) {
    zc_rule rule{};
    EXPECT_TRUE(egress.read_rule(0, rule));
    rule.options.how.pace = paced ? ZC_PACE_RATE : ZC_PACE_NONE;
    rule.options.rate_bps = 1'000'000;
    egress.write_rule(0, rule);
  }

  Verdict run(const Bytes& packet, uint32_t mark = kAppMark, uint32_t priority = kAppPriority) {
    __sk_buff context{};
    context.mark = mark;
    context.priority = priority;
    return egress.run(packet, &context);
  }

  // Lets the packet wait; as it comes back.
  Verdict wait(const Bytes& packet) {
    const Verdict waits = run(packet);
    EXPECT_EQ(waits.code, kRedirected);
    EXPECT_EQ(waits.mark & 0xff000000, kMarks);
    return waits;
  }

  Verdict come_back(const Bytes& packet, const Verdict& waits) {
    return run(packet, waits.mark, waits.priority);
  }

  using Counters = std::map<std::string, uint64_t>;
  Counters counters() {
    Counters found;
    for (const auto& [name, count] : egress.counters(0)) {
      if (count && name != "unaligned") found[name] = count;
    }
    return found;
  }
};
ZC_EGRESS_TESTS(PaceTest);

TEST_P(PaceTest, ItWaitsAsItCameAndTakesNoSequenceNumber) {
  for (const int family : {4, 6}) {
    egress.reset();
    egress.set_pace(1, ZC_PACE_KIND_HTB);
    egress.add_rule(0, {.to = family == 4 ? "10.9.0.2:5004" : "[2001:db8::2]:5004"});
    pace(true);
    const Bytes sent = packet(family).build();
    const Verdict waits = wait(sent);
    EXPECT_EQ(to_hex(waits.out), to_hex(sent));
    EXPECT_EQ(waits.priority, kClasses);
    EXPECT_EQ(counters(), (Counters{{"paced", 1}}));
    EXPECT_EQ(egress.streams().begin()->second.next_seq, 0x1234U);
  }
}

TEST_P(PaceTest, AQueueOfDepartureTimesGetsAPriorityThatItDoesNotPrefer) {
  egress.set_pace(1, ZC_PACE_KIND_FQ);
  EXPECT_EQ(run(packet(4).build(), kAppMark, 7).priority, 0U) << "7: TC_PRIO_CONTROL";
}

TEST_P(PaceTest, WhatComesBackIsStampedAndHasTheAppsMarkAndPriority) {
  const Bytes sent = packet(4).build();
  const Verdict left = come_back(sent, wait(sent));
  EXPECT_EQ(left.code, kPassed);
  EXPECT_EQ(left.mark, kAppMark);
  EXPECT_EQ(left.priority, kAppPriority);
  const Datagram datagram = dissect(left.out);
  EXPECT_EQ(datagram.problem, "");
  EXPECT_EQ(dissect_rtp(datagram.payload).sequence_number, 0x1234);
  EXPECT_EQ(counters(), (Counters{{"paced", 1}, {"stamped", 1}}));
}

TEST_P(PaceTest, WithoutItsStreamOrItsRateItIsDroppedAndCounted) {
  const Bytes sent = packet(4).build();
  Verdict waits = wait(sent);
  pace(false);
  EXPECT_EQ(come_back(sent, waits).code, kDropped);
  EXPECT_EQ(counters(), (Counters{{"paced", 1}, {"orphan", 1}}));
  pace(true);
  waits = wait(sent);
  egress.slot(waits.mark & 0xffffff).ssrc++;  // the slot was given to another stream
  EXPECT_EQ(come_back(sent, waits).code, kDropped);
  egress.slot(waits.mark & 0xffffff).state = ZC_SLOT_FREE;
  EXPECT_EQ(come_back(sent, waits).code, kDropped);
  EXPECT_EQ(counters(), (Counters{{"paced", 2}, {"orphan", 3}}));
}

TEST_P(PaceTest, WithoutAQueueItIsDroppedAndCounted) {
  egress.set_pace(0, ZC_PACE_KIND_NONE);
  EXPECT_EQ(run(packet(4).build()).code, kDropped);
  egress.set_pace(1, ZC_PACE_KIND_HTB, /*elsewhere=*/true);
  EXPECT_EQ(run(packet(4).build()).code, kDropped) << "the index leads to a stranger";
  EXPECT_EQ(counters(), (Counters{{"unpaced", 2}}));
}

// Others may set the mark: on a packet of the rule it must wait all the same, and comes back with
// what its app had set.
TEST_P(PaceTest, AMarkThatLeadsNowhereOrToAnotherFlowHasNotWaited) {
  const Bytes sent = packet(4).build();
  const Verdict waits = wait(sent);
  const Bytes other = packet(4).from("10.9.0.1", 40001).build();
  for (const uint32_t mark : {waits.mark, waits.mark + 1, kMarks, kMarks | 0xffffff}) {
    const Verdict verdict = run(other, mark);
    EXPECT_EQ(verdict.code, kRedirected);
    EXPECT_EQ(come_back(other, verdict).mark, mark);
  }
}

TEST_P(PaceTest, OfNoRuleWhateverItsMarkAPacketIsUntouched) {
  const Verdict waits = wait(packet(4).build());
  __sk_buff context{};
  for (const uint32_t mark : {waits.mark, kMarks, kMarks | 0xffffff}) {
    context.mark = mark;
    expect_untouched(packet(4).to("10.9.0.2", 5005).build(), &context);
  }
}

TEST_P(PaceTest, ARuleWithoutRateSendsNothingThere) {
  pace(false);
  EXPECT_EQ(run(packet(4).build()).code, kPassed);
  EXPECT_EQ(counters(), (Counters{{"stamped", 1}}));
}

TEST_P(PaceTest, APieceWaitsAndComesBackAsADatagram) {
  const Bytes piece = packet(4).build();
  __sk_buff super{};
  super.mark = kAppMark;
  super.priority = kAppPriority;
  super.gso_size = 2;
  super.gso_segs = 2;
  const Verdict cut = egress.run(piece, &super);
  ASSERT_EQ(cut.code, kRedirected);
  const Verdict waits = run(piece, cut.mark);
  EXPECT_EQ(waits.code, kRedirected);
  EXPECT_EQ(waits.mark & 0xff000000, kMarks);
  const Verdict left = come_back(piece, waits);
  EXPECT_EQ(left.code, kPassed);
  EXPECT_EQ(left.mark, kAppMark);
  EXPECT_EQ(counters(), (Counters{{"super", 1}, {"paced", 1}, {"stamped", 1}}));
}

}  // namespace
}  // namespace zc::test

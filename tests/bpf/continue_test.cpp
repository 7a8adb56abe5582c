// SPDX-License-Identifier: GPL-2.0-only
// One stream for its destination, which another source takes over; and what a stream remembers of
// the packet that made it.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <vector>

#include "fixture.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

class ContinueTest : public EgressTest {
 protected:
  static RuleText text(int family = 4) {
    return {.to = family == 4 ? "10.9.0.2:5004" : "[2001:db8::2]:5004",
            .ssrc = std::nullopt,
            .continues = true};
  }
  Rtp send(const PacketBuilder& builder) {
    const Verdict verdict = egress.run(builder.build());
    EXPECT_EQ(verdict.code, kPassed);
    return dissect_rtp(dissect(verdict.out).payload);
  }
  Rtp send_from(const std::string& address, uint16_t port) {
    return send(packet(4).from(address, port));
  }
  Rtp send_from_port(uint16_t port) { return send_from("10.9.0.1", port); }
  zc_stream only_stream() {
    EXPECT_EQ(egress.streams().size(), 1U);
    EXPECT_EQ(egress.slots_in_use(), 1U);
    return egress.streams().begin()->second;
  }
  unsigned only_slot() { return egress.streams().begin()->first; }
};
ZC_EGRESS_TESTS(ContinueTest);

TEST_P(ContinueTest, AnotherPortGoesOnWhereTheFirstOneWas) {
  for (const int family : {4, 6}) {
    egress.reset();
    egress.add_rule(3, text(family));
    const std::string address = family == 4 ? "10.9.0.1" : "2001:db8::1";
    const Rtp first = send(packet(family).from(address, 1).payload(pattern(100)));
    const Rtp second = send(packet(family).from(address, 2).payload(pattern(200)));
    const Rtp third = send(packet(family).from(address, 2));
    EXPECT_EQ(second.ssrc, first.ssrc);
    EXPECT_EQ(third.ssrc, first.ssrc);
    EXPECT_EQ(second.sequence_number, first.sequence_number + 1);
    EXPECT_EQ(third.sequence_number, first.sequence_number + 2);
    EXPECT_GE(second.timestamp - first.timestamp, 0U);
    EXPECT_LT(second.timestamp - first.timestamp, 90000U) << "the clock went on";
    EXPECT_EQ(only_stream().octets, 100U + 200U + 4U);
    EXPECT_EQ(egress.counters(3)["stamped"], 3U);
    EXPECT_EQ(egress.continued(3).taken_over, 1U);
    EXPECT_EQ(egress.continued(3).returned, 0U);
  }
}

TEST_P(ContinueTest, AnotherAddressDoesTooAndAnotherDestinationDoesNot) {
  egress.add_rule(0, text());
  egress.add_rule(1, {.to = "10.9.0.3:5004", .ssrc = std::nullopt, .continues = true});
  const Rtp first = send_from("10.9.0.1", 1);
  EXPECT_EQ(send_from("10.9.0.77", 1).ssrc, first.ssrc);
  EXPECT_NE(send(packet(4).to("10.9.0.3", 5004)).ssrc, first.ssrc);
  EXPECT_EQ(egress.streams().size(), 2U);
}

TEST_P(ContinueTest, RulesOfOneDestinationThatDifferByTheirSourceHaveAStreamEach) {
  egress.add_rule(0, {.from = "10.9.0.1", .ssrc = std::nullopt, .continues = true});
  egress.add_rule(1, {.from = "10.9.0.7", .ssrc = std::nullopt, .continues = true});
  const Rtp one = send_from("10.9.0.1", 1), other = send_from("10.9.0.7", 1);
  EXPECT_NE(one.ssrc, other.ssrc);
  EXPECT_EQ(send_from("10.9.0.1", 2).ssrc, one.ssrc);
  EXPECT_EQ(send_from("10.9.0.7", 2).ssrc, other.ssrc);
}

TEST_P(ContinueTest, TheSourceThatGoesOnPaysNothing) {
  egress.add_rule(0, text());
  send_from_port(1);
  // Would be taken over, if anybody looked.
  zc_continued value = egress.continued(0);
  value.flow.sport = 0xabcd;
  egress.put_continued(0, value);
  send_from_port(1);
  EXPECT_EQ(egress.continued(0).taken_over, 0U);
  EXPECT_EQ(egress.continued(0).flow.sport, 0xabcd);
}

TEST_P(ContinueTest, TwoSendersAtOnceShareOneSequenceAndAreCounted) {
  egress.add_rule(0, text());
  const Rtp first = send_from_port(1);
  for (uint16_t i = 1; i <= 100; i++) {
    const Rtp rtp = send_from_port(static_cast<uint16_t>(1 + i % 2));
    EXPECT_EQ(rtp.ssrc, first.ssrc);
    EXPECT_EQ(rtp.sequence_number, first.sequence_number + i);
    only_stream();
  }
  EXPECT_EQ(egress.continued(0).taken_over, 100U);
  EXPECT_EQ(egress.continued(0).returned, 99U);
}

TEST_P(ContinueTest, ASenderThatIsStartedAgainAndAgainIsNotTwo) {
  egress.add_rule(0, text());
  for (uint16_t port = 1; port <= 20; port++)
    send_from_port(port);
  EXPECT_EQ(egress.continued(0).taken_over, 19U);
  EXPECT_EQ(egress.continued(0).returned, 0U);
}

TEST_P(ContinueTest, ASourceThatComesBackAfterTenSecondsIsNoSecondOne) {
  egress.add_rule(0, text());
  send_from_port(1);
  send_from_port(2);
  zc_continued value = egress.continued(0);
  value.since_ns -= 10 * kSecond;
  egress.put_continued(0, value);
  send_from_port(1);
  EXPECT_EQ(egress.continued(0).taken_over, 2U);
  EXPECT_EQ(egress.continued(0).returned, 0U);
}

TEST_P(ContinueTest, AFixedSsrcIsThatOfTheOneStreamAndItsFirstValuesCountOnce) {
  egress.add_rule(0, {.ssrc = 0xfeedbeef, .seq = 500, .ts = 0, .continues = true});
  EXPECT_EQ(send_from_port(1).sequence_number, 500);
  const Rtp second = send_from_port(2);
  EXPECT_EQ(second.ssrc, 0xfeedbeefU);
  EXPECT_EQ(second.sequence_number, 501);
}

TEST_P(ContinueTest, ItIsTakenOverWhereTheTableOfStreamsIsFull) {
  egress.add_rule(0, text());
  const Rtp first = send_from_port(1);
  egress.fill_stream_table();
  for (uint16_t port = 2; port < 10; port++)
    EXPECT_EQ(send_from_port(port).ssrc, first.ssrc);
  EXPECT_EQ(egress.slots_in_use(), 1U);
  EXPECT_EQ(egress.continued(0).flow.sport, htons(9));
}

TEST_P(ContinueTest, AStreamThatWasFreedOrIsLeavingIsNotTakenOver) {
  for (const unsigned state : {ZC_SLOT_FREE, ZC_SLOT_LEAVING}) {
    egress.reset();
    egress.add_rule(0, text());
    const Rtp first = send_from_port(1);
    zc_stream& old = egress.slot(only_slot());
    old.state = state;
    if (state == ZC_SLOT_FREE) old.rule = ZC_NO_RULE;
    const Rtp second = send_from_port(2);
    EXPECT_NE(second.ssrc, first.ssrc);
    EXPECT_EQ(send_from_port(3).ssrc, second.ssrc);
  }
}

TEST_P(ContinueTest, ASlotThatAnotherRulesStreamHasByNowIsNotTakenOver) {
  egress.add_rule(0, text());
  const Rtp first = send_from_port(1);
  zc_stream& slot = egress.slot(only_slot());
  slot.rule = 7;
  slot.next_seq = 77;
  EXPECT_NE(send_from_port(2).ssrc, first.ssrc);
  EXPECT_EQ(slot.next_seq, 77U);
}

TEST_P(ContinueTest, APacketThatComesWhileAnotherCpuIsAtItIsTheStreamsAllTheSame) {
  egress.add_rule(0, text());
  const Rtp first = send_from_port(1);
  zc_continued value = egress.continued(0);
  value.busy = 1;
  egress.put_continued(0, value);
  const Rtp second = send_from_port(2);
  EXPECT_EQ(second.ssrc, first.ssrc);
  EXPECT_EQ(second.sequence_number, first.sequence_number + 1);
  EXPECT_EQ(egress.continued(0).flow.sport, htons(1)) << "the other one's to write";
}

TEST_P(ContinueTest, WithoutAnEntryEachSourceHasAStream) {
  RuleText rule = text();
  rule.continues = false;
  egress.add_rule(0, rule);
  zc_rule abi{};
  ASSERT_TRUE(egress.read_rule(0, abi));
  abi.options.how.flags |= ZC_RULE_CONTINUE;
  egress.write_rule(0, abi);
  EXPECT_NE(send_from_port(1).ssrc, send_from_port(2).ssrc);
}

TEST_P(ContinueTest, APieceOfTheSourceBeforeIsTheStreamsAllTheSame) {
  egress.add_rule(0, text());
  egress.set_stage(1);
  const Rtp first = send_from_port(1);
  __sk_buff super{};
  super.gso_size = 100;
  super.gso_segs = 10;
  const Verdict large =
      egress.run(packet(4).from("10.9.0.1", 1).payload(pattern(1000)).build(), &super);
  ASSERT_EQ(large.code, kRedirected);
  EXPECT_EQ(send_from_port(2).sequence_number, first.sequence_number + 1);
  __sk_buff marked{};
  marked.mark = large.mark;
  const Verdict piece =
      egress.run(packet(4).from("10.9.0.1", 1).payload(pattern(100)).build(), &marked);
  ASSERT_EQ(piece.code, kPassed);
  const Rtp rtp = dissect_rtp(dissect(piece.out).payload);
  EXPECT_EQ(rtp.ssrc, first.ssrc);
  EXPECT_EQ(rtp.sequence_number, first.sequence_number + 2);
  EXPECT_EQ(egress.continued(0).flow.sport, htons(2)) << "a piece takes nothing over";
}

// Sources of several CPUs, all at once, from the first packet on.
TEST_P(ContinueTest, ManyCpusMakeOneStreamAndUseEachNumberOnce) {
  constexpr unsigned kThreads = 4, kPackets = 500;
  constexpr uint16_t kFirst = 100;
  egress.add_rule(0, {.ssrc = std::nullopt, .seq = kFirst, .continues = true});
  std::array<std::vector<Rtp>, kThreads> seen;
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < kThreads; number++) {
    threads.emplace_back([&, number] {
      for (unsigned i = 0; i < kPackets; i++)
        seen.at(number).push_back(send_from_port(static_cast<uint16_t>(1 + number + i / 100 * 7)));
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  std::set<uint32_t> ssrcs, numbers;
  for (const auto& list : seen) {
    for (const Rtp& rtp : list) {
      ssrcs.insert(rtp.ssrc);
      numbers.insert(rtp.sequence_number);
    }
  }
  EXPECT_EQ(ssrcs.size(), 1U);
  EXPECT_EQ(numbers.size(), kThreads * kPackets);
  EXPECT_EQ(*numbers.rbegin(), kFirst + kThreads * kPackets - 1);
  EXPECT_EQ(egress.slots_in_use(), 1U);
  EXPECT_EQ(egress.streams().size(), 1U);
  EXPECT_EQ(egress.continued(0).busy, 0U);
}

TEST_P(ContinueTest, AStreamRemembersTtlAndTosOfThePacketThatMadeIt) {
  for (const int family : {4, 6}) {
    egress.reset();
    egress.add_rule(0, {.to = text(family).to});
    send(packet(family).ttl(7).tos(0xb8));
    send(packet(family).ttl(9).tos(0x20));
    EXPECT_EQ(only_stream().ttl, 7);
    EXPECT_EQ(only_stream().tos, 0xb8);
  }
}

TEST_P(ContinueTest, WhoTakesAStreamOverSaysItsTtlAndTos) {
  egress.add_rule(0, text());
  send(packet(4).from("10.9.0.1", 1).ttl(7).tos(0xb8));
  send(packet(4).from("10.9.0.1", 2).ttl(9).tos(0x20));
  EXPECT_EQ(only_stream().ttl, 9);
  EXPECT_EQ(only_stream().tos, 0x20);
}

}  // namespace
}  // namespace zc::test

// SPDX-License-Identifier: GPL-2.0-only
// Which packets a rule takes, and that all others leave byte for byte as they came.
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

class MatchTest : public EgressTest {};
ZC_EGRESS_TESTS(MatchTest);

struct OtherCase {
  const char* description;
  Bytes packet;
};

TEST_P(MatchTest, PacketsOfNoRuleLeaveUntouched) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  egress.add_rule(1, {.to = "[2001:db8::2]:5004"});
  const OtherCase others[] = {
      {"another port", packet(4).to("10.9.0.2", 5005).build()},
      {"the port's bytes swapped", packet(4).to("10.9.0.2", 0x8c13).build()},
      {"another address", packet(4).to("10.9.0.3", 5004).build()},
      {"source and destination swapped",
       packet(4).from("10.9.0.2", 5004).to("10.9.0.1", 40000).build()},
      {"TCP", packet(4).protocol(6).build()},
      {"UDP-Lite", packet(4).protocol(136).build()},
      {"ARP", packet(4).ethertype(0x0806).build()},
      {"IPv4 that says it is IPv6", packet(4).ethertype(0x86dd).payload(pattern(40)).build()},
      {"IPv6 that says it is IPv4", packet(6).ethertype(0x0800).build()},
      {"IP version 5", packet(4).version(5).build()},
      {"an IPv4 header of four words", packet(4).ihl(4).build()},
      {"an IPv4 header of no words", packet(4).ihl(0).build()},
      {"a header longer than the frame", packet(4).ihl(15).build()},
      {"a later fragment of a datagram nobody has seen", packet(4).fragment(1480, false).build()},
      {"three tags", packet(4).vlan(1, 0x88a8).vlan(2).vlan(3).build()},
      {"an MPLS label", packet(4).vlan(1, 0x8847).build()},
      {"IPv6: another port", packet(6).to("2001:db8::2", 5005).build()},
      {"IPv6: another address", packet(6).to("2001:db8::3", 5004).build()},
      {"IPv6: an address that differs in the first word only",
       packet(6).to("2001:db9::2", 5004).build()},
      {"IPv6: TCP", packet(6).protocol(6).build()},
      {"IPv6: no next header", packet(6).protocol(59).build()},
      {"IPv6: encrypted", packet(6).protocol(50).build()},
      {"IPv6: TCP behind options",
       packet(6).protocol(6).extension(kHopByHop, {1, 4, 0, 0, 0, 0}).build()},
  };
  for (const OtherCase& other : others) {
    SCOPED_TRACE(other.description);
    expect_untouched(other.packet);
  }
}

TEST_P(MatchTest, WithoutAnyRuleEverythingLeavesUntouched) {
  expect_untouched(packet(4).build());
  expect_untouched(packet(6).build());
  expect_untouched(packet(4).fragment(0, true).build());
  expect_untouched(packet(4).udp_length(3).build());
}

struct FromCase {
  const char* rule_from;
  const char* address;
  uint16_t port;
  bool matches;
};

TEST_P(MatchTest, ARuleTakesTheSourcesItNames) {
  const FromCase cases[] = {
      {"", "10.9.0.1", 40000, true},
      {"", "10.9.0.77", 1, true},
      {"10.9.0.1", "10.9.0.1", 40000, true},
      {"10.9.0.1", "10.9.0.1", 1, true},
      {"10.9.0.1", "10.9.0.77", 40000, false},
      {"10.9.0.1:40000", "10.9.0.1", 40000, true},
      {"10.9.0.1:40000", "10.9.0.1", 40001, false},
      {"10.9.0.1:40000", "10.9.0.77", 40000, false},
      {"[2001:db8::1]", "2001:db8::1", 40000, true},
      {"[2001:db8::1]", "2001:db8::9", 40000, false},
      {"[2001:db8::1]:40000", "2001:db8::1", 40000, true},
      {"[2001:db8::1]:40000", "2001:db8::1", 40001, false},
  };
  for (const FromCase& each : cases) {
    SCOPED_TRACE(std::string("from ") + each.rule_from + " meets " + each.address);
    const bool ipv6 = std::string(each.address).find(':') != std::string::npos;
    egress.reset();
    egress.add_rule(0,
                    {.to = ipv6 ? "[2001:db8::2]:5004" : "10.9.0.2:5004", .from = each.rule_from});
    const Bytes frame = packet(ipv6 ? 6 : 4).from(each.address, each.port).build();
    each.matches ? (void)expect_stamped(frame) : expect_untouched(frame);
  }
}

TEST_P(MatchTest, OnePacketCountsForItsOwnRuleOnly) {
  egress.add_rule(0, {.to = "10.9.0.2:5004", .from = "10.9.0.1"});
  egress.add_rule(1, {.to = "10.9.0.2:5004", .from = "10.9.0.3"});
  egress.add_rule(2, {.to = "10.9.0.2:5006"});
  egress.run(packet(4).from("10.9.0.3", 40000).build());
  egress.run(packet(4).from("10.9.0.3", 40000).udp_length(1).build());
  EXPECT_EQ(egress.counters(0)["stamped"] + egress.counters(2)["stamped"], 0U);
  EXPECT_EQ(egress.counters(0)["malformed"] + egress.counters(2)["malformed"], 0U);
  EXPECT_EQ(egress.counters(1)["stamped"], 1U);
  EXPECT_EQ(egress.counters(1)["malformed"], 1U);
}

// The agent's RTCP on RTP's own port: a packet of the rule that is none.
TEST_P(MatchTest, AMarkedPacketOfTheAgentPassesAndLosesItsMark) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  egress.add_rule(1, {.to = "[2001:db8::2]:5004"});
  __sk_buff context{};
  for (const int family : {4, 6}) {
    context.mark = 0x7e001073;
    const Bytes frame = packet(family).build();
    const Verdict verdict = egress.run(frame, &context);
    EXPECT_EQ(verdict.code, kPassed);
    EXPECT_EQ(verdict.out, frame);
    EXPECT_EQ(verdict.mark, 0U);
    EXPECT_TRUE(egress.streams().empty());
  }
  EXPECT_EQ(egress.counted(), 0U);
}

// Of no rule it is somebody else's, and the mark is theirs.
TEST_P(MatchTest, AMarkOfNoRulesPacketStays) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  __sk_buff context{};
  context.mark = 0x7e001073;
  EXPECT_EQ(egress.run(packet(4).to("10.9.0.2", 5005).build(), &context).mark, 0x7e001073U);
}

TEST_P(MatchTest, OtherMarksMakeNoDifference) {
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  __sk_buff context{};
  for (const uint32_t mark : {0x7e001072U, 0x7e001074U, 0x7e000000U, 1U}) {
    context.mark = mark;
    (void)expect_stamped(packet(4).build(), &context);
  }
}

TEST_P(MatchTest, TheSamePortOfTheOtherFamilyIsAnotherFlow) {
  // 10.9.0.2 and a002:... share the bytes of the first word and a port.
  egress.add_rule(0, {.to = "10.9.0.2:5004"});
  expect_untouched(packet(6).to("0a09:0002::", 5004).build());
}

// Interface: dropped and counted as ip_options, however long the chain is.
TEST_P(MatchTest, NoChainOfExtensionHeadersIsLongEnoughToLeaveUnstamped) {
  egress.add_rule(0, {.to = "[2001:db8::2]:5004"});
  PacketBuilder builder = packet(6);
  for (int headers = 1; headers <= 12; headers++) {
    SCOPED_TRACE(std::to_string(headers) + " headers");
    builder.extension(kDestOptions, {1, 4, 0, 0, 0, 0});
    expect_dropped(builder.build(), "ip_options");
  }
}

}  // namespace
}  // namespace zc::test

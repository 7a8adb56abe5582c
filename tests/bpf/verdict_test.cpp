// SPDX-License-Identifier: GPL-2.0-only
// Every verdict that a lone packet can reach: dropped or passed, and counted exactly once.
//
// Leaves out a packet that waits for its checksum (CHECKSUM_PARTIAL). BPF_PROG_TEST_RUN cannot make
// one, so the verdicts `short` and `checksum` and the ways that end PARTIAL are tests/nic's job.
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

class VerdictTest : public EgressTest {};
ZC_EGRESS_TESTS(VerdictTest);

struct DropCase {
  const char* description;
  Bytes packet;
  const char* counter;
};

RuleText rule_for(int family) {
  RuleText rule;
  if (family == 6) rule.to = "[2001:db8::2]:5004";
  return rule;
}

const Bytes kRouterAlert{0x94, 4, 0, 0};             // RFC 2113
const Bytes kPadN{1, 4, 0, 0, 0, 0};                 // RFC 8200 4.2, behind next and length
const Bytes kRoutingBody{0, 0, 0, 0, 0, 0};          // no segments left
const Bytes kAuthBody{0, 0, 0, 0, 0, 1, 0, 0, 0, 1,  // RFC 4302: reserved, SPI, sequence
                      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
const Bytes kWholeFragment{0, 0, 0, 0, 0, 9};  // offset 0, last: an atomic fragment
const Bytes kFirstFragment{0, 1, 0, 0, 0, 9};  // offset 0, more to come

std::vector<DropCase> ipv4_drops() {
  return {
      {"an option", packet(4).ipv4_options(kRouterAlert).build(), "ip_options"},
      {"ten words of options", packet(4).ipv4_options(Bytes(40, 1)).build(), "ip_options"},
      {"a first fragment", packet(4).fragment(0, true).build(), "fragment"},
      {"a first fragment with options",
       packet(4).fragment(0, true).ipv4_options(kRouterAlert).build(), "fragment"},
      {"UDP length above the IP length", packet(4).udp_length(13).build(), "malformed"},
      {"UDP length below the IP length", packet(4).udp_length(11).build(), "malformed"},
      {"UDP length below a UDP header", packet(4).udp_length(7).build(), "malformed"},
      {"UDP length 0", packet(4).udp_length(0).build(), "malformed"},
      {"UDP length 65535", packet(4).udp_length(65535).build(), "malformed"},
      {"IP length above the frame", packet(4).ip_length(33).udp_length(13).build(), "malformed"},
      {"IP length 65535", packet(4).ip_length(65535).udp_length(65515).build(), "malformed"},
      {"IP length below the UDP header", packet(4).ip_length(27).build(), "malformed"},
      {"IP length below the IP header", packet(4).ip_length(19).build(), "malformed"},
      {"IP length 0", packet(4).ip_length(0).build(), "malformed"},
  };
}

std::vector<DropCase> ipv6_drops() {
  return {
      {"hop-by-hop options", packet(6).extension(kHopByHop, kPadN).build(), "ip_options"},
      {"a routing header", packet(6).extension(kRouting, kRoutingBody).build(), "ip_options"},
      {"destination options", packet(6).extension(kDestOptions, kPadN).build(), "ip_options"},
      {"an authentication header", packet(6).extension(kAuth, kAuthBody).build(), "ip_options"},
      {"three headers",
       packet(6)
           .extension(kHopByHop, kPadN)
           .extension(kRouting, kRoutingBody)
           .extension(kDestOptions, kPadN)
           .build(),
       "ip_options"},
      {"a long header", packet(6).extension(kDestOptions, Bytes(62)).build(), "ip_options"},
      {"an atomic fragment", packet(6).extension(kFragment, kWholeFragment).build(), "fragment"},
      {"a first fragment", packet(6).extension(kFragment, kFirstFragment).build(), "fragment"},
      {"a first fragment behind options",
       packet(6).extension(kHopByHop, kPadN).extension(kFragment, kFirstFragment).build(),
       "fragment"},
      {"a first fragment before options",
       packet(6).extension(kFragment, kFirstFragment).extension(kDestOptions, kPadN).build(),
       "fragment"},
      {"UDP length above the IP length", packet(6).udp_length(13).build(), "malformed"},
      {"UDP length below the IP length", packet(6).udp_length(11).build(), "malformed"},
      {"UDP length 0", packet(6).udp_length(0).build(), "malformed"},
      {"payload length above the frame", packet(6).ip_length(13).udp_length(13).build(),
       "malformed"},
      {"payload length 65535", packet(6).ip_length(65535).udp_length(65535).build(), "malformed"},
      {"payload length below the UDP header", packet(6).ip_length(7).build(), "malformed"},
      {"payload length 0, as of a jumbogram", packet(6).ip_length(0).build(), "malformed"},
  };
}

TEST_P(VerdictTest, WhatCannotBeStampedIsDroppedAndCountedOnce) {
  for (const int family : {4, 6}) {
    for (const DropCase& drop : family == 4 ? ipv4_drops() : ipv6_drops()) {
      SCOPED_TRACE(std::string(family == 4 ? "IPv4: " : "IPv6: ") + drop.description);
      egress.reset();
      egress.add_rule(0, rule_for(family));
      expect_dropped(drop.packet, drop.counter);
      EXPECT_EQ(egress.slots_in_use(), 0U) << "a dropped packet gives birth to no stream";
    }
  }
}

TEST_P(VerdictTest, WhatIsDroppedOnTheWholeIsDroppedBehindAVlanTagToo) {
  egress.add_rule(0, rule_for(4));
  expect_dropped(packet(4).vlan(5).ipv4_options(kRouterAlert).build(), "ip_options");
  expect_dropped(packet(4).vlan(5).fragment(0, true).build(), "fragment");
  expect_dropped(packet(4).vlan(5).udp_length(13).build(), "malformed");
}

TEST_P(VerdictTest, ASuperPacketIsDroppedWhereThereIsNoStage) {
  for (const int family : {4, 6}) {
    egress.reset();
    egress.add_rule(0, rule_for(family));
    __sk_buff context{};
    context.gso_size = 100;
    context.gso_segs = 3;
    expect_dropped(packet(family).payload(pattern(300)).build(), "uncut", &context);
  }
}

// Shows what happens should room and header ever disagree. Not offered by zcctl.
TEST_P(VerdictTest, MoreRoomThanTheHeadersTakeIsRefused) {
  for (const int family : {4, 6}) {
    egress.reset();
    RuleText rule = rule_for(family);
    rule.checksum = ZC_CHECKSUM_LCO;
    rule.payload_header_bytes = 4;
    egress.add_rule(0, rule);
    expect_dropped(packet(family).build(), "no_room");
  }
}

TEST_P(VerdictTest, AFullStreamTableDropsNewStreamsAndKeepsTheOldOnes) {
  egress.add_rule(0, rule_for(4));
  expect_stamped(packet(4).from("10.9.0.1", 1).build());
  egress.fill_stream_table();
  EXPECT_EQ(egress.run(packet(4).from("10.9.0.1", 2).build()).code, kDropped);
  EXPECT_EQ(egress.counters(0)["no_state"], 1U);
  EXPECT_EQ(egress.slots_in_use(), 1U) << "the slot that was tried is free again";
  expect_stamped(packet(4).from("10.9.0.1", 1).build());
}

TEST_P(VerdictTest, NoFreeSlotDropsNewStreams) {
  egress.add_rule(0, rule_for(4));
  expect_stamped(packet(4).from("10.9.0.1", 1).build());
  for (unsigned i = 0; i < ZC_DEFAULT_STREAMS * ZC_SLOTS_PER_STREAM; i++)
    egress.slot(i).state = ZC_SLOT_USED;
  expect_dropped(packet(4).from("10.9.0.1", 2).build(), "no_state");
  expect_stamped(packet(4).from("10.9.0.1", 1).build());
}

TEST_P(VerdictTest, EveryPacketOfAMixtureIsInExactlyOneCounter) {
  egress.add_rule(0, rule_for(4));
  uint64_t sent = 0;
  for (const DropCase& drop : ipv4_drops()) {
    egress.run(drop.packet);
    egress.run(packet(4).build());
    sent += 2;
  }
  EXPECT_EQ(egress.counted(), sent);
  const auto counters = egress.counters(0);
  EXPECT_EQ(counters.at("stamped"), 14U);
  EXPECT_EQ(counters.at("ip_options"), 2U);
  EXPECT_EQ(counters.at("fragment"), 2U);
  EXPECT_EQ(counters.at("malformed"), 10U);
}

// RFC 2250 2: an integral number of transport stream packets. What else is sent all the same.
TEST_P(VerdictTest, AnMpegTsPayloadThatIsNoMultipleOf188IsStampedAndCountedAsUnaligned) {
  egress.add_rule(0, {.payload_type = 33});
  for (const size_t whole : {188U, 1316U, 0U})
    expect_stamped(packet(4).payload(pattern(whole)).build());
  EXPECT_EQ(egress.counters(0)["unaligned"], 0U);
  for (const size_t odd : {187U, 189U, 1400U})
    expect_stamped(packet(4).payload(pattern(odd)).build());
  EXPECT_EQ(egress.counters(0)["unaligned"], 3U);
}

TEST_P(VerdictTest, OtherPayloadsAreNeverUnaligned) {
  egress.add_rule(0, {.payload_type = 34});
  expect_stamped(packet(4).payload(pattern(187)).build());
  EXPECT_EQ(egress.counters(0)["unaligned"], 0U);
}

}  // namespace
}  // namespace zc::test

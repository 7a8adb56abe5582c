// SPDX-License-Identifier: GPL-2.0-only
// Frames that end too early, at every byte: dropped where they are a rule's, untouched where
// nothing can be known of them, never stamped. The cuts within an IP header that the kernel's
// BPF_PROG_TEST_RUN refuses are covered by the same header behind a VLAN tag.
#include "fixture.h"
#include "packet_builder.h"

namespace zc::test {
namespace {

class TruncationTest : public EgressTest {};
ZC_EGRESS_TESTS(TruncationTest);

constexpr size_t kShortestFrame = 15;

struct CutCase {
  const char* description;
  Bytes packet;
  // Where the UDP ports end: from here on the flow is known.
  size_t ports_end;
  const char* counter;  // what the cut packet counts as
};

std::vector<CutCase> cut_cases() {
  const Bytes pad{1, 4, 0, 0, 0, 0}, fragment{0, 1, 0, 0, 0, 9};
  return {
      {"IPv4", packet(4).build(), 14 + 20 + 4, "malformed"},
      {"IPv4 without payload", packet(4).payload({}).build(), 14 + 20 + 4, "malformed"},
      {"IPv4 with options", packet(4).ipv4_options(Bytes(8, 1)).build(), 14 + 28 + 4, "ip_options"},
      {"IPv4, one tag", packet(4).vlan(5).build(), 18 + 20 + 4, "malformed"},
      {"IPv4, two tags", packet(4).vlan(6, 0x88a8).vlan(5).build(), 22 + 20 + 4, "malformed"},
      {"IPv6", packet(6).build(), 14 + 40 + 4, "malformed"},
      {"IPv6, one tag", packet(6).vlan(5).build(), 18 + 40 + 4, "malformed"},
      {"IPv6, two tags", packet(6).vlan(6, 0x88a8).vlan(5).build(), 22 + 40 + 4, "malformed"},
      {"IPv6, two extension headers",
       packet(6).extension(kHopByHop, pad).extension(kDestOptions, pad).build(), 14 + 56 + 4,
       "ip_options"},
      {"IPv6, fragment header", packet(6).extension(kFragment, fragment).build(), 14 + 48 + 4,
       "fragment"},
  };
}

TEST_P(TruncationTest, AFrameCutAtAnyByteIsNeverStamped) {
  for (const CutCase& each : cut_cases()) {
    for (size_t bytes = kShortestFrame; bytes < each.packet.size(); bytes++) {
      SCOPED_TRACE(std::string(each.description) + " cut to " + std::to_string(bytes));
      egress.reset();
      egress.add_rule(0, {.to = "10.9.0.2:5004"});
      egress.add_rule(1, {.to = "[2001:db8::2]:5004"});
      const Bytes cut(each.packet.begin(), each.packet.begin() + static_cast<long>(bytes));
      const Verdict verdict = egress.run(cut);
      if (verdict.refused) continue;
      if (bytes < each.ports_end) {
        EXPECT_EQ(verdict.code, kPassed);
        EXPECT_EQ(verdict.out, cut);
        EXPECT_EQ(egress.counted(), 0U);
        continue;
      }
      EXPECT_EQ(verdict.code, kDropped);
      EXPECT_EQ(egress.counters(0)[each.counter] + egress.counters(1)[each.counter], 1U);
      EXPECT_EQ(egress.counted(), 1U);
    }
  }
}

}  // namespace
}  // namespace zc::test

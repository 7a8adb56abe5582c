// SPDX-License-Identifier: GPL-2.0-only
// Rules: which overlap; and from a specification to the bytes of the ABI, and back.
#include <cstring>

#include "core/rule.h"
#include "expect.h"
#include "rule_arguments.h"

namespace zc::core {
namespace {

// The sources of six rules for one destination, and which pairs of them meet some packet both.
constexpr const char* kSources[] = {"",           "10.0.0.1", "10.0.0.1:1",
                                    "10.0.0.1:2", "10.0.0.3", "10.0.0.3:1"};
constexpr bool kOverlap[6][6] = {
    {true, true, true, true, true, true},     // any source meets all
    {true, true, true, true, false, false},   // 10.0.0.1
    {true, true, true, false, false, false},  // 10.0.0.1:1
    {true, true, false, true, false, false},  // 10.0.0.1:2
    {true, false, false, false, true, true},  // 10.0.0.3
    {true, false, false, false, true, true},  // 10.0.0.3:1
};

TEST(OverlapTest, RulesForOneDestinationOverlapAsTheirSourcesDo) {
  for (int one = 0; one < 6; one++) {
    for (int other = 0; other < 6; other++) {
      SCOPED_TRACE(std::string(kSources[one]) + " and " + kSources[other]);
      EXPECT_EQ(overlap(value_of(parse_match("10.0.0.2:5004", kSources[one])),
                        value_of(parse_match("10.0.0.2:5004", kSources[other]))),
                kOverlap[one][other]);
    }
  }
}

TEST(OverlapTest, RulesForOtherDestinationsNeverOverlap) {
  const Match match = value_of(parse_match("10.0.0.2:5004", ""));
  for (const char* to : {"10.0.0.2:5005", "10.0.0.3:5004", "[2001:db8::2]:5004"}) {
    SCOPED_TRACE(to);
    EXPECT_FALSE(overlap(match, value_of(parse_match(to, ""))));
    EXPECT_FALSE(overlap(value_of(parse_match(to, "")), match));
  }
}

TEST(RuleAbiTest, AnIpv4FlowStandsInNetworkOrderAtTheFrontOfItsField) {
  const zc_flow flow = to_flow(value_of(parse_match("10.0.0.2:5004", "10.0.0.1:40000")));
  const uint8_t daddr[16] = {10, 0, 0, 2}, saddr[16] = {10, 0, 0, 1};
  const uint8_t dport[2] = {0x13, 0x8c}, sport[2] = {0x9c, 0x40};
  EXPECT_EQ(std::memcmp(flow.daddr, daddr, 16), 0);
  EXPECT_EQ(std::memcmp(flow.saddr, saddr, 16), 0);
  EXPECT_EQ(std::memcmp(&flow.dport, dport, 2), 0);
  EXPECT_EQ(std::memcmp(&flow.sport, sport, 2), 0);
  EXPECT_EQ(flow.family, 4U);
}

TEST(RuleAbiTest, AnyMatchComesBackAsItWent) {
  struct Case {
    const char *to, *from;
  };
  for (const Case& each :
       {Case{"10.0.0.2:5004", ""}, Case{"10.0.0.2:5004", "10.0.0.1"},
        Case{"10.0.0.2:5004", "10.0.0.1:40000"}, Case{"[2001:db8::2]:1", ""},
        Case{"[2001:db8::2]:65535", "2001:db8::1"}, Case{"[ff3e::1]:5004", "[2001:db8::1]:9"}}) {
    const Match match = value_of(parse_match(each.to, each.from));
    EXPECT_EQ(to_match(to_flow(match)), match) << match.text();
  }
}

TEST(RuleAbiTest, OptionsBecomeTheWordsTheProgramReads) {
  RuleArguments given = words();
  given.payload = "MPA";
  given.ssrc = "0x11223344";
  given.seq = "7";
  const zc_rule rule = to_abi(value_of(parse_rule(given)), ZC_CHECKSUM_ZERO);
  EXPECT_EQ(rule.options.how.payload_type, 14);
  EXPECT_EQ(rule.options.how.checksum, 2);
  EXPECT_EQ(rule.options.how.payload_header_bytes, 4);
  EXPECT_EQ(rule.options.clock_hz, 90000U);
  EXPECT_EQ(rule.options.how.flags, 1 | 2 | 8 | 16 | 32)
      << "fixed ssrc, fixed seq; checksum, timestamp, rtcp auto";
  EXPECT_EQ(rule.options.first_ssrc, 0x11223344U);
  EXPECT_EQ(rule.options.first_seq, 7U);
  EXPECT_EQ(rule.options.first_ts, 0U);
  EXPECT_STREQ(rule.options.payload_name, "MPA");
}

TEST(RuleAbiTest, ClockAndStreamBecomeTheWordsTheProgramReads) {
  RuleArguments given = words();
  given.payload = "";
  given.encoding = "l16/44100/2";
  given.pt = "97";
  given.rate = "2M";
  given.rtcp = "mux";
  given.idle = "60";
  given.one_stream = true;
  given.ptime = "5";
  given.fmtp = "channel-order=x";
  const zc_options options = to_abi(value_of(parse_rule(given)), ZC_CHECKSUM_ZERO).options;
  EXPECT_EQ(options.how.payload_type, 97);
  EXPECT_EQ(options.how.timestamp, 2) << "samples";
  EXPECT_EQ(options.how.pace, 1) << "rate";
  EXPECT_EQ(options.how.rtcp, 2) << "mux";
  EXPECT_EQ(options.how.media, 1) << "audio";
  EXPECT_EQ(options.how.flags, 8 | 16 | 64) << "checksum, timestamp auto; continue";
  EXPECT_EQ(options.ticks_whole, 0U);
  EXPECT_EQ(options.ticks_q64, 1ULL << 62);
  EXPECT_EQ(options.clock_hz, 44100U);
  EXPECT_EQ(options.rate_bps, 2'000'000U);
  EXPECT_EQ(options.clock_bps, 0U);
  EXPECT_EQ(options.idle_s, 60U);
  EXPECT_EQ(options.ptime_us, 5000U);
  EXPECT_EQ(options.pcr_pid, 0xffff);
  EXPECT_STREQ(options.payload_name, "L16/44100/2");
  EXPECT_STREQ(options.fmtp, "channel-order=x");
}

TEST(RuleAbiTest, FirstValuesOfZeroAreGivenValuesToo) {
  RuleArguments given = words();
  given.ssrc = given.seq = given.ts = "0";
  given.checksum = "lco";
  EXPECT_EQ(to_abi(value_of(parse_rule(given)), ZC_CHECKSUM_LCO).options.how.flags,
            1 | 2 | 4 | 16 | 32);
}

TEST(RuleAbiTest, AnyDifferentOptionMakesARuleDifferent) {
  const zc_rule rule = to_abi(value_of(parse_rule(words())), ZC_CHECKSUM_LCO);
  EXPECT_TRUE(same_options(rule, rule));
  const std::pair<const char*, void (*)(RuleArguments&)> changes[] = {
      {"payload", [](RuleArguments& w) { w.payload = "PCMU"; }},
      {"ssrc", [](RuleArguments& w) { w.ssrc = "0"; }},
      {"seq", [](RuleArguments& w) { w.seq = "1"; }},
      {"ts", [](RuleArguments& w) { w.ts = "1"; }},
      {"checksum", [](RuleArguments& w) { w.checksum = "lco"; }},
      {"timestamp", [](RuleArguments& w) { w.timestamp = "wall"; }},
      {"the same timestamp, said", [](RuleArguments& w) { w.timestamp = "pcr"; }},
      {"PID", [](RuleArguments& w) { w.pcr_pid = "256"; }},
      {"rate", [](RuleArguments& w) { w.rate = "8M"; }},
      {"rtcp", [](RuleArguments& w) { w.rtcp = "off"; }},
      {"idle", [](RuleArguments& w) { w.idle = "5"; }},
      {"continue", [](RuleArguments& w) { w.one_stream = true; }},
      {"fmtp", [](RuleArguments& w) { w.fmtp = "a"; }},
  };
  for (const auto& [name, change] : changes) {
    RuleArguments given = words();
    change(given);
    EXPECT_FALSE(same_options(rule, to_abi(value_of(parse_rule(given)), ZC_CHECKSUM_LCO))) << name;
  }
  EXPECT_FALSE(same_options(rule, to_abi(value_of(parse_rule(words())), ZC_CHECKSUM_ZERO)));
}

}  // namespace
}  // namespace zc::core

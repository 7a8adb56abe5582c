// SPDX-License-Identifier: GPL-2.0-only
// Rules: from words to a specification, from there to the bytes of the ABI; and which overlap.
#include "core/rule.h"

#include <cstring>

#include "expect.h"

namespace zc::core {
namespace {

RuleArguments words(const std::string& to = "10.0.0.2:5004") {
  RuleArguments words;
  words.to = to;
  words.payload = "MP2T";
  return words;
}

// --- good words -----------------------------------------------------------------------------

TEST(RuleTest, ThePayloadsNameGivesTypeAndClock) {
  const RuleSpec spec = value_of(parse_rule(words()));
  EXPECT_EQ(spec.match.to.text(), "10.0.0.2:5004");
  EXPECT_FALSE(spec.match.from);
  EXPECT_EQ(spec.payload_name, "MP2T");
  EXPECT_EQ(spec.payload_type, 33);
  EXPECT_EQ(spec.clock_hz, 90000U);
  EXPECT_EQ(spec.payload_header_bytes, 0);
  EXPECT_FALSE(spec.checksum || spec.ssrc || spec.first_seq || spec.first_ts);
}

TEST(RuleTest, TypeAndClockMayBeGivenInstead) {
  RuleArguments given = words();
  given.payload = "";
  given.pt = "96";
  given.clock = "48000";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.payload_name, "");
  EXPECT_EQ(spec.payload_type, 96);
  EXPECT_EQ(spec.clock_hz, 48000U);

  given.pt = "33";
  given.clock = "90000";
  EXPECT_EQ(value_of(parse_rule(given)).payload_name, "MP2T");
}

TEST(RuleTest, MpaByNumberGetsNoPayloadHeaderForItWasNotAskedFor) {
  RuleArguments given = words();
  given.payload = "";
  given.pt = "14";
  given.clock = "90000";
  EXPECT_EQ(value_of(parse_rule(given)).payload_header_bytes, 0);
  EXPECT_EQ(value_of(parse_rule(given)).payload_name, "");
  given = words();
  given.payload = "mpa";
  EXPECT_EQ(value_of(parse_rule(given)).payload_header_bytes, 4);
}

TEST(RuleTest, FirstValuesAndOptionsAreTaken) {
  RuleArguments given = words();
  given.from = "10.0.0.1";
  given.ssrc = "0x11223344";
  given.seq = "65535";
  given.ts = "4294967295";
  given.checksum = "zero";
  given.timestamp = "wall";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.match.text(), "10.0.0.2:5004 from 10.0.0.1");
  EXPECT_EQ(spec.ssrc, 0x11223344U);
  EXPECT_EQ(spec.first_seq, 65535);
  EXPECT_EQ(spec.first_ts, 4294967295U);
  EXPECT_EQ(spec.checksum, ZC_CHECKSUM_ZERO);
}

TEST(RuleTest, ChecksumAutoIsTheSameAsNone) {
  RuleArguments given = words();
  given.checksum = "auto";
  EXPECT_FALSE(value_of(parse_rule(given)).checksum);
}

// --- bad words ------------------------------------------------------------------------------

struct BadWords {
  const char* description;
  void (*spoil)(RuleArguments&);
  const char* message;
  const char* hint;
};

constexpr BadWords kBad[] = {
    {"no destination", [](RuleArguments& w) { w.to = ""; }, "--to: '' is not an IP address",
     "write"},
    {"port 0", [](RuleArguments& w) { w.to = "10.0.0.2:0"; },
     "--to: the port takes a number from 1 to 65535, not '0'", ""},
    {"port 70000", [](RuleArguments& w) { w.to = "10.0.0.2:70000"; },
     "--to: the port takes a number from 1 to 65535, not '70000'", ""},
    {"source port 70000", [](RuleArguments& w) { w.from = "10.0.0.1:70000"; },
     "--from: the port takes a number from 1 to 65535, not '70000'", ""},
    {"a source of the other family", [](RuleArguments& w) { w.from = "2001:db8::1"; },
     "--from is an IPv6 address, --to an IPv4 one", ""},
    {"a destination of the other family",
     [](RuleArguments& w) { w.to = "[2001:db8::2]:5004", w.from = "10.0.0.1:40000"; },
     "--from is an IPv4 address, --to an IPv6 one", ""},
    {"a group as source", [](RuleArguments& w) { w.from = "239.1.2.3"; },
     "--from: 239.1.2.3 is a multicast group", ""},
    {"an IPv6 group as source",
     [](RuleArguments& w) { w.to = "[2001:db8::2]:5004", w.from = "ff02::1"; },
     "--from: ff02::1 is a multicast group", ""},
    {"nobody as source", [](RuleArguments& w) { w.from = "0.0.0.0"; }, "stands for no host", ""},
    {"an unknown payload", [](RuleArguments& w) { w.payload = "H264"; },
     "--payload: 'H264' is not known", "known: PCMU"},
    {"no payload", [](RuleArguments& w) { w.payload = ""; },
     "attach needs --payload NAME, or --pt N with --clock HZ", "--payload MP2T"},
    {"a type without a clock", [](RuleArguments& w) { w.payload = "", w.pt = "96"; },
     "attach needs --payload NAME, or --pt N with --clock HZ", "--payload MP2T"},
    {"a clock without a type", [](RuleArguments& w) { w.payload = "", w.clock = "90000"; },
     "attach needs --payload NAME, or --pt N with --clock HZ", "--payload MP2T"},
    {"name and type", [](RuleArguments& w) { w.pt = "33"; },
     "--payload already says --pt and --clock", "one or the other"},
    {"name and clock", [](RuleArguments& w) { w.clock = "90000"; },
     "--payload already says --pt and --clock", "one or the other"},
    {"payload type 200", [](RuleArguments& w) { w.payload = "", w.pt = "200", w.clock = "90000"; },
     "--pt takes a number from 0 to 127, not '200'", ""},
    {"a payload type of RTCP",
     [](RuleArguments& w) { w.payload = "", w.pt = "72", w.clock = "90000"; }, "RTCP", "96 to 127"},
    {"a clock that stands", [](RuleArguments& w) { w.payload = "", w.pt = "96", w.clock = "0"; },
     "--clock takes a number from 1", ""},
    {"a clock beyond reason",
     [](RuleArguments& w) { w.payload = "", w.pt = "96", w.clock = "100000001"; },
     "--clock takes a number from 1 to 100000000", ""},
    {"a timestamp of a later version", [](RuleArguments& w) { w.timestamp = "pcr"; },
     "--timestamp: 'pcr' is not known", "wall"},
    {"sequence number 70000", [](RuleArguments& w) { w.seq = "70000"; },
     "--seq takes a number from 0 to 65535, not '70000'", ""},
    {"an SSRC of 33 bits", [](RuleArguments& w) { w.ssrc = "0x100000000"; },
     "--ssrc takes a number from 0 to 4294967295", ""},
    {"a timestamp of 33 bits", [](RuleArguments& w) { w.ts = "4294967296"; },
     "--ts takes a number from 0 to 4294967295", ""},
    {"an unknown checksum way", [](RuleArguments& w) { w.checksum = "crc32"; },
     "--checksum: 'crc32' is not one of auto, uni, sum, zero, lco", ""},
};

TEST(RuleTest, BadWordsAreRefusedWithALineAHintAndExitCode2) {
  for (const BadWords& bad : kBad) {
    SCOPED_TRACE(bad.description);
    RuleArguments given = words();
    bad.spoil(given);
    expect_error(parse_rule(given), ErrorKind::kUsage, bad.message, bad.hint);
  }
}

// --- overlap --------------------------------------------------------------------------------

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

// --- the ABI --------------------------------------------------------------------------------

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

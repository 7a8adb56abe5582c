// SPDX-License-Identifier: GPL-2.0-only
// The words that a rule is printed in make the same rule again.
#include <map>
#include <sstream>

#include "core/rule.h"
#include "expect.h"
#include "out/steps.h"

namespace zc::out {
namespace {

using core::RuleArguments;

// "--to A --force": as the command line would.
RuleArguments arguments_of(const std::string& words) {
  RuleArguments given;
  const std::map<std::string, std::string*> options{{"--to", &given.to},
                                                    {"--from", &given.from},
                                                    {"--payload", &given.payload},
                                                    {"--pt", &given.pt},
                                                    {"--clock", &given.clock},
                                                    {"--ssrc", &given.ssrc},
                                                    {"--seq", &given.seq},
                                                    {"--ts", &given.ts},
                                                    {"--checksum", &given.checksum},
                                                    {"--segment", &given.segment},
                                                    {"--encoding", &given.encoding},
                                                    {"--fmtp", &given.fmtp},
                                                    {"--ptime", &given.ptime},
                                                    {"--media", &given.media},
                                                    {"--timestamp", &given.timestamp},
                                                    {"--pcr-pid", &given.pcr_pid},
                                                    {"--rate", &given.rate},
                                                    {"--rtcp", &given.rtcp},
                                                    {"--idle", &given.idle}};
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    if (word == "--force") {
      given.force = true;
      continue;
    }
    if (word == "--continue") {
      given.one_stream = true;
      continue;
    }
    const auto option = options.find(word);
    EXPECT_NE(option, options.end()) << word;
    if (option != options.end()) stream >> *option->second;
  }
  return given;
}

zc_rule rule_of(const std::string& words) {
  const core::RuleSpec spec = value_of(core::parse_rule(arguments_of(words)));
  return core::to_abi(spec, spec.checksum.value_or(ZC_CHECKSUM_SUM));
}

TEST(WordsTest, ARuleSurvivesThem) {
  for (const char* words :
       {"--to 10.0.0.2:5004 --payload MP2T",
        "--to 10.0.0.2:5004 --payload MP2T --segment 1316",
        "--to 10.0.0.2:5004 --payload MP2T --segment 1000 --force",
        "--to 10.0.0.2:5004 --pt 33 --clock 90000 --segment 1000 --force",
        "--to 10.0.0.2:5004 --from 10.0.0.1 --payload PCMU --checksum zero",
        "--to [2001:db8::2]:5004 --from [2001:db8::1]:4000 --payload L16/44100/2 --checksum uni",
        "--to 10.0.0.2:5004 --payload MPA --checksum lco",
        "--to 10.0.0.2:5004 --pt 14 --clock 90000",
        "--to 10.0.0.2:5004 --pt 96 --clock 48000 --segment 1000 --checksum full",
        "--to 10.0.0.2:5004 --payload MP2T --ssrc 4294967295 --seq 0 --ts 7",
        "--to 10.0.0.2:5004 --payload MP2T --timestamp wall --rtcp off --rate 8M",
        "--to 10.0.0.2:5004 --payload MP2T --pcr-pid 0x100 --rate auto --rtcp mux",
        "--to 10.0.0.2:5005 --payload MP2T --timestamp bytes:1.5M --idle 30 --continue",
        "--to 10.0.0.2:5004 --payload opus --timestamp packet:960 --fmtp stereo=1 --ptime 20",
        "--to 10.0.0.2:5004 --encoding L16/44100/2 --pt 97 --segment 1320 --ptime 0.125",
        "--to 10.0.0.2:5004 --encoding MP2T/90000 --segment 1316",
        "--to 10.0.0.2:5004 --encoding X-own/16000 --media video",
        "--to 10.0.0.2:5004 --encoding X-own/16000/2 --pt 127 --media audio",
        "--to 10.0.0.2:5004 --pt 100 --clock 90000 --media audio --timestamp pcr",
        "--to 10.0.0.2:5004 --payload PCMU --timestamp samples --rtcp on"}) {
    SCOPED_TRACE(words);
    const zc_rule rule = rule_of(words);
    const zc_rule again = rule_of(rule_words(rule));
    EXPECT_TRUE(core::same_options(rule, again)) << rule_words(rule);
    EXPECT_EQ(core::to_match(rule.match), core::to_match(again.match));
  }
}

// An operator pastes them into a shell.
TEST(WordsTest, WhatAShellWouldTakeApartIsQuoted) {
  core::RuleArguments given = arguments_of("--to 10.0.0.2:5004 --encoding a`b&c/8000");
  given.fmtp = "it's; $(reboot)";
  const zc_rule rule = core::to_abi(value_of(core::parse_rule(given)), ZC_CHECKSUM_SUM);
  EXPECT_THAT(rule_words(rule), testing::HasSubstr(" --encoding 'a`b&c/8000'"));
  EXPECT_THAT(rule_words(rule), testing::HasSubstr(R"( --fmtp 'it'\''s; $(reboot)')"));
}

TEST(WordsTest, TablesAreToldWhereTheyAreNotTheUsualOnes) {
  zc_meta meta{};
  meta.hook = ZC_HOOK_TCX;
  meta.max_streams = 65536;
  EXPECT_EQ(table_words(meta), "");
  meta.hook = ZC_HOOK_CLSACT;
  meta.max_streams = 100;
  EXPECT_EQ(table_words(meta), " --hook clsact --max-streams 100");
}

}  // namespace
}  // namespace zc::out

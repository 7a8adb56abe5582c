// SPDX-License-Identifier: GPL-2.0-only
// The words of a target's rule. Values and limits are those of RFC 4571 2 and RFC 2326 10.12.
#include "core/framed_rule.h"

#include "core/target.h"
#include "expect.h"
#include "rule_arguments.h"

namespace zc::core {
namespace {

RuleArguments framed(const std::string& segment = "1316") {
  RuleArguments arguments = words();
  arguments.segment = segment;
  return arguments;
}

const FramingArguments kRfc4571{"rfc4571", "", ""};
const FramingArguments kRtsp{"interleaved:2", "", ""};

api::FramedRule parsed(const RuleArguments& arguments, const FramingArguments& framing = kRfc4571) {
  return value_of(parse_framed_rule(arguments, framing));
}

TEST(FramedRuleTest, WordsBecomeARuleAndItsFraming) {
  const api::FramedRule rule = parsed(framed());
  EXPECT_EQ(to_match(rule.rule.match).text(), "10.0.0.2:5004");
  EXPECT_EQ(rule.rule.options.how.payload_type, 33);
  EXPECT_EQ(rule.rule.options.how.timestamp, ZC_TIMESTAMP_PCR);
  EXPECT_EQ(rule.rule.options.how.checksum, 0) << "TCP's own";
  EXPECT_EQ(rule.rule.options.how.rtcp, ZC_RTCP_OFF);
  EXPECT_EQ(rule.rule.options.segment_bytes, 1316U);
  EXPECT_EQ(rule.framing.bytes, 1316U);
  EXPECT_EQ(rule.framing.kind, ZC_FRAMING_RFC4571);
  EXPECT_EQ(rule.framing.frame_end, ZC_FRAME_END_CALL);
  EXPECT_EQ(rule.framing.skip, ZC_SKIP_NONE);
}

TEST(FramedRuleTest, FramingWordsGoThereAndBack) {
  const api::FramedRule rule = parsed(framed(), {"interleaved:2", "never", "http"});
  EXPECT_EQ(rule.framing.channel, 2);
  EXPECT_EQ(framing_text(rule.framing), "interleaved:2");
  EXPECT_EQ(frame_end_text(rule.framing), "never");
  EXPECT_EQ(skip_text(rule.framing), "http");
  const zc_framing skip = parsed(framed(), {"rfc4571", "call", "512"}).framing;
  EXPECT_EQ(skip.skip, ZC_SKIP_BYTES);
  EXPECT_EQ(skip.skip_bytes, 512U);
  EXPECT_EQ(skip_text(skip), "512");
}

TEST(FramedRuleTest, APortOfThisHostMatchesWhateverTheFarEnd) {
  RuleArguments arguments = framed();
  arguments.to.clear();
  arguments.from = ":8554";
  const zc_flow match = parsed(arguments).rule.match;
  EXPECT_EQ(match.family, 0U);
  EXPECT_EQ(match.sport, __builtin_bswap16(8554));
  EXPECT_EQ(match.dport, 0);
  EXPECT_EQ(to_match(match).text(), "from :8554");
  EXPECT_EQ(to_match(match).to_text(), "");
  EXPECT_EQ(to_match(match), value_of(parse_connection_match("", ":8554")));
  EXPECT_FALSE(overlap(to_match(match), value_of(parse_connection_match("", ":8555"))));
}

TEST(FramedRuleTest, OneEndOfAConnectionTellsIt) {
  expect_error(parse_connection_match("", ""), ErrorKind::kUsage, "--from :PORT", "one of them");
  expect_error(parse_connection_match("10.0.0.2:5004", ":80"), ErrorKind::kUsage, "--to ADDR:PORT",
               "one of them");
  expect_error(parse_connection_match("", "10.0.0.1:80"), ErrorKind::kUsage, "no port of this host",
               "--from :8554");
  expect_error(parse_connection_match("", ":65536"), ErrorKind::kUsage, "--from: the port");
  expect_error(parse_connection_match("239.1.2.3:5004", ""), ErrorKind::kUsage, "multicast");
}

TEST(FramedRuleTest, WhatMeansNothingOnTcpIsRefusedWithTheReason) {
  const auto refused = [](auto change, const std::string& message) {
    RuleArguments arguments = framed();
    change(arguments);
    expect_error(parse_framed_rule(arguments, kRfc4571), ErrorKind::kUsage, message,
                 "leave it out");
  };
  refused([](auto& words) { words.checksum = "sum"; }, "--checksum means nothing on TCP");
  refused([](auto& words) { words.rate = "8M"; }, "--rate means nothing on TCP");
  refused([](auto& words) { words.idle = "5"; }, "--idle means nothing on TCP");
  refused([](auto& words) { words.one_stream = true; }, "--continue means nothing on TCP");
  refused([](auto& words) { words.rtcp = "mux"; }, "--rtcp mux: the agent");
  refused([](auto& words) { words.rtcp = "on"; }, "--rtcp on: the agent");
  refused([](auto& words) { words.force = true; }, "--force has nothing to force");
  RuleArguments off = framed();
  off.rtcp = "off";
  EXPECT_TRUE(same_options(parsed(off), parsed(framed())));
}

TEST(FramedRuleTest, LengthsHaveTheirLimits) {
  EXPECT_EQ(parsed(framed("188")).framing.bytes, 188U);
  RuleArguments other = framed("65523");
  other.payload.clear();
  other.pt = "96";
  other.clock = "90000";
  EXPECT_EQ(parsed(other, kRtsp).framing.bytes, 65523U);  // 65535 less an RTP header of 12
  other.segment = "65524";
  expect_error(parse_framed_rule(other, kRtsp), ErrorKind::kUsage, "--segment");
  other.segment = "9203";  // 9215 with RTP's header
  EXPECT_EQ(parsed(other).framing.bytes, 9203U);
  other.segment = "9204";  // 0x2400: '$'
  expect_error(parse_framed_rule(other, kRfc4571), ErrorKind::kUsage, "9216", "9203");
  EXPECT_EQ(parsed(other, kRtsp).framing.bytes, 9204U);
  other.force = true;
  EXPECT_EQ(parsed(other).framing.bytes, 9204U);
}

TEST(FramedRuleTest, FramesCutNeitherTsPacketsNorSamples) {
  expect_error(parse_framed_rule(framed("1388"), kRfc4571), ErrorKind::kUsage, "cut TS packets",
               "1316");
  RuleArguments forced = framed("1388");
  forced.force = true;
  EXPECT_EQ(parsed(forced).framing.bytes, 1388U);
  RuleArguments sound = framed("1001");
  sound.payload = "L16/44100/2";
  expect_error(parse_framed_rule(sound, kRfc4571), ErrorKind::kUsage, "cut the frames", "1000");
  sound.payload = "MPA";
  expect_error(parse_framed_rule(sound, kRfc4571), ErrorKind::kUsage, "header of its own", "MP2T");
}

TEST(FramedRuleTest, WhatIsMissingOrUnknownIsNamed) {
  expect_error(parse_framed_rule(framed(""), kRfc4571), ErrorKind::kUsage, "--segment BYTES",
               "1316");
  expect_error(parse_framing("rtsp"), ErrorKind::kUsage, "'rtsp'", "interleaved");
  expect_error(parse_framing("interleaved:256"), ErrorKind::kUsage, "the channel");
  expect_error(parse_framing("interleaved:"), ErrorKind::kUsage, "the channel");
  expect_error(parse_frame_end("more"), ErrorKind::kUsage, "'more'");
  expect_error(parse_skip("https"), ErrorKind::kUsage, "http");
  expect_error(parse_skip("0"), ErrorKind::kUsage, "--skip");
}

TEST(FramedRuleTest, ATargetIsNamedByItsWholePath) {
  EXPECT_TRUE(names_target("cgroup:/sys/fs/cgroup/x"));
  EXPECT_FALSE(names_target("eth0"));
  EXPECT_EQ(value_of(parse_cgroup("cgroup:/sys/fs/cgroup/x")), "/sys/fs/cgroup/x");
  expect_error(parse_cgroup("cgroup:x"), ErrorKind::kUsage, "no absolute path", "cgroup:/sys");
  expect_error(parse_cgroup("cgroup:"), ErrorKind::kUsage, "no absolute path", "cgroup:/sys");
}

}  // namespace
}  // namespace zc::core

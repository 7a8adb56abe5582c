// SPDX-License-Identifier: GPL-2.0-only
// Session descriptions against texts written by hand from RFC 8866 and RFC 3551.
#include "core/sdp.h"

#include "core/framed_rule.h"
#include "core/rule.h"
#include "expect.h"

namespace zc::core {
namespace {

using testing::MatchesRegex;

Endpoint source_10_0_0_1() {
  return value_of(parse_endpoint("10.0.0.1", PortRule::kOptional, "source"));
}

// The rule as attach makes it, with plain headers.
zc_rule rule(const std::string& to, const std::string& payload, const std::string& pt = "",
             const std::string& clock = "") {
  core::RuleArguments words;
  words.to = to;
  words.payload = payload;
  words.pt = pt;
  words.clock = clock;
  return core::to_abi(value_of(core::parse_rule(words)), ZC_CHECKSUM_SUM);
}

Result<std::string> describe_session(const zc_rule& rule, const Endpoint& source,
                                     const EncodingArguments& arguments, uint8_t ttl = 0) {
  return sdp_text(ZC_TRY(make_session(rule, source, ttl, arguments)));
}

// Of a dynamic type; 48000 Hz if not given.
std::string describe(const EncodingArguments& arguments, const std::string& clock = "48000") {
  return value_of(
      describe_session(rule("10.0.0.2:5004", "", "97", clock), source_10_0_0_1(), arguments));
}

Endpoint source(const std::string& text) {
  return value_of(parse_endpoint(text, PortRule::kOptional, "source"));
}

struct Row {
  const char* description;
  const char *to, *payload, *source;
  const char* origin;  // a pattern: the session's id may be any number (RFC 8866 5.2)
  const char* rest;
};

const Row kRows[] = {
    {"a transport stream", "10.0.0.2:5004", "MP2T", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:5004\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=video 5004 RTP/AVP 33\r\n"
     "a=rtpmap:33 MP2T/90000\r\na=rtcp:5005\r\na=recvonly\r\n"},
    {"IPv6", "[2001:db8::2]:5004", "MP2T", "2001:db8::1",
     "v=0\r\no=- [0-9]+ 1 IN IP6 2001:db8::1\r\n",
     "s=zcctl [2001:db8::2]:5004\r\nc=IN IP6 2001:db8::2\r\nt=0 0\r\nm=video 5004 RTP/AVP 33\r\n"
     "a=rtpmap:33 MP2T/90000\r\na=rtcp:5005\r\na=recvonly\r\n"},
    {"an IPv4 group has a TTL", "239.1.2.3:5004", "MP2T", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 239.1.2.3:5004\r\nc=IN IP4 239.1.2.3/255\r\nt=0 0\r\nm=video 5004 RTP/AVP 33\r\n"
     "a=rtpmap:33 MP2T/90000\r\na=rtcp:5005\r\na=recvonly\r\n"},
    {"an IPv6 group has none", "[ff3e::8000:1]:5004", "MP2T", "2001:db8::1",
     "v=0\r\no=- [0-9]+ 1 IN IP6 2001:db8::1\r\n",
     "s=zcctl [ff3e::8000:1]:5004\r\nc=IN IP6 ff3e::8000:1\r\nt=0 0\r\n"
     "m=video 5004 RTP/AVP 33\r\na=rtpmap:33 MP2T/90000\r\na=rtcp:5005\r\na=recvonly\r\n"},
    {"telephone sound", "10.0.0.2:6000", "PCMU", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"
     "a=rtpmap:0 PCMU/8000\r\na=rtcp:6001\r\na=recvonly\r\n"},
    {"sound in stereo", "10.0.0.2:6000", "L16/44100/2", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 10\r\n"
     "a=rtpmap:10 L16/44100/2\r\na=rtcp:6001\r\na=recvonly\r\n"},
    {"G722, whose clock is half its rate", "10.0.0.2:6000", "G722", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 9\r\n"
     "a=rtpmap:9 G722/8000\r\na=rtcp:6001\r\na=recvonly\r\n"},
};

TEST(SdpTest, EveryRuleGivesTheTextOfTheTable) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.description);
    const std::string text =
        value_of(describe_session(rule(row.to, row.payload), source(row.source), {}));
    const size_t session = text.find("s=");
    ASSERT_NE(session, std::string::npos) << text;
    EXPECT_THAT(text.substr(0, session), MatchesRegex(row.origin));
    EXPECT_EQ(text.substr(session), row.rest);
  }
}

TEST(SdpTest, TheSameRuleGivesTheSameText) {
  const zc_rule one = rule("10.0.0.2:5004", "MP2T");
  EXPECT_EQ(value_of(describe_session(one, source("10.0.0.1"), {})),
            value_of(describe_session(one, source("10.0.0.1"), {})));
}

TEST(SdpTest, AStaticFormatGivenByNumberIsDescribedToo) {
  const std::string text =
      value_of(describe_session(rule("10.0.0.2:5004", "", "33", "90000"), source("10.0.0.1"), {}));
  EXPECT_THAT(text, testing::HasSubstr("a=rtpmap:33 MP2T/90000\r\n"));
}

TEST(SdpTest, APayloadThatOnlyTheOperatorKnowsIsAskedFor) {
  expect_error(describe_session(rule("10.0.0.2:5004", "", "96", "90000"), source("10.0.0.1"), {}),
               ErrorKind::kUsage, "what payload type 96 at 90000 Hz is, only its operator knows",
               "--encoding opus/48000/2");
  expect_error(describe_session(rule("10.0.0.2:5004", "", "33", "8000"), source("10.0.0.1"), {}),
               ErrorKind::kUsage, "payload type 33 at 8000 Hz", "--encoding");
}

// RFC 8866 6.6 and RFC 7587 7: "The RTP clock rate in a=rtpmap MUST be 48000, and the number of
// channels MUST be 2".
TEST(SdpTest, TheOperatorSaysWhatADynamicTypeIs) {
  for (const char* opus : {"opus", "opus/48000", "opus/48000/2"})
    EXPECT_THAT(describe({opus, ""}),
                testing::HasSubstr("m=audio 5004 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n"));
  EXPECT_THAT(describe({"L24/48000/8", ""}), testing::HasSubstr("a=rtpmap:97 L24/48000/8\r\n"));
  EXPECT_THAT(describe({"L16/48000/1", ""}), testing::HasSubstr("a=rtpmap:97 L16/48000\r\n"));
  EXPECT_THAT(describe({"H264", ""}, "90000"),
              testing::HasSubstr("m=video 5004 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"));
  EXPECT_THAT(describe({"MP4A-LATM", "audio"}, "90000"),
              testing::HasSubstr("m=audio 5004 RTP/AVP 97\r\na=rtpmap:97 MP4A-LATM/90000\r\n"));
}

TEST(SdpTest, WhatContradictsTheRuleIsRefused) {
  const zc_rule opus = rule("10.0.0.2:5004", "", "97", "48000");
  expect_error(describe_session(opus, source("10.0.0.1"), {"opus/8000", ""}), ErrorKind::kUsage,
               "the rule's clock is 48000 Hz", "--clock");
  for (const EncodingArguments& given : {EncodingArguments{"MP2T", ""}, {"", "audio"}})
    expect_error(describe_session(rule("10.0.0.2:5004", "MP2T"), source("10.0.0.1"), given),
                 ErrorKind::kUsage, "payload type 33 is MP2T", "leave them out");
}

// What is no token (RFC 8866 9) could end the line, and begin another.
TEST(SdpTest, WhatIsNoEncodingIsRefused) {
  for (const char* text : {"", "/48000", "opus/", "opus/x", "opus/48000/", "opus/48000/0", "a b",
                           "opus/48000/2/1", "opus\r\na=sendonly", "opus/48000/256"}) {
    const Status status = check_encoding(text);
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().kind, ErrorKind::kUsage);
    EXPECT_THAT(status.error().message, testing::StartsWith("--encoding"));
  }
  expect_error(parse_media("text"), ErrorKind::kUsage, "--media: 'text' is not one of");
  EXPECT_TRUE(parse_media("audio") && parse_media("video") && check_encoding("opus"));
}

// RFC 8285 5: a=extmap:ID URI. The ID is that of the packets (4.2), 14.
TEST(SdpTest, AHeaderExtensionIsDeclared) {
  zc_rule extended = rule("10.0.0.2:5004", "MP2T");
  for (const zc_checksum way : {ZC_CHECKSUM_UNI, ZC_CHECKSUM_LCO}) {
    extended.options.how.checksum = static_cast<uint8_t>(way);
    EXPECT_THAT(value_of(describe_session(extended, source("10.0.0.1"), {})),
                testing::HasSubstr("a=rtpmap:33 MP2T/90000\r\n"
                                   "a=extmap:14 urn:x-zcctl:rtp-hdrext:checksum\r\n"
                                   "a=rtcp:5005\r\na=recvonly\r\n"));
  }
  for (const zc_checksum plain : {ZC_CHECKSUM_ZERO, ZC_CHECKSUM_SUM}) {
    extended.options.how.checksum = static_cast<uint8_t>(plain);
    EXPECT_THAT(value_of(describe_session(extended, source("10.0.0.1"), {})),
                testing::Not(testing::HasSubstr("extmap")));
  }
}

// RFC 8866 6.15 (fmtp), 6.4 (ptime), RFC 7587 7 (opus), RFC 5761 5.1.1 (rtcp-mux).
TEST(SdpTest, WhatTheRuleSaysOfItsPayloadIsSaid) {
  core::RuleArguments words;
  words.to = "10.0.0.2:5004";
  words.payload = "opus";
  words.pt = "111";
  words.fmtp = "stereo=1; sprop-stereo=1";
  words.ptime = "20";
  words.rtcp = "mux";
  EXPECT_THAT(value_of(describe_session(to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_UNI),
                                        source("10.0.0.1"), {})),
              testing::EndsWith("m=audio 5004 RTP/AVP 111\r\n"
                                "a=rtpmap:111 opus/48000/2\r\n"
                                "a=fmtp:111 stereo=1; sprop-stereo=1\r\n"
                                "a=ptime:20\r\n"
                                "a=extmap:14 urn:x-zcctl:rtp-hdrext:checksum\r\n"
                                "a=rtcp-mux\r\n"
                                "a=recvonly\r\n"));
  words.payload = "";
  words.encoding = "X-own/90000";
  words.media = "audio";
  words.fmtp = words.ptime = "";
  words.rtcp = "off";
  EXPECT_THAT(value_of(describe_session(to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM),
                                        source("10.0.0.1"), {})),
              testing::EndsWith("m=audio 5004 RTP/AVP 111\r\n"
                                "a=rtpmap:111 X-own/90000\r\na=recvonly\r\n"));
}

// 1 ms of L24 in stereo at 48 kHz, as AES67 has it, is 288 bytes; 0.125 ms 36 bytes.
TEST(SdpTest, PacketsOfOneLengthSayHowLongTheyLast) {
  struct Case {
    const char *payload, *segment, *line;
  };
  for (const Case& each : {Case{"L24/48000/2", "288", "a=ptime:1\r\n"},
                           {"L24/48000/2", "36", "a=ptime:0.125\r\n"},
                           {"PCMU", "160", "a=ptime:20\r\n"},
                           {"GSM", "33", "a=ptime:20\r\n"},
                           {"L16/44100/2", "1408", nullptr},  // 352 samples are no whole time
                           {"PCMU", "", nullptr},
                           {"MP2T", "1316", nullptr}}) {
    SCOPED_TRACE(std::string(each.payload) + " " + each.segment);
    core::RuleArguments words;
    words.to = "10.0.0.2:5004";
    words.payload = each.payload;
    words.segment = each.segment;
    const std::string text = value_of(describe_session(
        to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM), source("10.0.0.1"), {}));
    if (each.line)
      EXPECT_THAT(text, testing::HasSubstr(each.line));
    else
      EXPECT_THAT(text, testing::Not(testing::HasSubstr("ptime")));
  }
}

// RFC 4570 3: "a=source-filter: incl IN IP4 232.3.4.5 192.0.2.10"; TTL: RFC 8866 5.7.
TEST(SdpTest, AGroupHasTheTtlOfItsPacketsAndTheSourceOfItsRule) {
  core::RuleArguments words;
  words.to = "232.3.4.5:5004";
  words.from = "192.0.2.10:4000";
  words.payload = "MP2T";
  const zc_rule of_group = to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM);
  const std::string text = value_of(describe_session(of_group, source("192.0.2.10"), {}, 16));
  EXPECT_THAT(text, testing::HasSubstr("\r\nc=IN IP4 232.3.4.5/16\r\n"));
  EXPECT_THAT(text,
              testing::HasSubstr("\r\na=source-filter: incl IN IP4 232.3.4.5 192.0.2.10\r\n"));
  words.to = "[ff3e::8000:1]:5004";
  words.from = "2001:db8::1";
  const std::string text6 = value_of(describe_session(
      to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM), source("2001:db8::1"), {}, 16));
  EXPECT_THAT(text6, testing::HasSubstr("\r\nc=IN IP6 ff3e::8000:1\r\n"));
  EXPECT_THAT(text6,
              testing::HasSubstr("a=source-filter: incl IN IP6 ff3e::8000:1 2001:db8::1\r\n"));
  words.to = "10.0.0.2:5004";
  words.from = "10.0.0.1";
  EXPECT_THAT(value_of(describe_session(to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM),
                                        source("10.0.0.1"), {}, 16)),
              testing::AllOf(testing::Not(testing::HasSubstr("source-filter")),
                             testing::HasSubstr("c=IN IP4 10.0.0.2\r\n")));
  expect_error(parse_ttl("0"), ErrorKind::kUsage, "--ttl takes a number from 1 to 255");
  expect_error(parse_ttl("256"), ErrorKind::kUsage, "--ttl takes a number from 1 to 255");
}

api::FramedRule framed(const std::string& to, const std::string& from,
                       const std::string& framing = "rfc4571") {
  core::RuleArguments words;
  words.to = to;
  words.from = from;
  words.payload = "MP2T";
  words.segment = "1316";
  return value_of(parse_framed_rule(words, {framing, "", ""}));
}

std::string describe_tcp(const api::FramedRule& rule, const std::string& ours) {
  return sdp_text(value_of(make_session(rule, source(ours), {})));
}

// RFC 4571 3, RFC 4145 4 and 5: who listens is passive; who connects names port 9, and its own
// address.
TEST(SdpTest, OverTcpTheEndIsThisHosts) {
  EXPECT_THAT(describe_tcp(framed("", ":8554"), "10.0.0.1"),
              MatchesRegex("v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\ns=zcctl from :8554\r\n"
                           "c=IN IP4 10\\.0\\.0\\.1\r\nt=0 0\r\nm=video 8554 TCP/RTP/AVP 33\r\n"
                           "a=rtpmap:33 MP2T/90000\r\na=setup:passive\r\na=connection:new\r\n"
                           "a=recvonly\r\n"));
  EXPECT_THAT(describe_tcp(framed("[2001:db8::2]:5004", ""), "2001:db8::1"),
              MatchesRegex("v=0\r\no=- [0-9]+ 1 IN IP6 2001:db8::1\r\n"
                           "s=zcctl .2001:db8::2.:5004\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n"
                           "m=video 9 TCP/RTP/AVP 33\r\na=rtpmap:33 MP2T/90000\r\n"
                           "a=setup:active\r\na=connection:new\r\na=recvonly\r\n"));
}

TEST(SdpTest, FramesOfRtspAreNotDescribed) {
  expect_error(make_session(framed("", ":554", "interleaved:0"), source("10.0.0.1"), {}),
               ErrorKind::kUsage, "RTSP", "rtsp://");
}

}  // namespace
}  // namespace zc::core

// SPDX-License-Identifier: GPL-2.0-only
// Session descriptions against texts written by hand from RFC 8866 and RFC 3551.
#include "core/sdp.h"

#include "core/rule.h"
#include "expect.h"

namespace zc::core {
namespace {

using testing::MatchesRegex;

// The rule as attach makes it.
zc_rule rule(const std::string& to, const std::string& payload, const std::string& pt = "",
             const std::string& clock = "") {
  core::RuleArguments words;
  words.to = to;
  words.payload = payload;
  words.pt = pt;
  words.clock = clock;
  return core::to_abi(value_of(core::parse_rule(words)), ZC_CHECKSUM_LCO);
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
     "a=rtpmap:33 MP2T/90000\r\na=recvonly\r\n"},
    {"IPv6", "[2001:db8::2]:5004", "MP2T", "2001:db8::1",
     "v=0\r\no=- [0-9]+ 1 IN IP6 2001:db8::1\r\n",
     "s=zcctl [2001:db8::2]:5004\r\nc=IN IP6 2001:db8::2\r\nt=0 0\r\nm=video 5004 RTP/AVP 33\r\n"
     "a=rtpmap:33 MP2T/90000\r\na=recvonly\r\n"},
    {"an IPv4 group has a TTL", "239.1.2.3:5004", "MP2T", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 239.1.2.3:5004\r\nc=IN IP4 239.1.2.3/255\r\nt=0 0\r\nm=video 5004 RTP/AVP 33\r\n"
     "a=rtpmap:33 MP2T/90000\r\na=recvonly\r\n"},
    {"an IPv6 group has none", "[ff3e::8000:1]:5004", "MP2T", "2001:db8::1",
     "v=0\r\no=- [0-9]+ 1 IN IP6 2001:db8::1\r\n",
     "s=zcctl [ff3e::8000:1]:5004\r\nc=IN IP6 ff3e::8000:1\r\nt=0 0\r\n"
     "m=video 5004 RTP/AVP 33\r\na=rtpmap:33 MP2T/90000\r\na=recvonly\r\n"},
    {"telephone sound", "10.0.0.2:6000", "PCMU", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n"
     "a=rtpmap:0 PCMU/8000\r\na=recvonly\r\n"},
    {"sound in stereo", "10.0.0.2:6000", "L16/44100/2", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 10\r\n"
     "a=rtpmap:10 L16/44100/2\r\na=recvonly\r\n"},
    {"G722, whose clock is half its rate", "10.0.0.2:6000", "G722", "10.0.0.1",
     "v=0\r\no=- [0-9]+ 1 IN IP4 10\\.0\\.0\\.1\r\n",
     "s=zcctl 10.0.0.2:6000\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 9\r\n"
     "a=rtpmap:9 G722/8000\r\na=recvonly\r\n"},
};

TEST(SdpTest, EveryRuleGivesTheTextOfTheTable) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.description);
    const std::string text =
        value_of(describe_session(rule(row.to, row.payload), source(row.source)));
    const size_t session = text.find("s=");
    ASSERT_NE(session, std::string::npos) << text;
    EXPECT_THAT(text.substr(0, session), MatchesRegex(row.origin));
    EXPECT_EQ(text.substr(session), row.rest);
  }
}

TEST(SdpTest, TheSameRuleGivesTheSameText) {
  const zc_rule one = rule("10.0.0.2:5004", "MP2T");
  EXPECT_EQ(value_of(describe_session(one, source("10.0.0.1"))),
            value_of(describe_session(one, source("10.0.0.1"))));
}

TEST(SdpTest, AStaticFormatGivenByNumberIsDescribedToo) {
  const std::string text =
      value_of(describe_session(rule("10.0.0.2:5004", "", "33", "90000"), source("10.0.0.1")));
  EXPECT_THAT(text, testing::HasSubstr("a=rtpmap:33 MP2T/90000\r\n"));
}

TEST(SdpTest, APayloadThatOnlyTheOperatorKnowsIsRefused) {
  expect_error(describe_session(rule("10.0.0.2:5004", "", "96", "90000"), source("10.0.0.1")),
               ErrorKind::kUnsupported, "no SDP for payload type 96", "--payload NAME");
  expect_error(describe_session(rule("10.0.0.2:5004", "", "33", "8000"), source("10.0.0.1")),
               ErrorKind::kUnsupported, "no SDP for payload type 33", "--payload NAME");
}

}  // namespace
}  // namespace zc::core

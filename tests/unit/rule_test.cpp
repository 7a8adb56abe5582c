// SPDX-License-Identifier: GPL-2.0-only
// Rules: from words to a specification.
#include "core/rule.h"

#include "expect.h"
#include "rule_arguments.h"

namespace zc::core {
namespace {

// --- good words -----------------------------------------------------------------------------

TEST(RuleTest, ThePayloadsNameGivesTypeAndClock) {
  const RuleSpec spec = value_of(parse_rule(words()));
  EXPECT_EQ(spec.match.to.text(), "10.0.0.2:5004");
  EXPECT_FALSE(spec.match.from);
  EXPECT_EQ(spec.payload.name, "MP2T");
  EXPECT_EQ(spec.payload.payload_type, 33);
  EXPECT_EQ(spec.payload.clock_hz, 90000U);
  EXPECT_EQ(spec.payload.header_bytes, 0);
  EXPECT_FALSE(spec.checksum || spec.ssrc || spec.first_seq || spec.first_ts);
}

TEST(RuleTest, TypeAndClockMayBeGivenInstead) {
  RuleArguments given = words();
  given.payload = "";
  given.pt = "96";
  given.clock = "48000";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.payload.name, "");
  EXPECT_EQ(spec.payload.payload_type, 96);
  EXPECT_EQ(spec.payload.clock_hz, 48000U);

  given.pt = "33";
  given.clock = "90000";
  EXPECT_EQ(value_of(parse_rule(given)).payload.name, "MP2T");
}

TEST(RuleTest, MpaByNumberGetsNoPayloadHeaderForItWasNotAskedFor) {
  RuleArguments given = words();
  given.payload = "";
  given.pt = "14";
  given.clock = "90000";
  EXPECT_EQ(value_of(parse_rule(given)).payload.header_bytes, 0);
  EXPECT_EQ(value_of(parse_rule(given)).payload.name, "");
  given = words();
  given.payload = "mpa";
  EXPECT_EQ(value_of(parse_rule(given)).payload.header_bytes, 4);
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
    {"an unknown payload", [](RuleArguments& w) { w.payload = "MP3"; },
     "--payload: 'MP3' is not known", "known: PCMU"},
    {"a payload with a header of its own", [](RuleArguments& w) { w.payload = "H264"; },
     "--payload H264: each packet begins with a header that is made from its bytes (RFC 6184)",
     "ffmpeg: -f mpegts"},
    {"the same in two ways", [](RuleArguments& w) { w.encoding = "opus"; },
     "--payload and --encoding say the same", "one of them"},
    {"a dynamic type that is a static one",
     [](RuleArguments& w) { w.payload = "opus", w.pt = "33"; },
     "--pt 33 has a meaning of its own (RFC 3551 6)", "96 to 127"},
    {"a clock beside the encoding's",
     [](RuleArguments& w) { w.payload = "", w.encoding = "x/8000", w.clock = "16000"; },
     "--encoding x/8000 and --clock 16000 contradict each other", "leave --clock out"},
    {"an encoding without a clock", [](RuleArguments& w) { w.payload = "", w.encoding = "x"; },
     "--encoding x: the RTP clock rate is missing", "NAME/CLOCK"},
    {"an encoding too long for its field",
     [](RuleArguments& w) { w.payload = "", w.encoding = "x234567890123456789012345/48000/2"; },
     "is longer than 31 bytes", "without a name"},
    {"another medium", [](RuleArguments& w) { w.media = "audio"; }, "--media audio: MP2T is video",
     "leave it out"},
    {"a medium of its own", [](RuleArguments& w) { w.media = "text"; },
     "--media: 'text' is not one of audio, video", ""},
    {"packet time of video", [](RuleArguments& w) { w.ptime = "20"; },
     "--ptime says how long a packet of sound", "leave it out"},
    {"no packet time", [](RuleArguments& w) { w.payload = "PCMU", w.ptime = "0"; },
     "--ptime takes a number from 0.001 to 60000", ""},
    {"a second SDP line", [](RuleArguments& w) { w.fmtp = "x\r\na=sendonly"; },
     "--fmtp: control characters", "a=fmtp"},
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
    {"a timestamp of a later version", [](RuleArguments& w) { w.timestamp = "ntp"; },
     "--timestamp: 'ntp' is not one of wall, pcr", "packet:960"},
    {"PCRs of sound", [](RuleArguments& w) { w.payload = "PCMU", w.timestamp = "pcr"; },
     "--timestamp pcr: PCMU has no PCRs", "leave --timestamp out"},
    {"a PID without PCRs", [](RuleArguments& w) { w.timestamp = "wall", w.pcr_pid = "256"; },
     "--pcr-pid goes with --timestamp pcr alone", "MP2T"},
    {"a PID of sound", [](RuleArguments& w) { w.payload = "PCMU", w.pcr_pid = "256"; },
     "--pcr-pid goes with --timestamp pcr alone", "MP2T"},
    {"the PID of null packets", [](RuleArguments& w) { w.pcr_pid = "0x1fff"; },
     "--pcr-pid takes a number from 0 to 8190", ""},
    {"a PID of tables", [](RuleArguments& w) { w.pcr_pid = "2"; }, "--pcr-pid 2 cannot carry a PCR",
     "16 to 8190"},
    {"a pace without a clock", [](RuleArguments& w) { w.timestamp = "wall", w.rate = "auto"; },
     "--rate auto follows the clock of --timestamp pcr", "--rate BPS"},
    {"a pace that stands", [](RuleArguments& w) { w.rate = "0"; },
     "--rate takes a number from 1000 to", "8M"},
    {"a pace in bytes", [](RuleArguments& w) { w.rate = "1MB"; }, "--rate takes a number", "8M"},
    {"unknown reports", [](RuleArguments& w) { w.rtcp = "yes"; },
     "--rtcp: 'yes' is not one of on, mux, off", ""},
    {"reports without a port", [](RuleArguments& w) { w.to = "10.0.0.2:65535", w.rtcp = "on"; },
     "there is no port behind 65535", "--rtcp mux"},
    {"types that look like reports",
     [](RuleArguments& w) { w.payload = "", w.pt = "77", w.clock = "8000", w.rtcp = "mux"; },
     "--rtcp mux: payload type 77", "96 to 127"},
    {"no idle time", [](RuleArguments& w) { w.idle = "0"; }, "--idle takes a number from 1", ""},
    {"an idle time that two packets would take",
     [](RuleArguments& w) { w.idle = "23", w.rate = "1000"; }, "--idle 23: at this --rate",
     "--idle 24 or more"},
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

// --- what is chosen -------------------------------------------------------------------------

TEST(RuleTest, ADynamicTypeIs96IfNotGiven) {
  RuleArguments given = words();
  given.payload = "L24/48000/2";
  EXPECT_EQ(value_of(parse_rule(given)).payload.payload_type, 96);
  given.pt = "101";
  EXPECT_EQ(value_of(parse_rule(given)).payload.payload_type, 101);
  given.payload = "";
  given.encoding = "opus";
  given.clock = "48000";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.payload.payload_type, 101);
  EXPECT_EQ(spec.payload.name, "opus/48000/2");
  EXPECT_EQ(spec.payload.media, ZC_MEDIA_AUDIO);
}

TEST(RuleTest, ANameWithoutAClockTakesThatOfItsOption) {
  RuleArguments given = words();
  given.payload = "";
  given.encoding = "X-own";
  given.clock = "16000";
  given.media = "video";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.payload.name, "X-own/16000");
  EXPECT_EQ(spec.payload.media, ZC_MEDIA_VIDEO);
}

TEST(RuleTest, TheClockIsThePayloadsUnlessOneIsGiven) {
  RuleArguments given = words();
  EXPECT_EQ(value_of(parse_rule(given)).clock.kind, ZC_TIMESTAMP_PCR);
  EXPECT_TRUE(value_of(parse_rule(given)).clock_auto);
  EXPECT_FALSE(value_of(parse_rule(given)).pcr_pid);
  given.timestamp = "pcr";
  given.pcr_pid = "0x100";
  EXPECT_FALSE(value_of(parse_rule(given)).clock_auto);
  EXPECT_EQ(value_of(parse_rule(given)).pcr_pid, 256);
  given = words();
  given.payload = "G729";
  EXPECT_EQ(value_of(parse_rule(given)).clock.kind, ZC_TIMESTAMP_SAMPLES);
  given.payload = "";
  given.pt = "96";
  given.clock = "48000";
  EXPECT_EQ(value_of(parse_rule(given)).clock.kind, ZC_TIMESTAMP_WALL);
}

// RFC 3550 11: RTP's port is even, RTCP's the next.
TEST(RuleTest, ReportsAreMadeWhereTheyMeanSomethingAndAPortIsTheirs) {
  struct Case {
    const char *to, *payload, *timestamp;
    zc_rtcp rtcp;
  };
  for (const Case& each : {Case{"10.0.0.2:5004", "MP2T", "", ZC_RTCP_ON},
                           {"10.0.0.2:5005", "MP2T", "", ZC_RTCP_OFF},
                           {"10.0.0.2:65535", "MP2T", "", ZC_RTCP_OFF},
                           {"10.0.0.2:5004", "PCMU", "", ZC_RTCP_ON},
                           {"10.0.0.2:5004", "MP2T", "wall", ZC_RTCP_ON},
                           {"10.0.0.2:5004", "", "wall", ZC_RTCP_OFF},
                           {"10.0.0.2:5004", "", "packet:160", ZC_RTCP_ON},
                           {"10.0.0.2:5004", "", "bytes:64k", ZC_RTCP_ON}}) {
    SCOPED_TRACE(std::string(each.to) + " " + each.payload + " " + each.timestamp);
    RuleArguments given = words(each.to);
    given.payload = each.payload;
    given.timestamp = each.timestamp;
    if (given.payload.empty()) given.pt = "96", given.clock = "8000";
    EXPECT_EQ(value_of(parse_rule(given)).rtcp, each.rtcp);
    EXPECT_TRUE(value_of(parse_rule(given)).rtcp_auto);
    given.rtcp = "mux";
    EXPECT_EQ(value_of(parse_rule(given)).rtcp, ZC_RTCP_MUX);
    EXPECT_FALSE(value_of(parse_rule(given)).rtcp_auto);
  }
}

TEST(RuleTest, WhatTheStreamsGetIsTaken) {
  RuleArguments given = words();
  given.rate = "3.75M";
  given.idle = "30";
  given.one_stream = true;
  given.fmtp = "a=1; b";
  const RuleSpec spec = value_of(parse_rule(given));
  EXPECT_EQ(spec.pace.kind, ZC_PACE_RATE);
  EXPECT_EQ(spec.pace.bps, 3'750'000U);
  EXPECT_EQ(spec.idle_s, 30U);
  EXPECT_TRUE(spec.one_stream);
  EXPECT_EQ(spec.fmtp, "a=1; b");
  given.rate = "auto";
  EXPECT_EQ(value_of(parse_rule(given)).pace.kind, ZC_PACE_PCR);
  given.payload = "PCMU";
  given.rate = "";
  given.ptime = "0.125";
  EXPECT_EQ(value_of(parse_rule(given)).ptime_us, 125U);
  given.fmtp = std::string(127, 'x');
  EXPECT_TRUE(parse_rule(given));
  given.fmtp += "x";
  expect_error(parse_rule(given), ErrorKind::kUsage, "--fmtp takes up to 127 bytes, not 128");
}

}  // namespace
}  // namespace zc::core

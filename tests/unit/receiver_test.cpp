// SPDX-License-Identifier: GPL-2.0-only
// What a person types at the other end. That ffmpeg and GStreamer take it: netns/test_receivers.py.
#include "core/receiver.h"

#include "core/framed_rule.h"
#include "expect.h"

namespace zc::core {
namespace {

using testing::HasSubstr;

Session session(const std::string& to, const std::string& payload, const std::string& from = "") {
  RuleArguments words;
  words.to = to;
  words.from = from;
  words.payload = payload;
  const zc_rule rule = to_abi(value_of(parse_rule(words)), ZC_CHECKSUM_SUM);
  const std::string source = to[0] == '[' ? "2001:db8::1" : "10.0.0.1";
  return value_of(
      make_session(rule, value_of(parse_endpoint(source, PortRule::kOptional, "source")), 0, {}));
}

std::string command(Receiver receiver, const Session& session) {
  return value_of(receiver_command(receiver, session));
}

TEST(ReceiverTest, NamesAreTaken) {
  for (const Receiver each :
       {Receiver::kFfplay, Receiver::kGst, Receiver::kVlc, Receiver::kMediamtx})
    EXPECT_EQ(value_of(parse_receiver(to_string(each))), each);
  for (const char* text : {"", "mpv", "VLC", "ffmpeg"})
    expect_error(parse_receiver(text), ErrorKind::kUsage,
                 "is not one of ffplay, gst, vlc, mediamtx");
}

TEST(ReceiverTest, FfplayReadsTheDescriptionFromThePipe) {
  const std::string text = command(Receiver::kFfplay, session("10.0.0.2:5004", "PCMU"));
  EXPECT_THAT(text, testing::StartsWith("ffplay -protocol_whitelist pipe,udp,rtp -f sdp -i pipe:0 "
                                        "<<'EOF'\nv=0\no=- "));
  EXPECT_THAT(text, HasSubstr("\nm=audio 5004 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"));
  EXPECT_THAT(text, testing::EndsWith("\na=recvonly\nEOF\n"));
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(ReceiverTest, GStreamerGetsTheElementsOfThePayload) {
  struct Case {
    const char *payload, *pipeline;
  };
  for (const Case& each :
       {Case{"MP2T",
             "sdpdemux ! rtpmp2tdepay ! decodebin name=ts ts. ! queue ! videoconvert ! "
             "autovideosink "
             "ts. ! queue ! audioconvert ! audioresample ! autoaudiosink <<'EOF'\n"},
        {"PCMU",
         "sdpdemux ! rtppcmudepay ! decodebin ! audioconvert ! audioresample ! autoaudiosink"},
        {"L16/44100/2", "sdpdemux ! rtpL16depay ! decodebin ! audioconvert"},
        {"L24/48000/2", "sdpdemux ! rtpL24depay ! "},
        {"opus", "sdpdemux ! rtpopusdepay ! "},
        {"MP1S", "sdpdemux ! rtpmp1sdepay ! decodebin ! videoconvert ! autovideosink"},
        {"LPC", "sdpdemux ! decodebin ! audioconvert"}}) {
    SCOPED_TRACE(each.payload);
    EXPECT_THAT(command(Receiver::kGst, session("10.0.0.2:5004", each.payload)),
                testing::AllOf(testing::StartsWith("gst-launch-1.0 fdsrc fd=0 ! sdpdemux ! "),
                               HasSubstr(each.pipeline)));
  }
}

TEST(ReceiverTest, VlcOpensAnAddressWhereTheTypeSaysAllAndElseAFile) {
  const auto url = [](const std::string& to, const std::string& from = "") {
    return command(Receiver::kVlc, session(to, "MP2T", from));
  };
  EXPECT_EQ(url("10.0.0.2:5004"), "vlc rtp://@:5004\n");
  EXPECT_EQ(url("[2001:db8::2]:5004"), "vlc rtp://@[::]:5004\n");
  EXPECT_EQ(url("239.1.2.3:5004"), "vlc rtp://@239.1.2.3:5004\n");
  EXPECT_EQ(url("232.1.2.3:5004", "10.0.0.1"), "vlc rtp://10.0.0.1@232.1.2.3:5004\n");
  EXPECT_EQ(url("[ff3e::1]:5004", "2001:db8::1"), "vlc rtp://[2001:db8::1]@[ff3e::1]:5004\n");
  for (const char* dynamic : {"opus", "L24/48000/2", "G722"})
    EXPECT_THAT(command(Receiver::kVlc, session("10.0.0.2:5004", dynamic)),
                testing::AllOf(testing::StartsWith("cat >zcctl-5004.sdp <<'EOF'\nv=0\n"),
                               testing::EndsWith("EOF\nvlc zcctl-5004.sdp\n")))
        << dynamic;
}

TEST(ReceiverTest, MediamtxGetsAPathOfItsConfiguration) {
  EXPECT_THAT(
      command(Receiver::kMediamtx, session("239.1.2.3:5004", "opus", "10.0.0.1")),
      testing::AllOf(testing::StartsWith("paths:\n  zcctl:\n    source: "
                                         "udp+rtp://239.1.2.3:5004?source=10.0.0.1\n    rtpSDP: |\n"
                                         "      v=0\n      o=- "),
                     testing::EndsWith("\n      a=recvonly\n")));
  EXPECT_THAT(command(Receiver::kMediamtx, session("10.0.0.2:5004", "PCMU")),
              HasSubstr("source: udp+rtp://10.0.0.2:5004\n"));
}

// gst-inspect-1.0 rtpstreamdepay: its sink takes application/x-rtp-stream.
TEST(ReceiverTest, OverTcpGStreamerAloneIsTold) {
  RuleArguments arguments;
  arguments.from = ":8554";
  arguments.payload = "MP2T";
  arguments.segment = "1316";
  const auto rule = value_of(parse_framed_rule(arguments, {"rfc4571", "", ""}));
  const Endpoint ours = value_of(parse_endpoint("10.0.0.1", PortRule::kOptional, "source"));
  const Session session = value_of(make_session(rule, ours, {}));
  EXPECT_THAT(
      command(Receiver::kGst, session),
      testing::StartsWith("gst-launch-1.0 tcpclientsrc host=10.0.0.1 port=8554 ! "
                          "'application/x-rtp-stream,media=(string)video,payload=(int)33,"
                          "clock-rate=(int)90000,encoding-name=(string)MP2T' ! rtpstreamdepay ! "
                          "rtpmp2tdepay ! decodebin"));
  expect_error(receiver_command(Receiver::kVlc, session), ErrorKind::kUnsupported, "RFC 4571",
               "--for gst");
}

}  // namespace
}  // namespace zc::core

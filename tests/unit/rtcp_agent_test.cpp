// SPDX-License-Identifier: GPL-2.0-only
// What the agent says and when.
#include <cerrno>

#include "rtcp_agent_fixture.h"

namespace zc::core::rtcp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RtcpAgentTest, ReportsTheInstantAndNotTheLastPacket) {
  run(4 * kSecond, true);
  ASSERT_THAT(net.sent, SizeIs(testing::Ge(1U)));
  const Bytes& report = net.sent[0].packet;
  EXPECT_EQ(types(report), kReport);
  EXPECT_EQ(word(report, 4), kSsrc);
  EXPECT_EQ(net.sent[0].path.destination.text(), "10.0.0.2:5005");
  EXPECT_EQ(net.sent[0].path.source.text(), "10.0.0.1:6000");
  EXPECT_FALSE(net.sent[0].path.marked);
  EXPECT_EQ(std::string(report.begin() + 38, report.begin() + 54), "Zm9vYmFyAAAA////");
  // NTP and RTP run together: 8000 ticks a second, whatever the packets' own times are.
  for (const FakeAgentNet::Sent& sent : net.sent) {
    const uint64_t ntp = uint64_t{word(sent.packet, 8)} << 32 | word(sent.packet, 12);
    const double seconds =
        static_cast<double>(ntp - ((1'800'000'000 + 2'208'988'800ULL) << 32)) / 4294967296.0;
    EXPECT_NEAR(static_cast<int32_t>(word(sent.packet, 16) - 0xffffff00), seconds * 8000, 2);
  }
  EXPECT_EQ(word(report, 20), (word(report, 24)) / 160) << "packets and octets";
}

// From 1.03 to 3.08 s after the start, then from 2.05 to 6.16 s apart (RFC 3550 6.2, A.7).
TEST_F(RtcpAgentTest, KeepsTheIntervals) {
  run(300 * kSecond, true);
  EXPECT_GE(net.sent.size(), 49U);
  EXPECT_LE(net.sent.size(), 147U);
  EXPECT_EQ(figure("sr"), net.sent.size());
}

TEST_F(RtcpAgentTest, MuxGoesToTheSamePortMarked) {
  device().rules[0].options.how.rtcp = ZC_RTCP_MUX;
  run(4 * kSecond, true);
  ASSERT_FALSE(net.sent.empty());
  EXPECT_EQ(net.sent[0].path.destination.port, 5004);
  EXPECT_TRUE(net.sent[0].path.marked);
}

// Else the other rule would make RTP of it.
TEST_F(RtcpAgentTest, IsMarkedWhereAnotherRuleHasTheNextPort) {
  add_rule(1, 5005, ZC_RTCP_OFF);
  run(4 * kSecond, true);
  ASSERT_FALSE(net.sent.empty());
  EXPECT_EQ(net.sent[0].path.destination.port, 5005);
  EXPECT_TRUE(net.sent[0].path.marked);
}

TEST_F(RtcpAgentTest, SaysNothingOfARuleWithoutRtcp) {
  device().rules[0].options.how.rtcp = ZC_RTCP_OFF;
  run(20 * kSecond, true);
  EXPECT_THAT(net.sent, IsEmpty());
  EXPECT_THAT(net.open_paths, IsEmpty());
}

TEST_F(RtcpAgentTest, ByeWhereRtcpIsTurnedOff) {
  run(4 * kSecond, true);
  device().rules[0].options.how.rtcp = ZC_RTCP_OFF;
  run(2 * kSecond, true);
  EXPECT_EQ(last_types(), kBye);
  EXPECT_THAT(net.open_paths, IsEmpty());
}

TEST_F(RtcpAgentTest, NoPortBehindTheLastOne) {
  device().streams.clear();
  add_rule(1, 65535, ZC_RTCP_ON);
  add_stream(9, 1, 65535, 7);
  run(4 * kSecond, false);
  EXPECT_THAT(net.sent, IsEmpty());
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], testing::HasSubstr("no port is behind 65535"));
}

TEST_F(RtcpAgentTest, AJumpOfTheClockIsToldAtOnce) {
  run(8 * kSecond, true);
  const size_t before = net.sent.size();
  run(kSecond, true);  // not within a second of the last one
  net.sent.resize(std::min(net.sent.size(), before));
  stream().epoch++;
  packet(stream().last_ts + 1'000'000);
  run(1200 * kMs, true);
  ASSERT_GT(net.sent.size(), before);
  EXPECT_NEAR(static_cast<int32_t>(word(net.sent[before].packet, 16) - stream().last_ts), 0,
              8000 * 1.3);
}

// No epoch says so, but the packets do: the medium stood for three seconds.
TEST_F(RtcpAgentTest, APauseOfTheMediumIsToldWhenItGoesOn) {
  run(8 * kSecond, true);
  run(3 * kSecond, false);
  const size_t before = net.sent.size();
  run(1400 * kMs, true);
  ASSERT_GT(net.sent.size(), before);
}

// A sender that cannot keep up: 20 ms of sound in 40 ms, all the time. At most twice as many
// reports.
TEST_F(RtcpAgentTest, AClockThatIsSlowAllTheTimeDoesNotReportAllTheTime) {
  for (int i = 0; i < 60 * 25; i++) {
    net.pass(40 * kMs);
    packet(stream().last_ts + 160);
    if (net.clocks.monotonic_ns >= next) next = agent.turn();
  }
  EXPECT_GE(net.sent.size(), 10U);
  EXPECT_LE(net.sent.size(), 40U);
}

TEST_F(RtcpAgentTest, WhoIsSilentIsNoSenderAnyMoreAndThenSaysNothing) {
  run(8 * kSecond, true);
  run(30 * kSecond, false);
  EXPECT_EQ(last_types(), kEmptyReport) << "RFC 3550 6.4";
  run(40 * kSecond, false);
  const size_t before = net.sent.size();
  run(100 * kSecond, false);
  EXPECT_EQ(net.sent.size(), before);
  run(8 * kSecond, true);
  EXPECT_GT(net.sent.size(), before);
  EXPECT_EQ(last_types(), kReport);
}

TEST_F(RtcpAgentTest, AnIdleStreamEndsOnceAndBeginsAgain) {
  device().rules[0].options.idle_s = 3;
  run(8 * kSecond, true);
  run(4 * kSecond, false);
  EXPECT_EQ(last_types(), kBye);
  const size_t before = net.sent.size();
  run(20 * kSecond, false);
  EXPECT_EQ(net.sent.size(), before);
  EXPECT_GT(frees, 0);
  EXPECT_EQ(figure("bye"), 1U);
  run(4 * kSecond, true);
  EXPECT_EQ(last_types(), kReport);
}

TEST_F(RtcpAgentTest, ByeWhereTheStreamGoes) {
  run(4 * kSecond, true);
  const zc_stream last = stream();
  device().streams.clear();
  run(1200 * kMs, false);
  ASSERT_EQ(last_types(), kBye);
  // As it was when it was looked at last, a fifth of a second ago at most.
  EXPECT_NEAR(word(net.sent.back().packet, 20), last.next_seq - last.first_seq, 10);
  EXPECT_THAT(net.open_paths, IsEmpty());
}

TEST_F(RtcpAgentTest, ByeWhereTheSlotIsAnotherStreams) {
  run(4 * kSecond, true);
  stream().ssrc = 99;
  run(1200 * kMs, true);
  EXPECT_EQ(last_types(), kBye);
  EXPECT_EQ(word(net.sent.back().packet, 4), kSsrc);
  run(4 * kSecond, true);
  EXPECT_EQ(word(net.sent.back().packet, 4), 99U);
}

// Another zcctl is at work: its device is not there for a moment.
TEST_F(RtcpAgentTest, ADeviceThatIsMissingOnceHasNotGone) {
  run(4 * kSecond, true);
  const FakeAgentDevice kept = device();
  net.tables.clear();
  net.pass(kSecond);
  next = agent.turn();
  net.tables[kDevice] = kept;
  run(2 * kSecond, true);
  EXPECT_EQ(figure("bye"), 0U);
  device().readable = false;
  net.pass(kSecond);
  next = agent.turn();
  device().readable = true;
  run(2 * kSecond, true);
  EXPECT_EQ(figure("bye"), 0U);
}

// `--continue`: another source goes on with the stream, and between the two it leads nowhere.
TEST_F(RtcpAgentTest, AnotherSourceThatGoesOnIsNoEnd) {
  run(4 * kSecond, true);
  device().streams[kSlot].flow.sport = htons(7000);
  run(8 * kSecond, true);
  EXPECT_EQ(net.sent.back().path.source.text(), "10.0.0.1:7000");
  EXPECT_EQ(word(net.sent.back().packet, 4), kSsrc);
  EXPECT_THAT(net.open_paths, SizeIs(1));
  EXPECT_EQ(figure("bye"), 0U);
}

TEST_F(RtcpAgentTest, ARuleThatIsChangedIsNoEnd) {
  run(4 * kSecond, true);
  device().rules[0].options.how.rtcp = ZC_RTCP_MUX;
  device().rules[0].options.clock_hz = 16000;
  run(2 * kSecond, true);
  EXPECT_EQ(figure("bye"), 0U);
  EXPECT_EQ(net.sent.back().path.destination.port, 5004);
}

TEST_F(RtcpAgentTest, IdleForLongerThanAMinuteEndsToo) {
  device().rules[0].options.idle_s = 90;
  run(8 * kSecond, true);
  run(85 * kSecond, false);
  EXPECT_EQ(figure("bye"), 0U);
  run(10 * kSecond, false);
  EXPECT_EQ(figure("bye"), 1U);
}

TEST_F(RtcpAgentTest, ByeWhereTheDeviceGoes) {
  run(4 * kSecond, true);
  net.tables.clear();
  for (int i = 0; i < 3; i++) {
    net.pass(kSecond);
    next = agent.turn();
  }
  EXPECT_EQ(last_types(), kBye);
  EXPECT_EQ(agent.streams(), 0U);
  EXPECT_EQ(figure("devices"), 0U);
}

TEST_F(RtcpAgentTest, ByeForAllWhenItStops) {
  add_stream(6, 0, 5004, 77);
  run(4 * kSecond, true);
  hear(report_from(1, kSsrc));
  net.sent.clear();
  agent.stop();
  ASSERT_THAT(net.sent, SizeIs(2));
  EXPECT_EQ(types(net.sent[0].packet), kBye);
  EXPECT_EQ(types(net.sent[1].packet), kBye);
  EXPECT_THAT(device().receivers, IsEmpty()) << "nobody keeps them any more";
}

TEST_F(RtcpAgentTest, OwnNameWhereTheTablesHaveNone) {
  device().meta.cname[0] = '\0';
  run(4 * kSecond, true);
  const Bytes& report = net.sent.at(0).packet;
  EXPECT_EQ(std::string(report.begin() + 38, report.begin() + 41), "own");
}

TEST_F(RtcpAgentTest, SaysWhichTimeItIsWhenTheMachinesClockWasSet) {
  run(4 * kSecond, true);
  net.sent.clear();
  run(1100 * kMs, true);
  const size_t by_time = net.sent.size();
  net.clocks.real_ns += 3 * kSecond;
  run(400 * kMs, true);
  ASSERT_THAT(net.sent, SizeIs(by_time + 1));
  EXPECT_EQ(types(net.sent.back().packet), kReport);
  run(1100 * kMs, true);
  net.clocks.real_ns -= 4 * kMs;
  run(400 * kMs, true);
  EXPECT_THAT(net.sent, SizeIs(by_time + 1)) << "what nobody notices";
}

TEST_F(RtcpAgentTest, SaysWhatItCannotReadOrEnd) {
  device().rules.at(0).options.idle_s = 1;
  frees_fail = true;
  run(2 * kSecond, true);
  run(4 * kSecond, false);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("silent streams cannot be ended: no room")));
  device().readable = false;
  run(3 * kSecond, false);
  ASSERT_THAT(warnings, SizeIs(2));
  EXPECT_THAT(warnings[1],
              HasSubstr("eth2 cannot be read, and its streams are said to have ended"));
}

TEST_F(RtcpAgentTest, OnlyTheNamedDevices) {
  AgentRequest other = request;
  other.devs = {"eth9"};
  Agent picky(net, other, 1);
  picky.turn();
  EXPECT_EQ(picky.streams(), 0U);
}

TEST_F(RtcpAgentTest, ErrorsOfSendingAreCountedAndToldOnce) {
  net.refuses = ENETUNREACH;
  run(20 * kSecond, true);
  EXPECT_GE(figure("send_errors"), 3U);
  EXPECT_EQ(figure("send_errors_ENETUNREACH"), figure("send_errors"));
  EXPECT_EQ(figure("sr"), 0U);
  EXPECT_THAT(warnings, SizeIs(1));
}

TEST_F(RtcpAgentTest, WarnsOfABlast) {
  for (int i = 0; i < 500; i++) {
    net.pass(20 * kMs);
    packet(stream().last_ts + 16000);
    if (net.clocks.monotonic_ns >= next) next = agent.turn();
  }
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], testing::HasSubstr("runs faster than its clock"));
  EXPECT_LE(net.sent.size(), 5U) << "no SR at once for what never stands still";
}

// The low 32 bits of the word's time begin again every 73 minutes.
TEST(SampleOf, TheWordAndTheTimeOfAnotherPacketAMomentLater) {
  const uint64_t wrap = uint64_t{1} << 42;
  for (const uint64_t ns : {wrap * 3 - 2048, wrap * 3, wrap * 3 + 2048, wrap / 2}) {
    for (const int64_t off : {-5'000'000, 0, 5'000'000}) {
      zc_stream stream{};
      stream.mapping = zc_mapping(0xfffffff0, ns);
      stream.last_ns = ns + static_cast<uint64_t>(off);
      const Sample sample = sample_of(stream);
      EXPECT_EQ(sample.rtp, 0xfffffff0);
      EXPECT_EQ(sample.ns, ns / 1024 * 1024);
    }
  }
}

}  // namespace
}  // namespace zc::core::rtcp

// SPDX-License-Identifier: GPL-2.0-only
// What the agent says and when, and what it believes of what it hears.
#include <arpa/inet.h>

#include <cerrno>

#include "core/rtcp/agent.h"
#include "expect.h"
#include "fake_agent_net.h"
#include "samples.h"

namespace zc::core::rtcp {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr uint64_t kMs = 1'000'000, kSecond = 1000 * kMs;
constexpr uint32_t kDevice = 2, kSlot = 5, kSsrc = 0x11223344;

uint32_t word(const Bytes& bytes, size_t at) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return ntohl(value);
}

// The types of a compound packet's packets.
std::vector<int> types(const Bytes& bytes) {
  std::vector<int> found;
  for (size_t at = 0; at + 4 <= bytes.size(); at += 4 + 4 * size_t{bytes[at + 3]})
    found.push_back(bytes[at + 1]);
  return found;
}

const std::vector<int> kReport{200, 202}, kEmptyReport{201, 202}, kBye{200, 202, 203},
    kEmptyBye{201, 202, 203};

class RtcpAgentTest : public testing::Test {
 protected:
  void SetUp() override {
    std::strncpy(device().meta.cname, "Zm9vYmFyAAAA////", sizeof(device().meta.cname) - 1);
    add_rule(0, 5004, ZC_RTCP_ON);
    add_stream(kSlot, 0, 5004, kSsrc);
  }

  FakeAgentDevice& device() { return net.tables[kDevice]; }
  zc_stream& stream(uint32_t slot = kSlot) { return device().streams.at(slot).stream; }

  zc_rule& add_rule(uint32_t id, uint16_t port, zc_rtcp rtcp) {
    zc_rule& rule = device().rules[id] = sample_rule(port);
    rule.options.clock_hz = 8000;
    rule.options.how.rtcp = static_cast<uint8_t>(rtcp);
    rule.options.how.timestamp = ZC_TIMESTAMP_SAMPLES;
    return rule;
  }
  void add_stream(uint32_t slot, uint32_t rule, uint16_t port, uint32_t ssrc) {
    api::StreamEntry& entry = device().streams[slot];
    entry.flow = sample_rule(port, 1, 6000).match;
    entry.stream.rule = rule;
    entry.stream.ssrc = ssrc;
    entry.stream.state = ZC_SLOT_USED;
    entry.stream.first_seq = entry.stream.next_seq = 100;
    packet(0xffffff00, slot);
  }
  // A packet of 160 octets with this timestamp leaves now.
  void packet(uint32_t rtp, uint32_t slot = kSlot) {
    zc_stream& s = stream(slot);
    s.next_seq++;
    s.octets += 160;
    s.last_ns = net.clocks.monotonic_ns;
    s.last_ts = rtp;
    s.mapping = zc_mapping(rtp, s.last_ns);
  }
  // Time passes, in which the agent comes when it asked to; with packets every 20 ms.
  void run(uint64_t ns, bool sends) {
    for (const uint64_t end = net.clocks.monotonic_ns + ns; net.clocks.monotonic_ns < end;) {
      net.pass(20 * kMs);
      if (sends) packet(stream().last_ts + 160);
      if (net.clocks.monotonic_ns >= next) next = agent.turn();
    }
  }
  Bytes report_from(uint32_t reporter, uint32_t ssrc, uint32_t lsr = 0, uint32_t dlsr = 0) {
    const uint32_t words[] = {htonl(0x81c90007), htonl(reporter), htonl(ssrc), htonl(0x400000ff),
                              htonl(0x10080),    htonl(80),       htonl(lsr),  htonl(dlsr)};
    const auto* bytes = reinterpret_cast<const uint8_t*>(words);
    return {bytes, bytes + sizeof(words)};
  }
  void hear(const Bytes& bytes, const std::string& from = "10.0.0.2:5005") {
    const Endpoint endpoint = value_of(parse_endpoint(from, PortRule::kRequired, "from"));
    agent.take({api::ReportEvent::Kind::kPacket, endpoint, bytes, false});
  }
  uint64_t figure(const std::string& name) {
    const Figures figures = agent.figures();
    const auto found = figures.find(name);
    return found == figures.end() ? 0 : found->second;
  }
  std::vector<int> last_types() { return types(net.sent.back().packet); }

  FakeAgentNet net;
  std::vector<std::string> warnings;
  int frees = 0;
  AgentRequest request{
      .devs = {},
      .cname = "own",
      .warn = [this](const std::string& text, const std::string&) { warnings.push_back(text); },
      .free_idle = [this] { frees++; }};
  Agent agent{net, request, 1};
  uint64_t next = 0;
};

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

// --- What it hears

TEST_F(RtcpAgentTest, AReportBecomesAReceiver) {
  run(4 * kSecond, true);
  const uint32_t lsr =
      word(net.sent.back().packet, 8) << 16 | word(net.sent.back().packet, 12) >> 16;
  const uint64_t sent_ns = net.clocks.monotonic_ns;
  (void)sent_ns;
  hear(report_from(0xaa, kSsrc, lsr, 0), "10.0.0.2:40000");
  ASSERT_THAT(device().receivers, SizeIs(1));
  const auto& [key, value] = device().receivers[0];
  EXPECT_EQ(key.ssrc, kSsrc);
  EXPECT_EQ(key.reporter, 0xaaU);
  EXPECT_EQ(key.address[0], htonl(0x0a000002));
  EXPECT_EQ(value.fraction, 0x40U);
  EXPECT_EQ(value.lost, 255);
  EXPECT_EQ(value.highest, 0x10080U);
  EXPECT_EQ(value.jitter_us, 10'000U) << "80 of 8000 a second";
  EXPECT_NE(value.round_trip_us, ZC_NO_ROUND_TRIP);
  EXPECT_LE(value.round_trip_us, 4'000'000U);
  EXPECT_EQ(ntohs(value.port), 40000);
  EXPECT_EQ(value.reports, 1U);
}

TEST_F(RtcpAgentTest, NoRoundTripOfAReportThatWasNeverSent) {
  run(4 * kSecond, true);
  hear(report_from(0xaa, kSsrc, 12345, 0));
  ASSERT_THAT(device().receivers, SizeIs(1));
  EXPECT_EQ(device().receivers[0].second.round_trip_us, ZC_NO_ROUND_TRIP);
}

TEST_F(RtcpAgentTest, StrangersAreCountedAndNotBelieved) {
  run(4 * kSecond, true);
  hear(report_from(1, kSsrc), "10.0.0.3:5005");
  hear(report_from(1, 0xdead), "10.0.0.2:5005");
  hear({0x80, 201, 0}, "10.0.0.2:5005");
  hear({0x41, 201, 0, 1, 0, 0, 0, 0}, "10.0.0.9:1");
  EXPECT_THAT(device().receivers, IsEmpty());
  EXPECT_EQ(figure("wrong_source"), 1U);
  EXPECT_EQ(figure("unknown_stream"), 1U);
  EXPECT_EQ(figure("malformed"), 2U);
  EXPECT_EQ(figure("malformed_short"), 1U);
  EXPECT_EQ(figure("malformed_version"), 1U);
  EXPECT_EQ(figure("datagrams"), 4U);
}

TEST_F(RtcpAgentTest, AnybodyMayAnswerAGroup) {
  device().rules.clear();
  device().streams.clear();
  zc_rule& rule = add_rule(0, 5004, ZC_RTCP_ON);
  rule.match.daddr[0] = htonl(0xefff0001);
  add_stream(kSlot, 0, 5004, kSsrc);
  device().streams[kSlot].flow.daddr[0] = htonl(0xefff0001);
  run(4 * kSecond, true);
  hear(report_from(1, kSsrc), "10.0.0.3:5005");
  hear(report_from(2, kSsrc), "10.0.0.4:5005");
  EXPECT_THAT(device().receivers, SizeIs(2));
  // What we send comes back.
  hear(net.sent.back().packet, "10.0.0.1:6001");
  EXPECT_EQ(figure("own"), 1U);
}

TEST_F(RtcpAgentTest, OneAddressHasFewReceivers) {
  run(4 * kSecond, true);
  for (uint32_t reporter = 1; reporter <= 100; reporter++)
    hear(report_from(reporter, kSsrc));
  EXPECT_THAT(device().receivers, SizeIs(Agent::kMostReceivers));
  EXPECT_EQ(figure("receivers_full"), 100U - Agent::kMostReceivers);
}

TEST_F(RtcpAgentTest, AReceiverLeavesByItsOwnByeAlone) {
  run(4 * kSecond, true);
  hear(report_from(1, kSsrc));
  hear({0x81, 203, 0, 1, 0, 0, 0, 1}, "10.0.0.7:5005");
  EXPECT_THAT(device().receivers, SizeIs(1));
  hear({0x81, 203, 0, 1, 0, 0, 0, 1});
  EXPECT_THAT(device().receivers, IsEmpty());
  hear({0x81, 203, 0, 1, 0, 0, 0, 1});
  EXPECT_EQ(figure("receiver_byes"), 3U);
}

TEST_F(RtcpAgentTest, AReceiverThatIsSilentIsForgotten) {
  run(4 * kSecond, true);
  hear(report_from(1, kSsrc));
  run(59 * kSecond, true);
  EXPECT_THAT(device().receivers, SizeIs(1));
  run(3 * kSecond, true);
  EXPECT_THAT(device().receivers, IsEmpty());
}

TEST_F(RtcpAgentTest, WhatAnotherAgentLeftIsForgotten) {
  device().receivers.emplace_back();
  agent.turn();
  EXPECT_THAT(device().receivers, IsEmpty());
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

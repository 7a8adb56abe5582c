// SPDX-License-Identifier: GPL-2.0-only
// What the agent believes of what it hears.
#include "rtcp_agent_fixture.h"

namespace zc::core::rtcp {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

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

}  // namespace
}  // namespace zc::core::rtcp

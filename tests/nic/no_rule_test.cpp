// SPDX-License-Identifier: GPL-2.0-only
// Packets that no rule wants: correct before, beside and after rules.
#include <gtest/gtest.h>

#include "nic/nic_fixture.h"
#include "support/frame.h"

namespace zc::test {
namespace {

using NoRuleTest = NicTest;

const char* stranger_of(Family family) {
  return family == Family::kIpv4 ? kStranger4 : kStranger6;
}

// Who sums the bytes: the device, or the kernel before.
void expect_partial(const Frame& frame, bool partial) {
  EXPECT_EQ(frame.vnet.needs_checksum(), partial) << describe(frame);
}

TEST_F(NoRuleTest, EveryWayOfSendingIsCorrectWithoutARule) {
  const PayloadFile file(random_bytes(9000, 11));
  for (const bool offload : {true, false}) {
    make_fresh_tap({.tx_checksum = offload});
    for (const Family family : {Family::kIpv4, Family::kIpv6}) {
      UdpSocket socket(peer_of(family), {.from = source_of(family)});
      for (const Way way : kAllWays) {
        SCOPED_TRACE(to_string(way));
        socket.send(way, file, 4000, 1001, 500);
        const auto frame = only_frame();
        ASSERT_TRUE(frame);
        expect_plain_datagram(*frame, source_of(family), peer_of(family), file.part(4000, 1001));
        expect_partial(*frame, offload && !is_corked(way));
      }
    }
  }
}

TEST_F(NoRuleTest, BothVnetHeaderSizesAndSeveralQueuesDeliver) {
  const Bytes payload = random_bytes(700, 12);
  for (const unsigned bytes : {10u, 12u}) {
    make_tap({.vnet_header_bytes = bytes, .queues = 3});
    UdpSocket(kPeer4, {.from = kSource4}).send(payload);
    const auto frame = tap().read(std::chrono::seconds(2));
    ASSERT_TRUE(frame);
    expect_plain_datagram(*frame, kSource4, kPeer4, payload);
  }
}

TEST_F(NoRuleTest, AnotherPortAndAnotherAddressPassUntouchedBesideARule) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    make_tap();
    attach({.family = family});
    expect_untouched_datagram(source_of(family), stranger_of(family));
    const Family other = family == Family::kIpv4 ? Family::kIpv6 : Family::kIpv4;
    expect_untouched_datagram(source_of(other), peer_of(other));
    EXPECT_EQ(counters(), Counters{});
    remove_rules();
  }
}

TEST_F(NoRuleTest, ARuleWithASourceLeavesOtherSourcesAlone) {
  make_tap();
  attach(kPeer4, {"--checksum", "uni", "--from", "10.9.0.1:40000"});
  expect_untouched_datagram("10.9.0.1:40002", kPeer4);
  EXPECT_EQ(counters(), Counters{});

  const Bytes payload = random_bytes(100, 13);
  UdpSocket(kPeer4, {.from = kSource4}).send(payload);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, {.payload = payload});
}

TEST_F(NoRuleTest, AWrongChecksumRequestOfNoRulePassesUntouched) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  const FrameSpec spec{.destination = kStranger4,
                       .checksum = UdpChecksum::kPseudoHeader,
                       .payload = random_bytes(100, 14)};
  VnetHeader request = request_checksum(spec);
  request.csum_start += 12;
  ASSERT_EQ(FrameSocket().send(tap().ifindex(), build_frame(spec), request), 0);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->handed, build_frame(spec)) << describe(*frame);
  EXPECT_EQ(frame->vnet.csum_start, request.csum_start);
}

TEST_F(NoRuleTest, AFragmentedDatagramOfNoRuleArrivesInAllItsFragments) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  UdpSocket(kStranger4, {.from = kSource4}).send(random_bytes(4000, 15));
  EXPECT_EQ(frames().size(), 3u);
}

TEST_F(NoRuleTest, PacketsAreUntouchedAgainOnceTheRuleIsGone) {
  make_tap();
  attach({.checksum = Checksum::kUni});
  const ProcessResult result = zcctl({"detach", "tap0", "--to", kPeer4});
  ASSERT_EQ(result.exit_code, kExitDone) << describe(result);
  expect_untouched_datagram(kSource4, kPeer4);
}

}  // namespace
}  // namespace zc::test

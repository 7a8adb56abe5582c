// SPDX-License-Identifier: GPL-2.0-only
// Packets that match a rule and cannot be stamped: none leaves, each is in exactly one counter.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include "nic/nic_fixture.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace zc::test {
namespace {

class DroppedTest : public NicTest {
 protected:
  void expect_dropped(const char* counter, unsigned count) {
    const std::vector<Frame> left = frames();
    EXPECT_TRUE(left.empty()) << describe(left.front());
    EXPECT_EQ(counters(), (Counters{{counter, count}}));
  }
};

// The kernel gives up a datagram whose first fragment was dropped.
TEST_F(DroppedTest, ADatagramThatIsCutIntoFragmentsIsDroppedAndCounted) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    make_tap();
    attach({.family = family});
    UdpSocket(peer_of(family), {.from = source_of(family)}).send(random_bytes(4000, 51));
    expect_dropped("fragment", 1);
    remove_rules();
  }
}

TEST_F(DroppedTest, Ipv4OptionsAreDroppedAndCounted) {
  make_tap();
  attach({.family = Family::kIpv4});
  UdpSocket socket(kPeer4, {.from = kSource4});
  socket.set_option(IPPROTO_IP, IP_OPTIONS, from_hex("01 01 01 01"));
  socket.send(random_bytes(100, 52));
  expect_dropped("ip_options", 1);
}

TEST_F(DroppedTest, Ipv6ExtensionHeadersAreDroppedAndCounted) {
  make_tap();
  attach({.family = Family::kIpv6});
  UdpSocket socket(kPeer6, {.from = kSource6});
  socket.set_option(IPPROTO_IPV6, IPV6_DSTOPTS, from_hex("00 00 01 04 00 00 00 00"));
  socket.send(random_bytes(100, 53));
  expect_dropped("ip_options", 1);
}

TEST_F(DroppedTest, TheMtuThatCountsIsTheOneOfNow) {
  make_tap({.mtu = 1500});
  attach({.checksum = Checksum::kUni});
  UdpSocket socket(kPeer4, {.from = kSource4});
  const Bytes payload = random_bytes(1444, 55);
  socket.send(payload);
  const auto frame = only_frame();
  ASSERT_TRUE(frame);
  expect_stamped(*frame, {.payload = payload});
  ASSERT_EQ(run({"ip", "link", "set", "tap0", "mtu", "1499"}).exit_code, 0);
  socket.send(payload);
  EXPECT_TRUE(frames().empty());
  EXPECT_EQ(counters(), (Counters{{"oversize", 1}, {"stamped", 1}}));
}

}  // namespace
}  // namespace zc::test

// SPDX-License-Identifier: GPL-2.0-only
// Packets that match a rule and cannot be stamped: none leaves, each is in exactly one counter.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <system_error>
#include <thread>

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

// uni's packets have 36 bytes of UDP and what is inserted, and 20 or 40 of IP.
TEST_F(DroppedTest, TheMtuOfTheRouteCountsToo) {
  make_tap({.mtu = 1500});
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    SCOPED_TRACE(peer_of(family));
    attach({.family = family});
    UdpSocket socket(peer_of(family), {.from = source_of(family)});
    const std::string host = family == Family::kIpv4 ? "10.9.0.2" : "fd00:9::2";
    const size_t most = 1360 - ip_header_bytes(family) - 36;
    ASSERT_EQ(run({"ip", "route", "add", host, "dev", "tap0", "mtu", "1360"}).exit_code, 0);
    socket.send(random_bytes(most, 56));
    ASSERT_TRUE(only_frame());
    socket.send(random_bytes(most + 1, 57));
    EXPECT_TRUE(frames().empty());
    EXPECT_EQ(counters(), (Counters{{"oversize", 1}, {"stamped", 1}}));
    ASSERT_EQ(run({"ip", "route", "del", host, "dev", "tap0"}).exit_code, 0);
    socket.send(random_bytes(most + 1, 58));
    ASSERT_TRUE(only_frame()) << "the route is gone";
    remove_rules();
  }
}

// RFC 792, RFC 1191 4: destination unreachable, fragmentation needed, from whoever could not
// forward `frame`.
Bytes fragmentation_needed(const Bytes& frame, uint16_t mtu) {
  Bytes icmp{3, 4, 0, 0, 0, 0, static_cast<uint8_t>(mtu >> 8), static_cast<uint8_t>(mtu)};
  append(icmp, ByteView(frame).subspan(14, 28));
  put_be16(icmp, 2, static_cast<uint16_t>(~ones_complement_sum(icmp)));
  Bytes reply = from_hex(
      "02 00 00 00 09 01  02 00 00 00 09 02  08 00"
      "45 00 00 38 00 00 40 00 40 01 00 00  0a 09 00 02  0a 09 00 01");
  put_be16(reply, 24, static_cast<uint16_t>(~ones_complement_sum(ByteView(reply).subspan(14))));
  append(reply, icmp);
  return reply;
}

TEST_F(DroppedTest, AnMtuThatWasLearnedOfThePathCountsToo) {
  make_fresh_tap();
  attach({.checksum = Checksum::kUni});
  UdpSocket socket(kPeer4, {.from = kSource4});
  const Bytes fits = random_bytes(1300 - 56, 58), too_long = random_bytes(1300 - 56 + 1, 59);
  socket.send(too_long);
  const auto sent = only_frame();
  ASSERT_TRUE(sent);
  tap().write(fragmentation_needed(sent->wire, 1300), {});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto send = [&](const Bytes& payload) {
    try {
      socket.send(payload);
    } catch (const std::system_error&) {  // what the kernel tells the socket of the ICMP message
      socket.send(payload);
    }
  };
  send(too_long);
  EXPECT_TRUE(frames().empty());
  send(fits);
  EXPECT_TRUE(only_frame());
  EXPECT_EQ(counters(), (Counters{{"oversize", 1}, {"stamped", 2}}));
  EXPECT_EQ(run({"ip", "route", "flush", "cache"}).exit_code, 0);  // forgotten again
}

}  // namespace
}  // namespace zc::test

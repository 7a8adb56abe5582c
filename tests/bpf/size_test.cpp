// SPDX-License-Identifier: GPL-2.0-only
// Sizes: the MTU, which BPF_PROG_TEST_RUN takes from the loopback device of this namespace.
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "fixture.h"
#include "live_device.h"
#include "packet_builder.h"
#include "packet_checker.h"

namespace zc::test {
namespace {

int set_loopback_mtu(int mtu) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof(request.ifr_name) - 1);
  request.ifr_mtu = mtu;
  const int failure = ioctl(socket, SIOCSIFMTU, &request);
  close(socket);
  return failure;
}

class SizeTest : public EgressTest {
 protected:
  void SetUp() override {
    EgressTest::SetUp();
    ASSERT_EQ(set_loopback_mtu(1500), 0);
  }
  void TearDown() override { ASSERT_EQ(set_loopback_mtu(65536), 0); }
};
ZC_EGRESS_TESTS(SizeTest);

struct LimitCase {
  const char* description;
  int family;
  zc_checksum way;
  uint8_t payload_header_bytes;
  size_t largest_payload;  // 1500 - IP - UDP - what is inserted
};

constexpr LimitCase kLimits[] = {
    {"IPv4 sum", 4, ZC_CHECKSUM_SUM, 0, 1460}, {"IPv4 zero", 4, ZC_CHECKSUM_ZERO, 0, 1460},
    {"IPv4 lco", 4, ZC_CHECKSUM_LCO, 0, 1452}, {"IPv4 MPA", 4, ZC_CHECKSUM_SUM, 4, 1456},
    {"IPv6 sum", 6, ZC_CHECKSUM_SUM, 0, 1440}, {"IPv6 lco", 6, ZC_CHECKSUM_LCO, 0, 1432},
    {"IPv4 uni", 4, ZC_CHECKSUM_UNI, 0, 1444}, {"IPv6 uni", 6, ZC_CHECKSUM_UNI, 0, 1424},
    {"IPv6 MPA", 6, ZC_CHECKSUM_SUM, 4, 1436},
};

RuleText rule_of(const LimitCase& limit) {
  return {.to = limit.family == 4 ? "10.9.0.2:5004" : "[2001:db8::2]:5004",
          .checksum = limit.way,
          .payload_header_bytes = limit.payload_header_bytes};
}

TEST_P(SizeTest, WhatFillsTheMtuOnceStampedLeavesAndOneByteMoreDoesNot) {
  for (const LimitCase& limit : kLimits) {
    SCOPED_TRACE(limit.description);
    egress.reset();
    egress.add_rule(0, rule_of(limit));
    const Bytes full =
        expect_stamped(packet(limit.family).payload(pattern(limit.largest_payload)).build());
    EXPECT_EQ(full.size(), 14U + 1500U);
    EXPECT_EQ(dissect(full).problem, "");
    expect_dropped(packet(limit.family).payload(pattern(limit.largest_payload + 1)).build(),
                   "oversize");
    expect_dropped(packet(limit.family).payload(pattern(limit.largest_payload + 12)).build(),
                   "oversize");
  }
}

TEST_P(SizeTest, EthernetPaddingDoesNotCountAsMtu) {
  egress.add_rule(0, {});
  const Bytes padded = expect_stamped(packet(4).payload(pattern(1460)).trailer(Bytes(4)).build());
  EXPECT_EQ(dissect(padded).problem, "");
}

TEST_P(SizeTest, VlanTagsDoNotCountAsMtu) {
  egress.add_rule(0, {});
  expect_stamped(packet(4).vlan(5).payload(pattern(1460)).build());
  expect_dropped(packet(4).vlan(5).payload(pattern(1461)).build(), "oversize");
}

TEST_P(SizeTest, TheMtuIsThatOfNowNotThatOfTheAttach) {
  egress.add_rule(0, {});
  const Bytes frame = packet(4).payload(pattern(1000)).build();
  expect_stamped(frame);
  ASSERT_EQ(set_loopback_mtu(1039), 0);
  expect_dropped(frame, "oversize");
  ASSERT_EQ(set_loopback_mtu(1040), 0);
  expect_stamped(frame);
}

// bpf_skb_adjust_room refuses what would grow beyond SKB_MAX_ALLOC, 16 KiB.
TEST_P(SizeTest, APacketTheKernelMakesNoRoomInIsDroppedAndCounted) {
  const LiveDevice tap(LinkKind::kEthernet, 65000);
  if (!tap.ready()) GTEST_SKIP() << "no TAP device: " << strerror(errno);
  ASSERT_TRUE(tap.attach(egress));
  egress.add_rule(0, {});
  EXPECT_EQ(tap.send_frame(packet(4).payload(pattern(9000)).build()), 0);
  EXPECT_EQ(egress.counters(0)["stamped"], 1U);
  EXPECT_EQ(tap.send_frame(packet(4).payload(pattern(20000)).build()), ENOBUFS);
  EXPECT_EQ(egress.counters(0)["no_room"], 1U);
  EXPECT_EQ(egress.counted(), 2U);
}

}  // namespace
}  // namespace zc::test

// SPDX-License-Identifier: GPL-2.0-only
// Lengths of headers, room and trims, from RFC 791, 8200, 768, 3550 and 8285 by hand.
#include "zc/room.h"

#include <gtest/gtest.h>

namespace {

struct Room {
  uint32_t checksum;
  uint8_t payload_header;
  uint32_t bytes;
};

// RTP 12; lco's extension 8, uni's 16; MPA's payload header 4.
constexpr Room kRooms[] = {
    {ZC_CHECKSUM_LCO, 0, 20}, {ZC_CHECKSUM_UNI, 0, 28}, {ZC_CHECKSUM_ZERO, 0, 12},
    {ZC_CHECKSUM_SUM, 0, 12}, {ZC_CHECKSUM_SUM, 4, 16},
};

TEST(RoomTest, ItIsWhatTheChecksumWayAndThePayloadAskFor) {
  for (const Room& room : kRooms) {
    zc_how how{};
    how.checksum = static_cast<uint8_t>(room.checksum);
    how.payload_header_bytes = room.payload_header;
    EXPECT_EQ(zc_room(how), room.bytes);
    EXPECT_EQ(zc_header_bytes(ZC_IPV4, how), 28 + room.bytes);
    EXPECT_EQ(zc_header_bytes(ZC_IPV6, how), 48 + room.bytes);
  }
}

// IP, UDP and eight bytes go, which is beyond csum_start behind any link header of up to 15 bytes;
// and an IP header's worth must be left.
TEST(RoomTest, ATrimNeedsAPayloadOf28BytesOverIpv4AndOf48OverIpv6) {
  EXPECT_GT(ZC_IPV4_BYTES + ZC_UDP_BYTES + ZC_TRIM_PAYLOAD, ZC_ETHERNET_BYTES + ZC_IPV4_BYTES);
  EXPECT_EQ(zc_trim_least_payload(ZC_IPV4_BYTES), 28U);
  EXPECT_EQ(zc_trim_least_payload(ZC_IPV6_BYTES), 48U);
}

}  // namespace

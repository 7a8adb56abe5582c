// SPDX-License-Identifier: GPL-2.0-only
// Lengths of headers, room and trims, from RFC 791, 8200, 768, 3550 and 8285 by hand.
#include "zc/room.h"

#include <gtest/gtest.h>

namespace {

struct Room {
  uint32_t checksum;
  uint8_t payload_header;
  uint32_t datagram, ipv4_piece, ipv6_piece;
};

// RTP 12; lco's extension 8, in pieces over IPv6 12; MPA's payload header 4.
constexpr Room kRooms[] = {
    {ZC_CHECKSUM_LCO, 0, 20, 20, 24},
    {ZC_CHECKSUM_ZERO, 0, 12, 12, 12},
    {ZC_CHECKSUM_FULL, 0, 12, 12, 12},
    {ZC_CHECKSUM_FULL, 4, 16, 16, 16},
};

TEST(RoomTest, ItIsWhatTheChecksumWayAndThePayloadAskFor) {
  for (const Room& room : kRooms) {
    zc_how how{};
    how.checksum = static_cast<uint8_t>(room.checksum);
    how.payload_header_bytes = room.payload_header;
    EXPECT_EQ(zc_room(how), room.datagram);
    EXPECT_EQ(zc_piece_room(ZC_IPV4, how), room.ipv4_piece);
    EXPECT_EQ(zc_piece_room(ZC_IPV6, how), room.ipv6_piece);
    EXPECT_EQ(zc_piece_header_bytes(ZC_IPV4, how), 28 + room.ipv4_piece);
    EXPECT_EQ(zc_piece_header_bytes(ZC_IPV6, how), 48 + room.ipv6_piece);
  }
}

// docs/checksums.md: 28 bytes of payload on Ethernet, 48 over IPv6.
TEST(RoomTest, ATrimTakesTheUdpHeaderAndPayloadUpToBehindTheOldCsumStart) {
  EXPECT_EQ(zc_trim_bytes(ZC_ETHERNET_BYTES, ZC_IPV4_BYTES), 36U);
  EXPECT_EQ(zc_trim_bytes(ZC_ETHERNET_BYTES, ZC_IPV6_BYTES), 56U);
  EXPECT_EQ(zc_trim_payload(ZC_ETHERNET_BYTES, ZC_IPV4_BYTES), 28U);
  EXPECT_EQ(zc_trim_payload(ZC_ETHERNET_BYTES, ZC_IPV6_BYTES), 48U);
  EXPECT_EQ(zc_trim_payload(0, ZC_IPV4_BYTES), 14U) << "bare IP";
}

}  // namespace

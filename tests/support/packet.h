// SPDX-License-Identifier: GPL-2.0-only
// Takes frames apart and says everything that is wrong with them, from the RFCs alone: 791, 8200,
// 768, 3550, IEEE 802.1Q. Must not include the project's own headers: two errors must not cancel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/bytes.h"

namespace zc::test {

enum class Family : uint8_t { kIpv4 = 4, kIpv6 = 6 };

using Problems = std::vector<std::string>;
std::string describe(const Problems& problems);

// What a test permits beyond the strict rules.
struct Allowances {
  bool zero_checksum = false;  // "no checksum": RFC 768, IPv4 only
  bool trailer = false;        // Ethernet padding behind the IP packet
};

// One UDP datagram in one Ethernet frame.
struct Datagram {
  Problems problems;  // empty: everything below was checked and is right
  std::string destination_mac;
  std::string source_mac;
  std::vector<uint16_t> vlan_tags;  // tag control information, outermost first
  Family family = Family::kIpv4;
  std::string source;  // "10.9.0.1:40000", "[fd00:9::1]:40000"
  std::string destination;
  uint8_t traffic_class = 0;  // IPv4: TOS
  uint8_t hop_limit = 0;      // IPv4: TTL
  size_t l3_offset = 0;
  size_t l4_offset = 0;
  uint16_t udp_checksum = 0;
  Bytes payload;
  size_t trailer_bytes = 0;
};

// Checks lengths against each other and against the frame, the IPv4 header checksum, that there
// are no options, extension headers and fragments, and the UDP checksum over the real bytes.
Datagram dissect_datagram(ByteView frame, const Allowances& allowances = {});

struct RtpExtension {
  uint16_t profile = 0;
  Bytes data;  // whole 32-bit words
};

// RFC 3550 5.1 and 5.3.1.
struct RtpPacket {
  Problems problems;
  uint8_t version = 0;
  bool padding = false;
  bool marker = false;
  uint8_t csrc_count = 0;
  uint8_t payload_type = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 0;
  std::optional<RtpExtension> extension;
  Bytes payload;  // without padding
};

// `udp_payload` is what Datagram::payload holds.
RtpPacket dissect_rtp(ByteView udp_payload);

// The sum that UDP's checksum includes besides its own bytes (RFC 768, RFC 8200 8.1), not
// inverted. `ip_header` begins at the IP header; `udp_bytes` is the UDP length.
uint16_t pseudo_header_sum(ByteView ip_header, size_t udp_bytes);

}  // namespace zc::test

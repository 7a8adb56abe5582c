// SPDX-License-Identifier: GPL-2.0-only
// Builds frames byte by byte, for tests that send what no socket would. Knows the formats (RFC
// 791, 8200, 768, IEEE 802.1Q), not who will read them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "support/bytes.h"
#include "support/packet.h"
#include "support/virtio_net.h"

namespace zc::test {

enum class UdpChecksum : uint8_t {
  kComplete,      // over everything
  kPseudoHeader,  // what a sender leaves that asks the device to complete it
  kNone,          // 0
};

struct FrameSpec {
  std::string source = "10.9.0.1:40000";  // the family follows from the text
  std::string destination = "10.9.0.2:5004";
  std::vector<uint16_t> vlan_tags{};
  uint16_t outer_tag_type = 0x8100;  // or 0x88a8: IEEE 802.1ad
  UdpChecksum checksum = UdpChecksum::kComplete;
  Bytes payload{};
  std::array<uint8_t, 6> destination_mac{0x02, 0, 0, 0, 0x09, 0x02};
  std::array<uint8_t, 6> source_mac{0x02, 0, 0, 0, 0x09, 0x01};
};

Bytes build_frame(const FrameSpec& spec);

// Where things stand in a frame that build_frame made.
size_t l3_offset(const FrameSpec& spec);
size_t l4_offset(const FrameSpec& spec);

// Asks for the UDP checksum of such a frame to be completed.
VnetHeader request_checksum(const FrameSpec& spec);

}  // namespace zc::test

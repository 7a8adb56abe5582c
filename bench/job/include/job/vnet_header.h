// SPDX-License-Identifier: GPL-2.0-only
// What the kernel asks of a device, or who hands it frames: VIRTIO 1.2, 5.1.6, as PACKET_VNET_HDR
// has it, in host order. Its own, because linux/virtio_net.h is no C++.
#pragma once

#include <cstdint>

namespace zc::bench {

struct VnetHeader {
  static constexpr uint8_t kNeedsChecksum = 1;  // of flags: VIRTIO_NET_HDR_F_NEEDS_CSUM
  static constexpr uint8_t kUdpSegments = 5;    // of gso_type: VIRTIO_NET_HDR_GSO_UDP_L4, Linux 6.2

  uint8_t flags = 0;
  uint8_t gso_type = 0;
  uint16_t header_bytes = 0;
  uint16_t gso_size = 0;
  uint16_t csum_start = 0;
  uint16_t csum_offset = 0;
};
static_assert(sizeof(VnetHeader) == 10);

}  // namespace zc::bench

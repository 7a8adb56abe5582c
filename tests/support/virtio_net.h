// SPDX-License-Identifier: GPL-2.0-only
// What a card does to a frame before it is on the wire. A virtio-net device follows csum_start and
// csum_offset blindly and parses nothing (VIRTIO 1.x, 5.1.6.2); others look for the UDP header
// themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "support/bytes.h"

namespace zc::test {

struct VnetHeader {
  static constexpr uint8_t kNeedsChecksum = 1;  // VIRTIO_NET_HDR_F_NEEDS_CSUM
  static constexpr size_t kBytes = 10;          // without num_buffers

  uint8_t flags = 0;
  uint8_t gso_type = 0;
  uint16_t header_bytes = 0;
  uint16_t gso_size = 0;
  uint16_t csum_start = 0;
  uint16_t csum_offset = 0;

  bool needs_checksum() const { return (flags & kNeedsChecksum) != 0; }
};

// Little-endian, as VIRTIO 1.x says. Needs VnetHeader::kBytes bytes.
VnetHeader parse_vnet_header(ByteView bytes);
// `bytes` is 10, or 12 with num_buffers.
Bytes encode_vnet_header(const VnetHeader& header, size_t bytes);
std::string describe(const VnetHeader& header);

// What a device stores where the sum comes to 0. The text says nothing; both kinds exist.
enum class ZeroSum : uint8_t {
  kAsComputed,  // 0
  kAllOnes,     // 0xffff, as Linux's skb_checksum_help
};

// How a device completes a checksum (docs/checksums.md).
enum class Card : uint8_t {
  kFollows,       // sums from csum_start to the end, stores at csum_start + csum_offset
  kParses,        // finds the UDP header, and makes its checksum whatever stands there (mlx5, tg3)
  kParsesSeeded,  // finds it, and takes what stands there for the pseudo-header's sum (e1000e)
};
const char* to_string(Card card);

// Completes the frame as the card does, where the header asks for it. Returns what is wrong with
// the request, if anything. A card that parses completes IPv4 and IPv6 behind up to two tags, and
// leaves everything else alone.
std::optional<std::string> complete_checksum(const VnetHeader& header, Bytes& frame,
                                             ZeroSum zero_sum = ZeroSum::kAsComputed,
                                             Card card = Card::kFollows);

}  // namespace zc::test

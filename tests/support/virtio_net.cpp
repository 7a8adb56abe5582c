// SPDX-License-Identifier: GPL-2.0-only
#include "support/virtio_net.h"

namespace zc::test {
namespace {

uint16_t get_le16(ByteView bytes, size_t offset) {
  return static_cast<uint16_t>(bytes[offset] | bytes[offset + 1] << 8);
}

void put_le16(Bytes& bytes, size_t offset, uint16_t value) {
  bytes[offset] = static_cast<uint8_t>(value);
  bytes[offset + 1] = static_cast<uint8_t>(value >> 8);
}

}  // namespace

VnetHeader parse_vnet_header(ByteView bytes) {
  return {.flags = bytes[0],
          .gso_type = bytes[1],
          .header_bytes = get_le16(bytes, 2),
          .gso_size = get_le16(bytes, 4),
          .csum_start = get_le16(bytes, 6),
          .csum_offset = get_le16(bytes, 8)};
}

Bytes encode_vnet_header(const VnetHeader& header, size_t bytes) {
  Bytes encoded(bytes);
  encoded[0] = header.flags;
  encoded[1] = header.gso_type;
  put_le16(encoded, 2, header.header_bytes);
  put_le16(encoded, 4, header.gso_size);
  put_le16(encoded, 6, header.csum_start);
  put_le16(encoded, 8, header.csum_offset);
  return encoded;
}

std::string describe(const VnetHeader& header) {
  return "vnet flags " + std::to_string(header.flags) + " gso " + std::to_string(header.gso_type) +
         "/" + std::to_string(header.gso_size) + " csum_start " +
         std::to_string(header.csum_start) + " csum_offset " + std::to_string(header.csum_offset);
}

std::optional<std::string> complete_checksum(const VnetHeader& header, Bytes& frame,
                                             ZeroSum zero_sum) {
  if (!header.needs_checksum()) return {};
  const size_t place = size_t{header.csum_start} + header.csum_offset;
  if (place + 2 > frame.size())
    return "the checksum's place lies behind the frame: " + describe(header);
  uint16_t sum =
      static_cast<uint16_t>(~ones_complement_sum(ByteView(frame).subspan(header.csum_start)));
  if (sum == 0 && zero_sum == ZeroSum::kAllOnes) sum = 0xffff;
  put_be16(frame, place, sum);
  return {};
}

}  // namespace zc::test

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

// Of the frame's UDP header; nothing where it has none that a card would find.
struct UdpPlace {
  size_t udp;
  Bytes pseudo_header;  // RFC 768, RFC 8200 8.1, without the length
};

std::optional<UdpPlace> find_udp(ByteView frame) {
  size_t ip = 14;
  for (int tags = 0; tags < 2 && frame.size() >= ip + 4; tags++) {
    const uint16_t type = get_be16(frame, ip - 2);
    if (type != 0x8100 && type != 0x88a8) break;
    ip += 4;
  }
  const uint16_t type = get_be16(frame, ip - 2);
  const auto addresses = [&](size_t from, size_t count) {
    Bytes bytes(frame.begin() + static_cast<long>(ip + from),
                frame.begin() + static_cast<long>(ip + from + count));
    append(bytes, Bytes{0, 17});
    return bytes;
  };
  if (type == 0x0800 && frame.size() >= ip + 28 && frame[ip + 9] == 17)
    return UdpPlace{ip + size_t{4} * (frame[ip] & 15), addresses(12, 8)};
  if (type == 0x86dd && frame.size() >= ip + 48 && frame[ip + 6] == 17)
    return UdpPlace{ip + 40, addresses(8, 32)};
  return {};
}

void complete_by_parsing(Bytes& frame, Card card) {
  const std::optional<UdpPlace> found = find_udp(frame);
  if (!found) return;
  const size_t udp = found->udp;
  Bytes summed;
  if (card == Card::kParses) {
    put_be16(frame, udp + 6, 0);
    append(summed, found->pseudo_header);
    append(summed, ByteView(frame).subspan(udp + 4, 2));
  }
  append(summed, ByteView(frame).subspan(udp, get_be16(frame, udp + 4)));
  const auto sum = static_cast<uint16_t>(~ones_complement_sum(summed));
  put_be16(frame, udp + 6, sum == 0 ? 0xffff : sum);
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

const char* to_string(Card card) {
  switch (card) {
    case Card::kFollows:
      return "follows";
    case Card::kParses:
      return "parses";
    case Card::kParsesSeeded:
      return "parses_seeded";
  }
  return "?";
}

std::optional<std::string> complete_checksum(const VnetHeader& header, Bytes& frame,
                                             ZeroSum zero_sum, Card card) {
  if (!header.needs_checksum()) return {};
  if (card != Card::kFollows) {
    complete_by_parsing(frame, card);
    return {};
  }
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

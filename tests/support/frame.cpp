// SPDX-License-Identifier: GPL-2.0-only
#include "support/frame.h"

#include "support/endpoint.h"

namespace zc::test {
namespace {

constexpr size_t kEthernetBytes = 14;
constexpr size_t kVlanBytes = 4;
constexpr size_t kUdpBytes = 8;
constexpr uint8_t kHopLimit = 64;

bool is_ipv4(const FrameSpec& spec) {
  return family_of(spec.destination) == Family::kIpv4;
}

void append_ethernet(Bytes& frame, const FrameSpec& spec) {
  append(frame, spec.destination_mac);
  append(frame, spec.source_mac);
  uint16_t type = spec.outer_tag_type;
  for (const uint16_t tag : spec.vlan_tags) {
    append_be16(frame, type);
    append_be16(frame, tag);
    type = 0x8100;
  }
  append_be16(frame, is_ipv4(spec) ? 0x0800 : 0x86dd);
}

void append_ipv4(Bytes& frame, const FrameSpec& spec, size_t udp_bytes) {
  const size_t start = frame.size();
  append(frame, from_hex("4500 0000 0000 4000"));
  append(frame, Bytes{kHopLimit, 17, 0, 0});
  append(frame, address_of(spec.source));
  append(frame, address_of(spec.destination));
  put_be16(frame, start + 2, static_cast<uint16_t>(20 + udp_bytes));
  const uint16_t sum = ones_complement_sum(ByteView(frame).subspan(start));
  put_be16(frame, start + 10, static_cast<uint16_t>(~sum));
}

void append_ipv6(Bytes& frame, const FrameSpec& spec, size_t udp_bytes) {
  append(frame, from_hex("6000 0000"));
  append_be16(frame, static_cast<uint16_t>(udp_bytes));
  append(frame, Bytes{17, kHopLimit});
  append(frame, address_of(spec.source));
  append(frame, address_of(spec.destination));
}

void append_udp(Bytes& frame, const FrameSpec& spec, size_t udp_bytes) {
  append_be16(frame, port_of(spec.source));
  append_be16(frame, port_of(spec.destination));
  append_be16(frame, static_cast<uint16_t>(udp_bytes));
  append_be16(frame, 0);
  append(frame, spec.payload);
}

uint16_t udp_checksum(const Bytes& frame, const FrameSpec& spec, size_t udp_bytes) {
  if (spec.checksum == UdpChecksum::kNone) return 0;
  const uint16_t pseudo = pseudo_header_sum(ByteView(frame).subspan(l3_offset(spec)), udp_bytes);
  if (spec.checksum == UdpChecksum::kPseudoHeader) return pseudo;
  const uint16_t sum = ones_complement_sum(ByteView(frame).subspan(l4_offset(spec)), pseudo);
  return sum == 0xffff ? sum : static_cast<uint16_t>(~sum);
}

}  // namespace

size_t l3_offset(const FrameSpec& spec) {
  return kEthernetBytes + spec.vlan_tags.size() * kVlanBytes;
}

size_t l4_offset(const FrameSpec& spec) {
  return l3_offset(spec) + (is_ipv4(spec) ? 20 : 40);
}

Bytes build_frame(const FrameSpec& spec) {
  const size_t udp_bytes = kUdpBytes + spec.payload.size();
  Bytes frame;
  append_ethernet(frame, spec);
  is_ipv4(spec) ? append_ipv4(frame, spec, udp_bytes) : append_ipv6(frame, spec, udp_bytes);
  append_udp(frame, spec, udp_bytes);
  put_be16(frame, l4_offset(spec) + 6, udp_checksum(frame, spec, udp_bytes));
  return frame;
}

VnetHeader request_checksum(const FrameSpec& spec) {
  return {.flags = VnetHeader::kNeedsChecksum,
          .csum_start = static_cast<uint16_t>(l4_offset(spec)),
          .csum_offset = 6};
}

}  // namespace zc::test

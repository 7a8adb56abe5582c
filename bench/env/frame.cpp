// SPDX-License-Identifier: GPL-2.0-only
#include "env/frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>

namespace zc::bench {
namespace {

constexpr size_t kUdpHeaderBytes = 8;
constexpr uint16_t kMoreFragments = 0x2000;
constexpr uint16_t kFragmentOffset = 0x1fff;  // in units of eight bytes

// RFC 1071, not inverted.
uint32_t sum_words(ByteView bytes, uint32_t sum) {
  for (size_t i = 0; i + 1 < bytes.size(); i += 2)
    sum += get_be16(bytes, i);
  if (bytes.size() % 2 != 0) sum += static_cast<uint32_t>(bytes.back()) << 8;
  return sum;
}

uint16_t fold(uint32_t sum) {
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// Sums as a device does: from `csum_start` to the end, the field included.
bool complete_checksum(const VnetHeader& request, std::vector<uint8_t>& frame) {
  const size_t field = request.csum_start + request.csum_offset;
  if (field + 2 > frame.size()) return false;
  uint16_t sum = ~fold(sum_words(ByteView(frame).subspan(request.csum_start), 0));
  if (sum == 0) sum = 0xffff;  // RFC 768
  frame[field] = static_cast<uint8_t>(sum >> 8);
  frame[field + 1] = static_cast<uint8_t>(sum);
  return true;
}

}  // namespace

uint16_t get_be16(ByteView bytes, size_t offset) {
  return static_cast<uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

uint32_t get_be32(ByteView bytes, size_t offset) {
  return static_cast<uint32_t>(get_be16(bytes, offset)) << 16 | get_be16(bytes, offset + 2);
}

void FrameReader::wrong(const std::string& what) {
  if (problem_.empty()) problem_ = what;
}

void FrameReader::frame(const VnetHeader& request, std::vector<uint8_t> frame) {
  if (frame.size() < ETH_HLEN || get_be16(frame, 12) != ETH_P_IP) return;
  if ((request.flags & VnetHeader::kNeedsChecksum) != 0) {
    device_checksums_++;
    if (!complete_checksum(request, frame)) wrong("checksum field outside the packet");
  }
  const ByteView ip = ByteView(frame).subspan(ETH_HLEN);
  if (request.gso_type != VnetHeader::kUdpSegments) return packet(ip, true);
  // The device makes headers of its own for each segment, with the right sums: nothing to check.
  const size_t ip_bytes = 4U * (ip[0] & 0xf);
  segments(ip.subspan(ip_bytes), request.gso_size);
}

void FrameReader::segments(ByteView udp, size_t segment_bytes) {
  if (udp.size() < kUdpHeaderBytes || get_be16(udp, 2) != port_) return;
  ByteView rest = udp.subspan(kUdpHeaderBytes);
  while (!rest.empty()) {
    const size_t bytes = std::min(segment_bytes, rest.size());
    datagram_(rest.first(bytes));
    rest = rest.subspan(bytes);
  }
}

void FrameReader::packet(ByteView ip, bool check_sum) {
  if (ip.size() < 20 || ip[9] != IPPROTO_UDP) return;
  const size_t header = 4U * (ip[0] & 0xf);
  const size_t total = get_be16(ip, 2);
  if (total > ip.size() || header > total) return wrong("IP length beyond the frame");
  if (fold(sum_words(ip.first(header), 0)) != 0xffff) wrong("wrong IP checksum");
  const ByteView body = ip.subspan(header, total - header);
  const uint16_t flags = get_be16(ip, 6);
  if ((flags & (kMoreFragments | kFragmentOffset)) == 0)
    return udp(ip.first(header), body, check_sum);
  if ((flags & kFragmentOffset) == 0) fragments_.clear();
  if (fragments_.size() != 8U * (flags & kFragmentOffset)) return wrong("IP fragment out of order");
  fragments_.insert(fragments_.end(), body.begin(), body.end());
  if ((flags & kMoreFragments) == 0) udp(ip.first(header), fragments_, check_sum);
}

void FrameReader::udp(ByteView ip_header, ByteView segment, bool check_sum) {
  if (segment.size() < kUdpHeaderBytes) return wrong("UDP header cut off");
  if (get_be16(segment, 2) != port_) return;
  if (get_be16(segment, 4) != segment.size()) return wrong("wrong UDP length");
  // Pseudo header (RFC 768): addresses, protocol, length.
  const uint32_t pseudo =
      sum_words(ip_header.subspan(12, 8), IPPROTO_UDP) + static_cast<uint32_t>(segment.size());
  const bool unused = get_be16(segment, 6) == 0;
  if (check_sum && !unused && fold(sum_words(segment, pseudo)) != 0xffff)
    wrong("wrong UDP checksum");
  datagram_(segment.subspan(kUdpHeaderBytes));
}

}  // namespace zc::bench
